"""Carries out what the core asks for, in two strokes: record, and once that is committed, tell.

The store calls back in the order of submission. A list of effects without facts goes through it, too, so a message can
never overtake the commit of something that it tells of. What tells of nothing that is recorded need not wait, and must
not: while the disk is full the store stands still, and a player still has to hear `not_recording`, a page its PONG.
"""

from __future__ import annotations

from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Protocol

from knack_protocol.wire.codec import encode
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Delta, Pong, Reject, Snapshot, Status, Welcome
from knack_server.core.effects import Close, ConnectionId, Effect, Ping, Record, Send
from knack_server.shell.socket import frame_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from knack_server.core.facts import Fact
    from knack_server.shell.socket import KnackSocket


_TELLING_NOTHING = frozenset(
    {
        RejectCode.MALFORMED,
        RejectCode.UNKNOWN_OPCODE,
        RejectCode.NOT_ALLOWED,
        RejectCode.HELLO_FIRST,
        RejectCode.TOO_SOON,
        RejectCode.TOO_MANY,
        RejectCode.NOT_RECORDING,
    }
)
"""Rejects that say something of the command alone; others say that a run is over, or a name taken."""


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
        at_once = list(takewhile(_tells_of_nothing, effects))
        self._tell(at_once, None)
        facts = [effect.fact for effect in effects if isinstance(effect, Record)]
        rest = [effect for effect in effects[len(at_once) :] if not isinstance(effect, Record)]
        if facts or rest or then is not None:
            self.writer.submit(facts, partial(self._tell, rest, then))

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


def _tells_of_nothing(effect: Effect) -> bool:
    """Tell whether an effect would be right whatever became of all that is not committed yet."""
    match effect:
        case Send(_, Reject(code=code)):
            return code in _TELLING_NOTHING
        case Send(_, message):
            return isinstance(message, Pong | Status | Welcome)
        case Ping() | Close():
            return True
        case Record():
            return False
