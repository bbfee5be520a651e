"""The messages of `knack.v1` as values: commands, replies and pushes, with their fields in wire order.

A *command* goes to the server and carries `req`, a number of the client's choice; exactly one *reply* echoes it. A
*push* comes unasked. Texts are str, digests and boards bytes, times ms; a board is 64 bytes 0..5, row-major. What each
field may hold is said once, in `table`; what it means stands in protocol/README.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.seeds import Scope
from knack_protocol.rules.log import EndReason
from knack_protocol.wire.parts import (
    IN_PLAY,
    PODIUM_COUNT,
    Course,
    DeskRow,
    HeatPhase,
    Level,
    Marked,
    MoveVerdict,
    NumberedDeskRow,
    NumberedRow,
    Phase,
    Place,
    Recording,
    Role,
    Row,
    RowState,
    Steps,
    View,
)

__all__ = [
    "IN_PLAY",
    "PODIUM_COUNT",
    "Course",
    "DeskRow",
    "HeatPhase",
    "Level",
    "Marked",
    "MoveVerdict",
    "NumberedDeskRow",
    "NumberedRow",
    "Phase",
    "Place",
    "Recording",
    "Role",
    "Row",
    "RowState",
    "Steps",
    "View",
]
"""What messages are made of is named from here too; the messages themselves need no list."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Opens a connection; `event` empty: the current one, `token` empty: no session yet."""

    req: int
    role: Role
    event: EventId
    token: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for a sign of life."""

    req: int


@dataclass(frozen=True, slots=True)
class Join:
    """Makes a player of that name."""

    req: int
    name: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Ends the session, for the next person on this device."""

    req: int


@dataclass(frozen=True, slots=True)
class Prepare:
    """Asks for a run whose seed the server commits to."""

    req: int
    course: CourseName


@dataclass(frozen=True, slots=True)
class Start:
    """Starts a prepared run with 16 random bytes of the device."""

    req: int
    run: RunId
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Move:
    """Swaps `cell` with its right (0) or lower (1) neighbour; `seq` and `head` name the chain's end that it builds on."""

    req: int
    run: RunId
    seq: int
    head: bytes
    cell: int
    direction: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Asks for a feed; `epoch` 0: from nothing, else on from (`epoch`, `version`)."""

    req: int
    course: CourseName
    view: View
    epoch: int
    version: int


@dataclass(frozen=True, slots=True)
class Unwatch:
    """Ends a feed."""

    req: int
    feed: int


@dataclass(frozen=True, slots=True)
class Gather:
    """Joins a heat's lobby, leaving another one."""

    req: int
    heat: HeatId


@dataclass(frozen=True, slots=True)
class Scatter:
    """Leaves the lobby."""

    req: int


@dataclass(frozen=True, slots=True)
class Welcome:
    """Answers HELLO; `player` and `name` are empty where the session has none."""

    req: int
    event: EventId
    title: str
    player: PlayerId
    name: str
    server_unix_ms: int
    rules_hash: bytes
    courses: Sequence[Course]


@dataclass(frozen=True, slots=True)
class Pong:
    """Answers PING."""

    req: int
    server_unix_ms: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Answers JOIN; `name` as stored (NFC), `token` for every later HELLO."""

    req: int
    player: PlayerId
    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Done:
    """Answers LEAVE, UNWATCH, GATHER and SCATTER."""

    req: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Answers PREPARE with the run's id and the commitment to its seed (rules, section 5)."""

    req: int
    run: RunId
    course: CourseName
    commit: bytes


@dataclass(frozen=True, slots=True)
class Started:
    """Answers START."""

    req: int
    run: RunId
    t0_unix_ms: int
    countdown_ms: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Answers MOVE: what it did, and in `seq` and `head` the receipt: the chain's end after everything it wrote."""

    req: int
    run: RunId
    verdict: MoveVerdict
    seq: int
    head: bytes
    t_arr: int
    t_eff: int
    lock_end: int
    points: int
    score: int
    steps: Steps
    shuffle: bytes | None
    level: Level | None
    epoch: int
    version: int


