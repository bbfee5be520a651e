"""People who send much and read nothing, against a real process: its memory stays where it was."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest
from tests.conftest import Size
from tests.support.line import BINARY, CONT, PING, PONG, TEXT, Line, masked_frame
from tests.support.process import ServerProcess, serving

from knack_protocol.wire.codec import encode
from knack_protocol.wire.messages import Ping, Pong, Role

pytestmark = [pytest.mark.system, pytest.mark.asyncio]

BURST_BYTES = 1 << 20
GROWTH_BYTES_MAX = 8 << 20
"""One read of the loop (256 KiB) of the smallest frames, taken apart, for a moment; the allocator keeps it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("data")) as started:
        yield started


FLOODS = {
    "pings": masked_frame(PING, bytes(125)),
    "empty pings": masked_frame(PING),
    "pongs": masked_frame(PONG, bytes(125)),
    "commands": masked_frame(BINARY, encode(Ping(1))),
    "garbage": masked_frame(BINARY, b"\xc1"),
    "text": masked_frame(TEXT, b"hello"),
    "pieces of nothing": masked_frame(CONT, fin=False),
}


@pytest.mark.parametrize("flood", FLOODS)
async def test_a_flood_is_closed_disturbs_nobody_and_leaves_nothing_in_memory(
    server: ServerProcess, flood: str, size: Size
) -> None:
    connections = size("floods of 1 MiB", small=2, full=200)
    frame = FLOODS[flood]
    burst = frame * (BURST_BYTES // len(frame))
    process = psutil.Process(server.pid)
    async with await Line.open(server.port) as honest:
        await honest.hello(Role.WATCHER)
        await pour(server, burst, flood)
        before = process.memory_info().rss

        for _ in range(connections):
            await pour(server, burst, flood)
            assert isinstance(await honest.ask(Ping), Pong)
            await asyncio.sleep(0.1)

        assert process.memory_info().rss - before < GROWTH_BYTES_MAX
        assert process.num_fds() < 60


async def pour(server: ServerProcess, burst: bytes, flood: str) -> None:
    """Send everything at once without reading, until the server has had enough."""
    async with await Line.open(server.port, reads=False, receive_buffer_bytes=4096) as line:
        with suppress(ConnectionError, TimeoutError):
            if flood == "pieces of nothing":
                await line.frame(BINARY, fin=False)
            async with asyncio.timeout(10):
                await line.raw(burst)
