"""The durable records: what happened, as values; the store writes them down and the state is folded from them.

The core decides and returns facts as effects; nothing is acknowledged before its facts are committed. A fact is never
taken back: a later fact stands beside it (a run voided, a name hidden, a token revoked). Three kinds delete: `ContactsDeleted`
and `NamesErased`, because the law wants it, and `RehearsalDeleted`, because nothing of a rehearsal was ever in earnest.

Times named `at_ms` and `*_unix_ms` are Unix milliseconds of the server's wall clock; `clock_ms` and `scored_at_ms` are
milliseconds of a run's own clock (rules, section 6).

The life of a run is the order in which its facts may come, and the store relies on it:

    RunPrepared -> RunStarted -> RunBegun -> (RunLogged | ClockMarked)* -> RunEnded

It may stop anywhere (a run that was prepared and never started), and RunBegun may be left out.

The life of a heat, between whose facts those of its runs lie (prepared before HeatFrozen, started after HeatStarted):

    HeatPrepared -> CommitmentsPublished -> HeatOpened -> LobbyChanged* -> HeatFrozen -> HeatTyped -> HeatStarted
    -> HeatInterrupted* -> HeatOver

A heat that was voided may be over early. HeatClosed takes it back to before HeatOpened. After EventEnded come acts and
what is about names alone.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.seeds import Scope

OPEN_PLAY = HeatId("")
"""Stands where a heat may stand, for what belongs to none."""

ContactId = NewType("ContactId", str)
"""A contact request; random, 1 to 32 of `a-z 0-9 -`. It never travels the game's wire."""

ActNumber = NewType("ActNumber", int)
"""The place of an act in its event's numbered list, from 1 without gaps."""


class EventKind(StrEnum):
    """What an event is for; the value is the word of the HTTP interface and of the store."""

    LIVE = "live"
    """A competition: nothing of it is ever taken back."""
    REHEARSAL = "rehearsal"
    """A try, by people or by a load tester: reached by its id alone, signed with a key of its own, deleted whole."""


class ActKind(StrEnum):
    """What a moderator may do; the value is the word of the desk's HTTP interface and of the store."""

    VOID = "void"
    """Target a run: it has no standing any more."""
    RESTORE = "restore"
    """Target a run: it stands again."""
    HIDE_NAME = "hide_name"
    """Target a player: the public sees no name."""
    REPLACE_NAME = "replace_name"
    """Target a player: the public sees the act's text."""
    SHOW_NAME = "show_name"
    """Target a player: the public sees the name as the player typed it."""
    VOID_HEAT = "void_heat"
    """Target a heat: none of its runs stands any more, and its next prepared rerun may be played; only undo ends it."""
    UNDO = "undo"
    """Target an act by its number: as if that act had never been."""


@dataclass(frozen=True, slots=True)
class EventAdded:
    """A competition exists from now on; `runs_max` limits the runs a player may start (None: as many as they like)."""

    event: EventId
    title: str
    at_ms: int
    runs_max: int | None
    kind: EventKind = EventKind.LIVE


@dataclass(frozen=True, slots=True)
class EventMadeCurrent:
    """The pages without an event in their address show this event from now on."""

    event: EventId


@dataclass(frozen=True, slots=True)
class EventEnded:
    """The competition is over for good: nobody joins or plays any more, and every seed is revealed."""

    event: EventId
    at_ms: int


@dataclass(frozen=True, slots=True)
class RehearsalDeleted:
    """The rehearsal is gone, with everything that was recorded of it; nothing of it is brought back, and its rows are erased."""

    event: EventId


@dataclass(frozen=True, slots=True)
class PlayerJoined:
    """A person gave a name and got a session; `name` in NFC, `skeleton` its confusable form, unique in the event.

    `token_hash` is the SHA-256 of the session's token; the token itself is stored nowhere.
    """

    event: EventId
    player: PlayerId
    name: str
    skeleton: str
    token_hash: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The player left ("next player"); the session's token opens nothing any more."""

    player: PlayerId
    at_ms: int


