"""Programs that play in a person's place, until it is plain from the server's own times that no person plays so.

Whether a machine was quick enough to let a program be one is read off the times that the server stamped: a program that
was held up is none, and goes on. So a busy machine makes an attempt longer, and never makes it fail.
"""

from collections.abc import Callable, Sequence
from random import Random
from statistics import mean, stdev
from typing import Final

from knack_client.bots.policies import greedy
from knack_loadtest.crowd.people.hand import Hand

FLAGGED: Final = "flagged"
UNFLAGGED: Final = "not_flagged"
UNTOLD: Final = "held_up"
"""The program was never even, or never quick, because the machine did not let it: nothing was tried."""

BEAT_MS: Final = 600
EVEN_SWAPS: Final = 15
"""As many think times in a row as the desk's detector of even ones takes in."""
EVEN: Final = 0.07
"""Their variation, below the detector's 0.08; 100 ms are added to each, as there."""
ADDED_MS: Final = 100

INSTANT_MS: Final = 45
"""Below the 50 ms of the desk's detector for swaps in the instant in which the board opens."""
QUICK_SWAPS: Final = 16
QUICK_SHARE: Final = 0.5
"""More than the 0.3 of them from which on it flags."""

Thinks = Sequence[int]
"""Times between a lock's end and the arrival of the next swap, ms."""


async def metronome_bot(hand: Hand) -> str:
    """Let a program play the best swap at sight on an even beat."""
    return await _play(hand, BEAT_MS, is_even)


async def perfect_bot(hand: Hand) -> str:
    """Let a program play the best swap at sight in the instant in which the board opens."""
    return await _play(hand, 0, is_instant)


def is_even(thinks: Thinks) -> bool:
    """Tell whether the newest swaps came on a beat that the desk has to find too even."""
    newest = [max(think, 0) + ADDED_MS for think in thinks[-EVEN_SWAPS:]]
    return len(newest) == EVEN_SWAPS and stdev(newest) / mean(newest) < EVEN


def is_instant(thinks: Thinks) -> bool:
    """Tell whether so many swaps came in the instant in which the board opened that the desk has to find it."""
    quick = sum(think <= INSTANT_MS for think in thinks)
    return len(thinks) >= QUICK_SWAPS and quick >= QUICK_SHARE * len(thinks)


async def _play(hand: Hand, think_ms: int, is_plain: Callable[[Thinks], bool]) -> str:
    await hand.play()
    random, thinks = Random(hand.run), list[int]()  # noqa: S311 - which of several equal swaps it takes
    while True:
        swap = greedy(hand.board, random)
        assert swap is not None, "the server shuffles a board without a legal swap"
        took_ms = await hand.swap_after(think_ms, *swap)
        if took_ms is None:
            return UNTOLD
        thinks.append(took_ms)
        if is_plain(thinks[1:]):  # the first one opens a level, which no detector counts
            return FLAGGED if await hand.flags() else UNFLAGGED
