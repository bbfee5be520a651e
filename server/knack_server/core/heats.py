"""Heats as the desk steers them: prepared, published, opened, frozen, typed, started, over; and started again after a restart."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from knack_protocol.ids import CourseName, HeatId, RunId
from knack_protocol.proof.commitments import is_heat_id, predecessors, text_of
from knack_protocol.proof.leaves import roster_hash
from knack_protocol.proof.publics import stage_public
from knack_protocol.proof.seeds import Scope, commit
from knack_protocol.rules.course import COURSES
from knack_protocol.rules.log import EndReason
from knack_protocol.rules.numbers import AWAY_HEAT_MS
from knack_protocol.wire.limits import COUNTDOWN_MS
from knack_server.core.entry import Entry
from knack_server.core.event import SUM_LISTING, Published
from knack_server.core.facts import (
    CommitmentsPublished,
    HeatClosed,
    HeatFrozen,
    HeatInterrupted,
    HeatOpened,
    HeatOver,
    HeatPrepared,
    HeatStarted,
    HeatTyped,
    RunPrepared,
    RunStarted,
)
from knack_server.core.heat import UNDER_WAY, Heat, HeatPhase
from knack_server.core.instant import Instant
from knack_server.core.play import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from knack_server.core.event import Event
    from knack_server.core.floor import Floor
    from knack_server.core.live import Live
    from knack_server.core.lobby import Lobby
    from knack_server.core.runs import Runs

RERUNS_MAX = 9
"""Prepared reruns of one heat; who voids ten times has another problem."""

HEATS_MAX = 500
"""Heats of an event with their reruns: a week of them, and the list of commitments stays below 64 KiB."""


class HeatFault(StrEnum):
    """Why the desk's order to a heat was refused."""

    HEAT_ID = "heat_id"
    HEAT_TAKEN = "heat_taken"
    HEAT_COURSE = "heat_course"
    HEAT_RERUNS = "heat_reruns"
    PUBLISHED = "published"
    NOT_PUBLISHED = "not_published"
    NO_HEATS = "no_heats"
    UNKNOWN_HEAT = "unknown_heat"
    VOID_FIRST = "void_first"
    WRONG_PHASE = "wrong_phase"
    EMPTY_LOBBY = "empty_lobby"
    STAGE_TEXT = "stage_text"
    DRAND = "drand"
    NOT_TYPED = "not_typed"
    ENDED = "ended"
    """The event is over."""


class HeatStep(StrEnum):
    """What the desk may order, in this order; `close` takes an open lobby back."""

    OPEN = "open"
    CLOSE = "close"
    FREEZE = "freeze"
    TYPE = "type"
    START = "start"


