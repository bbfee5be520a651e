"""Think times: even ones are found, uneven ones are people."""

import pytest
from tests.support.recorded import Recorder

from knack_server.core.flags.think_times import cadence, variation


def test_a_program_that_waits_a_fixed_time_has_no_variation() -> None:
    found = cadence(Recorder().play([3_000] + [400] * 35).played())

    assert found.swaps == 35  # the first one had a countdown to be thought about in
    assert found.variation == 0
    assert found.streak_variation == 0


def test_variation_is_standard_deviation_over_mean_with_a_tenth_of_a_second_added() -> None:
    thinks = [200, 800] * 16
    found = cadence(Recorder().play([0, *thinks]).played())

    assert found.variation == pytest.approx(300 * (32 / 31) ** 0.5 / 600)


def test_an_early_swap_counts_as_one_without_thinking() -> None:
    found = cadence(Recorder().play([0] + [-120, -20] * 16).played())

    assert found.variation == 0


def test_fifteen_even_swaps_are_found_among_uneven_ones() -> None:
    thinks = [200, 1_500, 300, 900] * 3 + [500] * 15 + [1_200, 250] * 2
    played = Recorder().play([0, *thinks]).played()
    found = cadence(played)

    assert found.variation is not None
    assert found.variation > 0.3
    assert found.streak_variation == 0
    assert [swap.think_ms for swap in played.swaps if swap.seq in found.streak] == [500] * 15


def test_few_swaps_say_nothing() -> None:
    assert cadence(Recorder().play([0] + [400] * 29).played()).variation is None
    assert cadence(Recorder().play([0] + [400] * 14).played()).streak_variation is None
    assert cadence(Recorder().played()).swaps == 0


def test_variation_knows_no_unit() -> None:
    assert variation([300, 500, 900]) == pytest.approx(variation([600, 1_000, 1_800]))
