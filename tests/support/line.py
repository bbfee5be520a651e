"""A WebSocket client that a test drives frame by frame: as well-behaved as the test wants it to be, and no more.

`Line.open` shakes hands and by itself reads and answers pings; `reads=False` makes a client that never reads.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPMessage, parse_headers
from io import BytesIO
from itertools import count
from typing import Any, Self, TypeVar

from knack_protocol.ids import EventId
from knack_protocol.wire.codec import Malformed, decode_message, encode
from knack_protocol.wire.messages import Command, Hello, Join, Joined, Push, Reply, Role, Welcome

PATIENCE_S = 60
"""How long a test waits for what must come; only one that fails waits so long."""

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

NO_CLOSE_FRAME = 1006

M = TypeVar("M", bound="Reply | Push")


class HandshakeRefused(Exception):
    """The server answered the handshake with something else than 101."""

    def __init__(self, status: int, headers: HTTPMessage, body: bytes) -> None:
        super().__init__(f"{status} {body!r}")
        self.status = status
        self.headers = headers
        self.body = body


class Line:
    """One connection. `told` holds every message that no test has asked for yet, `heard` every one, in the order of arrival."""

    def __init__(self, sock: socket.socket, headers: HTTPMessage, rest: bytes) -> None:
        self.headers = headers
        """Of the server's answer to the handshake."""
        self.told: list[Reply | Push] = []
        self.heard: list[Reply | Push] = []
        self.pings: list[bytes] = []
        self.pongs: list[bytes] = []
        self.token = ""
        self.welcome: Welcome | None = None
        self.answers_pings = True
        self._socket = sock
        self._buffer = bytearray(rest)
        self._news = asyncio.Condition()
        self._reader: asyncio.Task[None] | None = None
        self._code: int | None = None
        self._reqs = count(1)

    @classmethod
    async def open(
        cls,
        port: int,
        *,
        path: str = "/ws",
        headers: Sequence[tuple[str, str]] = (),
        subprotocol: str | None = "knack.v1",
        reads: bool = True,
        receive_buffer_bytes: int | None = None,
        host: str = "127.0.0.1",
        source: str | None = None,
    ) -> Self:
        """Connect, from an address of one's own, and shake hands; `headers` come on top of those of every handshake."""
        loop = asyncio.get_running_loop()
        sock = socket.socket()
        sock.setblocking(False)
        if receive_buffer_bytes is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        if source is not None:
            sock.bind((source, 0))
        try:
            await loop.sock_connect(sock, (host, port))
            await loop.sock_sendall(sock, handshake(port, path, headers, subprotocol))
            status, answered, rest = await _response(sock)
        except BaseException:
            sock.close()
            raise
        if status != 101:
            body = bytearray(rest)
            while chunk := await asyncio.wait_for(loop.sock_recv(sock, 65536), PATIENCE_S):
                body += chunk
            sock.close()
            raise HandshakeRefused(status, answered, bytes(body))
        line = cls(sock, answered, rest)
        if reads:
            line.read()
        return line

    def read(self) -> None:
        """Begin to read."""
        self._reader = asyncio.create_task(self._read())

    async def frame(self, opcode: int, payload: bytes = b"", *, fin: bool = True) -> None:
        """Send one frame."""
        await self.raw(masked_frame(opcode, payload, fin=fin))

    async def raw(self, octets: bytes) -> None:
        """Send bytes as they are."""
        await asyncio.get_running_loop().sock_sendall(self._socket, octets)

    async def send(self, kind: type[Command], *fields: Any) -> int:
        """Send a command and return its `req`."""
        req = next(self._reqs)
        await self.frame(BINARY, encode(kind(req, *fields)))
        return req

    async def ask(self, kind: type[Command], *fields: Any) -> Any:
        """Send a command and return its reply."""
        req = await self.send(kind, *fields)
        return await self.until(lambda message: getattr(message, "req", None) == req)

    async def hello(self, role: Role = Role.PLAYER, token: str = "", event: str = "") -> Any:
        reply = await self.ask(Hello, role, EventId(event), token)
        if isinstance(reply, Welcome):
            self.welcome = reply
        return reply

    async def join(self, name: str, event: str = "") -> Joined:
        """Say hello and join."""
        await self.hello(event=event)
        joined = await self.ask(Join, name)
        assert isinstance(joined, Joined), joined
        self.token = joined.token
        return joined

    async def until(self, is_it: Callable[[Any], bool]) -> Any:
        """Wait for a message, and take it out of `told`; fail when the connection ends before it comes."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            while True:
                for index, message in enumerate(self.told):
                    if is_it(message):
                        return self.told.pop(index)
                if self._code is not None:
                    raise AssertionError(f"closed with {self._code} before it came; told: {self.told}")
                await self._news.wait()

    async def next(self, kind: type[M]) -> M:
        """Wait for the next message of a kind, and take it out of `told`."""
        message: M = await self.until(lambda message: isinstance(message, kind))
        return message

    async def ponged(self, payload: bytes) -> None:
        """Wait for the answer to a ping."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: payload in self.pongs or self._code is not None)
        assert payload in self.pongs

    async def pinged(self, before: int) -> None:
        """Wait for a ping beyond the first `before`."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: len(self.pings) > before or self._code is not None)
        assert len(self.pings) > before

    async def closed(self) -> int:
        """Wait until the server has closed, and return the code; 1006 where no close frame came."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: self._code is not None)
        assert self._code is not None
        return self._code

    @property
    def is_closed(self) -> bool:
        return self._code is not None

    async def hang_up(self) -> None:
        """Go away without a word."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        self._socket.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.hang_up()

    async def _read(self) -> None:
        code = NO_CLOSE_FRAME
        try:
            while True:
                opcode, payload = await self._next_frame()
                if opcode == CLOSE:
                    code = int.from_bytes(payload[:2], "big") if payload else 1005
                    await self.frame(CLOSE, payload)
                    break
                await self._take(opcode, payload)
        except (EOFError, ConnectionError):
            pass
        async with self._news:
            self._code = code
            self._news.notify_all()

    async def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING and self.answers_pings:
            await self.frame(PONG, payload)
        async with self._news:
            match opcode:
                case 2:
                    message = decode_message(payload)
                    assert not isinstance(message, Malformed), (message, payload)
                    self.told.append(message)
                    self.heard.append(message)
                case 9:
                    self.pings.append(payload)
                case 10:
                    self.pongs.append(payload)
                case _:
                    raise AssertionError(f"the server sent a frame of kind {opcode}")
            self._news.notify_all()

    async def _next_frame(self) -> tuple[int, bytes]:
        first, length = await self._exactly(2)
        if length == 126:
            length = int.from_bytes(await self._exactly(2), "big")
        elif length == 127:
            length = int.from_bytes(await self._exactly(8), "big")
        assert first & 0xF0 == 0x80, "the server sends whole frames without extensions"
        return first & 0x0F, await self._exactly(length)

    async def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            chunk = await asyncio.get_running_loop().sock_recv(self._socket, 65536)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken


def handshake(
    port: int,
    path: str = "/ws",
    headers: Sequence[tuple[str, str]] = (),
    subprotocol: str | None = "knack.v1",
) -> bytes:
    """Return the request that opens a WebSocket; a header named in `headers` replaces the usual one."""
    usual: Mapping[str, str] = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        **({"Sec-WebSocket-Protocol": subprotocol} if subprotocol is not None else {}),
    }
    given = {name.lower() for name, _ in headers}
    lines = [(name, value) for name, value in usual.items() if name.lower() not in given]
    text = "".join(f"{name}: {value}\r\n" for name, value in (*lines, *headers))
    return f"GET {path} HTTP/1.1\r\n{text}\r\n".encode("latin-1")


def masked_frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """Return a client's frame (RFC 6455, 5.2)."""
    mask = os.urandom(4)
    length = len(payload)
    if length < 126:
        head = bytes([fin << 7 | opcode, 0x80 | length])
    elif length < 1 << 16:
        head = bytes([fin << 7 | opcode, 0x80 | 126]) + length.to_bytes(2, "big")
    else:
        head = bytes([fin << 7 | opcode, 0x80 | 127]) + length.to_bytes(8, "big")
    key = (mask * (length // 4 + 1))[:length]
    return head + mask + (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")


async def _response(sock: socket.socket) -> tuple[int, HTTPMessage, bytes]:
    loop = asyncio.get_running_loop()
    received = b""
    async with asyncio.timeout(PATIENCE_S):
        while b"\r\n\r\n" not in received:
            chunk = await loop.sock_recv(sock, 65536)
            if not chunk:
                raise ConnectionError(f"closed after {received!r}")
            received += chunk
    head, _, rest = received.partition(b"\r\n\r\n")
    status, _, fields = head.partition(b"\r\n")
    return int(status.split()[1]), parse_headers(BytesIO(fields + b"\r\n\r\n")), rest
