"""Who is there: hello, join, leave, and what a lost or newer connection means for a session."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from knack_protocol.ids import PlayerId
from knack_protocol.rules.course import COURSES
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.limits import RESUME_EVERY_MS
from knack_protocol.wire.messages import (
    Closed,
    Course,
    Done,
    Hello,
    Join,
    Joined,
    Leave,
    Recording,
    Role,
    Status,
    Welcome,
)
from knack_server.core.facts import PlayerJoined, SessionEnded
from knack_server.core.floor import Refused
from knack_server.core.names import NameOk, check_name
from knack_server.core.player import Player

if TYPE_CHECKING:
    from knack_server.core.event import Event
    from knack_server.core.floor import Floor
    from knack_server.core.instant import Instant
    from knack_server.core.lobby import Lobby
    from knack_server.core.peer import Peer
    from knack_server.core.runs import Runs

TOKEN_BYTES = 32


def token_hash(token: str) -> bytes:
    """Return what is kept of a token: its SHA-256; 256 random bits need no salt and no slow hash."""
    return sha256(token.encode("utf-8")).digest()


def draw_token(draw: bytes) -> str:
    """Write random bytes as the text of a token."""
    return urlsafe_b64encode(draw).decode("ascii").rstrip("=")


class Sessions:
    """Connections become players, watchers and desks here, and stop being so."""

    def __init__(self, floor: Floor, runs: Runs, lobby: Lobby) -> None:
        self._floor = floor
        self._runs = runs
        self._lobby = lobby

    def hello(self, peer: Peer, command: Hello, now: Instant) -> Refused | None:
        """Open a connection: whoever it is learns where they are; a player's session goes on where it was."""
        floor = self._floor
        if peer.role is not None:
            return Refused(RejectCode.NOT_ALLOWED)
        event = floor.event(command.event)
        if event is None:
            return Refused(RejectCode.UNKNOWN_EVENT)
        match command.role:
            case Role.PLAYER if command.token:
                return self._come_back(peer, command, event, now)
            case Role.DESK:
                name = floor.desks.get(token_hash(command.token))
                if name is None:
                    return Refused(RejectCode.UNKNOWN_SESSION)
                peer.desk = name
            case _:
                pass
        self._welcome(peer, command, event, now)
        return None

    def join(self, peer: Peer, command: Join, now: Instant) -> Refused | None:
        """Take up a player by name; the name must be fit to be read aloud and nobody else's, not even nearly."""
        floor, event = self._floor, peer.event
        assert event is not None
        if peer.player is not None:
            return Refused(RejectCode.ALREADY_JOINED)
        if event.has_ended or event.is_full:
            return Refused(RejectCode.CLOSED_EVENT)
        checked = check_name(command.name, floor.skeletons)
        if not isinstance(checked, NameOk):
            return Refused(RejectCode.NAME_INVALID, detail=checked.reason)
        if event.names.is_taken(checked.name):
            return Refused(RejectCode.NAME_TAKEN, detail=event.names.suggest(checked.name))
        wait_ms = peer.joins.take(now.ms)
        if wait_ms:
            return Refused(RejectCode.TOO_MANY, wait_ms)
        token = draw_token(floor.entropy(TOKEN_BYTES))
        player = Player(event, PlayerId(floor.draw_id("p-")), checked.name, token_hash(token), now.unix_ms)
        self.take_up(player)
        self._attach(peer, player)
        floor.record(
            PlayerJoined(event.id, player.id, player.name, checked.skeleton, token_hash(token), now.unix_ms)
        )
        floor.send(peer, Joined(command.req, player.id, player.name, token))
        return None

    def take_up(self, player: Player) -> None:
        """Enter a player into the event and, while the session lives, among the sessions."""
        player.event.players[player.id] = player
        if player.name:
            player.event.names.add(player.name)
        if player.token_hash is not None:
            self._floor.sessions[player.token_hash] = player

    def leave(self, peer: Peer, command: Leave, now: Instant) -> Refused | None:
        """End the session on a shared device; a run in play goes on to its deadline without a player."""
        player = peer.player
        if player is None:
            return Refused(RejectCode.NOT_JOINED)
        self.gone(peer, now)
        self._lobby.left(player, now)
        self.end(player)
        self._floor.record(SessionEnded(player.id, now.unix_ms))
        self._floor.send(peer, Done(command.req))
        return None

    def end(self, player: Player) -> None:
        """Let a session's token open nothing any more; does nothing when it has ended."""
        if player.token_hash is not None:
            del self._floor.sessions[player.token_hash]
            player.token_hash = None

    def erase_names(self, before_unix_ms: int) -> None:
        """Forget who joined before a moment: names, sessions, and the names nobody else could take."""
        for event in self._floor.events.values():
            erased = [p for p in event.players.values() if p.name and p.joined_unix_ms < before_unix_ms]
            for player in erased:
                player.name = ""
                self.end(player)
                if player.peer is not None:
                    self._floor.close(player.peer, CloseCode.SESSION_ENDED)
            if erased:
                event.forget_names()

    def gone(self, peer: Peer, now: Instant) -> None:
        """Part a connection from its session; the run, if there is one, notes that the player is away."""
        player = peer.player
        if player is None:
            return
        peer.player = None
        player.peer = None
        self._runs.player_lost(player, now)

    def _come_back(self, peer: Peer, command: Hello, event: Event, now: Instant) -> Refused | None:
        player = self._floor.sessions.get(token_hash(command.token))
        if player is None or (command.event and player.event is not event):
            return Refused(RejectCode.UNKNOWN_SESSION)
        since_ms = now.ms - player.resumed_ms
        if since_ms < RESUME_EVERY_MS:
            return Refused(RejectCode.TOO_SOON, wait_ms=RESUME_EVERY_MS - since_ms)
        player.resumed_ms = now.ms
        older = player.peer
        if older is not None:
            older.player = None
            self._floor.close(older, CloseCode.REPLACED)
        self._attach(peer, player)
        self._welcome(peer, command, player.event, now)
        self._runs.player_back(player, now, replaced=older is not None)
        return None

    def _attach(self, peer: Peer, player: Player) -> None:
        peer.player = player
        player.peer = peer
        peer.bucket = player.bucket

    def _welcome(self, peer: Peer, command: Hello, event: Event, now: Instant) -> None:
        peer.role = command.role
        peer.event = event
        player = peer.player
        self._floor.send(
            peer,
            Welcome(
                command.req,
                event.id,
                event.title,
                player.id if player else PlayerId(""),
                player.name if player else "",
                now.unix_ms,
                self._floor.rules_hash,
                [Course(course.name, len(course.levels)) for course in COURSES.values()],
            ),
        )
        self._floor.enter(peer, event.channel)
        if not self._floor.recording:
            self._floor.tell([peer], Status(Recording.NOT_NOW))
        if event.ended_unix_ms is not None:
            self._floor.tell([peer], Closed(event.ended_unix_ms))
        self._lobby.introduce(peer, now)
