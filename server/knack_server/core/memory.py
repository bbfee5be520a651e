"""The state as a fold over the facts: what a restart makes of what the store kept.

Facts of one run come in the order of its life (`facts`). Finished runs need no log to stand again; a run that was in
play is played again from its log, to the byte, and its clock stands until the player is back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knack_protocol.rules.log import (
    ConnectionEvent,
    EndEvent,
    Event,
    IllegalEvent,
    LevelEvent,
    MoveEvent,
    ShuffleEvent,
    decode,
)
from knack_protocol.rules.replay import LogMismatch, replay
from knack_protocol.wire.messages import Move
from knack_server.core.entry import Entry
from knack_server.core.event import Published
from knack_server.core.facts import (
    Acted,
    ClockMarked,
    CommitmentsPublished,
    ContactAsked,
    ContactDone,
    ContactsDeleted,
    DeskTokenAdded,
    DeskTokenRevoked,
    DigestSent,
    EventAdded,
    EventEnded,
    EventMadeCurrent,
    Fact,
    HeatClosed,
    HeatFrozen,
    HeatInterrupted,
    HeatOpened,
    HeatOver,
    HeatPrepared,
    HeatStarted,
    HeatTyped,
    LobbyChanged,
    NamesErased,
    PlayerJoined,
    RehearsalDeleted,
    RunBegun,
    RunEnded,
    RunLogged,
    RunPrepared,
    RunStarted,
    SessionEnded,
)
from knack_server.core.heat import Heat, HeatPhase
from knack_server.core.instant import Instant
from knack_server.core.moves import HEAD_BYTES, keep_answer
from knack_server.core.player import LastEnded, Player

if TYPE_CHECKING:
    from knack_protocol.ids import CourseName, PlayerId, RunId
    from knack_server.core.arena import Arena
    from knack_server.core.event import Event as CompetitionEvent
    from knack_server.core.play import Play


HeatStepFact = HeatOpened | HeatClosed | HeatFrozen | HeatTyped | HeatStarted | HeatInterrupted | HeatOver
HeatFact = HeatPrepared | CommitmentsPublished | LobbyChanged | HeatStepFact


class Unfinished:
    """What is known of a run that was started and has not ended."""

    def __init__(self, started: RunStarted) -> None:
        self.started = started
        self.grace_ms: int | None = None
        """None as long as T0 has not come."""
        self.payloads: list[bytes] = []
        self.head: bytes | None = None
        """The chain's last hash as it was recorded; None before the first event."""
        self.mark_ms = 0


