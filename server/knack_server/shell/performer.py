"""Carries out what the core asks for, in two strokes: record, and once that is committed, tell.

The store calls back in the order of submission. Every list of effects goes through it, also one without facts, so a
message can never overtake the commit of something it tells of.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from knack_protocol.wire.codec import encode
from knack_protocol.wire.messages import Delta, Snapshot
from knack_server.core.effects import Close, ConnectionId, Effect, Ping, Record, Send
from knack_server.shell.socket import frame_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from knack_server.core.facts import Fact
    from knack_server.shell.socket import KnackSocket


class FactWriter(Protocol):
    """Where facts are kept for good."""

    def submit(self, facts: Sequence[Fact], then: Callable[[], None]) -> None:
        """Record facts, and call `then` once they and all submitted before them are committed."""


class Performer:
    """The only place where the core and the world meet."""

    writer: FactWriter
    """Set once, when the store is open; the store's troubles have to be told before."""

    def __init__(self) -> None:
        self.sockets: dict[ConnectionId, KnackSocket] = {}
        self.missed: dict[ConnectionId, set[int]] = {}
        """Feeds of slow readers that have missed something and need a snapshot."""

    def perform(self, effects: Sequence[Effect], then: Callable[[], None] | None = None) -> None:
        """Record what is to be recorded, then do the rest; `then` is called after it."""
        facts = [effect.fact for effect in effects if isinstance(effect, Record)]
        rest = [effect for effect in effects if not isinstance(effect, Record)]
        if facts or rest or then is not None:
            self.writer.submit(facts, partial(self._tell, rest, then))

    def tell_at_once(self, effect: Effect) -> None:
        """Do what tells of no fact, past everything that waits for a commit."""
        self._tell([effect], None)

    def _tell(self, effects: Sequence[Effect], then: Callable[[], None] | None) -> None:
        told: object = None
        frame = b""
        for effect in effects:
            socket = self.sockets.get(effect.connection) if not isinstance(effect, Record) else None
            if socket is None:
                continue
            match effect:
                case Send(connection, message):
                    if socket.is_slow and isinstance(message, Delta | Snapshot):
                        self.missed.setdefault(connection, set()).add(message.feed)
                        continue
                    if message is not told:  # a delta is the same value for all its readers: encode it once
                        told, frame = message, frame_of(encode(message))
                    socket.write(frame)
                case Ping(_, payload):
                    socket.ping(payload)
                case Close(_, code):
                    socket.close(code)
        if then is not None:
            then()
