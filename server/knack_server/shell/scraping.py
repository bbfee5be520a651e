"""The address for Prometheus: its own port, so that nobody in the hall can ask, and a server of a few lines.

It answers `GET /metrics`, `/healthz` and `/ready`, one request a connection, and takes no more of a request than its head.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST

from knack_server.shell.metrics import registry_of, render

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator

    from knack_server.shell.host import Host

REQUEST_WITHIN_S = 5
"""From the connection to the end of the request's head."""

HEAD_BYTES_MAX = 8192

SCRAPERS_MAX = 16
"""Connections at once; a Prometheus has one, and a curious person another."""


@asynccontextmanager
async def scraped(host: Host, bound: socket.socket) -> AsyncIterator[None]:
    """Answer scrapes for as long as the context lasts."""
    scraping = _Scraping(host)
    server = await asyncio.start_server(scraping.answer, sock=bound, limit=HEAD_BYTES_MAX)
    async with server:
        yield


class _Scraping:
    def __init__(self, host: Host) -> None:
        self._host = host
        self._registry = registry_of(host)
        self._count = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        self._count += 1
        try:
            if self._count <= SCRAPERS_MAX:
                with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                    async with asyncio.timeout(REQUEST_WITHIN_S):
                        head = await reader.readuntil(b"\r\n\r\n")
                        writer.write(self._response(head))
                        await writer.drain()
        finally:
            self._count -= 1
            writer.close()

    def _response(self, head: bytes) -> bytes:
        match head.split(b" ", 2)[:2]:
            case [b"GET", b"/metrics"]:
                return _http("200 OK", CONTENT_TYPE_LATEST, render(self._registry))
            case [b"GET", b"/healthz"]:
                return _http("200 OK", "application/json", b'{"status":"ok"}')
            case [b"GET", b"/ready"]:
                ready = self._host.readiness()
                status = "200 OK" if all(ready.values()) else "503 Service Unavailable"
                return _http(status, "application/json", json.dumps(ready).encode())
            case _:
                return _http("404 Not Found", "text/plain; charset=utf-8", b"There is /metrics here.\n")


def _http(status: str, content_type: str, body: bytes) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    ).encode() + body
