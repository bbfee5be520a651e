"""The witness: what was acknowledged, refused, or is unknown, from nothing but what went over the line."""

from dataclasses import replace

import pytest

from knack_loadtest.crowd.records import RunRecord, parse
from knack_loadtest.crowd.witness import PlayerWitness
from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.rules.log import EndReason
from knack_protocol.wire import messages as wire
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import HeatPhase, MoveVerdict, Phase

RUN = RunId("run-a")
SPRINT = CourseName("sprint")
HEAD = bytes(range(32))


class Seat:
    """A player's device, and all that its witness told."""

    def __init__(self) -> None:
        self.runs: list[RunRecord] = []
        self.rejected: list[str] = []
        self.breaches: list[str] = []
        self.witness = PlayerWitness(
            7, self.runs.append, self.rejected.append, lambda _code: None, self.breaches.append
        )

    def begin(self) -> None:
        told = self.witness
        told.heard(wire.Welcome(1, EventId("demo"), "", PlayerId("p-a"), "A", 0, HEAD, ()), 0)
        told.heard(wire.Prepared(2, RUN, SPRINT, HEAD), 0)
        told.sent(wire.Start(3, RUN, b"n" * 16), 0)
        told.heard(wire.Begin(RUN, SPRINT, 4, 1000, HEAD, b"0" * 32, 0, 0, 90_000, bytes(64)), 0)

    def move(self, req: int, seq: int) -> None:
        self.witness.sent(wire.Move(req, RUN, seq, bytes(8), 9, 0), req * 10)

    def moved(self, req: int, seq: int, points: int = 30) -> wire.Moved:
        verdict = MoveVerdict.OK if points else MoveVerdict.ILLEGAL
        return wire.Moved(req, RUN, verdict, seq, HEAD, 900, 896, 1400, points, points, (), None, None, 1, 5)

    def resumed(self, seq: int, last: wire.Moved | None) -> wire.Resumed:
        return wire.Resumed(
            *(
                RUN,
                SPRINT,
                Phase.PLAYING,
                2000,
                seq,
                HEAD,
                0,
                0,
                0,
                90_000,
                30,
                30,
                1400,
                bytes(64),
                4,
                1000,
                1,
                last,
            )
        )

    def end(self, seq: int) -> RunRecord:
        self.witness.heard(wire.Ended(RUN, SPRINT, seq, HEAD, EndReason.TIME, 90_000, 30, 1, 1, 1, 6), 0)
        (record,) = self.runs
        return record


@pytest.fixture
def seat() -> Seat:
    seat = Seat()
    seat.begin()
    return seat


def test_an_answered_move_is_acknowledged_with_its_receipt(seat: Seat) -> None:
    seat.move(4, 1)
    seat.witness.heard(seat.moved(4, 1), 77)
    record = seat.end(2)

    (move,) = record.moves
    assert (move.outcome, move.sent_ns, move.heard_ns, move.t_arr, move.points) == ("ok", 40, 77, 900, 30)
    assert record.heads == {0: (b"0" * 32).hex(), 1: HEAD.hex(), 2: HEAD.hex()}
    assert (record.nonce, record.grace_ms, record.player, record.person) == ((b"n" * 16).hex(), 4, "p-a", 7)


def test_a_refused_move_is_refused_and_what_play_brings_is_nobodys_fault(seat: Seat) -> None:
    seat.move(4, 1)
    seat.witness.heard(wire.Reject(4, RejectCode.EARLY, 100, ""), 77)
    seat.move(5, 1)
    seat.witness.heard(wire.Reject(5, RejectCode.LATE, 0, ""), 78)

    assert [move.outcome for move in seat.end(1).moves] == ["rejected_early", "rejected_late"]
    assert seat.rejected == ["early"]


def test_a_move_whose_line_ended_is_unknown(seat: Seat) -> None:
    seat.move(4, 1)
    seat.witness.lost(1006)

    assert seat.end(2).moves[0].outcome == "unknown"


