"""The front door of the core: what comes in from the world, and what it asks of the world in return.

Every public method takes the moment and returns the effects to perform; none of them waits, fails by input or output,
or is called by the core itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knack_protocol.ids import EventId
from knack_protocol.wire.codec import Malformed
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.limits import HELLO_WITHIN_MS, MALFORMED_MAX
from knack_protocol.wire.messages import (
    Command,
    Gather,
    Hello,
    Join,
    Leave,
    Move,
    Ping,
    Pong,
    Prepare,
    Recording,
    Reject,
    Role,
    Scatter,
    Start,
    Status,
    Unwatch,
    Watch,
)
from knack_server.core.desk import Desk
from knack_server.core.ending import Ending
from knack_server.core.facts import (
    ClockMarked,
    ContactAsked,
    ContactDone,
    ContactId,
    ContactsDeleted,
    DeskTokenAdded,
    DeskTokenRevoked,
    EventAdded,
    EventMadeCurrent,
    NamesErased,
)
from knack_server.core.floor import Floor, Refused
from knack_server.core.heats import Heats
from knack_server.core.live import Live
from knack_server.core.lobby import Lobby
from knack_server.core.moves import Moves
from knack_server.core.peer import Peer
from knack_server.core.play import Phase
from knack_server.core.rehearsals import Rehearsals
from knack_server.core.runs import Runs
from knack_server.core.sessions import TOKEN_BYTES, Sessions, draw_token, token_hash
from knack_server.core.solo import Solo
from knack_server.core.watching import Watchers

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from knack_protocol.proof.seeds import Scope
    from knack_server.core.acts import ActRefusal
    from knack_server.core.contact import ContactRequest
    from knack_server.core.desk import ActFault
    from knack_server.core.effects import Channel, ConnectionId, Effect
    from knack_server.core.ending import EndFault
    from knack_server.core.event import Event
    from knack_server.core.facts import Acted, ActKind
    from knack_server.core.heats import HeatFault, HeatStep
    from knack_server.core.instant import Instant
    from knack_server.core.rehearsals import RehearsalFault

MARK_EVERY_MS = 900
"""A mark of each run's clock is stored at least every second (rules, section 6); the rest is for tick and commit."""

NOT_RECORDING_WAIT_MS = 1000
"""When to try again while the store cannot write; it tries itself twice a second."""

_WRITES = (Join, Leave, Prepare, Start, Move, Gather, Scatter)
"""Commands that must be recorded, and are refused while nothing can be."""

_PLAYERS_ONLY = _WRITES


