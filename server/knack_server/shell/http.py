"""The edge of HTTP: a request has to come within its time and its size.

uvicorn waits for ever for the rest of a request, and takes a head of any length. So somebody who sends a byte now and
then, or a header without end, would hold a connection and its memory for as long as they like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

REQUEST_WITHIN_S = 10
"""From the connection, or a request's first byte, to its last: the longest contact request over a line of 2G takes 6."""

HEAD_BYTES_MAX = 16_384
"""Of request line and headers together; browsers send less than 2 KiB where there are no cookies."""

_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n"
    b"content-type: text/plain; charset=utf-8\r\n\r\n"
)


class KnackHttp(HttpToolsProtocol):
    """One HTTP connection. Made by uvicorn; it becomes a `KnackSocket` by an upgrade."""

    _deadline: asyncio.TimerHandle | None = None
    _is_in_head = True
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Expect a request."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Parse, and count what still belongs to the head."""
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
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]  # as uvicorn does it where a connection is lost

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the connection."""
        self._expect_nothing()
        super().connection_lost(exc)

    def _expect(self) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(REQUEST_WITHIN_S, self.transport.close)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
