"""Which swap to make: functions of a board and of chance, without a clock and without a server.

A policy sees what a player sees, the board at rest, and never what falls next. It returns a legal swap, or None for a
board that has none (which the server would shuffle).
"""

from collections.abc import Callable
from random import Random
from typing import Final

from knack_protocol.rules.board import Board
from knack_protocol.rules.cascade import Falling, resolve
from knack_protocol.rules.matching import points, windows
from knack_protocol.rules.numbers import SYMBOLS
from knack_protocol.rules.swaps import CANONICAL_ORDER, Swap, legal_swaps, swapped

Policy = Callable[[Board, Random], Swap | None]

SAMPLES: Final = 12
"""Refills that `expected` imagines for each swap: their mean has a standard error of 17 %, less than swaps differ."""

FIRST_SEEN: Final = 3
"""A glance finds about so many swaps before a hand moves."""


def at_random(board: Board, random: Random) -> Swap | None:
    """Choose any legal swap."""
    legal = legal_swaps(board)
    return random.choice(legal) if legal else None


def at_a_glance(board: Board, random: Random) -> Swap | None:
    """Choose the best of the first three that catch the eye, which starts anywhere on the board."""
    legal = legal_swaps(board)
    if not legal:
        return None
    start = random.randrange(len(legal))
    seen = (legal[start:] + legal[:start])[:FIRST_SEEN]
    return max(seen, key=lambda swap: points_at_sight(board, swap))


def greedy(board: Board, random: Random) -> Swap | None:
    """Choose a swap that makes the most points at sight; among equals any."""
    return _best(legal_swaps(board), lambda swap: points_at_sight(board, swap), random)


def expected(board: Board, random: Random) -> Swap | None:
    """Choose the swap with the most points on average, cascades included, over imagined refills.

    Cost:    some 20 legal swaps × 12 cascades, 2 ms.
    """
    return _best(legal_swaps(board), lambda swap: expected_points(board, swap, random), random)


def illegal(board: Board, random: Random) -> Swap:
    """Choose a swap that exists and is not legal, as a hand does that slips."""
    legal = frozenset(legal_swaps(board))
    return random.choice([swap for swap in CANONICAL_ORDER if swap not in legal])


def points_at_sight(board: Board, swap: Swap) -> int:
    """Return the points of the first step of a swap: all that can be known before tiles fall."""
    return points(*windows(swapped(board.planes, *swap)))


def expected_points(board: Board, swap: Swap, random: Random) -> float:
    """Return the mean points of a swap over `SAMPLES` imagined refills."""
    planes = swapped(board.planes, *swap)
    return sum(resolve(planes, ImaginedFalling(random)).points for _ in range(SAMPLES)) / SAMPLES


class ImaginedFalling(Falling):
    """Tiles that fall in a bot's imagination: any symbol, each as likely as the others."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def draw(self, column: int, count: int) -> bytes:  # noqa: ARG002 - all columns are alike
        """Return `count` symbols."""
        return bytes(self._random.choices(range(SYMBOLS), k=count))


def _best(swaps: tuple[Swap, ...], worth: Callable[[Swap], float], random: Random) -> Swap | None:
    """Return a swap of the highest worth; chance decides among equals, so that no corner of the board is favoured."""
    worths = [worth(swap) for swap in swaps]
    return (
        random.choice([s for s, w in zip(swaps, worths, strict=True) if w == max(worths)]) if swaps else None
    )
