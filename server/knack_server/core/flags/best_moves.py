"""Best moves: how often somebody finds the swap that pays most at sight, and how often at once.

At sight is the first step of a cascade: all that can be known before tiles fall. Boards on which every legal swap pays
the same say nothing and are left out.
"""

from typing import Final, NamedTuple

from knack_protocol.rules.board import Board
from knack_protocol.rules.matching import points, windows
from knack_protocol.rules.swaps import legal_swaps, swapped
from knack_server.core.flags.played import Played
from knack_server.core.flags.share import Share

QUICK_MS: Final = 500
"""After the lock's end; few people find the best of a dozen swaps so soon, and not again and again."""


class BestMoves(NamedTuple):
    """How well a run chose: the best swaps of all, those of them within 500 ms, and points left lying a move.

    `plain` names the swaps that anybody may have made: the only best ones on their board.
    """

    best: Share
    quick: Share
    regret: float
    plain: frozenset[int]


def best_moves(played: Played) -> BestMoves:
    """Judge the legal moves of a run; some 40 µs each."""
    best: list[int] = []
    quick: list[int] = []
    plain: set[int] = set()
    decided = regret = 0
    for swap in played.legal:
        worths = [points(*windows(swapped(swap.planes, *other))) for other in legal_swaps(Board(swap.planes))]
        worth, most = points(*windows(swap.after)), max(worths)
        if worth == most and worths.count(most) == 1:
            plain.add(swap.seq)
        if most == min(worths):
            continue
        decided += 1
        regret += most - worth
        if worth == most:
            best.append(swap.seq)
            if swap.think_ms < QUICK_MS and not swap.opens:
                quick.append(swap.seq)
    return BestMoves(
        Share(tuple(best), decided),
        Share(tuple(quick), decided),
        regret / decided if decided else 0.0,
        frozenset(plain),
    )
