"""The edge of HTTP: who is let in; nobody holds a connection by sending little, or memory by sending much."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.line import PATIENCE_S, HandshakeRefused, Line
from tests.support.site import Site, open_site
from uvicorn.protocols.http import httptools_impl

from knack_protocol.wire.messages import Ping, Pong, Welcome
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
    async with asyncio.timeout(60):
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


# --- who is let in ---


@asynccontextmanager
async def small_house(folder: Path, **given: Any) -> AsyncIterator[tuple[Site, list[Line]]]:
    """A house with room for three, and three watchers in it."""
    async with open_site(folder, **{"connections_max": 3, **given}) as site:
        yield site, [await site.watcher() for _ in range(3)]


async def refusal(site: Site, **how: Any) -> HandshakeRefused:
    with pytest.raises(HandshakeRefused) as caught:
        await site.line(**how)
    return caught.value


async def ask(site: Site, request: bytes) -> bytes:
    async with connection(site) as (reader, writer):
        writer.write(request)
        return await reader.read()


async def test_over_the_ceiling_a_handshake_gets_503_and_is_told_when_to_come_back(tmp_path: Path) -> None:
    async with small_house(tmp_path) as (site, inside):
        refused = await refusal(site)

        assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
        assert "no room" in refused.body.decode()
        assert isinstance(await inside[0].ask(Ping), Pong)


async def test_over_the_ceiling_a_page_gets_503_and_the_health_check_is_answered(tmp_path: Path) -> None:
    async with small_house(tmp_path) as (site, _):
        for page in (b"/", b"/ready", b"/api/event", b"/healthzz"):
            answer = await ask(site, b"GET " + page + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 10\r\n")

        answer = await ask(site, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b'{"status":"ok"}')


async def test_a_place_is_free_as_soon_as_somebody_goes(tmp_path: Path) -> None:
    async with small_house(tmp_path) as (site, inside):
        await refusal(site)

        await inside.pop().hang_up()
        await gone(site, 2)

        assert isinstance(await (await site.line()).hello(), Welcome)


async def test_requests_and_sockets_share_the_room_and_leave_it_alike(tmp_path: Path) -> None:
    async with open_site(tmp_path) as site:
        site.server.config.timeout_keep_alive = 600
        async with connection(site) as (reader, writer):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b'"ok"}')
            line = await site.watcher()
            await refusal(site, path="/elsewhere")
            await gone(site, 2)
        await line.hang_up()

        await gone(site, 0)


async def test_of_those_who_are_not_let_in_no_parser_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small_house(tmp_path) as (site, _):

        def no_parser(*_: object) -> None:
            raise AssertionError("a parser was made")

        monkeypatch.setattr(httptools_impl.httptools, "HttpRequestParser", no_parser)

        assert (await refusal(site)).status == 503


async def test_who_is_not_let_in_and_says_nothing_is_told_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "AT_DOOR_S", 0.05)
    async with small_house(tmp_path) as (site, _):
        assert (await ask(site, b"")).startswith(b"HTTP/1.1 503 ")

        assert site.house.host.doors.at_door_count == 0


async def test_only_so_many_may_stand_at_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "AT_DOOR_MAX", 2)
    monkeypatch.setattr(edge, "AT_DOOR_S", 600)
    async with small_house(tmp_path) as (site, _), connection(site), connection(site):
        async with asyncio.timeout(PATIENCE_S):
            while site.house.host.doors.at_door_count < 2:
                await asyncio.sleep(0)

        assert (await ask(site, b"")).startswith(b"HTTP/1.1 503 ")
        assert site.house.host.doors.at_door_count == 2


async def test_who_comes_through_our_proxy_counts_by_the_address_that_it_tells(tmp_path: Path) -> None:
    async with open_site(tmp_path, trusted_proxy="127.0.0.1", address_connections_max=2) as site:
        anna, bella = [("X-Forwarded-For", "203.0.113.1")], [("X-Forwarded-For", "203.0.113.2")]
        held = [await site.line(headers=anna) for _ in range(2)]

        assert (await refusal(site, headers=anna)).status == 503
        await site.line(headers=bella)
        await held[0].hang_up()
        await gone(site, 2)
        await site.line(headers=anna)


async def test_nobody_else_is_believed(tmp_path: Path) -> None:
    async with open_site(tmp_path, address_connections_max=2) as site:
        for number in range(2):
            await site.line(headers=[("X-Forwarded-For", f"203.0.113.{number}")])

        assert (await refusal(site, headers=[("X-Forwarded-For", "203.0.113.9")])).status == 503


async def gone(site: Site, left_count: int) -> None:
    """Wait until so many connections are left."""
    async with asyncio.timeout(PATIENCE_S):
        while site.house.host.doors.connections_count != left_count:
            await asyncio.sleep(0)
