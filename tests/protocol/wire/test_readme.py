"""protocol/README.md says what the code does: codes, limits, messages, kinds, and every worked byte."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.protocol.wire.golden import GOOD, PROTOCOL

from knack_protocol.ids import CourseName, EventId, PlayerId
from knack_protocol.proof.seeds import Scope, client_public, commit, seed
from knack_protocol.rules.course import COURSES, rules_document
from knack_protocol.rules.log import EndReason, h0
from knack_protocol.rules.run import Run
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.wire import SUBPROTOCOL, messages
from knack_protocol.wire.codec import decode_command, decode_message
from knack_protocol.wire.codes import CLOSES, REJECTS
from knack_protocol.wire.kinds import Kind
from knack_protocol.wire.limits import TABLE as LIMITS
from knack_protocol.wire.messages import (
    Begin,
    DeskRow,
    Level,
    Move,
    Moved,
    NumberedDeskRow,
    NumberedRow,
    Prepared,
    Row,
    Start,
)
from knack_protocol.wire.table import TABLE, Spec

README = (PROTOCOL / "README.md").read_text("utf-8")
WORKED = re.findall(r"```wire (\S+)\n(.*?)```", README, re.DOTALL)


def table(*heads: str) -> Iterator[list[str]]:
    """The cells of the table with these heads, without backticks."""
    lines = README.splitlines()
    for line in lines[lines.index(f"| {' | '.join(heads)} |") + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip().replace("`", "") for cell in line[1:-1].split("|")]


def fields_of(spec: Spec) -> str:
    return ", ".join(f"`{name.rstrip('_')}` {kind.words}" for name, kind in spec.field_kinds.items())


@pytest.mark.parametrize("spec", TABLE, ids=lambda spec: spec.name)
def test_every_message_stands_with_all_its_fields(spec: Spec) -> None:
    assert f"| {spec.opcode} | `{spec.name}` | {fields_of(spec)} |" in README.splitlines()


def test_no_message_stands_that_there_is_not() -> None:
    assert len(re.findall(r"^\| \d+ \| `[A-Z]+` \|", README, re.MULTILINE)) == len(TABLE)


def test_every_kind_of_a_field_is_explained() -> None:
    explained = [cells[0] for cells in table("kind", "MessagePack", "may be")]
    used: set[Kind] = {kind for spec in TABLE for kind in spec.field_kinds.values()}

    assert {kind.words for kind in used} <= {
        words for cell in explained for words in (cell, *re.findall(r"bin \d+|[a-z]\d+", cell))
    }


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("role", messages.Role),
        ("view", messages.View),
        ("verdict", messages.MoveVerdict),
        ("phase", messages.Phase),
        ("end reason", EndReason),
    ],
)
def test_every_named_number_is_explained(kind: str, names: type[messages.Role]) -> None:
    meaning = next(cells[2] for cells in table("kind", "MessagePack", "may be") if cells[0] == kind)

    for name in names:
        assert f"{name.value} {name.name.lower().replace('_', ' ')}" in meaning


def test_rejects_are_the_codes_own() -> None:
    assert list(table("code", "name", "retry", "meaning")) == [
        [str(row.code.value), row.name, "yes" if row.may_retry else "no", row.meaning.replace("`", "")]
        for row in REJECTS
    ]


def test_close_codes_are_the_codes_own() -> None:
    assert list(table("code", "name", "reconnect", "meaning")) == [
        [str(row.code.value), row.name, "yes" if row.reconnect else "no", row.meaning.replace("`", "")]
        for row in CLOSES
    ]


def test_limits_are_the_codes_own() -> None:
    written = [cells[:3] for cells in table("limit", "value", "unit", "why")]

    assert written == [[limit.name, str(limit.value), limit.unit] for limit in LIMITS]


@pytest.mark.parametrize("record", [Row, DeskRow, NumberedRow, NumberedDeskRow, Level])
def test_the_places_of_records_stand_in_order(record: Any) -> None:
    places = record._fields if record is not DeskRow else ("…", *DeskRow._fields[len(Row._fields) :])

    assert f"`[{', '.join(places)}]`" in README.replace("\n", " ")


def test_the_subprotocol_is_named() -> None:
    assert README.startswith(f"# The wire protocol `{SUBPROTOCOL}`\n")


# -- worked bytes --------------------------------------------------------------------------------------------------


def test_there_are_worked_bytes_of_the_whole_way_of_a_move() -> None:
    assert {"hello-new-player", "prepare", "start", "begin", "move", "moved"} <= {name for name, _ in WORKED}


@pytest.mark.parametrize(("name", "block"), WORKED, ids=[name for name, _ in WORKED])
def test_worked_bytes_are_a_vector(name: str, block: str) -> None:
    written = "".join(
        "".join(re.match(r"(?:[0-9a-f]{2}(?: |$))+", line)[0].split()) for line in block.splitlines()
    )  # type: ignore[index]

    assert written == next(vector["hex"] for vector in GOOD if vector["name"] == name)


def frame(name: str) -> bytes:
    return bytes.fromhex(next(vector["hex"] for vector in GOOD if vector["name"] == name))


def test_the_worked_run_can_be_recomputed_from_its_secrets() -> None:
    prepared, begin, moved = (decode_message(frame(name)) for name in ("prepared", "begin", "moved"))
    start, move = decode_command(frame("start")), decode_command(frame("move"))
    assert isinstance(prepared, Prepared)
    assert isinstance(begin, Begin)
    assert isinstance(moved, Moved)
    assert isinstance(start, Start)
    assert isinstance(move, Move)
    server_seed, event, player = bytes(range(32)), EventId("demo"), PlayerId("p-5h2k8c3nw7")
    rules_hash = hashlib.sha256(rules_document()).digest()
    course = COURSES[CourseName("sprint")]

    promised = commit(event, prepared.run, course.name, Scope.HEAT, rules_hash, server_seed)
    assert prepared.commit == begin.commit == promised
    key = seed(server_seed, event, start.run, client_public(start.nonce))
    first = h0(event, begin.run, player, promised, rules_hash, begin.t0_unix_ms, begin.grace_ms)
    run = Run(course, SeededTiles(key), first, begin.grace_ms)
    assert (begin.head, begin.board) == (first, run.board.symbols)
    assert (move.seq, move.head) == (1, first[:8])

    outcome = run.move(moved.t_arr, move.cell, move.direction)

    assert (moved.seq, moved.head) == (run.seq, run.head)
    assert (moved.t_eff, moved.lock_end) == (outcome.t_eff, outcome.lock_end_ms)
    assert (moved.points, moved.score) == (outcome.points, outcome.score)
    assert moved.steps == outcome.steps
