"""The core and the world tied together: what arrives goes in, what comes out is carried out, and time passes."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import structlog

from knack_protocol.wire.codec import Malformed, decode_command
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_server.core.effects import Close, ConnectionId
from knack_server.shell.doors import Ceilings, Doors
from knack_server.shell.heartbeat import Heartbeat
from knack_server.shell.lag import LagProbe
from knack_server.shell.meters import Meters
from knack_server.shell.performer import Performer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from knack_server.core.arena import Arena
    from knack_server.core.effects import Channel, Effect
    from knack_server.core.instant import Instant
    from knack_server.shell.clock import Clock
    from knack_server.shell.performer import FactWriter
    from knack_server.shell.socket import KnackSocket

T = TypeVar("T")

LOOK_WITHIN_S = 5
"""Longer than any commit takes on a disk that works."""

_LOG = structlog.get_logger()


def _set_done(future: asyncio.Future[None]) -> None:
    if not future.done():  # the request may have been given up meanwhile
        future.set_result(None)


class Host:
    """Runs an arena: the `Edge` behind every socket, and the ticker that wakes the core when something is due."""

    def __init__(
        self,
        arena: Arena,
        clock: Clock,
        publish_interval_ms: int,
        origins: frozenset[str],
        ceilings: Ceilings,
        proxies: Sequence[str] = (),
    ) -> None:
        self.arena = arena
        self.clock = clock
        self._origins = origins
        self.meters = Meters()
        self.doors = Doors(ceilings, clock, self.meters, proxies)
        self.heartbeat = Heartbeat(clock)
        self._lag = LagProbe(self.meters.lag)
        self._performer = Performer(self.meters, publish_interval_ms / 1000)
        self._performer.fan_out.on_published = self._published
        self._numbers = count(1)
        self._wake: asyncio.TimerHandle | None = None
        self._wake_ms: int | None = None
        self._is_stopped = False

    def start(self, writer: FactWriter) -> None:
        """Begin the regular work of the core, with a store that remembers it."""
        self._performer.writer = writer
        self.heartbeat.start()
        self._lag.start()
        self._do(self.arena.open(self.clock.now()))

    def stop(self) -> None:
        """Let the core's time stand still: nothing is heard from now on, and every run's clock is marked."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self.heartbeat.stop()
        self._lag.stop()
        if self._wake is not None:
            self._wake.cancel()
        self._performer.perform(self.arena.mark_clocks(self.clock.now()))

    def readiness(self) -> dict[str, bool]:
        """Tell what has to be so for players to be welcome: that moves are recorded, and the server is not about to go."""
        return {"recording": self.arena.floor.recording, "staying": not self._is_stopped}

    def sockets(self) -> Iterable[KnackSocket]:
        """All WebSockets that are open."""
        return self._performer.sockets.values()

    def recording(self, can_record: bool) -> None:
        """Learn from the store whether it can write."""
        self._do(self.arena.recording(can_record))

    async def do(self, act: Callable[[Instant], tuple[T, list[Effect]]]) -> T:
        """Have the core do something for an HTTP request; return its result once it is committed and told."""
        result, effects = act(self.clock.now())
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._performer.perform(effects, partial(_set_done, done))
        self._set_alarm()
        await done
        return result

    async def look(self, see: Callable[[Instant], T]) -> T:
        """Read something of the core for an HTTP request; return it once all that it tells of is committed.

        Errors: TimeoutError when that takes longer than anybody waits, because nothing can be recorded.
        """
        async with asyncio.timeout(LOOK_WITHIN_S):
            return await self.do(lambda now: (see(now), []))

    def admits(self, origin: str | None, host: str) -> bool:
        """Allow programs, our own pages, and pages under the public address."""
        return origin is None or origin in {f"http://{host}", f"https://{host}"} or origin in self._origins

    def opened(self, socket: KnackSocket, now: Instant) -> ConnectionId:
        """Take a new connection up."""
        connection = ConnectionId(next(self._numbers))
        self._performer.sockets[connection] = socket
        self._do(self.arena.connected(connection, now))
        return connection

    def received(self, connection: ConnectionId, frame: bytes, now: Instant) -> None:
        """Answer a message."""
        self._hear(connection, lambda: self.arena.receive(connection, decode_command(frame), now))

    def garbled(self, connection: ConnectionId, now: Instant) -> None:
        """Answer a text message: there are none."""
        malformed = Malformed(RejectCode.MALFORMED, 0, "text")
        self._hear(connection, lambda: self.arena.receive(connection, malformed, now))

    def pinged(self, connection: ConnectionId, now: Instant) -> None:
        """Count a ping."""
        self._hear(connection, lambda: self.arena.pinged(connection, now))

    def ponged(self, connection: ConnectionId, payload: bytes, now: Instant) -> None:
        """Pass a pong on."""
        self._hear(connection, lambda: self.arena.pong(connection, payload, now))

    def drained(self, connection: ConnectionId, now: Instant) -> None:
        """Give a reader that was slow a fresh snapshot of what it missed."""
        del now
        missed = self._performer.fan_out.missed.pop(connection, None)
        if missed:
            self._do(self.arena.caught_up(connection, missed))

    def closed(self, connection: ConnectionId, now: Instant) -> None:
        """Let go of a connection."""
        self._performer.sockets.pop(connection, None)
        self._performer.fan_out.missed.pop(connection, None)
        if self._is_stopped:  # the server goes away, not the player: no run's log shall say otherwise
            return
        self._do(self.arena.disconnected(connection, now))

    def _hear(self, connection: ConnectionId, answer: Callable[[], list[Effect]]) -> None:
        """Let the core answer one connection; a fault of ours costs that connection, never the server."""
        if self._is_stopped:
            return
        try:
            effects = answer()
        except Exception:  # noqa: BLE001 - whatever it is, it is ours and not everybody's
            _LOG.exception("fault_in_core", connection=connection)
            effects = [*self.arena.salvage(), Close(connection, CloseCode.INTERNAL)]
        self.meters.answered(effects)
        self._do(effects)

    def _published(self, channel: Channel) -> None:
        self._do(self.arena.published(channel))

    def _do(self, effects: list[Effect]) -> None:
        self._performer.perform(effects)
        self._set_alarm()

    def _set_alarm(self) -> None:
        due_ms = self.arena.next_deadline_ms
        if self._is_stopped or due_ms is None or due_ms == self._wake_ms:
            return
        if self._wake is not None:
            self._wake.cancel()
        self._wake_ms = due_ms
        wait_s = max(due_ms - self.clock.now().ms, 0) / 1000
        self._wake = asyncio.get_running_loop().call_later(wait_s, self._tick)

    def _tick(self) -> None:
        self._wake_ms = None
        try:
            effects = self.arena.tick(self.clock.now())
        except Exception:  # noqa: BLE001 - the next tick is everybody's
            _LOG.exception("fault_in_core")
            effects = self.arena.salvage()
        self._do(effects)