class Heats:
    """Every event's heats."""

    def __init__(self, floor: Floor, runs: Runs, live: Live, lobby: Lobby) -> None:
        self._floor = floor
        self._runs = runs
        self._live = live
        self._lobby = lobby
        runs.when_ended = self._run_ended
        self._steps: Mapping[HeatStep, Callable[[Event, Heat, str, Instant], HeatFault | None]] = {
            HeatStep.OPEN: self._open,
            HeatStep.CLOSE: self._close,
            HeatStep.FREEZE: self._freeze,
            HeatStep.TYPE: self._type,
            HeatStep.START: self._start,
        }

    def prepare(
        self, event: Event, heat: str, course: str, scope: Scope, reruns: int, now: Instant
    ) -> HeatFault | None:
        """Commit to the seeds of a heat and of its reruns."""
        if event.has_ended:
            return HeatFault.ENDED
        if event.published is not None:
            return HeatFault.PUBLISHED
        names = [heat, *(f"{heat}-r{number}" for number in range(1, reruns + 1))]
        if not all(map(is_heat_id, names)) or heat in COURSES or heat.startswith(SUM_LISTING):
            return HeatFault.HEAT_ID
        if course not in COURSES:
            return HeatFault.HEAT_COURSE
        if not 0 <= reruns <= RERUNS_MAX or len(event.heats) + len(names) > HEATS_MAX:
            return HeatFault.HEAT_RERUNS
        if any(name in event.heats for name in names):
            return HeatFault.HEAT_TAKEN
        floor = self._floor
        for name in map(HeatId, names):
            server_seed = floor.tile_source.server_seed(event.id, name)
            bound = commit(event.id, name, CourseName(course), scope, floor.rules_hash, server_seed)
            fact = HeatPrepared(event.id, name, CourseName(course), scope, bound, now.unix_ms)
            event.add_heat(Heat(name, fact.course, scope, bound))
            floor.record(fact)
        return None

    def publish(self, event: Event, sign: Callable[[str], bytes], now: Instant) -> HeatFault | None:
        """Sign the list of commitments; from now on it is as it is."""
        if event.has_ended:
            return HeatFault.ENDED
        if event.published is not None:
            return HeatFault.PUBLISHED
        if not event.heats:
            return HeatFault.NO_HEATS
        self.put_out(event, sign, now)
        return None

    def put_out(self, event: Event, sign: Callable[[str], bytes], now: Instant) -> None:
        """Publish the list of commitments, be it empty."""
        text = text_of(event.id, (heat.promise for heat in event.heats.values()))
        event.published = Published(text, sign(text))
        self._floor.record(CommitmentsPublished(event.id, text, event.published.signature, now.unix_ms))

    def step(self, event: Event, named: str, step: HeatStep, text: str, now: Instant) -> HeatFault | None:
        """Take a heat one step further."""
        heat = event.heats.get(HeatId(named))
        if heat is None:
            return HeatFault.UNKNOWN_HEAT
        if event.has_ended:
            return HeatFault.ENDED
        if event.published is None:
            return HeatFault.NOT_PUBLISHED
        fault = self._steps[step](event, heat, text, now)
        if fault is None:
            self._lobby.tell_all(event, heat, now)
        return fault

    def voided(self, event: Event, heat: Heat, now: Instant) -> None:
        """Let a void of a heat, or its undoing, take effect at once."""
        if event.acts.is_heat_voided(heat.id) and heat.phase is not HeatPhase.OVER:
            plays = list(heat.plays())
            for play in plays:
                self._runs.finish(play, now, EndReason.VOIDED)  # the last one ends the heat
            if not plays:
                self._over(event, heat, now)
        for entry in heat.runs.values():
            event.stand(entry)
        event.sum_up(heat.course)
        event.feeds[heat.listing].touch()
        self._lobby.tell_all(event, heat, now)

    def wake(self, now: Instant) -> None:
        """After a restart: let the clock of every heat under way stand for 10 s, then go on for all at once."""
        for event in self._floor.events.values():
            for heat in event.heats.values():
                if heat.phase in UNDER_WAY:
                    self._wait(event, heat, now)
                event.sum_up(heat.course)

    def _open(self, event: Event, heat: Heat, text: str, now: Instant) -> HeatFault | None:
        del text
        if heat.phase is not HeatPhase.PREPARED:
            return HeatFault.WRONG_PHASE
        if not all(event.acts.is_heat_voided(before) for before in predecessors(heat.id, event.heats)):
            return HeatFault.VOID_FIRST
        heat.phase = HeatPhase.OPEN
        self._floor.record(HeatOpened(event.id, heat.id, now.unix_ms))
        return None

    def _close(self, event: Event, heat: Heat, text: str, now: Instant) -> HeatFault | None:
        del text
        if heat.phase is not HeatPhase.OPEN:
            return HeatFault.WRONG_PHASE
        for player in list(heat.members.values()):
            self._lobby.change(event, heat, player, is_in=False, now=now)
        heat.phase = HeatPhase.PREPARED
        self._floor.record(HeatClosed(event.id, heat.id, now.unix_ms))
        return None

    def _freeze(self, event: Event, heat: Heat, text: str, now: Instant) -> HeatFault | None:
        del text
        if heat.phase is not HeatPhase.OPEN:
            return HeatFault.WRONG_PHASE
        if not heat.members:
            return HeatFault.EMPTY_LOBBY
        floor = self._floor
        for player in sorted(heat.members):
            run = RunId(floor.draw_id("run-"))
            self._runs.take_up(Entry(run, heat.members[player], heat.course, heat.commit, heat.id))
            floor.record(RunPrepared(run, event.id, player, heat.course, heat.id, heat.commit, now.unix_ms))
        heat.phase = HeatPhase.FROZEN
        heat.roster_hash = roster_hash(heat.runs)
        floor.record(HeatFrozen(event.id, heat.id, heat.roster_hash, now.unix_ms))
        return None

    def _type(self, event: Event, heat: Heat, text: str, now: Instant) -> HeatFault | None:
        if heat.phase is not HeatPhase.FROZEN or heat.public:  # typed once: nobody tries texts out
            return HeatFault.WRONG_PHASE
        if text.strip().startswith("drand:"):
            return HeatFault.DRAND
        try:
            heat.public = stage_public(text)
        except ValueError:
            return HeatFault.STAGE_TEXT
        self._floor.record(HeatTyped(event.id, heat.id, heat.public, now.unix_ms))
        return None

    def _start(self, event: Event, heat: Heat, text: str, now: Instant) -> HeatFault | None:
        del text
        if heat.phase is not HeatPhase.FROZEN:
            return HeatFault.WRONG_PHASE
        if not heat.public:
            return HeatFault.NOT_TYPED
        t0 = Instant(now.ms + COUNTDOWN_MS, now.unix_ms + COUNTDOWN_MS)
        for entry in heat.runs.values():  # at most one run in play (rules, section 4)
            if entry.player.play is not None:
                self._runs.finish(entry.player.play, now, EndReason.ABANDONED)
        self._floor.record(HeatStarted(event.id, heat.id, t0.unix_ms, now.unix_ms))
        heat.phase, heat.t0_unix_ms = HeatPhase.COUNTDOWN, t0.unix_ms
        heat.zero_ms = heat.goes_on_ms = t0.ms
        for entry in heat.runs.values():
            self._floor.record(RunStarted(entry.run, b"", t0.unix_ms, now.unix_ms))
            entry.started_unix_ms = t0.unix_ms
            self._runs.note_start(entry)
            self._runs.ping(self._runs.set_up(entry, b"", t0), now)
        self._floor.timers.at(t0.ms, lambda moment: self._begin(event, heat, moment))
        return None

    def _begin(self, event: Event, heat: Heat, now: Instant) -> None:
        if heat.phase is not HeatPhase.COUNTDOWN:
            return
        heat.phase, heat.has_begun = HeatPhase.RUNNING, True
        for play in list(heat.plays()):
            self._runs.begin(play, now)
        event.sum_up(heat.course)
        self._lobby.tell_all(event, heat, now)

    def _wait(self, event: Event, heat: Heat, now: Instant) -> None:
        plays = list(heat.plays())
        clock_ms = max(heat.ended_ms, *(play.away_clock_ms for play in plays), 0)
        if not plays:  # it stopped between the last END and the end of the heat
            heat.zero_ms = now.ms - clock_ms
            self._over(event, heat, now)
            return
        for play in plays:
            play.phase, play.away_clock_ms = Phase.AWAY, clock_ms
        heat.phase = HeatPhase.WAITING
        heat.goes_on_ms = now.ms + AWAY_HEAT_MS
        heat.zero_ms = heat.goes_on_ms - clock_ms
        if not heat.is_interrupted:
            heat.is_interrupted = True
            self._floor.record(HeatInterrupted(event.id, heat.id, now.unix_ms))
        self._floor.timers.at(heat.goes_on_ms, lambda moment: self._go_on(event, heat, moment))

    def _go_on(self, event: Event, heat: Heat, now: Instant) -> None:
        if heat.phase is not HeatPhase.WAITING:
            return
        heat.phase, heat.has_begun = HeatPhase.RUNNING, True
        plays = list(heat.plays())
        heat.zero_ms = now.ms - plays[0].away_clock_ms
        for play in plays:
            self._runs.go_on(play, now)
            self._runs.tell_state(play, now)
        event.sum_up(heat.course)
        self._lobby.tell_all(event, heat, now)

    def _run_ended(self, entry: Entry, now: Instant) -> None:
        event = entry.player.event
        heat = event.heats.get(entry.heat)
        if heat is None:
            return
        last = entry.player.last_ended
        assert last is not None
        heat.ends[entry.run] = (last.seq, last.head)
        heat.ended_ms = max(heat.ended_ms, last.t_ms)
        if len(heat.ends) == len(heat.runs):
            self._over(event, heat, now)
            self._lobby.tell_all(event, heat, now)

    def _over(self, event: Event, heat: Heat, now: Instant) -> None:
        if heat.ends:
            heat.has_begun = True  # where it was voided in the countdown, too: it is published with its runs
            self._live.send_heat(event, heat, now)  # so that everybody holds the end of every run
        heat.phase = HeatPhase.OVER
        self._floor.record(HeatOver(event.id, heat.id, now.unix_ms))
        event.release(heat)
        event.sum_up(heat.course)
