"""A run among others: how far from the middle of its cohort, measured so that a few cheats do not shift the measure."""

from collections.abc import Sequence
from statistics import median
from typing import Final

COHORT_MIN: Final = 20
"""Other runs, below which nobody can be called unusual among them."""

_NORMAL: Final = 1.4826
"""Median absolute deviation to standard deviation of a normal distribution."""
_SPREAD_MIN: Final = 0.02
"""A cohort that is all alike does not make the slightest difference an extreme one."""


def robust_z(number: float, others: Sequence[float]) -> float | None:
    """Return how many standard deviations `number` is above the others' median; None for fewer than 20 others.

    Median and median absolute deviation stand for mean and standard deviation (P. J. Huber, "Robust Statistics", 1981).
    """
    if len(others) < COHORT_MIN:
        return None
    middle = median(others)
    spread = _NORMAL * median(abs(other - middle) for other in others)
    return (number - middle) / max(spread, _SPREAD_MIN)
