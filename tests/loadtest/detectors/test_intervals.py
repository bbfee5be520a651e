"""Intervals are those of the tables."""

from math import comb

import pytest

from knack_loadtest.detectors.intervals import exact_interval


@pytest.mark.parametrize(
    ("flagged", "of", "least", "most"),
    [
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (5, 10, 0.1871, 0.8129),
        (1, 100, 0.00025, 0.0545),
        (0, 2_000, 0.0, 0.001843),
    ],
)
def test_bounds_are_those_of_clopper_and_pearson(flagged: int, of: int, least: float, most: float) -> None:
    found = exact_interval(flagged, of)

    assert (found.least, found.most) == (pytest.approx(least, abs=6e-5), pytest.approx(most, abs=6e-5))


def test_each_bound_leaves_a_fortieth_beyond_it() -> None:
    found = exact_interval(7, 30)

    def tail(rate: float, counts: range) -> float:
        return sum(comb(30, k) * rate**k * (1 - rate) ** (30 - k) for k in counts)

    assert tail(found.least, range(7, 31)) == pytest.approx(0.025)
    assert tail(found.most, range(8)) == pytest.approx(0.025)
