"""The edge of HTTP: nobody holds a connection by sending little, or memory by sending much."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.support.site import Site

from knack_protocol.wire.messages import Ping, Pong
from knack_server.shell import http as edge
from knack_server.shell.http import HEAD_BYTES_MAX

pytestmark = pytest.mark.asyncio

POST = (
    b"POST /api/contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)


@pytest.fixture
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "REQUEST_WITHIN_S", 0.05)


@asynccontextmanager
async def connection(site: Site) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    async with asyncio.timeout(20):
        yield reader, writer
    writer.close()


@pytest.mark.usefixtures("_hurry")
@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        POST % 10,
        POST % 10 + b'{"form":',
        b"GET /ws HTTP/1.1\r\nUpgrade",
    ],
)
async def test_a_request_that_does_not_become_whole_is_let_go(site: Site, begun: bytes) -> None:
    async with connection(site) as (reader, writer):
        writer.write(begun)

        assert await reader.read() == b""


@pytest.mark.usefixtures("_hurry")
async def test_somebody_who_sends_a_byte_now_and_then_gains_no_time_by_it(site: Site) -> None:
    async with connection(site) as (reader, writer):
        gone = asyncio.ensure_future(reader.read())
        writer.write(b"GET / HTTP/1.1\r\nX: ")
        while not (gone.done() or writer.transport.is_closing()):
            writer.write(b"x")
            await asyncio.sleep(0)

        await asyncio.wait([gone])
        assert isinstance(gone.exception(), ConnectionResetError) or gone.result() == b""


async def test_a_head_without_end_is_refused(site: Site) -> None:
    for endless in (b"GET /" + b"x" * HEAD_BYTES_MAX, b"GET / HTTP/1.1\r\nX: " + b"x" * HEAD_BYTES_MAX):
        async with connection(site) as (reader, writer):
            writer.write(endless)

            assert (await reader.read()).startswith(b"HTTP/1.1 431 ")


async def test_a_head_of_usual_length_and_a_long_body_in_one_piece_are_read(site: Site) -> None:
    async with connection(site) as (reader, writer):
        writer.write(POST % 60_000 + b" " * 60_000)

        assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.usefixtures("_hurry")
async def test_requests_one_after_another_have_their_time_each(site: Site) -> None:
    end = asyncio.get_running_loop().time() + 3 * edge.REQUEST_WITHIN_S
    async with connection(site) as (reader, writer):
        while asyncio.get_running_loop().time() < end:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readuntil(b'"ok"}')).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.usefixtures("_hurry")
async def test_a_websocket_is_no_request_that_waits(site: Site) -> None:
    end = asyncio.get_running_loop().time() + 3 * edge.REQUEST_WITHIN_S
    line = await site.watcher()
    while asyncio.get_running_loop().time() < end:
        site.pass_ms(1000)
        assert isinstance(await line.ask(Ping), Pong)
