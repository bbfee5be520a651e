"""Think times have the median that their name promises, and no end that nobody waits for."""

from random import Random
from statistics import median, quantiles

from knack_client.bots.pace import THINK_MS_MAX, Pace


def test_half_of_the_thoughts_are_shorter_than_the_median() -> None:
    random = Random(5)
    thoughts = [Pace(1000, 0.35).think_ms(random) for _ in range(4000)]
    assert 970 < median(thoughts) < 1030
    low, *_, high = quantiles(thoughts, n=20)
    assert 500 < low < 620  # e ** (-1.645 · 0.35) = 0.56
    assert 1700 < high < 1900  # and its inverse: the long side is the longer one


def test_no_thinking_is_no_time() -> None:
    assert Pace(0).think_ms(Random(1)) == 0


def test_nobody_thinks_longer_than_a_player_who_is_still_there() -> None:
    random = Random(5)
    assert max(Pace(10_000, 1.0).think_ms(random) for _ in range(500)) == THINK_MS_MAX


def test_equal_seeds_think_alike() -> None:
    assert [Pace(900).think_ms(Random(8)) for _ in range(3)] == [
        Pace(900).think_ms(Random(8)) for _ in range(3)
    ]
