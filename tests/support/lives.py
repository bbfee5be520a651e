"""Facts as tests need them: an event with players, and the life of a run in one call.

Ids follow from a name, times from a counter, logs from a list of words; nothing here is random.
"""

from hashlib import sha256

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.seeds import Scope
from knack_protocol.rules import log
from knack_server.core.facts import (
    OPEN_PLAY,
    Acted,
    ActKind,
    ActNumber,
    CommitmentsPublished,
    ContactAsked,
    ContactId,
    EventAdded,
    EventMadeCurrent,
    Fact,
    HeatFrozen,
    HeatOpened,
    HeatPrepared,
    HeatStarted,
    HeatTyped,
    LobbyChanged,
    PlayerJoined,
    RunBegun,
    RunEnded,
    RunLogged,
    RunPrepared,
    RunStarted,
)

DEMO = EventId("demo")
SPRINT = CourseName("sprint")
UNIX_MS = 1_700_000_000_000


def event(name: str = "demo") -> list[Fact]:
    """An event that is the current one."""
    return [EventAdded(EventId(name), f"Event {name}", UNIX_MS, None), EventMadeCurrent(EventId(name))]


def player(name: str, at: EventId = DEMO) -> PlayerJoined:
    """A player whose id is `p-` and the name in lower case."""
    return PlayerJoined(at, player_id(name), name, name.lower(), sha256(name.encode()).digest(), UNIX_MS + 1)


def player_id(name: str) -> PlayerId:
    return PlayerId(f"p-{name.lower()}")


def run_id(name: str) -> RunId:
    return RunId(f"run-{name}")


def prepared(
    run: str, of: str, course: CourseName = SPRINT, at: EventId = DEMO, heat: HeatId = OPEN_PLAY
) -> RunPrepared:
    return RunPrepared(
        run_id(run), at, player_id(of), course, heat, sha256(run.encode()).digest(), UNIX_MS + 2
    )


def started(run: str) -> RunStarted:
    return RunStarted(run_id(run), sha256(run.encode()).digest()[:16], UNIX_MS + 3003, UNIX_MS + 3)


def in_play(run: str, of: str, course: CourseName = SPRINT, at: EventId = DEMO) -> list[Fact]:
    """A run from its commitment to its T0."""
    return [prepared(run, of, course, at), started(run), RunBegun(run_id(run), 40)]


def logged(run: str, *payloads: bytes, first: int = 1) -> list[Fact]:
    """Events of a run's log, the first of which has number `first`."""
    return [
        RunLogged(run_id(run), seq, payload, sha256(payload).digest())
        for seq, payload in enumerate(payloads, first)
    ]


def move(seq: int, t_eff: int, score: int) -> bytes:
    return log.move(seq, t_eff + 40, t_eff, 12, 1, 1, 30, score, bytes(8))


def ended(run: str, score: int, scored_at_ms: int, moves: int = 1) -> list[Fact]:
    """The end of a run after one logged event, by time."""
    end = log.end(2, 90_000, log.EndReason.TIME, score, moves)
    result = RunEnded(run_id(run), score, scored_at_ms, moves, log.EndReason.TIME, UNIX_MS + 93_003)
    return [*logged(run, end, first=2), result]


def finished(run: str, of: str, score: int, scored_at_ms: int, course: CourseName = SPRINT) -> list[Fact]:
    """A whole run with one move and its end."""
    return [
        *in_play(run, of, course),
        *logged(run, move(1, scored_at_ms, score)),
        *ended(run, score, scored_at_ms),
    ]


def promised(heat: str = "h1") -> list[Fact]:
    """A heat that was prepared, published and opened."""
    commit = sha256(heat.encode()).digest()
    return [
        HeatPrepared(DEMO, HeatId(heat), SPRINT, Scope.PLAYER, commit, UNIX_MS),
        CommitmentsPublished(DEMO, f"the list with {heat}", b"s" * 64, UNIX_MS + 1),
        HeatOpened(DEMO, HeatId(heat), UNIX_MS + 2),
    ]


def heat_begun(heat: str, **runs: str) -> list[Fact]:
    """The same heat from its lobby to T0, with the player of each run."""
    id_ = HeatId(heat)
    return [
        *(LobbyChanged(DEMO, id_, player_id(of), True, UNIX_MS + 3) for of in runs.values()),
        *(prepared(run, of, heat=id_) for run, of in runs.items()),
        HeatFrozen(DEMO, id_, b"r" * 32, UNIX_MS + 4),
        HeatTyped(DEMO, id_, b"stage:" + b"x" * 40, UNIX_MS + 5),
        HeatStarted(DEMO, id_, UNIX_MS + 3006, UNIX_MS + 6),
        *(RunStarted(run_id(run), b"", UNIX_MS + 3006, UNIX_MS + 6) for run in runs),
    ]


def act(number: int, kind: ActKind, target: str, text: str = "") -> Acted:
    return Acted(DEMO, ActNumber(number), UNIX_MS + number, "kim", kind, target, text, "because")


def contact(name: str, at_ms: int = UNIX_MS, concern: str = "Please call me.") -> ContactAsked:
    """A contact request; every personal field holds `name`."""
    return ContactAsked(
        ContactId(f"c-{name}"), DEMO, at_ms, name, f"{name} Muster", f"{name}@example.org", concern
    )
