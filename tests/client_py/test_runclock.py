"""A client's run clock is never ahead of the server's."""

from hypothesis import given, settings
from hypothesis import strategies as st

from knack_client.runclock import RunClock


def test_before_t0_was_heard_of_the_clock_is_negative() -> None:
    assert RunClock().at(1000.0) < 0


def test_the_clock_goes_on_from_what_was_heard() -> None:
    clock = RunClock()
    clock.heard(500, 10.0)
    assert clock.at(10.25) == 750


def test_faster_news_set_the_clock_and_slower_news_do_not() -> None:
    clock = RunClock()
    clock.heard(0, 10.0)
    clock.heard(1000, 10.875)  # under way 125 ms less than the first
    clock.heard(2000, 12.5)
    assert clock.at(12.5) == 2625


def test_a_clock_that_stood_is_set_back() -> None:
    clock = RunClock()
    clock.heard(0, 10.0)
    clock.was_set(3000, 60.0)
    assert clock.at(60.5) == 3500


def test_a_line_longer_than_its_grace_lets_a_move_leave_by_so_much_sooner() -> None:
    clock = RunClock()
    assert clock.beyond_ms(250) == 0  # nothing has been answered yet

    clock.answered(10.0, 10.375)
    clock.answered(12.0, 12.3125)

    assert clock.beyond_ms(250) == 62
    assert clock.beyond_ms(400) == 0
    assert clock.beyond_ms(40) == 150  # the most that the rules forgive

    clock.was_set(3000, 60.0)
    assert clock.beyond_ms(250) == 0


@given(
    zero_s=st.floats(0, 1e6),
    news=st.lists(st.tuples(st.integers(0, 90_000), st.floats(0, 3)), min_size=1, max_size=20),
)
@settings(deadline=None)
def test_the_clock_is_never_ahead_of_the_servers(zero_s: float, news: list[tuple[int, float]]) -> None:
    clock = RunClock()
    for clock_ms, delay_s in news:
        clock.heard(clock_ms, zero_s + clock_ms / 1000 + delay_s)
    assert clock.at(zero_s + 100) <= 100_001  # and a ms for the rounding of floats
