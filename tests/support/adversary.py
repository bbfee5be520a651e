"""A ring for cheats: a real server on real sockets whose clock stands still and whose runs all have the same tiles.

Whoever plays the same swaps at the same times must get the same score here, to the point: what a cheat gains over an
honest player beside it shows as a difference, and no slow machine can hide or feign one. `race` lets any number of
players act by turns, each a generator of the moments it waits for. Nobody who judges here believes the server: see
tests/support/adversary_referee.py.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Any

from tests.support.line import BINARY, PATIENCE_S, Line
from tests.support.site import Hand, Site, StillClock, open_site

from knack_protocol.ids import CourseName, RunId
from knack_protocol.rules.streams import SeededTiles, Tiles
from knack_protocol.wire.limits import COUNTDOWN_MS
from knack_protocol.wire.messages import Begin, Move, Moved, Prepare, Reject, Resumed, Start, Started, Welcome
from knack_server.core.instant import Instant
from knack_server.core.moves import Moves

SEED = sha256(b"one seed for cheat and twin").digest()


class SameTiles:
    """A source of tiles that has but one seed."""

    def __init__(self, seed: bytes = SEED) -> None:
        self._seed = seed

    def server_seed(self, event: str, run: str) -> bytes:
        return self._seed

    def tiles(self, run: str, seed: bytes, player_seed: bytes | None) -> Tiles:
        return SeededTiles(self._seed)


@asynccontextmanager
async def open_ring(folder: Path, seed: bytes = SEED, **settings: Any) -> AsyncIterator[Site]:
    """Open a server whose time stands still between the `pass_ms` of a test."""
    async with open_site(folder, clock=StillClock, **settings) as site:
        site.house.host.arena.floor.tile_source = SameTiles(seed)
        yield site


class Contender:
    """Somebody in a run, who knows the server's clock to the millisecond: the quickest honest player there can be.

    `hand.mirror` holds every reply against the rules.
    """

    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        self.replies: list[Moved] = []
        self._zero_ms = hand.site.clock.now().ms

    @classmethod
    async def enter(cls, site: Site, *names: str, course: str = "sprint") -> "list[Contender]":
        """Join and begin a run each, all with one T0; three seconds pass, and nobody's line is measured."""
        lines = await asyncio.gather(*(site.player(name) for name in names))
        return await cls.begin(site, *lines, course=course)

    @classmethod
    async def begin(cls, site: Site, *lines: Line, course: str = "sprint") -> "list[Contender]":
        """Begin a run each."""
        prepared = [await line.ask(Prepare, CourseName(course)) for line in lines]
        for line, promise in zip(lines, prepared, strict=True):
            started = await line.ask(Start, promise.run, secrets.token_bytes(16))
            assert isinstance(started, Started), started
        site.pass_ms(COUNTDOWN_MS)
        begins = [await line.next(Begin) for line in lines]
        return [
            cls(Hand(site, line, begin, promise.commit))
            for line, begin, promise in zip(lines, begins, prepared, strict=True)
        ]

    @property
    def run(self) -> RunId:
        return self.hand.run

    @property
    def line(self) -> Line:
        return self.hand.line

    @property
    def score(self) -> int:
        return self.hand.score

    @property
    def clock_ms(self) -> int:
        """What the run's clock shows."""
        return self.hand.site.clock.now().ms - self._zero_ms

    @property
    def opens_ms(self) -> int:
        """When, on the run's clock, the next move counts at the lock's end and no later."""
        return self.hand.mirror.run.lock_end_ms + self.hand.mirror.run.grace_ms

    @property
    def deadline_ms(self) -> int:
        return self.hand.mirror.run.deadline_ms

    def moment(self, run_ms: int) -> int:
        """Turn a time of the run's clock into one of the site's."""
        return self._zero_ms + run_ms

    def fields(self) -> Sequence[Any]:
        """The fields of the next honest move: the first legal swap, which depends on the board alone."""
        return self.hand.fields(*self.hand.swap())

    async def try_move(self) -> Moved | Reject:
        """Send the next honest move, whatever the clock shows."""
        return self.take(await self.line.ask(Move, *self.fields()))

    def take(self, reply: Moved | Reject) -> Moved | Reject:
        """Learn what a move of `fields` brought."""
        if isinstance(reply, Moved):
            self.hand.mirror.moved(reply, *self.hand.swap())
            self.replies.append(reply)
        return reply

    async def come_back(self) -> Resumed:
        """Connect anew with the token, and hold what the server has against what was acknowledged."""
        line = await self.hand.site.line()
        line.token = self.line.token
        welcome = await line.hello(token=line.token)
        assert isinstance(welcome, Welcome), welcome
        resumed = await line.next(Resumed)
        self.hand.mirror.resumed(resumed, None)
        self.hand.line = line
        return resumed

    async def hang_up(self) -> None:
        """Lose the line, and see that the server has noticed."""
        await self.line.hang_up()
        await until(lambda: self.hand._entry.player.peer is None)

    async def honest(self, think_ms: int = 0, moves_max: int = 10_000) -> AsyncIterator[int]:
        """Play to the end, each move as soon as the board is open and so much later as somebody thinks."""
        for _ in range(moves_max):
            due_ms = self.opens_ms + think_ms
            if due_ms - self.hand.mirror.run.grace_ms >= self.deadline_ms:
                return
            yield self.moment(due_ms)
            reply = await self.try_move()
            assert isinstance(reply, Moved), reply


async def race(site: Site, *plays: AsyncIterator[int]) -> None:
    """Let everybody play: the clock goes to the earliest moment that anybody waits for, and whoever waited acts."""
    waiting = [(site.clock.now().ms, number, play) for number, play in enumerate(plays)]
    heapify(waiting)
    while waiting:
        due_ms, number, play = heappop(waiting)
        site.pass_ms(max(due_ms - site.clock.now().ms, 0))
        try:
            heappush(waiting, (await anext(play), number, play))
        except StopAsyncIteration:
            continue


def tape(line: Line) -> list[bytes]:
    """Record every message that goes out over a line from now on."""
    recorded: list[bytes] = []
    send = line.frame

    async def record(opcode: int, payload: bytes = b"", *, fin: bool = True) -> None:
        if opcode == BINARY:
            recorded.append(payload)
        await send(opcode, payload, fin=fin)

    line.frame = record
    return recorded


_MOVE = Moves.move


def chainless(self: Moves, peer: Any, command: Any, now: Instant) -> Any:
    """Stand for `Moves.move` on a server that plays a move wherever the chain stands: a weakness to be found out."""
    play = peer.player.event.runs[command.run].play
    if play is not None and play.run is not None:
        command = replace(command, seq=play.run.seq + 1, head=play.run.head[:8])
    return _MOVE(self, peer, command, now)


async def reply_to(line: Line, req: int) -> Any:
    """Wait for the reply to a command that was sent."""
    return await line.until(lambda told: getattr(told, "req", None) == req)


async def until(happens: Callable[[], object]) -> None:
    """Let the loop turn until something has happened."""
    async with asyncio.timeout(PATIENCE_S):
        while not happens():
            await asyncio.sleep(0)