@dataclass(frozen=True, slots=True)
class Watching:
    """Answers WATCH; `epoch` and `version` are where the feed goes on from."""

    req: int
    feed: int
    epoch: int
    version: int


@dataclass(frozen=True, slots=True)
class Reject:
    """Answers any command that changed nothing; `code` is `codes.RejectCode`'s, `req` 0 where none was readable."""

    req: int
    code: int
    wait_ms: int
    detail: str


@dataclass(frozen=True, slots=True)
class Begin:
    """T0: the first board, and H0 as `head`."""

    run: RunId
    course: CourseName
    grace_ms: int
    t0_unix_ms: int
    commit: bytes
    head: bytes
    level: int
    goal: int
    time_ms: int
    board: bytes


@dataclass(frozen=True, slots=True)
class Resumed:
    """All a page needs to go on with a run; `clock_ms` is the run's clock now, `board` is empty in the countdown."""

    run: RunId
    course: CourseName
    phase: Phase
    clock_ms: int
    seq: int
    head: bytes
    level: int
    start_ms: int
    goal: int
    time_ms: int
    score: int
    level_points: int
    lock_end: int
    board: bytes
    grace_ms: int
    t0_unix_ms: int
    moves: int
    last: Moved | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The run's END (rules, section 7), with the rank that it brought; 0 is none."""

    run: RunId
    course: CourseName
    seq: int
    head: bytes
    reason: EndReason
    t: int
    score: int
    moves: int
    rank: int
    epoch: int
    version: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All rows of a feed at (`epoch`, `version`).

    `skipped` standings are left out behind the podium, and `rank` is the rank of the row that comes after them.
    """

    feed: int
    epoch: int
    version: int
    skipped: int
    rank: int
    rows: Sequence[NumberedRow | NumberedDeskRow]


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed in a feed from one version to `steps` later: `rows` are new or changed, `gone` are numbers that left.

    `gains` are three numbers a row that has only gained points: its number, points more, ms more. That is most of
    what is ever sent to anybody, and 5 bytes a row. A row that gained nothing, 0 and 0, is one whose run is over.
    """

    feed: int
    from_: int
    steps: int
    skipped: int
    rank: int
    rows: Sequence[NumberedRow | NumberedDeskRow]
    gains: Sequence[int]
    gone: Sequence[int]

    @property
    def to(self) -> int:
        """The version that it leads to."""
        return self.from_ + self.steps


@dataclass(frozen=True, slots=True)
class Resync:
    """The server cannot continue this feed; a SNAPSHOT of it follows at once."""

    feed: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Status:
    """Whether moves can be recorded."""

    state: Recording


@dataclass(frozen=True, slots=True)
class Live:
    """The live digest number `k` of a heat, or with an empty `heat` of the event's open play (rules, section 7).

    `acts` counts the moderators' acts so far, and `acts_head` is the hash of their chain.
    """

    heat: HeatId
    k: int
    digest: bytes
    acts: int
    acts_head: bytes


@dataclass(frozen=True, slots=True)
class Heat:
    """Where a heat stands, whenever that changes; `course`, `scope` and `commit` as in the published list.

    `members` counts who takes part. `run` is the connection's player's own run once the roster is frozen; then
    `roster_hash` is known, and `public` is P (rules, section 5) as soon as it was typed. `wait_ms` is what is left until T0
    or until the clock goes on.
    """

    heat: HeatId
    course: CourseName
    scope: Scope
    phase: HeatPhase
    commit: bytes
    members: int
    place: Place
    run: RunId
    roster_hash: bytes
    public: str
    t0_unix_ms: int
    wait_ms: int
    marked: Marked


@dataclass(frozen=True, slots=True)
class Closed:
    """The event is over for good: nobody joins or plays in it any more."""

    at_unix_ms: int


Command = Hello | Ping | Join | Leave | Prepare | Start | Move | Watch | Unwatch | Gather | Scatter
Reply = Welcome | Pong | Joined | Done | Prepared | Started | Moved | Watching | Reject
Push = Begin | Resumed | Ended | Snapshot | Delta | Resync | Status | Live | Heat | Closed
Message = Command | Reply | Push
