"""The edge of HTTP: who is let in at all, and a request has to come within its time and its size.

uvicorn waits for ever for the rest of a request, and takes a head of any length. So somebody who sends a byte now and
then, or a header without end, would hold a connection and its memory for as long as they like.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake
from websockets.http11 import Request

from knack_server.shell.doors import AT_DOOR_MAX, AT_DOOR_S, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from knack_server.shell.doors import Caller, Doors
    from knack_server.shell.socket import KnackSocket

REQUEST_WITHIN_S = 10
"""From the connection, or a request's first byte, to its last: the longest contact request over a line of 2G takes 6."""

HEAD_BYTES_MAX = 16_384
"""Of request line and headers together; browsers send less than 2 KiB where there are no cookies."""

PLAIN_LINES_MAX = 64
PLAIN_LINE_BYTES_MAX = 2048
"""Of a plain handshake; below websockets' own limits of 128 headers and 8 KiB a line. A browser sends 20 lines."""

_OF_BODIES = ("Content-Length", "Transfer-Encoding")
"""A handshake with one of these may have a body."""

_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n"
    b"content-type: text/plain; charset=utf-8\r\n\r\n"
)

_IS_WELL = (
    b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n"
    b'{"status":"ok"}'
)

_NO_ROOM = (
    b"Gerade ist kein Platz, gleich wieder. There is no room right now, please come back in a moment.\n"
)


class KnackHttp(HttpToolsProtocol):
    """One HTTP connection. Made by uvicorn; it becomes a `KnackSocket` by an upgrade.

    `http_class` binds it to a server's doors. Nothing is made before they have let it in.
    """

    doors: Doors
    _deadline: asyncio.TimerHandle | None = None
    _refusal: Refusal | None = None
    _caller: Caller | None = None
    _is_inside = False
    _is_in_head = True
    _head_bytes = 0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._made_of = config, server_state, app_state, _loop

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Let the connection in and expect a request, or let it stand at the door."""
        self.transport = transport
        peer = transport.get_extra_info("peername")
        if peer is None:  # it was reset before we came to it
            transport.close()
            return
        entered = self.doors.enter(peer[0])
        if isinstance(entered, Refusal):
            self._stand_at_door(entered)
            return
        self._caller, self._is_inside = entered, True
        super().__init__(*self._made_of)
        del self._made_of
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Parse, and count what still belongs to the head."""
        if not self._is_inside:
            self._answer_at_door(data)
            return
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.transport.write(_TOO_LONG)
                self.transport.close()

    def on_message_begin(self) -> None:
        """Expect the rest of a request."""
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0
        self._expect()

    def on_headers_complete(self) -> None:
        """Note that the head is whole; the body has a limit of its own, where it is read."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect nothing more; how long an idle connection is kept is uvicorn's to know."""
        self._expect_nothing()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, and leave nothing of this one: it and its parser hold each other."""
        self._expect_nothing()
        if self._caller is None:
            forwarded_for = b",".join(value for name, value in self.headers if name == b"x-forwarded-for")
            entered = self.doors.enter_through_proxy(forwarded_for.decode("latin-1"))
            if isinstance(entered, Refusal):
                self.transport.write(_full(entered))
                self.transport.close()
                return
            self._caller = entered
        request = self._plain_handshake()
        if request is None:
            super().handle_websocket_upgrade()
        else:
            self._hand_over(request)
        cast("KnackSocket", self.transport.get_protocol()).caller = self._caller
        self.parser = None  # type: ignore[assignment]  # as uvicorn does it where a connection is lost

    def _plain_handshake(self) -> Request | None:
        """Return a handshake as websockets would read it out of its bytes, which takes several times as long.

        None for one that is anything but plain: its bytes are for websockets' core to read.
        """
        if self.scope["method"] != "GET" or self._is_long():
            return None
        headers = Headers()
        try:
            for name, value in self.headers:
                headers[name.decode("ascii")] = value.strip(b" \t").decode("ascii")
            path = self.url.decode("ascii")
        except (UnicodeDecodeError, InvalidHandshake):
            return None
        return None if any(name in headers for name in _OF_BODIES) else Request(path, headers)

    def _is_long(self) -> bool:
        """Tell whether the head may be longer than websockets reads: it has a limit to lines and one to their number."""
        lengths = [len(self.url), *(len(name) + len(value) for name, value in self.headers)]
        return len(lengths) > PLAIN_LINES_MAX or max(lengths) > PLAIN_LINE_BYTES_MAX

    def _hand_over(self, request: Request) -> None:
        """Let a socket take the transport over, with what was read of it; as uvicorn does with bytes."""
        self.connections.discard(self)
        make = cast("Callable[..., KnackSocket]", self.ws_protocol_class)
        socket = make(config=self.config, server_state=self.server_state, app_state=self.app_state)
        socket.connection_made(self.transport)
        socket.shake_hands(request)
        self.transport.set_protocol(socket)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection."""
        self._expect_nothing()
        if self._is_inside:
            self.doors.leave(self._caller)
            super().connection_lost(exc)
        elif self._refusal is not None:
            self.doors.at_door_count -= 1

    def _stand_at_door(self, refusal: Refusal) -> None:
        if self.doors.at_door_count >= AT_DOOR_MAX:
            self.transport.write(_full(refusal))
            self.transport.close()
            return
        self._refusal = refusal
        self.doors.at_door_count += 1
        self._deadline = asyncio.get_running_loop().call_later(AT_DOOR_S, self._answer_at_door, b"")

    def _answer_at_door(self, data: bytes) -> None:
        if self._refusal is not None and not self.transport.is_closing():
            is_asked_how_we_are = data.startswith(b"GET /healthz ")
            self.transport.write(_IS_WELL if is_asked_how_we_are else _full(self._refusal))
            self.transport.close()

    def _expect(self) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(REQUEST_WITHIN_S, self.transport.close)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def http_class(doors: Doors) -> type[KnackHttp]:
    """Return the class for uvicorn's `http=`: connections of one server."""
    return type("BoundHttp", (KnackHttp,), {"doors": doors})


def _full(refusal: Refusal) -> bytes:
    return (
        b"HTTP/1.1 503 Service Unavailable\r\nretry-after: %d\r\nconnection: close\r\n"
        b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n\r\n%b"
        % (refusal.wait_s, len(_NO_ROOM), _NO_ROOM)
    )
