"""A whole server within the test's own process: real sockets, a real store, and a clock that a test may set forward."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from tests.support.line import Line

from knack_client.mirror import Mirror
from knack_protocol.ids import CourseName
from knack_protocol.rules.course import rules_hash
from knack_protocol.rules.swaps import Swap, legal_swaps
from knack_protocol.wire.messages import Begin, Moved, Prepare, Prepared, Role, Start, Started
from knack_protocol.wire.messages import Move as MoveCommand
from knack_server import app
from knack_server.config import Settings
from knack_server.core.instant import Instant
from knack_server.shell.clock import Clock
from knack_server.shell.socket import KnackSocket


class SetClock(Clock):
    """The machine's clocks, set forward by what a test has let pass."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_ms = 0
        self.stopped_at: Instant | None = None

    def now(self) -> Instant:
        moment = self.stopped_at or super().now()
        return Instant(moment.ms + self.ahead_ms, moment.unix_ms + self.ahead_ms)


UNIX_0_MS = 1_700_000_000_000
"""What a still wall clock shows when the other one begins."""


class StillClock(SetClock):
    """Clocks that show what a test has set, and never a millisecond of the machine's own."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_ms = 1000
        self.stepped_ms = 0
        """By how much somebody has set the wall clock."""

    def now(self) -> Instant:
        return Instant(self.ahead_ms, UNIX_0_MS + self.ahead_ms + self.stepped_ms)


class PromptServer(app.Server):
    """A server that leaves at once: uvicorn's own looks every 100 ms whether it should."""

    def __init__(self, house: app.House, port: int) -> None:
        super().__init__(house, port)
        self._left = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._left.wait()

    def leave(self) -> None:
        super().leave()
        self._left.set()


class Site:
    """A server that is open."""

    def __init__(
        self, house: app.House, server: app.Server, port: int, clock: SetClock, lines: AsyncExitStack
    ) -> None:
        self.house = house
        self.server = server
        self.port = port
        self.clock = clock
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60)
        self._lines = lines

    def pass_ms(self, ms: int, *, silently: bool = False) -> None:
        """Let time pass at once, and whatever is due happen.

        Nobody could say a word in it, so nobody counts as silent for it, unless the test is about that.
        """
        self.clock.ahead_ms += ms
        if not silently:
            for connection in self.connections:
                connection.heard_ms += ms
        self.house.host._tick()

    @property
    def connections(self) -> list[KnackSocket]:
        """What the server has open."""
        return [connection for spoke in self.house.host.heartbeat._spokes for connection in spoke]

    def stop_clock(self) -> None:
        """Let no time pass but what the test lets pass: a busy machine takes its own."""
        self.clock.stopped_at = Clock.now(self.clock)

    async def settled(self) -> None:
        """Wait until all that has happened so far is committed and told."""
        await self.house.host.do(lambda _now: (None, []))

    async def line(self, **how: Any) -> Line:
        """Open a connection; it is closed with the site."""
        return await self._lines.enter_async_context(await Line.open(self.port, **how))

    async def watcher(self, role: Role = Role.WATCHER, token: str = "", event: str = "") -> Line:
        line = await self.line()
        await line.hello(role, token, event)
        return line

    async def player(self, name: str, event: str = "") -> Line:
        line = await self.line()
        await line.join(name, event)
        return line

    async def begin(self, line: Line, course: str = "sprint") -> "Hand":
        """Start a run and let its countdown pass."""
        prepared = await line.ask(Prepare, CourseName(course))
        assert isinstance(prepared, Prepared), prepared
        started = await line.ask(Start, prepared.run, secrets.token_bytes(16))
        assert isinstance(started, Started), started
        self.pass_ms(started.countdown_ms)
        return Hand(self, line, await line.next(Begin), prepared.commit)

    async def play(self, line: Line, moves: int = 1, course: str = "sprint") -> "Hand":
        """Start a run and play some moves."""
        hand = await self.begin(line, course)
        for _ in range(moves):
            await hand.move()
        return hand

    async def desk(self, name: str = "ada") -> dict[str, str]:
        """Give a moderator a token; return the header that carries it."""
        return {"Authorization": f"Bearer {(await self.house.orders.desk_add(name))['token']}"}


class Hand:
    """A run in play, held against the rules move by move."""

    def __init__(self, site: Site, line: Line, begin: Begin, commit: bytes, heat: str = "") -> None:
        assert line.welcome is not None
        self.site = site
        self.line = line
        self.run = begin.run
        floor = site.house.host.arena.floor
        self._entry = next(event.runs[self.run] for event in floor.events.values() if self.run in event.runs)
        self.player = self._entry.player.id
        self.mirror = Mirror.begun(begin, line.welcome.event, self.player, rules_hash(), commit, heat)

    def swap(self) -> Swap:
        """The first legal swap of the board."""
        return legal_swaps(self.mirror.run.board)[0]

    def fields(self, cell: int, direction: int) -> Sequence[Any]:
        """The fields of a MOVE that continues the chain."""
        run = self.mirror.run
        return self.run, run.seq + 1, run.head[:8], cell, direction

    async def move(self) -> Moved:
        """Let the lock pass, play a legal swap, and check the receipt."""
        self.pass_lock()
        cell, direction = self.swap()
        reply = await self.line.ask(MoveCommand, *self.fields(cell, direction))
        assert isinstance(reply, Moved), reply
        self.mirror.moved(reply, cell, direction)
        return reply

    def pass_lock(self) -> None:
        """Let time pass until the next move is good."""
        assert self._entry.play is not None
        run = self.mirror.run
        now_ms = self._entry.play.clock_ms(self.site.clock.now())
        self.site.pass_ms(max(run.lock_end_ms + run.grace_ms - now_ms, 0))

    @property
    def score(self) -> int:
        return self.mirror.run.score


@asynccontextmanager
async def open_site(
    folder: Path,
    *,
    clock: type[SetClock] = SetClock,
    send_buffer_bytes: int | None = None,
    **given: Any,
) -> AsyncIterator[Site]:
    """Open a server on a data folder, on any free port; leaving closes it as Ctrl-C does."""
    settings = Settings(**{"data_dir": folder, "port": 0, "publish_interval_ms": 20, **given})
    bound, set_clock = app.bind(settings), clock()
    if send_buffer_bytes is not None:
        # what is accepted inherits it
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
    port = bound.getsockname()[1]
    async with app.open_house(settings, set_clock) as house, AsyncExitStack() as lines:
        server = PromptServer(house, port)
        staying = asyncio.create_task(server.stay(bound))
        site = Site(house, server, port, set_clock, lines)
        while not (server.started or staying.done()):
            await asyncio.sleep(0)
        try:
            async with site.http:
                yield site
        finally:
            await lines.aclose()
            server.leave()
            await staying
