"""The edge of a WebSocket: bytes in, bytes out, on uvicorn's protocol but without an ASGI task.

uvicorn reads the request line and headers and hands the connection over; from there on this class is the whole way. It
answers the handshake itself, stamps the time first when bytes arrive, has websockets' Sans-I/O core parse them, calls
the core in the same callback, and writes finished frames straight to the transport. See docs/decisions (the socket's
edge) for what that saves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from knack_protocol.wire.codes import CloseCode
from knack_protocol.wire.limits import HEARTBEAT_EVERY_MS, SILENCE_MS

if TYPE_CHECKING:
    import asyncio

    from knack_server.core.effects import ConnectionId
    from knack_server.core.instant import Instant
    from knack_server.shell.clock import Clock

PATH = "/ws"
SUBPROTOCOL = "knack.v1"

WRITE_HIGH_BYTES = 65_536
"""From here on a reader counts as slow and gets no more deltas until it has caught up."""

DRAIN_WITHIN_S = 15
"""A connection that does not take what was written for so long is closed and told to come back."""

FRAGMENTS_MAX = 64
"""Frames of one message: a command fits into one; more than this is somebody sending nothing in many pieces."""

LOOK_EVERY_S = HEARTBEAT_EVERY_MS / 1000
"""How often a connection is looked after: one that has been silent since the last time is pinged."""

SLICE_BYTES = 4096
"""Bytes that are parsed before the core has its say: what arrives at once may be 256 KiB, which as empty frames takes
half a second to take apart, and a flood is over after 40 of them."""

CLOSE_WITHIN_S = 2
"""How long the other side may take to answer a close; as long does Ctrl-C wait for a phone that has gone."""

_HEARD_OUT = frozenset({CloseCode.FLOODING, CloseCode.MALFORMED})
"""After these nothing is read any more, not even the answer to the close: it comes behind more of the same."""


class Edge(Protocol):
    """What a socket needs of the server behind it."""

    clock: Clock

    def admits(self, origin: str | None, host: str) -> bool:
        """Tell whether a page of this origin may connect; None comes from programs, which have none."""

    def opened(self, socket: KnackSocket, now: Instant) -> ConnectionId:
        """Take a new connection up and give it its number."""

    def received(self, connection: ConnectionId, frame: bytes, now: Instant) -> None:
        """Handle one whole binary message."""

    def garbled(self, connection: ConnectionId, now: Instant) -> None:
        """Handle a message that is not binary."""

    def pinged(self, connection: ConnectionId, now: Instant) -> None:
        """Count a ping, which the socket answers by itself."""

    def ponged(self, connection: ConnectionId, payload: bytes, now: Instant) -> None:
        """Handle the answer to a ping."""

    def drained(self, connection: ConnectionId, now: Instant) -> None:
        """Learn that a slow reader has caught up."""

    def closed(self, connection: ConnectionId, now: Instant) -> None:
        """Let go of a connection."""


class KnackSocket(WebSocketsSansIOProtocol):
    """One WebSocket connection. Made by uvicorn; `edge_class` binds it to a server."""

    edge: Edge
    connection: ConnectionId | None = None
    """The number the core knows it by; None before the handshake and after the end."""
    is_slow: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport over from uvicorn's HTTP protocol."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=WRITE_HIGH_BYTES)
        self._now = self.edge.clock.now()
        self._drain_timer: asyncio.TimerHandle | None = None
        self._life_timer: asyncio.TimerHandle | None = None
        self._fragments: list[bytes] = []
        self._is_binary = True
        self._is_turned_away = False

    def data_received(self, data: bytes) -> None:
        """Stamp the moment before anything else is done, then parse, a slice at a time."""
        self._now = self.edge.clock.now()
        for start in range(0, len(data), SLICE_BYTES):
            if self._is_turned_away:
                return
            super().data_received(data[start : start + SLICE_BYTES])
        if self.conn.handshake_exc is not None:  # no request came out of it; the parser may have said why
            self._flush()
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        """Answer the handshake: right path, right origin, our subprotocol, or a plain HTTP refusal."""
        headers = event.headers
        offered = [
            name.strip() for line in headers.get_all("Sec-WebSocket-Protocol") for name in line.split(",")
        ]
        origins, hosts = headers.get_all("Origin"), headers.get_all("Host")
        if event.path != PATH:
            self._refuse(404, "There is no WebSocket here.\n")
        elif len(hosts) != 1:
            self._refuse(400, "Name the host, once.\n")
        elif len(origins) > 1 or not self.edge.admits(origins[0] if origins else None, hosts[0]):
            self._refuse(403, "Pages of other origins may not connect.\n")
        elif SUBPROTOCOL not in offered:
            self._refuse(400, f"Offer the subprotocol {SUBPROTOCOL}.\n")
        else:
            self.conn.available_subprotocols = [cast("Any", SUBPROTOCOL)]
            response = self.conn.accept(event)
            self.conn.send_response(response)
            self._flush()
            self.handshake_initiated = self.handshake_complete = True
            if self.conn.state is State.OPEN:
                self.connection = self.edge.opened(self, self._now)
                self._life_timer = self.loop.call_later(LOOK_EVERY_S, self._look_for_life)
            else:
                self.transport.close()

    def handle_text(self, event: Frame) -> None:
        """Text has no place in this protocol; it is answered as malformed once it is whole."""
        self._is_binary = False
        self._take(event)

    def handle_bytes(self, event: Frame) -> None:
        """Take a message or the beginning of one."""
        self._is_binary = True
        self._take(event)

    def handle_cont(self, event: Frame) -> None:
        """Take the next piece of a message."""
        self._take(event)

    def handle_pong(self, event: Frame) -> None:
        """Hand a pong to whoever measures the line."""
        if self.connection is not None:
            self.edge.ponged(self.connection, bytes(event.data), self._now)

    def handle_ping(self) -> None:
        """Answer a ping, but not for somebody who pings and does not read."""
        if self.is_slow:
            self.conn.data_to_send()
        else:
            self._flush()
        if self.connection is not None:
            self.edge.pinged(self.connection, self._now)

    def handle_close(self, event: Frame) -> None:
        """Finish the closing handshake, whoever began it."""
        del event
        self._flush()
        self.transport.close()

    def handle_parser_exception(self) -> None:
        """Close as the parser decided: 1009 for a message that is too big, 1002 or 1007 for one that is broken."""
        if not self._is_turned_away:
            self._flush()
            self._turn_away()
            self._end()

    def pause_writing(self) -> None:
        """Mark the reader as slow: from now on it misses deltas, and is closed if it does not drain."""
        self.is_slow = True
        self._drain_timer = self.loop.call_later(DRAIN_WITHIN_S, self._give_up)

    def resume_writing(self) -> None:
        """Bring a slow reader back: it gets one fresh snapshot of what it watches."""
        self.is_slow = False
        if self._drain_timer is not None:
            self._drain_timer.cancel()
        if self.connection is not None:
            self.edge.drained(self.connection, self.edge.clock.now())

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything, and break the cycle between the parser and its protocol."""
        del exc
        self.connections.discard(self)
        for timer in (self._drain_timer, self._life_timer, self.close_timer):
            if timer is not None:
                timer.cancel()
        self._end()
        cast("Any", self.conn).parser.close()

    def shutdown(self) -> None:
        """Send the connection away because the server goes; it is told to come back."""
        self.close(CloseCode.RESTARTING)

    def write(self, frame: bytes) -> None:
        """Write one finished frame; none follows a close frame (RFC 6455, 5.5.1)."""
        if self._is_open:
            self.transport.write(frame)

    def ping(self, payload: bytes) -> None:
        """Send a ping frame of up to 125 bytes."""
        if self._is_open:
            self.conn.send_ping(payload)
            self._flush()

    def close(self, code: CloseCode) -> None:
        """Close with a code; what was written before still goes out."""
        if self._is_open:
            self.conn.send_close(code)
            self._flush()
            if code in _HEARD_OUT:
                self._turn_away()
            else:
                self.close_timer = self.loop.call_later(CLOSE_WITHIN_S, self.transport.abort)
        else:
            self.transport.close()

    @property
    def _is_open(self) -> bool:
        return self.conn.state is State.OPEN and not self.transport.is_closing()

    def _turn_away(self) -> None:
        """Close our half after the close frame, and let what is still on its way pass by unread for a while.

        Were the socket closed with bytes unread, the kernel would send a reset, and that overtakes the close frame.
        """
        self._is_turned_away = True
        if not self.transport.is_closing():
            self.transport.write_eof()
            self.close_timer = self.close_timer or self.loop.call_later(CLOSE_WITHIN_S, self.transport.abort)

    def _take(self, event: Frame) -> None:
        if self._is_turned_away:
            return
        self._fragments.append(bytes(event.data))
        if len(self._fragments) > FRAGMENTS_MAX:
            self.conn.fail(CloseCode.TOO_BIG)
            self.handle_parser_exception()
        elif event.fin:
            frame, self._fragments = b"".join(self._fragments), []
            if self.connection is None:
                return
            if self._is_binary:
                self.edge.received(self.connection, frame, self._now)
            else:
                self.edge.garbled(self.connection, self._now)

    def _refuse(self, status: int, text: str) -> None:
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.conn.send_response(self.conn.reject(status, text))
        self._flush()
        self.transport.close()

    def _look_for_life(self) -> None:
        """Ping whoever has been silent for a while, and let go of whoever does not answer even that."""
        silent_ms = self.edge.clock.now().ms - self._now.ms
        if silent_ms >= SILENCE_MS:
            self.close(CloseCode.SILENT)
            return
        if silent_ms >= HEARTBEAT_EVERY_MS:
            self.ping(b"")
        self._life_timer = self.loop.call_later(LOOK_EVERY_S, self._look_for_life)

    def _give_up(self) -> None:
        self.close(CloseCode.SLOW)
        self.transport.abort()  # what it does not read it will not read; the close frame would wait behind it

    def _end(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            self.edge.closed(connection, self.edge.clock.now())

    def _flush(self) -> None:
        output = b"".join(self.conn.data_to_send())
        if output and not self._is_turned_away and not self.transport.is_closing():
            self.transport.write(output)


def edge_class(edge: Edge) -> type[KnackSocket]:
    """Return the class for uvicorn's `ws=`: sockets of one server."""
    return type("BoundSocket", (KnackSocket,), {"edge": edge})


def frame_of(payload: bytes) -> bytes:
    """Return an unmasked binary frame (RFC 6455, 5.2); the same bytes are right for every connection."""
    length = len(payload)
    if length < 126:
        return b"\x82" + length.to_bytes(1, "big") + payload
    if length < 1 << 16:
        return b"\x82\x7e" + length.to_bytes(2, "big") + payload
    return b"\x82\x7f" + length.to_bytes(8, "big") + payload
