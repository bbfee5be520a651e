"""A token bucket allows a burst, then a rate, exactly."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from knack_server.core.ratelimit import TokenBucket


def test_a_full_bucket_gives_its_burst_at_once_and_then_says_how_long_to_wait() -> None:
    bucket = TokenBucket(10, burst=20)

    assert [bucket.take(5_000) for _ in range(20)] == [0] * 20
    assert bucket.take(5_000) == 100


def test_waiting_as_long_as_told_is_enough_and_a_millisecond_less_is_not() -> None:
    bucket = TokenBucket(3, burst=1)
    assert bucket.take(0) == 0
    wait_ms = bucket.take(0)

    assert wait_ms == 334
    assert bucket.take(wait_ms - 1) == 1
    assert bucket.take(wait_ms) == 0


def test_a_refused_call_costs_nothing() -> None:
    bucket = TokenBucket(10, burst=1)
    bucket.take(0)

    assert [bucket.take(now_ms) for now_ms in (10, 50, 99)] == [90, 50, 1]
    assert bucket.take(100) == 0


def test_a_sender_at_exactly_the_rate_is_never_refused() -> None:
    bucket = TokenBucket(Fraction(10, 3), burst=1)

    assert [bucket.take(now_ms) for now_ms in range(0, 300_000, 300)] == [0] * 1000


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    bucket = TokenBucket(10, burst=2)

    assert bucket.take(0) == 0
    assert [bucket.take(10**9) == 0 for _ in range(3)] == [True, True, False]


def test_a_clock_that_steps_back_adds_nothing() -> None:
    bucket = TokenBucket(10, burst=1)
    assert bucket.take(1_000) == 0

    assert bucket.take(0) == 100
    assert bucket.take(1_050) == 50


def test_a_rate_below_one_a_second_is_a_fraction() -> None:
    bucket = TokenBucket(Fraction(3, 60), burst=1)

    assert bucket.take(0) == 0
    assert bucket.take(0) == 20_000


@given(
    rate=st.integers(1, 50),
    burst=st.integers(1, 30),
    gaps_ms=st.lists(st.integers(0, 400), min_size=1, max_size=200),
)
def test_no_window_ever_lets_through_more_than_burst_plus_rate(
    rate: int, burst: int, gaps_ms: list[int]
) -> None:
    bucket = TokenBucket(rate, burst)
    now_ms = 0
    allowed_ms: list[int] = []
    for gap_ms in gaps_ms:
        now_ms += gap_ms
        if bucket.take(now_ms) == 0:
            allowed_ms.append(now_ms)

    for first, start_ms in enumerate(allowed_ms):
        for last in range(first, len(allowed_ms)):
            assert (last - first + 1 - burst) * 1000 <= rate * (allowed_ms[last] - start_ms)
