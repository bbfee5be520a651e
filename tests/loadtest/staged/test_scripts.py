from random import Random

from knack_loadtest.staged.scripts import Line, Moved, Script, play, told
from knack_protocol.ids import PlayerId, RunId
from knack_protocol.rules.course import SPRINT
from knack_protocol.rules.log import ConnectionKind, EndReason, decode
from knack_protocol.rules.run import Run
from knack_protocol.rules.streams import SeededTiles

H0 = bytes(32)


def fresh() -> Run:
    return Run(SPRINT, SeededTiles(bytes(32)), H0, 0)


def played(**values: object) -> Script:
    script = Script(RunId("run-1"), PlayerId("p1"), **values)
    play(script, fresh(), Random(1))
    return script


def test_a_bot_plays_until_the_time_is_over() -> None:
    log = told(played(), fresh(), H0)
    assert log.score > 0
    assert log.arrived_ms[-1] == 90_000
    assert log.head(0) == H0
    assert log.head(len(log.events)) == log.last_hash
    assert log.count_at(-1) == 0
    assert log.count_at(90_000) == len(log.events)


def test_a_bot_stops_when_the_run_is_ended() -> None:
    script = played(ended=(10_000, EndReason.ABANDONED))
    assert script.moves
    assert max(move.t_arr for move in script.moves) < 10_000
    assert told(script, fresh(), H0).arrived_ms[-1] == 10_000


def test_lines_and_moves_are_logged_as_they_came() -> None:
    script = played(lines=[Line(5000, ConnectionKind.LOST), Line(8000, ConnectionKind.RESUMED)])
    log = told(script, fresh(), H0)
    assert list(log.arrived_ms) == sorted(log.arrived_ms)
    kinds = [type(decode(payload)).__name__ for payload in log.payloads]
    assert kinds.count("ConnectionEvent") == 2


def test_what_a_server_refuses_leaves_nothing() -> None:
    script = played()
    before = told(script, fresh(), H0).payloads
    first = script.moves[0]
    script.moves.insert(1, Moved(first.t_arr + 1, first.cell, first.direction))
    assert told(script, fresh(), H0).payloads == before


def test_who_plays_on_begins_where_the_script_ends() -> None:
    script = played()
    kept = script.moves[:5]
    script.moves = list(kept)
    play(script, fresh(), Random(9))
    assert script.moves[:5] == kept
    assert len(script.moves) > 40
