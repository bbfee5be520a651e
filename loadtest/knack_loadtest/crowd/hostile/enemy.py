"""One connection of an attacker: bytes as no client of ours would send them, and how the server ended it, in a word."""

import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self, cast

from knack_loadtest.crowd import frames
from knack_loadtest.crowd.frames import Frames, frame_of
from knack_protocol.ids import EventId
from knack_protocol.wire import SUBPROTOCOL, limits
from knack_protocol.wire.codec import decode_message, encode
from knack_protocol.wire.messages import Hello, Role, Welcome

WITHIN_S: Final = 25
"""Longer than the server gives anybody: 10 s for a request, 10 s for the first message, 2 s for a close."""

STAYS_OPEN: Final = "stays_open"
CLOSED: Final = "closed"
"""The server hung up without a word."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where an attack takes place: the server, and the address of our own that it comes from (empty: the system's choice)."""

    host: str
    port: int
    event: str = ""
    source: str = ""

    @property
    def authority(self) -> str:
        """Host and port, as a request names them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def handshake(
    ground: Ground, headers: Sequence[tuple[str, str]] = (), subprotocol: str = SUBPROTOCOL
) -> bytes:
    """Return a whole handshake; without a subprotocol if that is empty."""
    named = [("Sec-WebSocket-Protocol", subprotocol)] if subprotocol else []
    lines = [
        "GET /ws HTTP/1.1",
        f"Host: {ground.authority}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in (*named, *headers)),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


class Enemy(asyncio.Protocol):
    """One connection. What the server says is kept as it comes, also what came before a reset."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._is_over = False
        self._news = asyncio.Event()
        self._frames = Frames(limits.MESSAGE_BYTES_MAX)

    @classmethod
    @asynccontextmanager
    async def dialed(cls, ground: Ground) -> AsyncIterator[Self]:
        """Open a TCP connection, and drop it at the end."""
        source = (ground.source, 0) if ground.source else None
        loop = asyncio.get_running_loop()
        transport, enemy = await loop.create_connection(
            lambda: cls(ground), ground.host, ground.port, local_addr=source
        )
        try:
            yield enemy
        finally:
            transport.abort()

    @classmethod
    @asynccontextmanager
    async def upgraded(cls, ground: Ground) -> AsyncIterator[Self]:
        """Open a WebSocket.

        Raises:
            ConnectionError: the server did not want it.
        """
        async with cls.dialed(ground) as enemy:
            word = await enemy.request(handshake(ground))
            if word != "http_101":
                raise ConnectionError(f"the handshake was answered with {word}")
            yield enemy

    async def request(self, octets: bytes) -> str:
        """Send a request, and return the answer's status as `http_STATUS`; `closed` or `stays_open` without one."""
        self.send(octets)
        return await self.status()

    async def status(self) -> str:
        """Wait for the head of an answer."""
        try:
            async with asyncio.timeout(WITHIN_S):
                while b"\r\n\r\n" not in self._unread:
                    if not await self._hears_more():
                        return CLOSED
        except TimeoutError:
            return STAYS_OPEN
        head, _, rest = bytes(self._unread).partition(b"\r\n\r\n")
        self._unread = bytearray(rest)
        return f"http_{head.split(None, 2)[1].decode()}"

    def send(self, octets: bytes) -> None:
        """Send bytes; nothing is said about whether they arrive."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)

    async def drip(self, octets: bytes, every_s: float) -> None:
        """Send a byte now and then, until the server hangs up or all are sent."""
        for octet in octets:
            if self._is_over:
                return
            self.send(bytes([octet]))
            await asyncio.sleep(every_s)

    def frame(self, opcode: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0) -> None:
        """Send a frame; `reserved` are the three bits that nobody has agreed on (RFC 6455, section 5.2)."""
        whole = frame_of(opcode, payload)
        self.send(bytes([(whole[0] & 0x7F) | (fin << 7) | (reserved << 4)]) + whole[1:])

    async def hello(self) -> None:
        """Come as a watcher.

        Raises:
            ConnectionError: the server did not greet.
        """
        self.frame(frames.BINARY, encode(Hello(1, Role.WATCHER, EventId(self.ground.event), "")))
        async for opcode, payload in self._heard():
            if opcode == frames.BINARY and isinstance(decode_message(payload), Welcome):
                return
        raise ConnectionError("the server did not greet")

    async def end(self) -> str:
        """Wait for the end: `close_CODE`, `closed` without a close frame, or `stays_open`."""
        try:
            async with asyncio.timeout(WITHIN_S):
                async for opcode, payload in self._heard():
                    if opcode == frames.CLOSE:
                        return f"close_{int.from_bytes(payload[:2], 'big')}"
        except TimeoutError:
            return STAYS_OPEN
        return CLOSED

    async def _heard(self) -> AsyncIterator[tuple[int, bytes]]:
        while True:
            received, self._unread = bytes(self._unread), bytearray()
            for frame in self._frames.feed(received):
                yield frame
            if not self._unread and not await self._hears_more():
                return

    async def _hears_more(self) -> bool:
        """Wait for more; tell whether there was any."""
        count = len(self._unread)
        while len(self._unread) == count and not self._is_over:
            self._news.clear()
            await self._news.wait()
        return len(self._unread) > count

    # --- the transport's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class

    def data_received(self, data: bytes) -> None:
        """Keep what came."""
        self._unread += data
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of the end."""
        del exc
        self._is_over = True
        self._news.set()
