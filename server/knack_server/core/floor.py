"""All that there is at the moment: events, players, connections, and the effects that a call has gathered."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from knack_protocol.ids import EventId, RunId
from knack_protocol.rules.streams import SeededTiles, Tiles
from knack_protocol.wire.codes import RejectCode
from knack_server.core.effects import (
    Close,
    ConnectionId,
    Effect,
    Enter,
    Exit,
    Ping,
    Publish,
    Record,
    Send,
    Tell,
)
from knack_server.core.event import Event
from knack_server.core.names import NameBook
from knack_server.core.timers import Timers

if TYPE_CHECKING:
    from knack_protocol.wire.codes import CloseCode
    from knack_protocol.wire.messages import Push, Reply
    from knack_server.core.effects import Channel
    from knack_server.core.entry import Entry
    from knack_server.core.facts import EventAdded, Fact
    from knack_server.core.names import Skeletons
    from knack_server.core.peer import Peer
    from knack_server.core.player import Player

Entropy = Callable[[int], bytes]
"""Draws so many unpredictable bytes; the operating system's in earnest, a counter's in a test."""


class TileSource(Protocol):
    """Where seeds and tiles come from: the one seam through which chance enters a run."""

    def server_seed(self, event: str, heat: str) -> bytes:
        """Return the 32 bytes that the commitment of a heat, or of a solo run, binds (rules, section 5)."""

    def tiles(self, run: str, seed: bytes, player_seed: bytes | None) -> Tiles:
        """Return the streams that a run's seed opens; with a player's own seed (scope `player`) first boards only."""


class Vault:
    """The seeds under one `master`; `master` itself never leaves this object."""

    def __init__(self, server_seed: Callable[[str, str], bytes]) -> None:
        self._server_seed = server_seed

    def server_seed(self, event: str, heat: str) -> bytes:
        """Return the 32 bytes that the commitment of a heat, or of a solo run, binds (rules, section 5)."""
        return self._server_seed(event, heat)

    def tiles(self, run: str, seed: bytes, player_seed: bytes | None) -> Tiles:  # noqa: ARG002 - seeds say all
        """Return the streams of a run."""
        return SeededTiles(seed, player_seed)


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer to a command that changes nothing."""

    code: RejectCode
    wait_ms: int = 0
    detail: str = ""


@dataclass(slots=True)
class Floor:
    """The state of the whole server, and the effects of the call in progress."""

    entropy: Entropy
    tile_source: TileSource
    skeletons: Skeletons
    rules_hash: bytes
    events: dict[EventId, Event] = field(default_factory=dict)
    current: EventId | None = None
    """The event of the pages without an event in their address; None before the first one is added."""
    peers: dict[ConnectionId, Peer] = field(default_factory=dict)
    sessions: dict[bytes, Player] = field(default_factory=dict)
    """By SHA-256 of the session's token."""
    desks: dict[bytes, str] = field(default_factory=dict)
    """Moderators' names by SHA-256 of their token."""
    timers: Timers = field(default_factory=Timers)
    recording: bool = True
    """False while the store cannot write: then nothing new is accepted, and nothing is lost."""
    effects: list[Effect] = field(default_factory=list)
    results: list[Player] = field(default_factory=list)
    """Whose run has ended in the call in progress: they see at once where they stand."""

    def event(self, named: str) -> Event | None:
        """Find an event by id, the current one for an empty text; None when there is no such event."""
        wanted = EventId(named) if named else self.current
        return None if wanted is None else self.events.get(wanted)

    def take_up(self, added: EventAdded) -> Event:
        """Enter an event among the events."""
        event = self.events[added.event] = Event(added, NameBook(self.skeletons), self.draw_epoch)
        return event

    def send(self, peer: Peer, message: Reply | Push) -> None:
        """Tell a connection something, once all that was recorded before is committed."""
        self.effects.append(Send(peer.connection, message))

    def enter(self, peer: Peer, channel: Channel) -> None:
        """Let a connection take what is published in a channel from now on."""
        self.effects.append(Enter(peer.connection, channel))

    def exit(self, peer: Peer, channel: Channel) -> None:
        """Let a connection take no more of a channel."""
        self.effects.append(Exit(peer.connection, channel))

    def publish(self, channel: Channel, message: Push) -> None:
        """Tell everybody in a channel something, once all that was recorded before is committed."""
        self.effects.append(Publish(channel, message))

    def tell(self, peers: Sequence[Peer], message: Push) -> None:
        """Tell some connections one thing, once all that was recorded before is committed."""
        self.effects.append(Tell([peer.connection for peer in peers], message))

    def ping(self, peer: Peer, payload: bytes) -> None:
        """Measure a connection's line."""
        self.effects.append(Ping(peer.connection, payload))

    def record(self, fact: Fact) -> None:
        """Keep a fact for good."""
        self.effects.append(Record(fact))

    def close(self, peer: Peer, code: CloseCode) -> None:
        """Close a connection: it is heard no more, and parted from its session as soon as it is really gone."""
        peer.is_closing = True
        self.effects.append(Close(peer.connection, code))

    def draw_id(self, prefix: str, byte_count: int = 10) -> str:
        """Draw a random id: the prefix and 16 characters of `a-z 2-7` for 10 bytes."""
        return prefix + b32encode(self.entropy(byte_count)).decode("ascii").rstrip("=").lower()

    def draw_epoch(self) -> int:
        """Draw the name of a feed's incarnation: 1 to 2^32 - 1 (0 means 'none' on the wire)."""
        return int.from_bytes(self.entropy(4), "big") or 1


def own_entry(peer: Peer, run: RunId) -> Entry | Refused:
    """Find a run that a connection's own player speaks of."""
    player = peer.player
    if player is None:
        return Refused(RejectCode.NOT_JOINED)
    entry = player.event.runs.get(run)
    if entry is None:
        return Refused(RejectCode.UNKNOWN_RUN)
    return entry if entry.player is player else Refused(RejectCode.NOT_YOUR_RUN)
