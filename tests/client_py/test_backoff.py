"""How long a client waits before it comes back."""

from random import Random

import pytest

from knack_client import backoff


def test_waits_are_spread_evenly_from_zero_to_a_bound_that_doubles() -> None:
    random = Random(2024)
    for attempt, bound in enumerate([500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]):
        waits = [backoff.delay_ms(attempt, random) for _ in range(2000)]
        assert 0 <= min(waits) < bound * 0.02
        assert bound * 0.98 < max(waits) <= bound
        assert 0.46 * bound < sum(waits) / len(waits) < 0.54 * bound


def test_the_bound_stays_at_twenty_seconds_for_any_number_of_attempts() -> None:
    assert max(backoff.delay_ms(10**9, Random(seed)) for seed in range(200)) <= 20_000


def test_equal_seeds_draw_equal_waits() -> None:
    first, second = Random(7), Random(7)
    assert [backoff.delay_ms(n, first) for n in range(9)] == [backoff.delay_ms(n, second) for n in range(9)]


@pytest.mark.parametrize(
    ("status", "again"), [(503, True), (429, True), (400, False), (403, False), (404, False)]
)
def test_only_a_passing_trouble_of_the_handshake_is_tried_again(status: int, *, again: bool) -> None:
    assert (status in backoff.RETRY_STATUS) is again
