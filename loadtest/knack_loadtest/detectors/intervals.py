"""How much a counted rate can be trusted."""

from collections.abc import Callable
from math import exp, fsum, lgamma, log
from typing import Final, NamedTuple

CONFIDENCE: Final = 0.95
_HALVINGS: Final = 60


class Interval(NamedTuple):
    """`flagged` of `of`, and the bounds of the true rate."""

    flagged: int
    of: int
    least: float
    most: float


def exact_interval(flagged: int, of: int) -> Interval:
    """Return the 95 % interval of C. J. Clopper and E. S. Pearson (Biometrika 26, 1934), which errs on the wide side."""
    tail = (1 - CONFIDENCE) / 2
    least = 0.0 if flagged == 0 else _where(lambda rate: _at_least(flagged, of, rate) < tail)
    most = 1.0 if flagged == of else _where(lambda rate: 1 - _at_least(flagged + 1, of, rate) > tail)
    return Interval(flagged, of, least, most)


def _where(holds_below: Callable[[float], bool]) -> float:
    """Return up to which rate a condition holds that holds at 0 and not at 1."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds_below(middle) else (low, middle)
    return low


def _at_least(count: int, of: int, rate: float) -> float:
    """Return the probability of `count` or more successes."""
    if rate <= 0 or rate >= 1:
        return float(rate >= 1 or count == 0)
    ways = lgamma(of + 1)
    return fsum(
        exp(ways - lgamma(k + 1) - lgamma(of - k + 1) + k * log(rate) + (of - k) * log(1 - rate))
        for k in range(count, of + 1)
    )
