"""When a move became visible, put together from what several workers told in any order."""

from collections import defaultdict

import pytest

from knack_loadtest.crowd.tally import Tally
from knack_loadtest.crowd.visibility import FORGOTTEN_US, WAITS_US, Visibility

SPRINT, EPOCH = "sprint", 7
LATER = 1 << 40


def acked(version: int, intended_us: int, run: str = "run-a", epoch: int = EPOCH) -> list:
    return [SPRINT, epoch, version, intended_us, intended_us + 10, run]


def applied(person: int, before: int, after: int, at_us: int, *runs: str, epoch: int = EPOCH) -> list:
    return [person, SPRINT, epoch, before, after, at_us, list(runs)]


@pytest.fixture
def seconds() -> defaultdict[int, Tally]:
    return defaultdict(Tally)


@pytest.fixture
def visibility(seconds: defaultdict[int, Tally]) -> Visibility:
    return Visibility(Tally(), lambda at_us: seconds[at_us // 1_000_000])


def times(visibility: Visibility, name: str) -> tuple[int, int, int]:
    """How many there were, the smallest and the largest."""
    histogram = visibility.tally.histograms.get(name)
    return (histogram.count, histogram.lowest, histogram.highest) if histogram else (0, 0, 0)


def test_a_move_is_visible_when_a_screen_applied_its_version(visibility: Visibility) -> None:
    visibility.acked([acked(5, 1000)])
    visibility.applied([applied(1, 4, 5, 251_000, "run-a"), applied(2, 4, 6, 301_000, "run-a", "run-b")])
    visibility.settle(LATER)

    assert times(visibility, "visible") == (2, 250_000, 300_000)
    assert times(visibility, "visible_last") == (1, 300_000, 300_000)


def test_conflated_moves_become_visible_together(visibility: Visibility) -> None:
    visibility.acked([acked(5, 1000), acked(6, 101_000)])
    visibility.applied([applied(1, 4, 6, 301_000, "run-a")])
    visibility.settle(LATER)

    assert times(visibility, "visible") == (2, 200_000, 300_000)


def test_a_move_that_no_screen_shows_has_no_time(visibility: Visibility) -> None:
    visibility.acked([acked(5, 1000, "run-of-rank-90")])
    visibility.applied([applied(1, 4, 5, 251_000, "run-a")])
    visibility.close()

    assert times(visibility, "visible")[0] == times(visibility, "visible_last")[0] == 0


def test_what_was_shown_before_is_not_shown_again(visibility: Visibility) -> None:
    visibility.acked([acked(5, 1000)])
    visibility.applied([applied(1, 4, 5, 251_000, "run-a"), applied(1, 5, 6, 501_000, "run-a")])
    visibility.settle(LATER)

    assert times(visibility, "visible")[0] == 1


def test_another_epoch_is_another_life(visibility: Visibility) -> None:
    visibility.acked([acked(5, 1000, epoch=8)])
    visibility.applied([applied(1, 4, 5, 251_000, "run-a")])
    visibility.settle(LATER)

    assert times(visibility, "visible")[0] == 0


def test_what_a_worker_tells_late_still_counts(visibility: Visibility) -> None:
    visibility.applied([applied(1, 4, 5, 251_000, "run-a")])
    visibility.settle(251_000 + WAITS_US - 1)
    visibility.acked([acked(5, 1000)])
    visibility.settle(251_000 + WAITS_US)

    assert times(visibility, "visible") == (1, 250_000, 250_000)


def test_staleness_grows_until_the_change_is_shown_and_is_none_before(visibility: Visibility) -> None:
    visibility.applied([applied(1, 3, 4, 0, "run-a"), applied(1, 4, 5, 1_000_000, "run-a")])
    visibility.acked([acked(5, 599_990)])  # heard at 600,000
    visibility.settle(LATER)

    histogram = visibility.tally.histograms["staleness"]
    assert histogram.count == 11
    assert histogram.at(60) == 0
    assert histogram.highest == 400_000


def test_moves_are_forgotten_in_the_end(visibility: Visibility) -> None:
    visibility.acked([acked(5, 1000)])
    visibility.settle(WAITS_US + FORGOTTEN_US + 2000)
    visibility.applied([applied(1, 4, 5, 30_000_000, "run-a")])
    visibility.settle(LATER)

    assert times(visibility, "visible")[0] == 0


def test_each_second_knows_what_became_visible_in_it(
    visibility: Visibility, seconds: defaultdict[int, Tally]
) -> None:
    visibility.acked([acked(5, 1000), acked(6, 2_101_000)])
    visibility.applied([applied(1, 4, 5, 251_000, "run-a"), applied(1, 5, 6, 2_301_000, "run-a")])
    visibility.settle(LATER)

    assert {second: seconds[second].histograms["visible"].highest for second in (0, 2)} == {
        0: 250_000,
        2: 200_000,
    }
    assert 1 not in seconds or "visible" not in seconds[1].histograms
    assert seconds[2].histograms["staleness"].highest == 199_990  # from its acknowledgement on
