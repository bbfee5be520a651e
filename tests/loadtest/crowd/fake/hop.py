"""A hop before a real server: everything passes, but a script has every frame and every document in its hands first.

Behind it all is real, the clock included, so what a tester makes of the script's deeds is what it would make of a server's.
It runs in a thread with a loop of its own. Scripts live there; a test reads what they noted after the hop is closed.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic_ns
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from knack_loadtest.crowd import frames
from knack_loadtest.crowd.frames import Frames
from knack_protocol.wire import limits
from knack_protocol.wire.codec import Malformed, decode_command, decode_message, encode
from knack_protocol.wire.messages import Command, Push, Reply

CLOSES_WITHIN_S = 60


class Frame(NamedTuple):
    """A WebSocket frame."""

    opcode: int
    payload: bytes

    @property
    def command(self) -> Command | Malformed | None:
        """What a client says in it; None in a frame that carries no message."""
        return decode_command(self.payload) if self.opcode == frames.BINARY else None

    @property
    def message(self) -> Reply | Push | Malformed | None:
        """What a server says in it; None in a frame that carries no message."""
        return decode_message(self.payload) if self.opcode == frames.BINARY else None


def saying(message: Reply | Push) -> Frame:
    """Return the frame in which a server says this."""
    return Frame(frames.BINARY, encode(message))


class Request(NamedTuple):
    """A request over HTTP."""

    method: str
    path: str
    body: bytes


class Way:
    """One client's way to the server and back; `number` counts them. Frames stay in order in both directions."""

    def __init__(self, number: int, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.number = number
        self._client = client
        self._server = server
        self._held: deque[tuple[int, Frame | None, Callable[[int], None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, frame: Frame, hold_ns: int = 0, told: Callable[[int], None] = lambda _at_ns: None) -> None:
        """Tell the client, `hold_ns` from now or later.

        Args:
            frame: What.
            hold_ns: For how long to hold it back, and all that comes behind it.
            told: Called with the moment right before it is written.
        """
        self._hold(monotonic_ns() + hold_ns, frame, told)

    def hang_up(self) -> None:
        """Hang up, after all that is still held back."""
        self._hold(0, None, lambda _at_ns: None)

    def ask(self, frame: Frame) -> None:
        """Ask the server."""
        self._server.write(frames.frame_of(*frame))

    def close(self) -> None:
        """Cut both lines."""
        if self._timer is not None:
            self._timer.cancel()
        self._client.close()
        self._server.close()

    def _hold(self, due_ns: int, frame: Frame | None, told: Callable[[int], None]) -> None:
        self._held.append((due_ns, frame, told))
        if self._timer is None:
            self._go_on()

    def _go_on(self) -> None:
        self._timer = None
        while self._held:
            due_ns, frame, told = self._held[0]
            left_ns = due_ns - monotonic_ns()
            if left_ns > 0:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(left_ns / 1e9, self._go_on)
                return
            self._held.popleft()
            if frame is None:
                self._client.close()
                return
            told(monotonic_ns())
            self._client.write(_from_server(frame))


class Script:
    """What a hop does; this one lets everything pass."""

    def asked(self, way: Way, frame: Frame) -> None:
        """Have a frame of a client's."""
        way.ask(frame)

    def said(self, way: Way, frame: Frame) -> None:
        """Have a frame of the server's."""
        way.tell(frame)

    def requested(self, request: Request) -> bytes | None:
        """Answer a request (201) in the server's stead; None to let it pass."""

    def answered(self, request: Request, body: bytes) -> bytes:
        """Return the answer that its client gets."""
        return body

    def gone(self, way: Way) -> None:
        """See that a client has hung up."""


@dataclass
class Hop:
    """A hop before the server at `server_url`; `with` opens it at `url`."""

    server_url: str
    script: Script
    url: str = ""

    def __post_init__(self) -> None:
        self._is_open = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hop")
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ways = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.faults: list[BaseException] = []
        """What went wrong in a script; a test is to see that nothing did."""

    def start(self) -> Self:
        """Listen on any free port of 127.0.0.1."""
        self._thread.start()
        assert self._is_open.wait(CLOSES_WITHIN_S)
        return self

    def close(self) -> None:
        """Cut all lines."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(CLOSES_WITHIN_S)
        assert not self._thread.is_alive()
        assert self.faults == []

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        listener = await asyncio.start_server(self._meet, "127.0.0.1", 0, backlog=1024)
        self.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        self._is_open.set()
        await self._over.wait()
        listener.close()
        for task in self._tasks:
            task.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._pass_on(reader, writer)
        except Exception as fault:  # noqa: BLE001 - a thread's; the test looks for it
            self.faults.append(fault)
        finally:
            await _closed(writer)
            self._tasks.discard(task)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        parts = urlsplit(self.server_url)
        from_server, server = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            if b"\r\nupgrade: websocket" in head.lower():
                server.write(head)
                answer = await from_server.readuntil(b"\r\n\r\n")
                writer.write(answer)
                if answer.split(None, 2)[1] == b"101":
                    await self._converse(reader, writer, from_server, server)
            else:
                await self._answer(head, reader, writer, from_server, server)
        finally:
            await _closed(server)

    async def _converse(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        from_server: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> None:
        way = Way(self._ways, writer, server)
        self._ways += 1
        back = asyncio.create_task(self._copy_back(way, from_server))
        try:
            while True:
                self.script.asked(way, await _client_frame(reader))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.script.gone(way)
            way.close()
            back.cancel()
            await asyncio.wait([back])

    async def _copy_back(self, way: Way, from_server: asyncio.StreamReader) -> None:
        whole = Frames(limits.MESSAGE_BYTES_MAX)
        try:
            while octets := await from_server.read(1 << 16):
                for opcode, payload in whole.feed(octets):
                    self.script.said(way, Frame(opcode, payload))
        except ConnectionError:
            pass
        except Exception as fault:  # noqa: BLE001 - as above
            self.faults.append(fault)
        way.hang_up()

    async def _answer(
        self,
        head: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        from_server: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> None:
        method, target, _ = head.decode("latin-1").split(" ", 2)
        body = await reader.readexactly(_length(head))
        request = Request(method, target.partition("?")[0], body)
        own = self.script.requested(request)
        if own is not None:
            writer.write(_document("201 Created", own))
        else:
            server.write(head + body)
            answer_head, _, answer = (await from_server.read()).partition(b"\r\n\r\n")
            changed = self.script.answered(request, answer)
            if changed == answer:
                writer.write(answer_head + b"\r\n\r\n" + answer)
            else:
                writer.write(_document("200 OK", changed))
        await writer.drain()


async def _closed(writer: asyncio.StreamWriter) -> None:
    """Close a socket, and see it closed: nothing of a test's may be left to the next one."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def _document(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _client_frame(reader: asyncio.StreamReader) -> Frame:
    """Read a frame of the tester's, whose masking key is zero (`crowd.frames`)."""
    first, length = await reader.readexactly(2)
    length &= 0x7F
    if length >= 126:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    assert await reader.readexactly(4) == bytes(4)
    return Frame(first & 0x0F, await reader.readexactly(length))


def _from_server(frame: Frame) -> bytes:
    """Return a frame without a mask, as servers send them."""
    opcode, payload = frame
    masked = frames.frame_of(opcode, payload)
    begin = len(masked) - len(payload) - 4
    return bytes((masked[0], masked[1] & 0x7F)) + masked[2:begin] + payload
