"""A hop on the way to the server that holds back frames of a client's as somebody with an interest in it would.

Whatever comes from the server passes at once. Delays are ms of the site's clock, which a test sets; nothing here sleeps.
"""

import asyncio
import secrets
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.support.adversary import Contender, until
from tests.support.line import BINARY, PONG, Line
from tests.support.site import Hand, Site

from knack_protocol.ids import CourseName
from knack_protocol.wire.limits import COUNTDOWN_MS, COUNTDOWN_PING_EVERY_MS
from knack_protocol.wire.messages import Begin, Prepare, Start

Delay = Callable[[int, int], int]
"""How many ms to hold a frame back, by its opcode and its number among those of the opcode, from 0."""


class Proxy:
    """One client's way to the server, frame by frame; a frame never overtakes an earlier one of its kind."""

    def __init__(self, site: Site, delay: Delay) -> None:
        self.delay = delay
        self.seen: Counter[int] = Counter()
        """Frames of the client's that have come so far, by opcode."""
        self.told = bytearray()
        """Every byte that the server has sent to the client."""
        self._sent: Counter[int] = Counter()
        self._heard: Counter[int] = Counter()
        self._site = site
        self._held: dict[int, deque[tuple[int, bytes]]] = {}
        self._to_server: asyncio.StreamWriter | None = None

    @property
    def due_ms(self) -> int | None:
        """When, on the site's clock, the next frame goes on."""
        return min((frames[0][0] for frames in self._held.values() if frames), default=None)

    async def deliver(self) -> None:
        """Let all go on that is due, and see the server take it in."""
        self._forward()
        await until(lambda: self._heard == self._sent)

    async def has_seen(self, opcode: int, count: int) -> None:
        """Wait until so many frames of a kind have come."""
        await until(lambda: self.seen[opcode] >= count)

    def listen_in(self) -> None:
        """Note what the server takes in from the newest connection, which is this one."""
        host = self._site.house.host
        ours = max(host.arena.floor.peers)

        def counting(opcode: int, take: Callable[..., None]) -> Callable[..., None]:
            def counted(connection: int, *what: object) -> None:
                take(connection, *what)
                if connection == ours:
                    self._heard[opcode] += 1

            return counted

        for opcode, name in ((BINARY, "received"), (PONG, "ponged")):
            setattr(host, name, counting(opcode, getattr(host, name)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Stand between a client that has connected and the server."""
        from_server, self._to_server = await asyncio.open_connection("127.0.0.1", self._site.port)
        self._to_server.write(await reader.readuntil(b"\r\n\r\n"))
        back = asyncio.create_task(self._copy(from_server, writer))
        try:
            while True:
                self._take(await _frame(reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._to_server.close()
            await back

    def _take(self, frame: bytes) -> None:
        opcode = frame[0] & 0x0F
        wait_ms = self.delay(opcode, self.seen[opcode])
        self._held.setdefault(opcode, deque()).append((self._site.clock.now().ms + wait_ms, frame))
        self._forward()
        self.seen[opcode] += 1

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65_536):
                self.told += chunk
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _forward(self) -> None:
        assert self._to_server is not None
        now_ms = self._site.clock.now().ms
        for opcode, frames in self._held.items():
            while frames and frames[0][0] <= now_ms:
                self._to_server.write(frames.popleft()[1])
                self._sent[opcode] += 1


@asynccontextmanager
async def through(site: Site, delay: Delay) -> AsyncIterator[tuple[Line, Proxy]]:
    """Open a connection through a proxy of its own."""
    proxy = Proxy(site, delay)
    hop = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    try:
        async with await Line.open(hop.sockets[0].getsockname()[1]) as line:
            proxy.listen_in()
            yield line, proxy
    finally:
        hop.close()


async def pass_ms(site: Site, ms: int, *proxies: Proxy) -> None:
    """Let time pass, in which held frames go on when they are due."""
    end_ms = site.clock.now().ms + ms
    while (due_ms := min((p.due_ms for p in proxies if p.due_ms is not None), default=end_ms)) < end_ms:
        site.pass_ms(due_ms - site.clock.now().ms)
        for proxy in proxies:
            await proxy.deliver()
    site.pass_ms(end_ms - site.clock.now().ms)
    for proxy in proxies:
        await proxy.deliver()


async def begin_measured(site: Site, *ways: tuple[Line, Proxy]) -> list[Contender]:
    """Begin a run each, all with one T0, and let the countdown pass ping by ping, so that the lines are measured."""
    prepared = [await line.ask(Prepare, CourseName("sprint")) for line, _ in ways]
    for (line, _), promise in zip(ways, prepared, strict=True):
        await line.ask(Start, promise.run, secrets.token_bytes(16))
    proxies = [proxy for _, proxy in ways]
    for number in range(COUNTDOWN_MS // COUNTDOWN_PING_EVERY_MS):
        for line, proxy in ways:
            await line.pinged(number)
            await proxy.has_seen(PONG, number + 1)
            await proxy.deliver()
        await pass_ms(site, COUNTDOWN_PING_EVERY_MS, *proxies)
    begins = [await line.next(Begin) for line, _ in ways]
    return [
        Contender(Hand(site, line, begin, promise.commit))
        for (line, _), begin, promise in zip(ways, begins, prepared, strict=True)
    ]


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """Read one masked frame (RFC 6455, 5.2) and return it as it came."""
    frame = await reader.readexactly(2)
    length = frame[1] & 0x7F
    if length >= 126:
        more = await reader.readexactly(2 if length == 126 else 8)
        frame, length = frame + more, int.from_bytes(more, "big")
    return frame + await reader.readexactly(4 + length)
