from random import Random

import pytest

from knack_loadtest.staged.scripts import Line, Moved, Script, play, told
from knack_protocol.ids import PlayerId, RunId
from knack_protocol.proof.played import Played, Published
from knack_protocol.proof.played import play as play_again
from knack_protocol.proof.report import Check, Refuted
from knack_protocol.rules import log
from knack_protocol.rules.course import CLIMB, SPRINT, Course
from knack_protocol.rules.log import ConnectionKind, EndReason
from knack_protocol.rules.run import Run
from knack_protocol.rules.streams import SeededTiles

LOST, RESUMED, REPLACED, AWAY = ConnectionKind
SEED, H0 = bytes(range(32)), bytes(32)
GRACE_MS = 30


def script(
    *lines: tuple[int, ConnectionKind], course: Course = SPRINT, ended: tuple[int, EndReason] | None = None
) -> Script:
    made = Script(
        RunId("run-1"), PlayerId("p1"), GRACE_MS, lines=[Line(*line) for line in lines], ended=ended
    )
    play(made, fresh(course), Random(1))
    return made


def fresh(course: Course = SPRINT) -> Run:
    return Run(course, SeededTiles(SEED), H0, GRACE_MS)


def logged(made: Script, course: Course = SPRINT) -> list[bytes]:
    return list(told(made, fresh(course), H0).payloads)


def again(payloads: list[bytes], course: Course = SPRINT) -> Played:
    return play_again(
        Published("run 1", RunId("run-1"), PlayerId("p1"), course, SeededTiles(SEED), H0, GRACE_MS, payloads)
    )


def refusal(payloads: list[bytes]) -> Refuted:
    with pytest.raises(Refuted) as refused:
        again(payloads)
    return refused.value


@pytest.mark.parametrize("course", [SPRINT, CLIMB], ids=["sprint", "climb"])
def test_a_run_comes_out_as_it_was(course: Course) -> None:
    made = script(course=course)
    was = told(made, fresh(course), H0)
    played = again(list(was.payloads), course)
    assert (played.score, played.time_ms, played.last_hash) == (was.score, was.time_ms, was.last_hash)
    assert played.event_count == len(was.events)
    assert played.heads == (H0, *(event.hash for event in was.events))
    assert played.arrived_ms == was.arrived_ms


def test_a_run_that_was_ended_by_a_command_ends_there() -> None:
    played = again(logged(script(ended=(20_000, EndReason.ABANDONED))))
    assert (played.end.t, played.end.reason) == (20_000, EndReason.ABANDONED)


def test_a_log_without_an_end_is_no_finished_run() -> None:
    payloads = logged(script())
    assert refusal(payloads[:-1]).wrong.what == "the log has no end"
    assert refusal([]).wrong.what == "the log has no end"


def test_any_event_changed_left_out_or_put_in_is_a_difference() -> None:
    payloads = logged(script())
    changed = bytearray(payloads[3])
    changed[-1] ^= 1
    for others in (
        [*payloads[:3], bytes(changed), *payloads[4:]],
        payloads[:3] + payloads[4:],
        [*payloads[:3], payloads[3], *payloads[3:]],
        [*payloads, payloads[-1]],
        [b"\x09", *payloads],
    ):
        assert refusal(others).wrong.check is Check.REPLAY


@pytest.mark.parametrize(
    "lines",
    [
        [(0, LOST)],
        [(0, LOST), (2500, RESUMED)],
        [(5000, REPLACED), (5000, REPLACED), (6000, LOST)],
        [(5000, AWAY), (5000, LOST), (7000, RESUMED)],
        [(5000, LOST), (6000, AWAY), (6000, LOST), (9000, AWAY)],
    ],
)
def test_lines_break_and_come_back(lines: list[tuple[int, ConnectionKind]]) -> None:
    played = again(logged(script(*lines)))
    assert played.connections == len(lines)
    assert played.away_ms == tuple(t for t, kind in lines if kind is AWAY)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([(5000, RESUMED)], "resumed while it is there"),
        ([(5000, LOST), (5500, LOST)], "lost while it is lost"),
        ([(5000, LOST), (5500, REPLACED)], "replaced while it is lost"),
        ([(0, LOST), (1, RESUMED), (2, RESUMED)], "resumed while it is there"),
    ],
)
def test_nobody_comes_back_who_was_not_away(lines: list[tuple[int, ConnectionKind]], says: str) -> None:
    wrong = refusal(logged(script(*lines))).wrong
    assert wrong.check is Check.RUN
    assert says in wrong.what


def test_after_an_absence_the_clock_does_not_go_on_earlier_than_it_stood() -> None:
    """Else the server's being away would be a gift of time."""
    run = fresh()
    payloads = [event.payload for event in run.connection(9000, LOST)]
    payloads += [event.payload for event in run.connection(8000, AWAY)]
    payloads += [event.payload for event in run.expire()]
    wrong = refusal(payloads).wrong
    assert wrong.check is Check.RUN
    assert wrong.what == "event 2: the run's clock goes back from 9000 to 8000 ms"


def test_a_move_does_not_arrive_before_what_was_logged_ahead_of_it() -> None:
    made = script()
    run = fresh()
    first = made.moves[0]
    payloads = [event.payload for event in run.connection(first.t_arr + 1, LOST)]
    payloads += [event.payload for event in run.move(*first).events]
    payloads += [event.payload for event in run.expire()]
    assert "goes back" in refusal(payloads).wrong.what


def test_a_command_does_not_end_a_run_in_its_past() -> None:
    run = fresh()
    payloads = [event.payload for event in run.connection(9000, LOST)]
    payloads += [event.payload for event in run.finish(8000, EndReason.VOIDED)]
    assert "goes back" in refusal(payloads).wrong.what


def test_nothing_stands_after_the_deadline_but_the_end() -> None:
    payloads = [log.connection(1, 90_001, LOST), log.end(2, 90_000, EndReason.TIME, 0, 0)]
    assert refusal(payloads).wrong.check is Check.REPLAY


def test_sixty_connections_and_no_more() -> None:
    lines = [(t, (LOST, RESUMED)[t % 2]) for t in range(60)]
    assert again(logged(script(*lines))).connections == 60
    payloads = [log.connection(t + 1, t, (LOST, RESUMED)[t % 2]) for t in range(61)]
    assert refusal([*payloads, log.end(62, 90_000, EndReason.TIME, 0, 0)]).wrong.check is Check.REPLAY


def test_a_move_in_the_last_milliseconds_of_grace_arrives_before_the_end() -> None:
    made = script()
    made.moves = [Moved(90_000 + GRACE_MS - 1, *made.moves[0][1:])]
    played = again(logged(made))
    assert played.arrived_ms == (90_029, 90_030)
