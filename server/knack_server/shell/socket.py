"""The edge of a WebSocket: bytes in, bytes out, on uvicorn's protocol but without an ASGI task.

uvicorn reads the request line and headers and hands the connection over; from there on this class is the whole way. It
answers the handshake itself, stamps the time first when bytes arrive, calls the core in the same callback, and writes
finished frames straight to the kernel; only what the kernel has no room for goes through the transport, which keeps it
until there is. docs/decisions/0006 says what that saves.

    handshake ──> plain ────────────────────────────────────────> gone
                    └── anything but whole, unfragmented ──> careful ──┘
                        binary, ping or pong frames

Bytes are websockets' to judge: its Sans-I/O core reads the handshake and, from the first thing that is not a whole plain
frame (a piece, a text, a close, something broken), all that follows. What honest clients send is nothing but whole plain
frames, so almost no connection has that core once it is open: it takes 1.8 KiB, and 2.5 µs to find a move in its frame
where we take 0.4.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import Protocol as Parser
from websockets.protocol import Side, State
from websockets.server import ServerProtocol

from knack_protocol.wire.codes import CloseCode
from knack_protocol.wire.limits import COMMAND_BYTES_MAX
from knack_server.shell.frames import BINARY, PING, PONG, control_frame, plain_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from uvicorn.config import Config
    from uvicorn.server import ServerState
    from websockets.frames import Frame
    from websockets.http11 import Request

    from knack_server.core.effects import ConnectionId
    from knack_server.core.instant import Instant
    from knack_server.shell.doors import Caller
    from knack_server.shell.edge import Edge

PATH = "/ws"
SUBPROTOCOL = "knack.v1"

WRITE_HIGH_BYTES = 65_536
"""From here on a reader counts as slow and gets no more deltas until it has caught up."""

WRITE_LOW_BYTES = 16_384
"""Down to here it has to drain before it has; uvloop's own mark of 16 bytes would wait for the last frame."""

WRITE_MAX_BYTES = 262_144
"""More than this is not kept for anybody who does not read: not even of what no newer state makes good."""

DRAIN_WITHIN_S = 15
"""A connection that does not take what was written for so long is closed and told to come back."""

FRAGMENTS_MAX = 64
"""Frames of one message: a command fits into one; more than this is somebody sending nothing in many pieces."""

SLICE_BYTES = 4096
"""Bytes that are parsed before the core has its say: what arrives at once may be 256 KiB, which as empty frames takes
half a second to take apart, and a flood is over after 40 of them."""

CLOSE_WITHIN_S = 2
"""How long the other side may take to answer a close; as long does Ctrl-C wait for a phone that has gone."""

ABNORMAL = 1006
"""What stands for a close code where none was sent."""

_HEARD_OUT = frozenset({CloseCode.FLOODING, CloseCode.MALFORMED})
"""After these nothing is read any more, not even the answer to the close: it comes behind more of the same."""


