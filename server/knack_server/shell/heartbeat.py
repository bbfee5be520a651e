"""One walk over all connections instead of a timer for each: whoever is silent is pinged, whoever stays so let go.

Connections stand on a wheel in turn, as many on each spoke as on any other, however many came at once. Every spoke is
looked after once in `LOOK_EVERY_S`, so a turn pings a fiftieth of the silent ones, with the same bytes for all.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from knack_protocol.wire.codes import CloseCode
from knack_protocol.wire.limits import HEARTBEAT_EVERY_MS, SILENCE_MS

if TYPE_CHECKING:
    from knack_server.shell.clock import Clock
    from knack_server.shell.socket import KnackSocket

LOOK_EVERY_S = HEARTBEAT_EVERY_MS / 2000
"""How often a connection is looked after: twice between two signs of life, so that whoever is let go for silence was
pinged before, whenever the look that found it silent for 9.9 s may have been."""

SPOKES = 50
"""Of 10,000 connections 200 are pinged at a time, in 2 ms."""

PING = b"\x89\x00"
"""A ping frame without a payload (RFC 6455, 5.5.2), the same for everybody: any byte that comes back is a sign of life."""


class Heartbeat:
    """Looks after the connections of one server."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spokes: list[set[KnackSocket]] = [set() for _ in range(SPOKES)]
        self._next_in = 0
        self._next_seen = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, socket: KnackSocket) -> None:
        """Look after a connection from now on."""
        self._spokes[self._next_in].add(socket)
        socket.spoke = self._next_in
        self._next_in = (self._next_in + 1) % SPOKES

    def discard(self, socket: KnackSocket) -> None:
        """Let go of a connection."""
        self._spokes[socket.spoke].discard(socket)

    def start(self) -> None:
        """Begin to turn."""
        self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY_S / SPOKES, self._turn)

    def stop(self) -> None:
        """Stop turning."""
        if self._timer is not None:
            self._timer.cancel()

    def _turn(self) -> None:
        self.start()
        self.look_after(self._next_seen)
        self._next_seen = (self._next_seen + 1) % SPOKES

    def look_after(self, spoke: int) -> None:
        """Ping who has been silent for a while, and close who did not answer even that."""
        now_ms = self._clock.now().ms
        for socket in list(self._spokes[spoke]):  # closing may take it off the wheel
            silent_ms = now_ms - socket.heard_ms
            if silent_ms >= SILENCE_MS:
                socket.close(CloseCode.SILENT)
            elif silent_ms >= HEARTBEAT_EVERY_MS:
                socket.write(PING)