class Memory:
    """Rebuilds an arena from facts, in the order in which they were recorded; then `wake` it once."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._floor = arena.floor
        self._courses: dict[CourseName, CourseName] = {}
        self._entries: dict[RunId, Entry] = {}
        self._players: dict[PlayerId, Player] = {}
        self._unfinished: dict[RunId, Unfinished] = {}
        self._last_events: dict[RunId, RunLogged] = {}

    def recall(self, fact: Fact) -> None:
        """Fold one fact in."""
        floor = self._floor
        match fact:
            case EventAdded() | EventMadeCurrent() | EventEnded():
                self._event_changed(fact)
            case RehearsalDeleted():
                self._rehearsal_deleted(fact)
            case PlayerJoined():
                self._joined(fact)
            case SessionEnded():
                self._arena.sessions.end(self._players[fact.player])
            case NamesErased():
                self._arena.sessions.erase_names(fact.before_ms)
            case RunPrepared():
                self._prepared(fact)
            case RunStarted():
                self._started(fact)
            case RunBegun():
                self._begun(fact)
            case RunLogged():
                self._logged(fact)
            case ClockMarked():
                if fact.run in self._unfinished:
                    self._unfinished[fact.run].mark_ms = fact.clock_ms
            case RunEnded():
                self._ended(fact)
            case DigestSent():
                self._digest(fact)
            case (
                HeatPrepared()
                | CommitmentsPublished()
                | HeatOpened()
                | HeatClosed()
                | LobbyChanged()
                | HeatFrozen()
                | HeatTyped()
                | HeatStarted()
                | HeatInterrupted()
                | HeatOver()
            ):
                self._heat_went_on(floor.events[fact.event], fact)
            case Acted():
                floor.events[fact.event].acts.add(fact)
            case DeskTokenAdded() | DeskTokenRevoked():
                self._desk_changed(fact)
            case ContactAsked() | ContactDone() | ContactsDeleted():
                pass  # nothing that the core remembers

    def wake(self, now: Instant) -> None:
        """Bring standings and runs in play to life again, when all facts are in."""
        for event in self._floor.events.values():
            event.stand_again()
        for run, unfinished in self._unfinished.items():
            self._play_again(self._entries[run], unfinished, now)
        self._arena.heats.wake(now)

    def _event_changed(self, fact: EventAdded | EventMadeCurrent | EventEnded) -> None:
        match fact:
            case EventAdded():
                self._floor.take_up(fact)
            case EventMadeCurrent():
                self._floor.current = fact.event
            case EventEnded():
                self._floor.events[fact.event].ended_unix_ms = fact.at_ms

    def _rehearsal_deleted(self, fact: RehearsalDeleted) -> None:
        event = self._floor.events[fact.event]
        for run in event.runs:
            self._unfinished.pop(run, None)
        self._arena.rehearsals.forget(event)

    def _joined(self, fact: PlayerJoined) -> None:
        event = self._floor.events[fact.event]
        player = Player(event, fact.player, fact.name, fact.token_hash or None, fact.at_ms)
        self._players[player.id] = player
        self._arena.sessions.take_up(player)

    def _prepared(self, fact: RunPrepared) -> None:
        course = self._courses.setdefault(fact.course, fact.course)  # one text for all its runs
        entry = Entry(fact.run, self._players[fact.player], course, fact.commit, fact.heat)
        self._entries[fact.run] = entry
        self._arena.runs.take_up(entry)

    def _started(self, fact: RunStarted) -> None:
        entry = self._entries[fact.run]
        entry.started_unix_ms = fact.t0_unix_ms
        self._unfinished[fact.run] = Unfinished(fact)
        self._arena.runs.note_start(entry)

    def _begun(self, fact: RunBegun) -> None:
        self._unfinished[fact.run].grace_ms = fact.grace_ms
        entry = self._entries[fact.run]
        heat = entry.player.event.heat_of(entry)
        if heat is not None:
            heat.has_begun = True

    def _digest(self, fact: DigestSent) -> None:
        event = self._floor.events[fact.event]
        if fact.heat:
            event.heats[fact.heat].last_k = fact.k
        else:
            event.last_k = fact.k
            event.just_ended.clear()

    def _desk_changed(self, fact: DeskTokenAdded | DeskTokenRevoked) -> None:
        desks = self._floor.desks
        if isinstance(fact, DeskTokenAdded):
            desks[fact.token_hash] = fact.name
        else:
            self._floor.desks = {token: name for token, name in desks.items() if name != fact.name}

    def _heat_went_on(self, event: CompetitionEvent, fact: HeatFact) -> None:
        match fact:
            case HeatPrepared():
                event.add_heat(Heat(fact.heat, fact.course, fact.scope, fact.commit))
            case CommitmentsPublished():
                event.published = Published(fact.text, fact.signature)
            case LobbyChanged():
                event.gather(event.heats[fact.heat], self._players[fact.player], is_in=fact.is_in)
            case _:
                recall_step(event, event.heats[fact.heat], fact)

    def _logged(self, fact: RunLogged) -> None:
        if fact.run in self._unfinished:
            self._unfinished[fact.run].payloads.append(fact.payload)
            self._unfinished[fact.run].head = fact.hash
        self._last_events[fact.run] = fact

    def _ended(self, fact: RunEnded) -> None:
        entry = self._entries[fact.run]
        entry.score, entry.scored_at_ms, entry.moves = fact.score, fact.scored_at_ms, fact.moves
        entry.end_reason = fact.reason
        entry.player.event.end(entry)
        del self._unfinished[fact.run]
        last = self._last_events.pop(fact.run, None)
        if last is not None:
            event, heat = entry.player.event, entry.player.event.heat_of(entry)
            ended = LastEnded(entry, last.seq, last.hash, _clock_ms(decode(last.payload)))
            entry.player.last_ended = ended
            (event.just_ended if heat is None else heat.ends)[fact.run] = (ended.seq, ended.head)
            if heat is not None:
                heat.ended_ms = max(heat.ended_ms, ended.t_ms)

    def _play_again(self, entry: Entry, unfinished: Unfinished, now: Instant) -> None:
        runs, started = self._arena.runs, unfinished.started
        play = runs.set_up(entry, started.nonce, Instant(now.ms, started.t0_unix_ms))
        clock_ms = unfinished.mark_ms
        if unfinished.grace_ms is not None:
            runs.open_run(play, unfinished.grace_ms)
            clock_ms = max(clock_ms, _replay_log(play, unfinished.payloads))
            if unfinished.head is not None and play.live_run().head != unfinished.head:
                raise LogMismatch(
                    f"run {entry.run}: its log gives another chain than the one that was recorded"
                )
            runs.note_score(play)
        runs.stand_still(play, clock_ms, now)


def recall_step(event: CompetitionEvent, heat: Heat, fact: HeatStepFact) -> None:
    """Fold one step of a heat in."""
    match fact:
        case HeatOpened():
            heat.phase = HeatPhase.OPEN
        case HeatClosed():
            heat.phase = HeatPhase.PREPARED
        case HeatFrozen():
            heat.phase, heat.roster_hash = HeatPhase.FROZEN, fact.roster_hash
        case HeatTyped():
            heat.public = fact.public
        case HeatStarted():
            heat.phase, heat.t0_unix_ms = HeatPhase.COUNTDOWN, fact.t0_unix_ms
        case HeatInterrupted():
            heat.is_interrupted = True
        case HeatOver():
            heat.phase = HeatPhase.OVER
            event.release(heat)


def _replay_log(play: Play, payloads: list[bytes]) -> int:
    """Bring a fresh run to where its log ends; return the run's clock at the last event."""
    run, clock_ms = play.live_run(), 0
    head = run.head
    for event, outcome in replay(run, payloads):
        clock_ms = max(clock_ms, _clock_ms(event))
        if outcome is not None:
            assert isinstance(event, MoveEvent | IllegalEvent)
            frame = Move(0, play.entry.run, event.seq, head[:HEAD_BYTES], event.cell, event.direction)
            keep_answer(play, frame, outcome)
        head = run.head
    return clock_ms


def _clock_ms(event: Event) -> int:
    """What the run's clock showed when an event was written, or 0 where the event does not say."""
    match event:
        case MoveEvent() | IllegalEvent():
            return event.t_arr
        case ConnectionEvent() | EndEvent():
            return event.t
        case ShuffleEvent() | LevelEvent():  # a level's `t` lies ahead: it is when the level starts
            return 0