class KnackSocket(WebSocketsSansIOProtocol):
    """One WebSocket connection. Made by uvicorn; `edge_class` binds it to a server.

    It has slots, and takes of its base but the place in uvicorn and the dispatch of the core's events: what uvicorn makes
    for every connection (a queue, an event, a core) is 7.6 KiB, and this is 0.2.
    """

    edge: Edge

    __slots__ = (
        "_binary",
        "_code",
        "_deadline",
        "_now",
        "_pieces",
        "_turned_away",
        "caller",
        "conn",
        "connection",
        "connections",
        "descriptor",
        "heard_ms",
        "is_clear",
        "is_open",
        "is_slow",
        "riding",
        "spoke",
        "transport",
    )

    def __init__(
        self,
        config: Config,  # noqa: ARG002 - uvicorn's signature
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.connections = server_state.connections
        self.caller: Caller | None = None
        """Whose connection it is, for the doors."""
        self.conn: Any = ServerProtocol(max_size=COMMAND_BYTES_MAX)
        """websockets' core; None while all that comes is plain."""
        self.connection: ConnectionId | None = None
        """The number the core knows it by; None before the handshake and after the end."""
        self.is_open = False
        """True from the handshake until somebody closes."""
        self.is_slow = False
        self.is_clear = False
        """True while it is open and nothing waits in the transport, so that a frame may go straight to the kernel."""
        self.descriptor = -1
        """The socket's number in the kernel, the transport's own; of use while `is_clear` only."""
        self.riding = b""
        """Finished frames that go in front of the next one, in the same write (`FanOut.ride`)."""
        self.heard_ms = 0
        """When bytes came last."""
        self.spoke = 0
        """Where on the heartbeat's wheel it stands."""
        self._now: Instant | None = None
        self._deadline: asyncio.TimerHandle | None = None
        """Until when a slow reader has to drain, or a closed one to answer."""
        self._pieces: list[bytes] | None = None
        self._binary = True
        self._turned_away = False
        self._code = ABNORMAL

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport over from uvicorn's HTTP protocol."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=WRITE_HIGH_BYTES, low=WRITE_LOW_BYTES)
        self.descriptor = self.transport.get_extra_info("socket").fileno()
        self.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Stamp the moment before anything else is done, then read."""
        now = self.edge.clock.now()
        self.heard_ms = now.ms
        if self.conn is None:
            data = self._read_plain(data, now)
        if data:
            self._read_carefully(data, now)

    def shake_hands(self, request: Request) -> None:
        """Answer a handshake that somebody else has read, in the place of its bytes; websockets' core judges it all the same."""
        self._now = now = self.edge.clock.now()
        self.heard_ms = now.ms
        self.handle_connect(request)

    def _read_plain(self, data: bytes, now: Instant) -> bytes:
        """Take whole plain frames, one after another, for as long as there is nothing else; return the rest."""
        start = 0
        while self.conn is None and self.connection is not None and (frame := plain_frame(data, start)):
            first, payload, start = frame
            if first == BINARY:
                self.edge.received(self.connection, payload, now)
            elif first == PONG:
                self.edge.ponged(self.connection, payload, now)
            else:
                self._answer_ping(payload, now)
        return data[start:]

    def _read_carefully(self, data: bytes, now: Instant) -> None:
        """Let websockets' core read, a slice at a time, and go on doing so."""
        self._now = now
        self._parser()
        for start in range(0, len(data), SLICE_BYTES):
            if self._turned_away:
                return
            super().data_received(data[start : start + SLICE_BYTES])
        if self.conn is not None and self.conn.handshake_exc is not None:
            # no request came out of it; the parser may have said why
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
            self._accept(event)

    def _accept(self, event: Request) -> None:
        assert self._now is not None
        self.conn.available_subprotocols = [SUBPROTOCOL]
        self.conn.send_response(self.conn.accept(event))
        self._flush()
        if self.conn.state is not State.OPEN:
            self.transport.close()
            return
        self._drop_parser()
        self.is_open = True
        self.is_clear = not self.queued_bytes
        self.connection = self.edge.opened(self, self._now)
        self.edge.heartbeat.add(self)

    def handle_text(self, event: Frame) -> None:
        """Text has no place in this protocol; it is answered as malformed once it is whole."""
        self._binary = False
        self._take(event)

    def handle_bytes(self, event: Frame) -> None:
        """Take a message or the beginning of one."""
        self._binary = True
        self._take(event)

    def handle_cont(self, event: Frame) -> None:
        """Take the next piece of a message."""
        self._take(event)

    def handle_pong(self, event: Frame) -> None:
        """Hand a pong to whoever measures the line."""
        if self.connection is not None and self._now is not None:
            self.edge.ponged(self.connection, bytes(event.data), self._now)

    def handle_ping(self) -> None:
        """Count a ping; the core has its answer ready, which goes out unless its sender does not read."""
        if self.is_slow:
            self.conn.data_to_send()
        else:
            self._flush()
        if self.connection is not None and self._now is not None:
            self.edge.pinged(self.connection, self._now)

    def handle_close(self, event: Frame) -> None:
        """Finish the closing handshake, whoever began it."""
        del event
        if self._code == ABNORMAL:
            self._code = self.conn.close_rcvd.code
        self.is_open = self.is_clear = False
        self._flush()
        self.transport.close()

    def handle_parser_exception(self) -> None:
        """Close as the parser decided: 1009 for a message that is too big, 1002 or 1007 for one that is broken."""
        if not self._turned_away:
            if self.conn.close_sent is not None:
                self._code = self.conn.close_sent.code
            self._flush()
            self._turn_away()
            self._end()

    def pause_writing(self) -> None:
        """Mark the reader as slow: from now on it misses deltas, and is closed if it does not drain."""
        self.is_slow = True
        if self.is_open:
            self._expect(DRAIN_WITHIN_S, self._give_up)

    def resume_writing(self) -> None:
        """Bring a slow reader back: it gets one fresh snapshot of what it watches."""
        self.is_slow = False
        if self.is_open:
            self._expect_nothing()
        if self.connection is not None:
            self.edge.drained(self.connection, self.edge.clock.now())

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything that knows this object, so that it is freed without a search for cycles."""
        del exc
        self.connections.discard(self)
        self._expect_nothing()
        self._end()
        self._drop_parser()
        self.edge.doors.leave(self.caller)

    def shutdown(self) -> None:
        """Send the connection away because the server goes; it is told to come back."""
        self.close(CloseCode.RESTARTING)

    def write(self, frame: bytes) -> None:
        """Write one finished frame, or with b"" only what rides; none follows a close frame (RFC 6455, 5.5.1)."""
        if self.riding:
            frame = self.riding + frame
            self.riding = b""
        if self.is_clear:
            try:
                sent = os.write(self.descriptor, frame)
            except BlockingIOError:
                sent = 0
            except OSError:  # it is gone; the loop will learn of it as well
                self.is_clear = False
                self.transport.abort()
                return
            if sent == len(frame):
                return
            self.is_clear = False
            frame = frame[sent:]
        self._queue(frame)

    def ping(self, payload: bytes) -> None:
        """Send a ping frame of up to 125 bytes."""
        self.write(control_frame(PING, payload))

    def close(self, code: CloseCode) -> None:
        """Close with a code; what was written before still goes out."""
        if self.riding:
            self.write(b"")
        if self.is_open and not self.transport.is_closing():
            self.is_open, self.is_clear, self._code = False, False, code
            self._parser().send_close(code)
            self._flush()
            if code in _HEARD_OUT:
                self._turn_away()
            else:
                self._expect(CLOSE_WITHIN_S, self.transport.abort)
        else:
            self.transport.close()

    @property
    def queued_bytes(self) -> int:
        """How much was written that the kernel has not taken yet."""
        return self.transport.get_write_buffer_size()

    def _queue(self, frame: bytes) -> None:
        """Leave bytes to the transport, which waits until the kernel has room for them."""
        if self.is_open and not self.transport.is_closing():
            self.transport.write(frame)
            self.is_clear = not self.queued_bytes
            if self.is_slow and self.queued_bytes > WRITE_MAX_BYTES:
                self._give_up()

    def _parser(self) -> Parser:
        """Return websockets' core, which reads all that comes from now on."""
        if self.conn is None:
            self.conn = Parser(Side.SERVER, max_size=COMMAND_BYTES_MAX)
        return cast("Parser", self.conn)

    def _drop_parser(self) -> None:
        """Free the core; its generator and it hold each other until one lets go."""
        if self.conn is not None:
            self.conn.parser.close()
            self.conn = None

    def _expect(self, within_s: float, otherwise: Callable[[], None]) -> None:
        self._expect_nothing()
        self._deadline = asyncio.get_running_loop().call_later(within_s, otherwise)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _turn_away(self) -> None:
        """Close our half after the close frame, and let what is still on its way pass by unread for a while.

        Were the socket closed with bytes unread, the kernel would send a reset, and that overtakes the close frame.
        """
        self._turned_away, self.is_open, self.is_clear = True, False, False
        if not self.transport.is_closing():
            self.transport.write_eof()
            self._expect(CLOSE_WITHIN_S, self.transport.abort)

    def _take(self, event: Frame) -> None:
        if self._turned_away:
            return
        if self._pieces is None:
            self._pieces = []
        self._pieces.append(bytes(event.data))
        if len(self._pieces) > FRAGMENTS_MAX:
            self.conn.fail(CloseCode.TOO_BIG)
            self.handle_parser_exception()
        elif event.fin:
            frame, self._pieces = b"".join(self._pieces), None
            if self.connection is None or self._now is None:
                return
            if self._binary:
                self.edge.received(self.connection, frame, self._now)
            else:
                self.edge.garbled(self.connection, self._now)

    def _answer_ping(self, payload: bytes, now: Instant) -> None:
        """Answer a ping, but not for somebody who pings and does not read."""
        if not self.is_slow:
            self.write(control_frame(PONG, payload))
        if self.connection is not None:
            self.edge.pinged(self.connection, now)

    def _refuse(self, status: int, text: str) -> None:
        self.conn.send_response(self.conn.reject(status, text))
        self._flush()
        self.transport.close()

    def _give_up(self) -> None:
        self.close(CloseCode.SLOW)
        self.transport.abort()  # what it does not read it will not read; the close frame would wait behind it

    def _end(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            self.is_open = self.is_clear = False
            self.edge.heartbeat.discard(self)
            self.edge.meters.closes[self._code] += 1
            self.edge.closed(connection, self.edge.clock.now())

    def _flush(self) -> None:
        output = b"".join(self.conn.data_to_send())
        if output and not self._turned_away and not self.transport.is_closing():
            self.transport.write(output)


def edge_class(edge: Edge) -> type[KnackSocket]:
    """Return the class for uvicorn's `ws=`: sockets of one server."""
    return type("BoundSocket", (KnackSocket,), {"edge": edge})