def test_a_resume_that_brings_the_lost_answer_makes_it_acknowledged(seat: Seat) -> None:
    seat.move(4, 1)
    seat.witness.lost(1006)
    seat.witness.heard(seat.resumed(2, seat.moved(4, 1)), 99)

    assert seat.end(3).moves[0].outcome == "ok"


def test_a_resume_without_it_says_that_it_never_came(seat: Seat) -> None:
    seat.move(4, 1)
    seat.witness.heard(seat.moved(4, 1), 50)
    seat.move(5, 2)
    seat.witness.lost(1006)
    seat.witness.heard(seat.resumed(2, seat.moved(4, 1)), 99)

    assert [move.outcome for move in seat.end(3).moves] == ["ok", "rejected_never_came"]


def test_news_of_somebody_elses_run_are_a_breach(seat: Seat) -> None:
    other = RunId("run-b")
    seat.witness.heard(wire.Begin(other, SPRINT, 0, 0, HEAD, HEAD, 0, 0, 90_000, bytes(64)), 0)
    seat.witness.heard(seat.moved(99, 1), 0)

    assert [text.partition(" ")[0] for text in seat.breaches] == ["BEGIN", "MOVED"]


def heat(run: str, phase: HeatPhase) -> wire.Heat:
    place = wire.Place.MEMBER
    return wire.Heat(
        HeatId("h1"),
        SPRINT,
        wire.Scope.PLAYER,
        phase,
        HEAD,
        3,
        place,
        RunId(run),
        HEAD,
        "",
        0,
        0,
        wire.Marked.NO,
    )


def test_a_run_in_a_heat_is_known_from_the_heat() -> None:
    seat = Seat()
    seat.witness.heard(heat(RUN, HeatPhase.FROZEN), 0)
    seat.witness.heard(wire.Begin(RUN, SPRINT, 4, 1000, HEAD, HEAD, 0, 0, 90_000, bytes(64)), 555)
    record = seat.end(1)

    assert (record.heat, record.listing, record.begun_ns) == ("h1", "h1", 555)
    assert record.board == "0" * 64
    assert seat.breaches == []


def test_who_only_looks_on_plays_no_run_in_it(seat: Seat) -> None:
    seat.witness.heard(heat("", HeatPhase.RUNNING), 0)
    seat.witness.close()

    assert [record.heat for record in seat.runs] == [""]


def test_a_board_in_the_countdown_is_a_breach(seat: Seat) -> None:
    seat.witness.heard(replace(seat.resumed(0, None), phase=Phase.COUNTDOWN), 0)

    assert seat.breaches == ["a board of run-a in its countdown"]


def test_before_t0_there_is_no_chain_to_hold() -> None:
    seat = Seat()
    seat.witness.heard(heat(RUN, HeatPhase.COUNTDOWN), 0)
    waiting = replace(seat.resumed(0, None), phase=Phase.WAITING, board=b"", head=bytes(32))
    seat.witness.heard(waiting, 0)
    seat.witness.heard(seat.resumed(1, None), 0)

    assert seat.end(2).heads == {1: HEAD.hex(), 2: HEAD.hex()}


def test_who_comes_too_late_for_a_lobby_meets_what_play_brings(seat: Seat) -> None:
    seat.witness.heard(wire.Reject(9, RejectCode.HEAT_CLOSED, 0, ""), 0)

    assert seat.rejected == []


def test_a_run_is_told_once_however_often_its_end_is_said(seat: Seat) -> None:
    seat.end(1)
    seat.end(1)
    seat.witness.close()

    assert len(seat.runs) == 1


def test_a_run_whose_end_was_not_heard_is_told_in_the_end(seat: Seat) -> None:
    seat.move(4, 1)
    seat.witness.close()

    (record,) = seat.runs
    assert record.end is None
    assert record.moves[0].outcome == "unknown"


def test_a_record_is_read_as_it_was_written(seat: Seat) -> None:
    seat.move(4, 1)
    seat.witness.heard(seat.moved(4, 1), 77)
    record = seat.end(2)

    assert parse(record.line()) == record
