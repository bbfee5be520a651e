"""The table of messages: opcode, name, and the kind of each field, in wire order.

Decoder, encoder, documents and both languages' tests read this table; it is the one place where a message gets a field.
A frame is the array `[opcode, field, field, …]`.
"""

from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, Literal

from knack_protocol.proof.seeds import Scope
from knack_protocol.rules.log import EndReason
from knack_protocol.wire import kinds, messages
from knack_protocol.wire.kinds import (
    BOARD,
    BOARD_OR_NONE,
    CELL,
    DIGEST,
    DIGEST_OR_NONE,
    DIRECTION,
    FILL,
    HEAD,
    I32,
    ID,
    ID_OR_NONE,
    NONCE,
    PUBLIC,
    STATE_BITS,
    TEXT,
    TOKEN,
    U8,
    U16,
    U32,
    UNIX_MS,
    Choice,
    Kind,
    ListOf,
    Maybe,
    OneRecordOf,
    Record,
)
from knack_protocol.wire.limits import COURSES_MAX, ROWS_MAX, STEPS_MAX

Family = Literal["command", "reply", "push"]

FIRST_REPLY: Final = 32
FIRST_PUSH: Final = 64
COLUMN_COUNT: Final = 8


class Spec:
    """One message: its opcode, its class, and its fields' names and kinds in wire order."""

    __slots__ = ("body", "family", "field_kinds", "make", "name", "opcode", "values")

    def __init__(self, opcode: int, make: type[Any], /, **field_kinds: Kind) -> None:
        names = tuple(field.name for field in fields(make))
        assert names == tuple(field_kinds), f"{make.__name__} and its row of the table differ"
        self.opcode: Final = opcode
        self.make: Final = make
        self.name: Final = make.__name__.upper()
        self.field_kinds: Final = field_kinds
        self.family: Final[Family] = (
            "command" if opcode < FIRST_REPLY else "reply" if opcode < FIRST_PUSH else "push"
        )
        self.body: Final = Record(self.name, make, tuple(field_kinds.values()))
        values = attrgetter(*names)
        self.values: Final = values if len(names) > 1 else lambda message: (values(message),)

    @property
    def has_req(self) -> bool:
        """Tell whether the first field is `req`: in every command and reply."""
        return self.family != "push"


COURSE: Final = Record("course", messages.Course, (ID, U8))
LEVEL: Final = Record("level", messages.Level, (U8, U32, U32, U32, U32, BOARD))
ROW: Final = Record("row", messages.NumberedRow, (U32, ID, ID, TEXT, U32, U32, STATE_BITS))
DESK_ROW: Final = Record(
    "desk row",
    messages.NumberedDeskRow,
    (U32, ID, U32, ID, TEXT, U32, U32, STATE_BITS, TEXT, U32, UNIX_MS, U8),
)
ROWS: Final = ListOf("rows", OneRecordOf("row or desk row", (ROW, DESK_ROW)), 0, ROWS_MAX)
GAINS: Final = ListOf("gains", U32, 0, ROWS_MAX)
GONE: Final = ListOf("numbers", U32, 0, ROWS_MAX)
STEP: Final = ListOf("step", FILL, COLUMN_COUNT, COLUMN_COUNT)
STEPS: Final = ListOf("steps", STEP, 0, STEPS_MAX)
ROLE: Final = Choice("role", messages.Role)
VIEW: Final = Choice("view", messages.View)

MOVED: Final = Spec(
    38,
    messages.Moved,
    req=U32,
    run=ID,
    verdict=Choice("verdict", messages.MoveVerdict),
    seq=U32,
    head=DIGEST,
    t_arr=U32,
    t_eff=U32,
    lock_end=U32,
    points=U32,
    score=U32,
    steps=STEPS,
    shuffle=Maybe("board or nil", BOARD),
    level=Maybe("level or nil", LEVEL),
    epoch=U32,
    version=U32,
)


def _whole_moved(opcode: int, *values: Any) -> messages.Moved:
    if opcode != MOVED.opcode:
        raise kinds.WrongValue("MOVED")
    return messages.Moved(*values)


LAST_MOVED: Final = Record("MOVED", _whole_moved, (U8, *MOVED.field_kinds.values()))

