"""The way between a line and its socket: to the line it is a transport, to the socket a protocol, and it takes its time.

    line ── write ──> way ── up, when it has arrived ──> socket ── … ──> server
    line <── data_received ── way, when it has arrived <── data_received ── socket

A way that has *vanished* lets nothing pass any more, in either direction, and tells nobody: no FIN, no RST. The socket stays
open until the server gives it up; a line that is aborted meanwhile hears that it is lost, and the server does not.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from knack_loadtest.crowd.networks.path import Path
from knack_loadtest.crowd.networks.wheel import Wheel


@dataclass(frozen=True, slots=True)
class Route:
    """Both directions of one line. Without paths, everything passes at once, until it vanishes."""

    wheel: Wheel
    up: Path | None
    down: Path | None

    def greeted_ns(self, now_ns: int) -> int:
        """Return when the answer to a first packet is here: TCP's own handshake."""
        if self.up is None or self.down is None:
            return now_ns
        return self.down.arrives_ns(self.up.arrives_ns(now_ns, 0), 0)


class Way(asyncio.Transport, asyncio.Protocol):
    """A way for one line.

    Args:
        line: Whose protocol it carries.
        route: How long it takes.
    """

    def __init__(self, line: asyncio.Protocol, route: Route) -> None:
        super().__init__()
        self._line = line
        self._route = route
        self._socket: asyncio.Transport | None = None
        self._is_closing = False
        self._is_lost = False
        self._has_vanished = False

    def vanish(self) -> None:
        """Let nothing pass any more, and tell nobody."""
        self._has_vanished = True

    def bury(self) -> None:
        """Drop the socket, whoever hears of it: the run is over."""
        if self._socket is not None:
            self._socket.abort()

    # --- the line's side ---

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes on their way."""
        octets = bytes(data)
        self._pass(self._route.up, len(octets), lambda: self._arrived(octets))

    def is_closing(self) -> bool:
        """Tell whether the line has ended, or is about to."""
        return self._is_closing

    def close(self) -> None:
        """Close the socket behind everything that is under way."""
        self._is_closing = True
        self._pass(self._route.up, 0, self._close)
        if self._has_vanished:
            self._soon_lost()

    def abort(self) -> None:
        """Drop the socket, and what is under way; nobody hears of it where the way has vanished."""
        self._is_closing = True
        if self._has_vanished:
            self._soon_lost()
        elif self._socket is not None:
            self._socket.abort()

    def pause_reading(self) -> None:
        """Read no more from the socket."""
        if self._socket is not None and not self._socket.is_closing():
            self._socket.pause_reading()

    def resume_reading(self) -> None:
        """Read again from the socket."""
        if self._socket is not None and not self._socket.is_closing():
            self._socket.resume_reading()

    # --- the socket's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket."""
        self._socket = cast("asyncio.Transport", transport)  # uvloop's own class
        self._line.connection_made(self)

    def data_received(self, data: bytes) -> None:
        """Send bytes on their way to the line."""
        self._pass(self._route.down, len(data), lambda: self._heard(data))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the line, behind everything that is under way to it."""
        if self._is_closing:
            self._lost(exc)
        else:
            self._pass(self._route.down, 0, lambda: self._lost(exc))

    def _pass(self, path: Path | None, octets: int, arrive: Callable[[], None]) -> None:
        if self._has_vanished:
            return
        if path is None:
            arrive()
            return
        wheel = self._route.wheel
        wheel.at(path.arrives_ns(wheel.now_ns(), octets), lambda: None if self._has_vanished else arrive())

    def _arrived(self, octets: bytes) -> None:
        if self._socket is not None and not self._socket.is_closing():
            self._socket.write(octets)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _heard(self, data: bytes) -> None:
        if not self._is_closing:
            self._line.data_received(data)

    def _soon_lost(self) -> None:
        asyncio.get_running_loop().call_soon(self._lost, None)

    def _lost(self, exc: Exception | None) -> None:
        if not self._is_lost:
            self._is_lost = self._is_closing = True
            self._line.connection_lost(exc)