class Arena:
    """All events of one server, seen from outside."""

    def __init__(self, floor: Floor, publish_every_ms: int) -> None:
        self.floor = floor
        self._publish_every_ms = publish_every_ms
        self.runs = Runs(floor)
        self._solo = Solo(floor, self.runs)
        self._moves = Moves(floor, self.runs)
        self._lobby = Lobby(floor)
        self.sessions = Sessions(floor, self.runs, self._lobby)
        self._watchers = Watchers(floor)
        self._live = Live(floor)
        self.heats = Heats(floor, self.runs, self._live, self._lobby)
        self._desk = Desk(floor, self.runs, self.heats)
        self._ending = Ending(floor, self.heats, self._live)
        self.rehearsals = Rehearsals(floor, self.sessions, self._watchers)

    @property
    def next_deadline_ms(self) -> int | None:
        """When `tick` has to be called next; None while nothing is due."""
        return self.floor.timers.next_ms

    def open(self, now: Instant) -> list[Effect]:
        """Begin the regular work: publications and marks of the clocks."""
        self._publish(now)
        self._watchers.publish_own(now)
        self._mark(now)
        self._live.begin(now)
        self.rehearsals.delete_overdue(now)
        return self._drain()

    def connected(self, connection: ConnectionId, now: Instant) -> list[Effect]:
        """Take up a connection that has passed the handshake."""
        peer = self.floor.peers[connection] = Peer(connection)

        def close_silent(_moment: Instant) -> None:
            if peer.role is None and self.floor.peers.get(connection) is peer:
                self.floor.close(peer, CloseCode.SILENT)

        self.floor.timers.at(now.ms + HELLO_WITHIN_MS, close_silent)
        return self._drain()

    def disconnected(self, connection: ConnectionId, now: Instant) -> list[Effect]:
        """Let go of a connection that is closed; its session lives on."""
        peer = self.floor.peers.pop(connection, None)
        if peer is not None:
            self._watchers.gone(peer)
            if peer.event is not None:
                self.floor.exit(peer, peer.event.channel)
            self.sessions.gone(peer, now)
        return self._drain()

    def receive(self, connection: ConnectionId, message: Command | Malformed, now: Instant) -> list[Effect]:
        """Answer one message; each gets exactly one reply, and a connection that misbehaves is closed after it."""
        peer = self.floor.peers.get(connection)
        if peer is None or peer.is_closing:
            return []
        wait_ms = peer.bucket.take(now.ms)
        if wait_ms:
            self._reject(peer, message.req, Refused(RejectCode.TOO_MANY, wait_ms))
            self._lose_patience(peer, now)
        elif isinstance(message, Malformed):
            self._reject(peer, message.req, Refused(message.code))
            peer.malformed_count += 1
            if peer.malformed_count >= MALFORMED_MAX:
                self.floor.close(peer, CloseCode.MALFORMED)
        else:
            refused = self._answer(peer, message, now)
            if refused is not None:
                self._reject(peer, message.req, refused)
        return self._drain()

    def pong(self, connection: ConnectionId, payload: bytes, now: Instant) -> list[Effect]:
        """Note the answer to a ping frame, which counts like a message."""
        peer = self.floor.peers.get(connection)
        if peer is not None and self._has_time_for(peer, now):
            self.runs.pong(peer, payload, now)
        return self._drain()

    def pinged(self, connection: ConnectionId, now: Instant) -> list[Effect]:
        """Count a ping frame like a message; the socket answers it."""
        peer = self.floor.peers.get(connection)
        if peer is not None:
            self._has_time_for(peer, now)
        return self._drain()

    def caught_up(self, connection: ConnectionId, channels: AbstractSet[Channel]) -> list[Effect]:
        """Bring a connection back to the present that was too slow for some channels and is in them no more."""
        peer = self.floor.peers.get(connection)
        if peer is not None:
            self._watchers.caught_up(peer, channels)
        return self._drain()

    def published(self, channel: Channel) -> list[Effect]:
        """Learn that the last publication in a channel has reached everybody; the next one may be made."""
        self._watchers.published(channel)
        return self._drain()

    def tick(self, now: Instant) -> list[Effect]:
        """Do what is due."""
        for due in self.floor.timers.take_due(now.ms):
            due(now)
        return self._drain()

    def recording(self, can_record: bool) -> list[Effect]:
        """Learn whether the store can write, and tell everybody."""
        if can_record != self.floor.recording:
            self.floor.recording = can_record
            status = Status(Recording.AGAIN if can_record else Recording.NOT_NOW)
            for event in self.floor.events.values():
                self.floor.publish(event.channel, status)
        return self._drain()

    def add_event(self, event: EventId, title: str, runs_max: int | None, now: Instant) -> list[Effect]:
        """Open a competition; the first one becomes the current one."""
        floor = self.floor
        assert event not in floor.events
        added = EventAdded(event, title, now.unix_ms, runs_max)
        floor.take_up(added)
        floor.record(added)
        if not floor.current:
            self._make_current(event)
        return self._drain()

    def make_current(self, event: EventId) -> list[Effect]:
        """Let the pages without an event in their address show this one."""
        self._make_current(event)
        return self._drain()

    def end_event(
        self, event: Event, sign: Callable[[str], bytes], now: Instant
    ) -> tuple[EndFault | None, list[Effect]]:
        """End a competition for good, if nobody plays in it."""
        return self._ending.end(event, sign, now), self._drain()

    def add_rehearsal(self, title: str, now: Instant) -> tuple[Event | RehearsalFault, list[Effect]]:
        """Open a rehearsal under an id that was never drawn before; it never becomes the current event."""
        return self.rehearsals.add(title, now), self._drain()

    def delete_rehearsal(self, event: str) -> tuple[RehearsalFault | None, list[Effect]]:
        """Delete a rehearsal whole; any other event stays."""
        return self.rehearsals.delete(event), self._drain()

    def add_desk(self, name: str, now: Instant) -> tuple[str, list[Effect]]:
        """Draw a personal desk token; it is told once and kept as its hash."""
        token = draw_token(self.floor.entropy(TOKEN_BYTES))
        self.floor.desks[token_hash(token)] = name
        self.floor.record(DeskTokenAdded(name, token_hash(token), now.unix_ms))
        return token, self._drain()

    def revoke_desk(self, name: str, now: Instant) -> list[Effect]:
        """Make a moderator's token worthless and close the connections that came with it."""
        self.floor.desks = {token: desk for token, desk in self.floor.desks.items() if desk != name}
        self.floor.record(DeskTokenRevoked(name, now.unix_ms))
        for peer in [
            peer for peer in self.floor.peers.values() if peer.role is Role.DESK and peer.desk == name
        ]:
            self.floor.close(peer, CloseCode.SESSION_ENDED)
        return self._drain()

    def act(
        self, event: Event, desk: str, kind: ActKind, target: str, text: str, reason: str, now: Instant
    ) -> tuple[Acted | ActFault | ActRefusal, list[Effect]]:
        """Do a moderator's act."""
        result = self._desk.act(event, desk, kind, target, text, reason, now)
        return result, self._drain()

    def prepare_heat(
        self, event: Event, heat: str, course: str, scope: Scope, reruns: int, now: Instant
    ) -> tuple[HeatFault | None, list[Effect]]:
        """Commit to a heat and its reruns."""
        return self.heats.prepare(event, heat, course, scope, reruns, now), self._drain()

    def publish_heats(
        self, event: Event, sign: Callable[[str], bytes], now: Instant
    ) -> tuple[HeatFault | None, list[Effect]]:
        """Sign and publish the list of commitments; no heat can be added afterwards."""
        return self.heats.publish(event, sign, now), self._drain()

    def step_heat(
        self, event: Event, heat: str, step: HeatStep, text: str, now: Instant
    ) -> tuple[HeatFault | None, list[Effect]]:
        """Take a heat one step further: open, freeze, type, start; or close its lobby again."""
        return self.heats.step(event, heat, step, text, now), self._drain()

    def ask_contact(
        self, event: Event, request: ContactRequest, now: Instant
    ) -> tuple[ContactId, list[Effect]]:
        """Keep a visitor's request to be contacted."""
        contact = ContactId(self.floor.draw_id("c-"))
        self.floor.record(
            ContactAsked(
                contact,
                event.id,
                now.unix_ms,
                request.first_name,
                request.last_name,
                request.email,
                request.concern,
            )
        )
        return contact, self._drain()

    def mark_contact(self, contact: ContactId, done: bool, desk: str, now: Instant) -> list[Effect]:
        """Set or take back the done mark of a contact request."""
        self.floor.record(ContactDone(contact, now.unix_ms if done else None, desk))
        return self._drain()

    def forget(self, before_unix_ms: int) -> list[Effect]:
        """Delete what is due: contact requests, and the names of players; their runs stand."""
        self.floor.record(ContactsDeleted(before_unix_ms))
        self.sessions.erase_names(before_unix_ms)
        self.floor.record(NamesErased(before_unix_ms))
        return self._drain()

    def salvage(self) -> list[Effect]:
        """Return what was decided before a call failed: what has changed in memory must be recorded all the same."""
        return self._drain()

    def mark_clocks(self, now: Instant) -> list[Effect]:
        """Mark every run's clock, so that after a restart it goes on from here."""
        self._mark_clocks(now)
        return self._drain()

    def _answer(self, peer: Peer, command: Command, now: Instant) -> Refused | None:
        if peer.role is None and not isinstance(command, Hello):
            return Refused(RejectCode.HELLO_FIRST)
        if isinstance(command, _PLAYERS_ONLY) and peer.role is not Role.PLAYER:
            return Refused(RejectCode.NOT_ALLOWED)
        if isinstance(command, _WRITES) and not self.floor.recording:
            return Refused(RejectCode.NOT_RECORDING, NOT_RECORDING_WAIT_MS)
        match command:
            case Move():
                return self._moves.move(peer, command, now)
            case Ping():
                self.floor.send(peer, Pong(command.req, now.unix_ms))
                return None
            case Hello():
                return self.sessions.hello(peer, command, now)
            case Join():
                return self.sessions.join(peer, command, now)
            case Leave():
                return self.sessions.leave(peer, command, now)
            case Prepare():
                return self._solo.prepare(peer, command, now)
            case Start():
                return self._solo.start(peer, command, now)
            case Gather():
                return self._lobby.gather(peer, command, now)
            case Scatter():
                return self._lobby.scatter(peer, command, now)
            case Watch():
                return self._watchers.watch(peer, command)
            case Unwatch():
                return self._watchers.unwatch(peer, command)

    def _has_time_for(self, peer: Peer, now: Instant) -> bool:
        """Take a control frame's place in the rate; there is no reject for one that is too many."""
        if peer.is_closing:
            return False
        if peer.bucket.take(now.ms):
            self._lose_patience(peer, now)
            return False
        return True

    def _lose_patience(self, peer: Peer, now: Instant) -> None:
        """Close a connection that goes on sending too much; a few times are forgiven."""
        if peer.refusals.take(now.ms):
            self.floor.close(peer, CloseCode.FLOODING)

    def _reject(self, peer: Peer, req: int, refused: Refused) -> None:
        self.floor.send(peer, Reject(req, refused.code, refused.wait_ms, refused.detail))

    def _make_current(self, event: EventId) -> None:
        self.floor.current = event
        self.floor.record(EventMadeCurrent(event))

    def _publish(self, now: Instant) -> None:
        self._watchers.publish()
        self._lobby.publish(now)
        self.floor.timers.at(now.ms + self._publish_every_ms, self._publish)

    def _mark(self, now: Instant) -> None:
        if self.floor.recording:
            self._mark_clocks(now)
        self.floor.timers.at(now.ms + MARK_EVERY_MS, self._mark)

    def _mark_clocks(self, now: Instant) -> None:
        for event in self.floor.events.values():
            for play in event.plays.values():
                if play.phase is Phase.PLAYING:
                    self.floor.record(ClockMarked(play.entry.run, play.clock_ms(now)))

    def _drain(self) -> list[Effect]:
        if self.floor.results:
            self._watchers.publish_results()
        effects = self.floor.effects
        self.floor.effects = []
        return effects