TABLE: Final = (
    Spec(1, messages.Hello, req=U32, role=ROLE, event=ID_OR_NONE, token=TOKEN),
    Spec(2, messages.Ping, req=U32),
    Spec(3, messages.Join, req=U32, name=TEXT),
    Spec(4, messages.Leave, req=U32),
    Spec(5, messages.Prepare, req=U32, course=ID),
    Spec(6, messages.Start, req=U32, run=ID, nonce=NONCE),
    Spec(7, messages.Move, req=U32, run=ID, seq=U32, head=HEAD, cell=CELL, direction=DIRECTION),
    Spec(8, messages.Watch, req=U32, course=ID, view=VIEW, epoch=U32, version=U32),
    Spec(9, messages.Unwatch, req=U32, feed=U16),
    Spec(10, messages.Gather, req=U32, heat=ID),
    Spec(11, messages.Scatter, req=U32),
    Spec(
        32,
        messages.Welcome,
        req=U32,
        event=ID,
        title=TEXT,
        player=ID_OR_NONE,
        name=TEXT,
        server_unix_ms=UNIX_MS,
        rules_hash=DIGEST,
        courses=ListOf("courses", COURSE, 0, COURSES_MAX),
    ),
    Spec(33, messages.Pong, req=U32, server_unix_ms=UNIX_MS),
    Spec(34, messages.Joined, req=U32, player=ID, name=TEXT, token=TOKEN),
    Spec(35, messages.Done, req=U32),
    Spec(36, messages.Prepared, req=U32, run=ID, course=ID, commit=DIGEST),
    Spec(37, messages.Started, req=U32, run=ID, t0_unix_ms=UNIX_MS, countdown_ms=U32),
    MOVED,
    Spec(39, messages.Watching, req=U32, feed=U16, epoch=U32, version=U32),
    Spec(40, messages.Reject, req=U32, code=U8, wait_ms=U32, detail=TEXT),
    Spec(
        64,
        messages.Begin,
        run=ID,
        course=ID,
        grace_ms=U16,
        t0_unix_ms=UNIX_MS,
        commit=DIGEST,
        head=DIGEST,
        level=U8,
        goal=U32,
        time_ms=U32,
        board=BOARD,
    ),
    Spec(
        65,
        messages.Resumed,
        run=ID,
        course=ID,
        phase=Choice("phase", messages.Phase),
        clock_ms=I32,
        seq=U32,
        head=DIGEST,
        level=U8,
        start_ms=U32,
        goal=U32,
        time_ms=U32,
        score=U32,
        level_points=U32,
        lock_end=U32,
        board=BOARD_OR_NONE,
        grace_ms=U16,
        t0_unix_ms=UNIX_MS,
        moves=U32,
        last=Maybe("MOVED or nil", LAST_MOVED),
    ),
    Spec(
        66,
        messages.Ended,
        run=ID,
        course=ID,
        seq=U32,
        head=DIGEST,
        reason=Choice("end reason", EndReason),
        t=U32,
        score=U32,
        moves=U32,
        rank=U32,
        epoch=U32,
        version=U32,
    ),
    Spec(67, messages.Snapshot, feed=U16, epoch=U32, version=U32, skipped=U32, rank=U32, rows=ROWS),
    Spec(
        68,
        messages.Delta,
        feed=U16,
        from_=U32,
        steps=U32,
        skipped=U32,
        rank=U32,
        rows=ROWS,
        gains=GAINS,
        gone=GONE,
    ),
    Spec(69, messages.Resync, feed=U16, epoch=U32),
    Spec(70, messages.Status, state=Choice("recording", messages.Recording)),
    Spec(71, messages.Live, heat=ID_OR_NONE, k=U32, digest=DIGEST, acts=U32, acts_head=DIGEST),
    Spec(
        72,
        messages.Heat,
        heat=ID,
        course=ID,
        scope=Choice("scope", Scope),
        phase=Choice("heat phase", messages.HeatPhase),
        commit=DIGEST,
        members=U32,
        place=Choice("place", messages.Place),
        run=ID_OR_NONE,
        roster_hash=DIGEST_OR_NONE,
        public=PUBLIC,
        t0_unix_ms=UNIX_MS,
        wait_ms=U32,
        marked=Choice("marked", messages.Marked),
    ),
    Spec(73, messages.Closed, at_unix_ms=UNIX_MS),
)

COMMANDS: Final = {spec.opcode: spec for spec in TABLE if spec.family == "command"}
ANSWERS: Final = {spec.opcode: spec for spec in TABLE if spec.family != "command"}
BY_CLASS: Final = {spec.make: spec for spec in TABLE}
