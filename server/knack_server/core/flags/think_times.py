"""Think times and their cadence: people hesitate, programs that wait a fixed time do not.

The measure is the coefficient of variation, standard deviation over mean, of the times between the end of a lock and the
arrival of the next swap. 100 ms are added to each, as lichess does, so that a difference of few ms between quick swaps
does not look like a large one (lila, modules/evaluation, Statistics.scala).
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

from knack_server.core.flags.played import Played

ADDED_MS: Final = 100
STREAK_SWAPS: Final = 15
"""Long enough that chance hardly ever makes it even, short enough to find a program that plays for a part of a run."""
SWAPS_MIN: Final = 30
"""Below, the coefficient of a whole run says too little."""


class Cadence(NamedTuple):
    """How even the think times of a run are.

    `variation` is None below 30 swaps, `streak_variation` below 15; `streak` names the 15 swaps in a row that are the
    most even.
    """

    swaps: int
    variation: float | None
    streak_variation: float | None
    streak: tuple[int, ...]


def cadence(played: Played) -> Cadence:
    """Measure the swaps of a run, but for those that open a level."""
    thought = [swap for swap in played.swaps if not swap.opens]
    times = [max(swap.think_ms, 0) + ADDED_MS for swap in thought]
    even = min(
        ((variation(times[at : at + STREAK_SWAPS]), at) for at in range(len(times) - STREAK_SWAPS + 1)),
        default=None,
    )
    whole = variation(times) if len(times) >= SWAPS_MIN else None
    if even is None:
        return Cadence(len(times), whole, None, ())
    least, at = even
    streak = tuple(swap.seq for swap in thought[at : at + STREAK_SWAPS])
    return Cadence(len(times), whole, least, streak)


def variation(times: Sequence[int]) -> float:
    """Return standard deviation over mean of positive times, two or more."""
    mean = sum(times) / len(times)
    return sqrt(sum((time - mean) ** 2 for time in times) / (len(times) - 1)) / mean
