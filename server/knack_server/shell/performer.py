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
from knack_protocol.wire.messages import Delta, Live, Pong, Reject, Snapshot, Status, Welcome
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
from knack_server.shell.fanout import FanOut
from knack_server.shell.frames import frame_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from knack_protocol.wire.messages import Push, Reply
    from knack_server.core.effects import Channel
    from knack_server.core.facts import Fact
    from knack_server.shell.meters import Meters
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


SNAPSHOTS_KEPT = 256
"""Snapshots whose frames are kept: a few views and a few hundred pages of standings, at 1 to 4 KiB each."""


class FactWriter(Protocol):
    """Where facts are kept for good."""

    def submit(self, facts: Sequence[Fact], then: Callable[[], None]) -> None:
        """Record facts, and call `then` once they and all submitted before them are committed."""


class Performer:
    """The only place where the core and the world meet."""

    writer: FactWriter
    """Set once, when the store is open; the store's troubles have to be told before."""

    def __init__(self, meters: Meters, patience_s: float) -> None:
        self.sockets: dict[ConnectionId, KnackSocket] = {}
        self.fan_out = FanOut(meters, patience_s)
        self._snapshots: dict[int, tuple[Snapshot, bytes]] = {}
        """Frames of the newest snapshots by the identity of the message: a hall that comes back asks for the same one."""

    def perform(self, effects: Sequence[Effect], then: Callable[[], None] | None = None) -> None:
        """Record what is to be recorded, then do the rest; `then` is called after it."""
        at_once = list(takewhile(_tells_of_nothing, effects))
        self._tell(at_once, None)
        facts = [effect.fact for effect in effects if isinstance(effect, Record)]
        rest = [effect for effect in effects[len(at_once) :] if not isinstance(effect, Record)]
        # Who leaves a channel at once leaves it again in turn: an earlier way in may still wait for its commit.
        rest[:0] = [effect for effect in at_once if isinstance(effect, Exit)]
        if facts or rest or then is not None:
            self.writer.submit(facts, partial(self._tell, rest, then))

    def _tell(self, effects: Sequence[Effect], then: Callable[[], None] | None) -> None:
        sockets, fan_out = self.sockets, self.fan_out
        withheld: set[ConnectionId] = set()
        for effect in effects:
            match effect:
                case Send(connection, message):
                    socket = sockets.get(connection)
                    if socket is None:
                        continue
                    if socket.is_slow and isinstance(message, Snapshot | Delta):
                        withheld.add(connection)
                    else:
                        socket.write(self._frame(message))
                case Publish(channel, message):
                    self._publish(channel, message)
                case Tell(connections, message):
                    there = [(each, sockets[each]) for each in connections if each in sockets]
                    fan_out.tell(there, frame_of(encode(message)))
                case Enter(connection, channel):
                    if connection in withheld:
                        fan_out.leave_out(connection, channel)
                    elif connection in sockets:
                        fan_out.enter(connection, sockets[connection], channel)
                case Exit(connection, channel):
                    fan_out.exit(connection, channel)
                case Ping(connection, payload):
                    if connection in sockets:
                        sockets[connection].ping(payload)
                case Close(connection, code):
                    if connection in sockets:
                        sockets[connection].close(code)
        fan_out.run()
        if then is not None:
            then()

    def _publish(self, channel: Channel, message: Push) -> None:
        frame = frame_of(encode(message))
        match message:
            case Delta():
                self.fan_out.publish_standings(channel, frame)
            case Live():
                self.fan_out.ride(channel, frame)
            case _:
                self.fan_out.publish_notice(channel, frame)

    def _frame(self, message: Reply | Push) -> bytes:
        if not isinstance(message, Snapshot):
            return frame_of(encode(message))
        known = self._snapshots.get(id(message))
        if known is None:
            if len(self._snapshots) >= SNAPSHOTS_KEPT:
                self._snapshots.clear()
            known = self._snapshots[id(message)] = message, frame_of(encode(message))
        return known[1]


def _tells_of_nothing(effect: Effect) -> bool:
    """Tell whether an effect would be right whatever became of all that is not committed yet."""
    match effect:
        case Send(_, Reject(code=code)):
            return code in _TELLING_NOTHING
        case Send(_, message):
            return isinstance(message, Pong | Welcome)
        case Publish(_, message) | Tell(_, message):
            return isinstance(message, Status)
        case Enter() | Exit() | Ping() | Close():
            return True
        case Record():
            return False
