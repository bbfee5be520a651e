"""Percentiles of a result's histograms, however fine: from its buckets, as the run itself would have given them."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import ceil
from typing import Any, Final

from knack_loadtest.crowd.histogram import ENOUGH

STEPS: Final = 24
"""Points of a spectrum for each power of ten of 1/(1 - share)."""


class Spectrum:
    """The values of one latency of a result, in µs.

    Args:
        figure: Its entry in `metrics`; of the kind `latency`.
    """

    def __init__(self, figure: Mapping[str, Any]) -> None:
        buckets: Sequence[Sequence[int]] = figure["buckets"]
        self.highest_us = [bucket[0] for bucket in buckets]
        self.reached = list(accumulate(bucket[1] for bucket in buckets))
        self.count = self.reached[-1] if self.reached else 0
        self._max_us = figure["max"]

    def at(self, share: float) -> float:
        """Return the value that this share (0 to 1) of all values does not exceed; of however few, but not of none."""
        wanted = max(ceil(self.count * share - 1e-9), 1)
        return float(min(self.highest_us[bisect_left(self.reached, wanted)], self._max_us))

    def has(self, share: float) -> bool:
        """Whether enough values lie beyond this share for it to mean something."""
        return self.count > 0 and self.count * (1 - share) >= ENOUGH - 1e-6


def points(largest_count: int) -> list[float]:
    """Return 1/(1 - share) of each point of a spectrum, from 1 (the smallest value) on, as far as so many samples carry."""
    made = [1.0]
    while (beyond := 10 ** (len(made) / STEPS)) * ENOUGH <= largest_count * (1 + 1e-9):
        made.append(beyond)
    return made


def curve(spectrum: Spectrum, xs: Sequence[float]) -> list[float | None]:
    """Return the values at these points; None where too few samples lie beyond one."""
    shares = [1 - 1 / x for x in xs]
    return [spectrum.at(share) if spectrum.has(share) else None for share in shares]