@dataclass(frozen=True, slots=True)
class RunPrepared:
    """The server committed to a run's seed; `commit` is 32 bytes (rules, section 5), in a heat the heat's."""

    run: RunId
    event: EventId
    player: PlayerId
    course: CourseName
    heat: HeatId
    commit: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The device gave its 16-byte `nonce` (in a heat it is empty) and the countdown runs; T0 lies at `t0_unix_ms`."""

    run: RunId
    nonce: bytes
    t0_unix_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class RunBegun:
    """T0 has come; `grace_ms` (0 to 250) is frozen."""

    run: RunId
    grace_ms: int


@dataclass(frozen=True, slots=True)
class RunLogged:
    """One event of a run's log: its number from 1, its bytes and the chain's hash after it (rules, section 7)."""

    run: RunId
    seq: int
    payload: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class ClockMarked:
    """The run's clock stood at `clock_ms`; after a restart it goes on from the later of this and the last event."""

    run: RunId
    clock_ms: int


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over: its score, the `t_eff` of the move that reached it (0 at score 0), legal moves, END's reason."""

    run: RunId
    score: int
    scored_at_ms: int
    moves: int
    reason: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class HeatPrepared:
    """The server committed to a heat's seed; a rerun's id is its heat's with `-r1`, `-r2`, … behind it."""

    event: EventId
    heat: HeatId
    course: CourseName
    scope: Scope
    commit: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class CommitmentsPublished:
    """The event's list of commitments is signed and out (rules, section 5): no heat can be added any more."""

    event: EventId
    text: str
    signature: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class HeatOpened:
    """Players may gather."""

    event: EventId
    heat: HeatId
    at_ms: int


@dataclass(frozen=True, slots=True)
class HeatClosed:
    """The lobby was closed again before the roster was frozen; everybody has left it, and it may be opened anew."""

    event: EventId
    heat: HeatId
    at_ms: int


@dataclass(frozen=True, slots=True)
class LobbyChanged:
    """A player joined a heat's lobby, or left it again."""

    event: EventId
    heat: HeatId
    player: PlayerId
    is_in: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class HeatFrozen:
    """Nobody joins any more: the roster is the players of the heat's runs, all prepared before."""

    event: EventId
    heat: HeatId
    roster_hash: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class HeatTyped:
    """The public part P of the seed exists (rules, section 5): `stage:` and what was typed."""

    event: EventId
    heat: HeatId
    public: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class HeatStarted:
    """The countdown runs; everybody's T0 lies at `t0_unix_ms`."""

    event: EventId
    heat: HeatId
    t0_unix_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class HeatInterrupted:
    """The server was away while the heat ran."""

    event: EventId
    heat: HeatId
    at_ms: int


@dataclass(frozen=True, slots=True)
class HeatOver:
    """All runs of the heat have ended and the last digest is out, or it was voided before it began."""

    event: EventId
    heat: HeatId
    at_ms: int


@dataclass(frozen=True, slots=True)
class DigestSent:
    """Live digest number `k` of a heat (empty: open play) went out; it covers everything recorded before it."""

    event: EventId
    heat: HeatId
    k: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Acted:
    """A moderator named `desk` decided something, with a reason; `target` is a run, a player, a heat or an act's number."""

    event: EventId
    number: ActNumber
    at_ms: int
    desk: str
    kind: ActKind
    target: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ContactAsked:
    """A visitor left a concern and asked to be contacted."""

    contact: ContactId
    event: EventId
    at_ms: int
    first_name: str
    last_name: str
    email: str
    concern: str


@dataclass(frozen=True, slots=True)
class ContactDone:
    """A moderator ticked a contact request off at `at_ms`, or with None took the tick back."""

    contact: ContactId
    at_ms: int | None
    desk: str


@dataclass(frozen=True, slots=True)
class ContactsDeleted:
    """Every contact request asked before `before_ms` is due and really removed, bytes and all."""

    before_ms: int


@dataclass(frozen=True, slots=True)
class NamesErased:
    """Every player who joined before `before_ms` has lost name and session; their runs stand without a name."""

    before_ms: int


@dataclass(frozen=True, slots=True)
class DeskTokenAdded:
    """The moderator `name` may use the desk; `token_hash` is the SHA-256 of the personal token."""

    name: str
    token_hash: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class DeskTokenRevoked:
    """The moderator's token opens nothing any more; the name may get a new one."""

    name: str
    at_ms: int


Fact = (
    EventAdded
    | EventMadeCurrent
    | EventEnded
    | RehearsalDeleted
    | PlayerJoined
    | SessionEnded
    | RunPrepared
    | RunStarted
    | RunBegun
    | RunLogged
    | ClockMarked
    | RunEnded
    | HeatPrepared
    | CommitmentsPublished
    | HeatOpened
    | HeatClosed
    | LobbyChanged
    | HeatFrozen
    | HeatTyped
    | HeatStarted
    | HeatInterrupted
    | HeatOver
    | DigestSent
    | Acted
    | ContactAsked
    | ContactDone
    | ContactsDeleted
    | NamesErased
    | DeskTokenAdded
    | DeskTokenRevoked
)
"""Everything that is ever written down."""
