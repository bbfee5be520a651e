"""Programs stop when the server's own times say that they are none of a person's; a busy machine only makes that later."""

from random import Random

from knack_client.bots.pace import Pace
from knack_loadtest.crowd.people.programs import EVEN_SWAPS, QUICK_SWAPS, is_even, is_instant


def test_a_beat_is_even_however_slow_it_is() -> None:
    assert is_even([600 + n % 3 for n in range(EVEN_SWAPS)])
    assert not is_even([600] * (EVEN_SWAPS - 1))


def test_only_the_newest_swaps_count_for_a_beat() -> None:
    held_up = [3000, 600, 1800]

    assert not is_even([*held_up, *[600] * (EVEN_SWAPS - 1)])
    assert is_even([*held_up, *[600] * EVEN_SWAPS])


def test_nobody_who_thinks_as_people_do_is_even_or_instant() -> None:
    random, pace = Random(5), Pace(600, 0.3)
    thinks = [pace.think_ms(random) for _ in range(3000)]

    assert not any(is_even(thinks[: n + 1]) for n in range(len(thinks)))
    assert not is_instant(thinks)


def test_half_of_the_swaps_in_the_instant_are_enough() -> None:
    half = QUICK_SWAPS // 2

    assert is_instant([-120, 40] * half)
    assert is_instant([40, 900] * half)
    assert not is_instant([40, 900] * (half - 1) + [900, 900])
    assert not is_instant([0] * (QUICK_SWAPS - 1))
