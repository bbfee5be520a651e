"""Log-linear histograms: how wrong they may be, against exact order and against HdrHistogram's own answers."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knack_loadtest.crowd.histogram import BUCKETS, HIGHEST, Histogram, bucket_of, highest_in, needed_for

TIMES = st.lists(st.integers(0, HIGHEST), min_size=1, max_size=300)

SETS = {
    "quadratic": [(i * i * 7919) % 10_000_019 + 1 for i in range(1, 20_001)],
    "bimodal": [1000] * 10_000 + [100_000_000],
    "geometric": [int(1.0007**i) + 1 for i in range(1, 15_001)],
    "small": [i % 120 + 1 for i in range(5000)],
}

# What HdrHistogram (lowest 1, highest 60,000,000,000, 3 significant digits: 0.1 %) answers to the same values.
HDR = {
    "quadratic": {10: 1014783, 50: 5042175, 90: 8986623, 99: 9887743, 99.9: 9994239, 100: 10002431},
    "bimodal": {10: 1000, 50: 1000, 90: 1000, 99: 1000, 99.9: 1000, 99.99: 1000, 100: 100007935},
    "geometric": {10: 3, 50: 191, 90: 12671, 95: 21423, 99: 32591, 99.9: 35807, 100: 36191},
    "small": {10: 12, 50: 60, 90: 108, 95: 114, 99: 119, 100: 120},
}


def filled(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


def exact(values: list[int], percentile: float) -> int:
    return sorted(values)[max(ceil(len(values) * percentile / 100 - 1e-9), 1) - 1]


@given(st.integers(0, HIGHEST))
def test_a_bucket_is_at_most_a_64th_of_its_values_wide(value: int) -> None:
    highest = highest_in(bucket_of(value))

    assert value <= highest
    assert highest - value <= value / 64
    assert bucket_of(highest) == bucket_of(value)


def test_the_size_is_constant() -> None:
    histogram = filled([0, 1, 77, 10**6, HIGHEST, HIGHEST * 5, -3])

    assert len(histogram.counts) == BUCKETS == 1984
    assert (histogram.lowest, histogram.highest, histogram.count) == (0, HIGHEST, 7)


@given(TIMES, st.sampled_from([1, 50, 90, 99, 99.9, 100]))
def test_a_percentile_is_wrong_by_at_most_16_in_a_thousand(values: list[int], percentile: float) -> None:
    true, told = exact(values, percentile), filled(values).at(percentile)

    assert true <= told <= true * (1 + 1 / 64)


@pytest.mark.parametrize("name", SETS)
def test_hdrhistogram_says_the_same(name: str) -> None:
    histogram = filled(SETS[name])

    for percentile, told in HDR[name].items():
        assert histogram.at(percentile) == pytest.approx(told, rel=1 / 64 + 0.001), percentile


@given(TIMES, TIMES, TIMES)
def test_it_does_not_matter_in_which_order_histograms_are_merged(
    a: list[int], b: list[int], c: list[int]
) -> None:
    left, right = filled(a), filled(b)
    left.merge(filled(b))
    left.merge(filled(c))
    right.merge(filled(c))
    whole = filled(a)
    whole.merge_packed(right.packed())

    assert left.packed() == whole.packed() == filled([*a, *b, *c]).packed()


def test_a_percentile_is_given_only_when_ten_values_lie_beyond_it() -> None:
    assert [needed_for(p) for p in (50, 90, 99, 99.9)] == [20, 100, 1000, 10_000]
    assert filled([5] * 999).percentile(99) is None
    assert filled([5] * 1000).percentile(99) == 5
    assert filled([5] * 999).at(99) == 5


def test_the_mean_is_exact() -> None:
    assert filled([1, 2, 3_000_001]).mean == pytest.approx(1_000_001.333, abs=0.001)
    assert Histogram().mean is None
