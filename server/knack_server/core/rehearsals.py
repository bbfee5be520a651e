"""Rehearsals: events to try everything in, beside those in earnest, and deleted whole afterwards.

A rehearsal is an event like any other, with players, runs, standings, heats, acts and contact requests of its own. Four
things set it apart: its id is drawn and never chosen, so that no seed of it (rules, section 5) can ever be one of a
competition; it is never the current event, so only whoever was told its id gets there; what is published of it is signed
with a key of its own; and it is deleted, by whoever may, or by itself when its time is up.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from knack_protocol.ids import EventId
from knack_protocol.wire.codes import CloseCode
from knack_server.core.facts import EventAdded, EventKind, RehearsalDeleted
from knack_server.core.heat import HeatPhase

if TYPE_CHECKING:
    from knack_server.core.event import Event
    from knack_server.core.floor import Floor
    from knack_server.core.instant import Instant
    from knack_server.core.sessions import Sessions
    from knack_server.core.watching import Watchers

ID_PREFIX: Final = "rehearsal-"
"""Begins every rehearsal's id; nobody may choose an id for a competition that looks like it."""

REHEARSALS_MAX: Final = 1
"""At a time: two load testers on one server would measure each other."""

LIFETIME_MS: Final = 6 * 60 * 60 * 1000
"""Three times the longest scenario that comes with the load tester. Whoever was killed meanwhile cannot delete any more."""

LOOK_EVERY_MS: Final = 60_000


class RehearsalFault(StrEnum):
    """Why a rehearsal was not opened, or an event not deleted."""

    EXISTS = "rehearsal_exists"
    """There are as many as there may be."""
    UNKNOWN = "unknown_event"
    """There is no such event (any more)."""
    LIVE = "not_a_rehearsal"
    """A competition is never deleted."""


class Rehearsals:
    """Opens and deletes rehearsals."""

    def __init__(self, floor: Floor, sessions: Sessions, watchers: Watchers) -> None:
        self._floor = floor
        self._sessions = sessions
        self._watchers = watchers
        self.when_gone: Callable[[EventId], None] = lambda _event: None
        """Told of each one that is gone, so that whoever keeps something made of it lets go of it."""

    def all(self) -> list[Event]:
        """Return those that there are."""
        return [event for event in self._floor.events.values() if event.is_rehearsal]

    def add(self, title: str, now: Instant) -> Event | RehearsalFault:
        """Open one; its players may start as many runs as they like."""
        if len(self.all()) >= REHEARSALS_MAX:
            return RehearsalFault.EXISTS
        event = EventId(self._floor.draw_id(ID_PREFIX))
        added = EventAdded(event, title, now.unix_ms, None, EventKind.REHEARSAL)
        self._floor.record(added)
        return self._floor.take_up(added)

    def delete(self, named: str) -> RehearsalFault | None:
        """Delete one whole: nobody gets there from this moment on, and everybody who is there is sent away."""
        event = self._floor.events.get(EventId(named))
        if event is None:
            return RehearsalFault.UNKNOWN
        if not event.is_rehearsal:
            return RehearsalFault.LIVE
        self._send_away(event)
        self.forget(event)
        self._floor.record(RehearsalDeleted(event.id))
        return None

    def forget(self, event: Event) -> None:
        """Take one out of all that is remembered, and let nothing that was set for later happen in it."""
        for player in event.players.values():
            self._sessions.end(player)
            player.play = None
        for play in event.plays.values():
            play.entry.play = None
        event.plays.clear()
        for heat in event.heats.values():
            heat.phase = HeatPhase.OVER
        self._watchers.forget(event)
        del self._floor.events[event.id]
        self.when_gone(event.id)

    def delete_overdue(self, now: Instant) -> None:
        """Delete those whose time is up, now and again every minute."""
        if self._floor.recording:
            for event in self.all():
                if now.unix_ms - event.added_unix_ms >= LIFETIME_MS:
                    self.delete(event.id)
        self._floor.timers.at(now.ms + LOOK_EVERY_MS, self.delete_overdue)

    def _send_away(self, event: Event) -> None:
        """Close every connection of an event, none of which belongs to it any more from here on."""
        for peer in self._floor.peers.values():
            if peer.event is event:
                self._watchers.gone(peer)
                self._floor.exit(peer, event.channel)
                if peer.player is not None:
                    peer.player.peer = None
                peer.player = peer.event = None
                self._floor.close(peer, CloseCode.SESSION_ENDED)
