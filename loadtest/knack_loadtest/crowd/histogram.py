"""A histogram of constant size: log-linear buckets over whole microseconds, at most 1.6 % wide.

64 buckets for each power of two, as HdrHistogram has them (G. Tene, http://hdrhistogram.org): values below 128 µs are kept
exactly, and above that a bucket is at most 1/64 of its values wide. Percentiles are HdrHistogram's: the highest value
that falls into the bucket in which the wanted share of all values is reached, and never more than the largest one.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any, Final

BITS: Final = 6
"""Buckets for a power of two, as a power of two: 64, so that the error is at most 1/64, 1.6 %."""

EXACT_BELOW: Final = 2 << BITS
"""Values below this have a bucket of their own."""

HIGHEST: Final = (1 << 36) - 1
"""19 hours in µs; what is longer counts as this long."""

ENOUGH: Final = 10
"""Samples that have to lie beyond a percentile before it is given: fewer are luck."""


def bucket_of(value: int) -> int:
    """Return the number of the bucket that a value of 0 to `HIGHEST` falls into."""
    shift = max(value.bit_length() - BITS - 1, 0)
    return (shift << BITS) + (value >> shift)


def highest_in(bucket: int) -> int:
    """Return the largest value that falls into a bucket."""
    shift = max((bucket >> BITS) - 1, 0)
    return ((bucket - (shift << BITS) + 1) << shift) - 1


BUCKETS: Final = bucket_of(HIGHEST) + 1
"""The constant size: 1,984 and something."""


def needed_for(percentile: float) -> int:
    """Return how many samples a percentile of 0 to 100 needs: ten beyond it."""
    return ceil(ENOUGH / (1 - percentile / 100) - 1e-6)


class Histogram:
    """Counts of whole microseconds; adding one costs the same however many there are."""

    __slots__ = ("count", "counts", "highest", "lowest", "total")

    def __init__(self) -> None:
        self.counts = [0] * BUCKETS
        self.count = 0
        self.total = 0
        self.lowest = HIGHEST
        self.highest = 0

    def add(self, value_us: int) -> None:
        """Count a value; what lies outside of 0 to `HIGHEST` counts as the nearest one inside."""
        value_us = min(max(value_us, 0), HIGHEST)
        self.counts[bucket_of(value_us)] += 1
        self.count += 1
        self.total += value_us
        self.lowest = min(self.lowest, value_us)
        self.highest = max(self.highest, value_us)

    def merge(self, other: "Histogram") -> None:
        """Take in all that another histogram counted."""
        for bucket, count in other.sparse():
            self.counts[bucket] += count
        self._take_sums(other.count, other.total, other.lowest, other.highest)

    def percentile(self, percentile: float) -> int | None:
        """Return the value that this share (0 to 100) of all values does not exceed; None where there are too few."""
        if self.count < needed_for(percentile):
            return None
        return self.at(percentile)

    def at(self, percentile: float) -> int:
        """Return a percentile of however few values; 100 is the largest value."""
        assert self.count, "a percentile of nothing"
        wanted = max(ceil(self.count * percentile / 100 - 1e-9), 1)
        seen = 0
        for bucket, count in enumerate(self.counts):
            seen += count
            if seen >= wanted:
                return min(highest_in(bucket), self.highest)
        raise AssertionError("the buckets hold fewer than were counted")

    @property
    def mean(self) -> float | None:
        """The exact mean; None of nothing."""
        return self.total / self.count if self.count else None

    def sparse(self) -> Iterable[tuple[int, int]]:
        """Yield the buckets in use with their counts."""
        return ((bucket, count) for bucket, count in enumerate(self.counts) if count)

    def packed(self) -> list[Any]:
        """Return plain values to send: count, total, lowest, highest, and the buckets in use."""
        return [self.count, self.total, self.lowest, self.highest, dict(self.sparse())]

    def merge_packed(self, packed: Sequence[Any]) -> None:
        """Take in what `packed` made elsewhere."""
        count, total, lowest, highest, buckets = packed
        for bucket, times in buckets.items():
            self.counts[bucket] += times
        self._take_sums(count, total, lowest, highest)

    def _take_sums(self, count: int, total: int, lowest: int, highest: int) -> None:
        self.count += count
        self.total += total
        self.lowest = min(self.lowest, lowest)
        self.highest = max(self.highest, highest)
