"""Every fact has a place of its own, and a log goes on where it was."""

import pytest
from tests.support import lives

from knack_server.store.errors import StoreBroken
from knack_server.store.places import LastEvent, Places

A, B = lives.run_id("a"), lives.run_id("b")


def test_places_are_counted() -> None:
    places = Places(7, {})
    assert [places.take() for _ in range(3)] == [7, 8, 9]
    assert places.next_position == 10


def test_a_log_ends_with_the_event_that_was_logged_last() -> None:
    places = Places(1, {})
    places.start(A)
    places.start(B)
    places.log(A, 1, 11)
    places.log(B, 1, 12)
    places.log(A, 2, 13)
    assert (places.end(A), places.end(B)) == (13, 12)


def test_a_log_that_was_in_play_before_a_restart_goes_on() -> None:
    places = Places(20, {A: LastEvent(5, 11), B: LastEvent(5, 12)})
    places.log(A, 6, 20)
    assert (places.end(A), places.end(B)) == (20, 12)


def test_a_run_may_end_before_anything_is_logged() -> None:
    places = Places(1, {})
    places.start(A)
    assert places.end(A) is None


@pytest.mark.parametrize("seq", [0, 1, 2, 4])
def test_an_event_that_does_not_follow_the_last_is_refused(seq: int) -> None:
    places = Places(1, {A: LastEvent(2, 5)})
    with pytest.raises(StoreBroken, match=f"event {seq} of run-a does not follow"):
        places.log(A, seq, 9)
    places.log(A, 3, 9)


def test_a_run_that_is_not_in_play_logs_nothing_and_does_not_end() -> None:
    places = Places(1, {A: LastEvent(2, 5)})
    places.end(A)
    for run in (A, B):
        with pytest.raises(StoreBroken, match=f"event 3 of {run} does not follow"):
            places.log(run, 3, 9)
        with pytest.raises(StoreBroken, match="not in play"):
            places.end(run)
