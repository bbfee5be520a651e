"""A log is walked with the board that every swap was made on."""

from tests.support.recorded import Recorder, first_legal

from knack_protocol.ids import CourseName
from knack_protocol.rules.course import Course, Level
from knack_protocol.rules.log import ConnectionKind
from knack_protocol.rules.swaps import CANONICAL_ORDER, legal_swaps


def test_every_swap_comes_with_its_board_its_think_time_and_the_cascade_before_it() -> None:
    recorder = Recorder(grace_ms=30)
    boards = []
    for think_ms in (900, 250, -100):
        boards.append(recorder.run.board)
        recorder.swap(first_legal(recorder.run.board), think_ms)

    played = recorder.played()

    assert [swap.planes for swap in played.swaps] == [board.planes for board in boards]
    assert [swap.think_ms for swap in played.swaps] == [900, 250, -100]
    assert [swap.swap for swap in played.swaps] == [first_legal(board) for board in boards]
    first, second, third = played.swaps
    assert first.fall is None
    assert second.fall is not None
    assert third.fall is not None
    assert second.fall.planes == first.after
    assert third.fair_ms == third.fall.lock_end_ms - 100
    assert played.head == recorder.run.head


def test_an_illegal_swap_is_a_swap_and_leaves_the_board_and_its_cascade() -> None:
    recorder = Recorder().play([500])
    legal = legal_swaps(recorder.run.board)
    recorder.swap(next(swap for swap in CANONICAL_ORDER if swap not in legal), 100)
    recorder.play([700])

    _, slip, after = recorder.played().swaps

    assert not slip.is_legal
    assert slip.points == 0
    assert after.planes == slip.planes
    assert after.fall == slip.fall
    assert after.think_ms == 700


def test_the_first_swap_of_a_level_opens_it_on_a_board_that_did_not_fall() -> None:
    course = Course(CourseName("short"), (Level(30, 60_000), Level(0, 60_000)))
    recorder = Recorder(course=course).play([400, 600, 800])

    assert [swap.opens for swap in recorder.played().swaps] == [True, True, False]
    assert [swap.fall is None for swap in recorder.played().swaps] == [True, True, False]
    assert [swap.think_ms for swap in recorder.played().swaps] == [400, 600, 800]


def test_connections_are_kept_apart() -> None:
    recorder = Recorder().play([400])
    recorder.connection(2_000, ConnectionKind.LOST)
    recorder.connection(3_000, ConnectionKind.RESUMED)

    assert [event.kind for event in recorder.played().connections] == [
        ConnectionKind.LOST,
        ConnectionKind.RESUMED,
    ]
