"""A disk that is full in the middle of a run: nothing recorded is lost, the player is told, and play goes on."""

import asyncio
import resource
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Tally
from tests.support.disk import SmallDisk, Unmountable, small_disk
from tests.support.line import Line
from tests.support.process import ServerProcess, serving

from knack_client.mirror import Mirror
from knack_protocol.ids import CourseName
from knack_protocol.rules.course import rules_hash
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Begin,
    Join,
    Move,
    Moved,
    Ping,
    Pong,
    Prepare,
    Recording,
    Reject,
    Resumed,
    Role,
    Start,
    Status,
    Welcome,
)
from knack_server.shell.folder import DATABASE_NAME
from knack_server.store.opening import open_for_reading
from knack_server.store.queries import Queries

pytestmark = [pytest.mark.system, pytest.mark.asyncio]

DATABASE_FILES = f"data/{DATABASE_NAME}*"

DISK_BYTES = 8 << 20
"""Room for the files of an event that has just begun."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path / "data") as started:
        yield started


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    try:
        with small_disk(tmp_path / "disk", DISK_BYTES) as mounted:
            yield mounted
    except Unmountable as refused:
        pytest.skip(f"this system lets nobody mount a disk of their own: {refused}")


async def stored(folder: Path, run: str) -> list[tuple[int, bytes]]:
    async with await open_for_reading(folder / DATABASE_NAME) as store:
        log = await Queries(store).run_log(run)
    assert log is not None
    return [(event.seq, event.hash) for event in log.events]


class Hand:
    """A run in play on a real clock, held against the rules."""

    def __init__(self, line: Line, mirror: Mirror, run: str) -> None:
        self.line = line
        self.mirror = mirror
        self.run = run

    def frame(self) -> tuple[tuple[int, int], tuple[object, ...]]:
        """A legal swap, and the fields of its MOVE."""
        run, swap = self.mirror.run, legal_swaps(self.mirror.run.board)[0]
        return swap, (self.run, run.seq + 1, run.head[:8], *swap)

    async def move(self) -> Moved:
        """Move, and again as long as it is too early or nothing can be recorded."""
        while True:
            swap, fields = self.frame()
            reply = await self.line.ask(Move, *fields)
            if isinstance(reply, Moved):
                self.mirror.moved(reply, *swap)
                return reply
            assert reply.code == RejectCode.EARLY, reply
            await asyncio.sleep(reply.wait_ms / 1000)

    @property
    def receipts(self) -> list[tuple[int, bytes]]:
        return [(receipt.seq, receipt.head) for receipt in self.mirror.receipts if receipt.seq]


async def begin(line: Line) -> Hand:
    joined = await line.join("Anna")
    prepared = await line.ask(Prepare, CourseName("climb"))
    await line.ask(Start, prepared.run, secrets.token_bytes(16))
    begin = await line.next(Begin)
    assert line.welcome is not None
    mirror = Mirror.begun(begin, line.welcome.event, joined.player, rules_hash(), prepared.commit)
    return Hand(line, mirror, begin.run)


async def test_a_full_disk_loses_nothing_says_so_and_lets_play_go_on(server: ServerProcess) -> None:
    async with await Line.open(server.port) as anna, await Line.open(server.port) as screen:
        await screen.hello(Role.WATCHER)
        hand = await begin(anna)
        for _ in range(3):
            await hand.move()

        server.limit_files((server.folder / f"{DATABASE_NAME}-wal").stat().st_size)
        assert (await anna.next(Status)).state == (await screen.next(Status)).state == Recording.NOT_NOW
        _swap, fields = hand.frame()
        refused = await anna.ask(Move, *fields)
        assert isinstance(refused, Reject)
        assert (refused.code, refused.wait_ms) == (RejectCode.NOT_RECORDING, 1000)
        assert isinstance(await anna.ask(Ping), Pong)
        async with await Line.open(server.port) as newcomer:
            assert isinstance(await newcomer.hello(), Welcome)
            assert (await newcomer.next(Status)).state == Recording.NOT_NOW
            assert (await newcomer.ask(Join, "Bob")).code == RejectCode.NOT_RECORDING
        assert await stored(server.folder, hand.run) == hand.receipts

        server.limit_files(resource.RLIM_INFINITY)
        assert (await anna.next(Status)).state == (await screen.next(Status)).state == Recording.AGAIN
        for _ in range(3):
            await hand.move()

        assert await stored(server.folder, hand.run) == hand.receipts
        assert len(hand.receipts) == 6
        code = await asyncio.to_thread(server.interrupt)
    assert (code, server.complained) == (0, [])


async def test_a_kill_while_the_disk_is_full_loses_nothing_that_was_acknowledged(
    server: ServerProcess, tally: Tally
) -> None:
    async with await Line.open(server.port) as anna:
        hand = await begin(anna)
        for _ in range(2):
            await hand.move()
        server.limit_files((server.folder / f"{DATABASE_NAME}-wal").stat().st_size)
        _, fields = hand.frame()
        await anna.send(Move, *fields)
        await anna.next(Status)
        await asyncio.to_thread(server.kill)
        assert await stored(server.folder, hand.run) == hand.receipts
    tally("acknowledged events, all found again", len(hand.receipts))


async def test_a_kill_on_a_disk_without_a_free_byte_loses_nothing_and_the_next_start_waits_for_room(
    disk: SmallDisk, tmp_path: Path, tally: Tally
) -> None:
    with serving(disk.mountpoint / "data", disk.prefix) as server:
        async with await Line.open(server.port) as anna:
            hand = await begin(anna)
            for _ in range(2):
                await hand.move()
            disk.fill()
            swap, fields = hand.frame()
            await anna.send(Move, *fields)
            assert (await anna.next(Status)).state == Recording.NOT_NOW
            await asyncio.to_thread(server.kill)
        assert disk.free_bytes == 0
        acknowledged = hand.receipts
        assert await stored(disk.copy(DATABASE_FILES, tmp_path / "killed"), hand.run) == acknowledged

        await asyncio.to_thread(server.start)
        assert disk.free_bytes == 0
        async with await Line.open(server.port) as again:
            assert isinstance(await again.hello(token=anna.token), Welcome)
            assert (await again.next(Status)).state == Recording.NOT_NOW
            disk.free()
            assert (await again.next(Status)).state == Recording.AGAIN
            hand.mirror.resumed(await again.next(Resumed), swap)
            hand.line = again
            for _ in range(2):
                await hand.move()
            code = await asyncio.to_thread(server.interrupt)
        assert (code, server.complained) == (0, [])
    went_on = await stored(disk.copy(DATABASE_FILES, tmp_path / "ended"), hand.run)
    assert went_on[: len(acknowledged)] == acknowledged
    assert went_on == hand.receipts
    tally("acknowledged events, all found again", len(hand.receipts))
