"""How far a figure may lie by chance: draws of what the same server would have shown another time, and the interval of their ratio.

A percentile is redrawn as the bootstrap would: of n samples drawn anew from those there are, the k-th smallest lies where a share
of Beta(k, n + 1 - k) of them does (the k-th order statistic of n uniform numbers; David & Nagaraja, Order Statistics, 2.1.6), so one
number is drawn instead of n. Parts and counts are drawn from Jeffreys' posteriors, Beta(k + 1/2, n - k + 1/2) and Gamma(k + 1/2).
All of them take samples for independent; those of one run are less than that, which is why several runs say more than one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import Final

from knack_loadtest.crowd.reports.spectrum import Spectrum

DRAWS: Final = 4000
"""Draws of a ratio: its 2.5 % points are then known to some tenths of a percent of their own share."""

OUTSIDE: Final = 0.025
"""Share of the draws beyond each end of an interval: 95 % lie inside."""

SMALLEST: Final = 1e-9
"""Below this, a drawn part is none; keeps ratios finite."""

Draw = Callable[[Random], float]


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a ratio lies, with 95 %."""

    low: float
    high: float


def of_percentile(spectrum: Spectrum, share: float) -> Draw:
    """Return draws of the value, in µs, that this share (0 to 1) of samples does not exceed."""
    rank = max(ceil(spectrum.count * share - 1e-9), 1)
    return lambda random: max(spectrum.at(random.betavariate(rank, spectrum.count + 1 - rank)), 1.0)


def of_part(count: float, total: float) -> Draw:
    """Return draws of a part of a whole, of which `count` of `total` were seen."""
    return lambda random: max(random.betavariate(count + 0.5, total - count + 0.5), SMALLEST)


def of_count(count: float) -> Draw:
    """Return draws of how often something happens in such a run, of which `count` times were seen."""
    return lambda random: max(random.gammavariate(count + 0.5, 1), SMALLEST)


def ratio(before: Draw, after: Draw, seed: str) -> Interval:
    """Return where after / before lies; the same seed gives the same interval."""
    random = Random(seed)  # noqa: S311 - figures, no secrets
    drawn = sorted(after(random) / before(random) for _ in range(DRAWS))
    outside = int(DRAWS * OUTSIDE)
    return Interval(drawn[outside], drawn[-1 - outside])
