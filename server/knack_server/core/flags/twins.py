"""Twin runs: two players on the same tiles who make the same swaps.

Boards offer some fourteen swaps, so two people soon part. Swaps that are the only best ones at sight are found by many
and count for nothing; what counts is how long two runs go on choosing alike where there was something to choose.
"""

from itertools import takewhile
from typing import NamedTuple

from knack_protocol.ids import PlayerId, RunId
from knack_protocol.rules.swaps import Swap
from knack_server.core.flags.played import Played


class Path(NamedTuple):
    """The way that a run took from its first board: its swaps, their numbers, and which had no equal alternative."""

    first_planes: int
    swaps: tuple[Swap, ...]
    seqs: tuple[int, ...]
    plain: frozenset[int]


class Twin(NamedTuple):
    """The run that went along the furthest: `swaps` in common from the start, of which `chosen` were no plain ones."""

    run: RunId
    player: PlayerId
    swaps: int
    chosen: int


def path(played: Played, plain: frozenset[int]) -> Path:
    """Return the way of a run; `plain` are the numbers of its swaps that many would have made."""
    return Path(
        played.first_planes,
        tuple(swap.swap for swap in played.swaps),
        tuple(swap.seq for swap in played.swaps),
        plain,
    )


def along(own: Path, other: Path) -> tuple[int, int]:
    """Return how many swaps two runs have in common from the start, and how many of them were chosen."""
    if own.first_planes != other.first_planes:
        return 0, 0
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(own.swaps, other.swaps, strict=False))
    swaps = sum(1 for _ in alike)
    return swaps, sum(seq not in own.plain for seq in own.seqs[:swaps])
