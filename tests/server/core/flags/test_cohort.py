"""A cohort's middle holds still, whoever else is in it."""

import pytest

from knack_server.core.flags.cohort import COHORT_MIN, robust_z


def test_the_middle_is_nothing_unusual_and_the_measure_is_a_standard_deviation() -> None:
    others = [0.1 * place for place in range(21)]  # median 1.0, median deviation 0.5

    assert robust_z(1.0, others) == 0
    assert robust_z(1.0 + 1.4826 * 0.5 * 4, others) == pytest.approx(4)


def test_a_third_of_cheats_shifts_it_little() -> None:
    honest = [0.3 + 0.01 * place for place in range(20)]
    with_cheats = robust_z(1.0, [*honest, *[1.0] * 8])

    assert with_cheats is not None
    assert with_cheats > 4


def test_nobody_is_unusual_among_few() -> None:
    assert robust_z(1.0, [0.1] * (COHORT_MIN - 1)) is None
    assert robust_z(1.0, [0.1] * COHORT_MIN) is not None


def test_a_cohort_that_is_all_alike_does_not_make_a_hair_extreme() -> None:
    found = robust_z(0.51, [0.5] * 30)

    assert found is not None
    assert found < 1
