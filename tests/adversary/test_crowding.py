"""Row 8 of the threat table, its other half: somebody who means to take up all the room, so that nobody else gets in.

How the doors count is proved in tests/server/shell/test_doors.py, what who is not let in reads in test_http.py.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from tests.support.line import PATIENCE_S, HandshakeRefused, handshake
from tests.support.site import Site, open_site

from knack_protocol.wire.messages import Ping, Pong
from knack_server.shell import http

pytestmark = pytest.mark.asyncio

CROWDER, HALL = "127.0.0.66", "127.0.0.1"
"""Two addresses of this machine; a server on 127.0.0.1 sees from which one somebody comes."""

ROOM, EACH, AT_ONCE = 60, 20, 200

Held = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[Site]:
    async with open_site(folder, connections_max=ROOM, address_connections_max=EACH) as site:
        yield site


async def crowd(site: Site, stack: AsyncExitStack, said: bytes) -> list[Held]:
    """Open many connections at once and say the same on each."""
    held = [
        await asyncio.open_connection("127.0.0.1", site.port, local_addr=(CROWDER, 0)) for _ in range(AT_ONCE)
    ]
    for _, writer in held:
        stack.callback(writer.close)
        writer.write(said)
    return held


async def answers(held: list[Held]) -> list[bytes]:
    """Return the status line that each of them reads, none for one that is hung up on without a word."""

    async def first(reader: asyncio.StreamReader) -> bytes:
        try:
            return (await reader.readline())[:12]
        except ConnectionResetError:
            return b""

    async with asyncio.timeout(PATIENCE_S):
        return await asyncio.gather(*(first(reader) for reader, _ in held))


async def test_a_flood_of_handshakes_from_one_address_fills_that_address_and_not_the_house(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as site, AsyncExitStack() as stack:
        site.stop_clock()  # else who says no hello has gone again before a slow machine has let all of them in
        hand = await site.begin(await site.player("Anna"))

        held = await crowd(site, stack, handshake(site.port))
        told = await answers(held)

        assert told.count(b"HTTP/1.1 101") == EACH
        assert set(told) <= {b"HTTP/1.1 101", b"HTTP/1.1 503", b""}
        assert site.house.host.doors.connections_count == EACH + 1
        assert site.house.host.meters.refusals == {"address": AT_ONCE - EACH}
        await hand.move()
        for number in range(EACH - 1):
            await site.player(f"Guest-{number}")


async def test_half_open_handshakes_hold_an_address_for_their_time_and_nobody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as site, AsyncExitStack() as stack:
        with monkeypatch.context() as hurry:
            hurry.setattr(http, "REQUEST_WITHIN_S", 0.5)
            held = await crowd(site, stack, handshake(site.port)[:-4])
        assert isinstance(await (await site.watcher()).ask(Ping), Pong)

        told = await answers(held)

        assert b"HTTP/1.1 101" not in told
        async with asyncio.timeout(PATIENCE_S):
            while site.house.host.doors.connections_count > 1:
                await asyncio.sleep(0)
        await site.line(source=CROWDER)


async def test_who_sends_a_handshake_a_byte_at_a_time_gains_no_time_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as site:
        monkeypatch.setattr(http, "REQUEST_WITHIN_S", 0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port, local_addr=(CROWDER, 0))
        gone = asyncio.ensure_future(reader.read())

        async with asyncio.timeout(PATIENCE_S):
            for octet in handshake(site.port)[:-1]:
                if gone.done():
                    break
                writer.write(bytes([octet]))
                await asyncio.wait([gone], timeout=0.02)
            await asyncio.wait([gone])

        writer.close()
        assert isinstance(gone.exception(), ConnectionResetError) or gone.result() == b""
        assert site.house.host.arena.floor.peers == {}


async def test_who_is_gone_before_the_door_opens_leaves_nothing(tmp_path: Path) -> None:
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    async with house(tmp_path) as site:
        for _ in range(EACH):
            with socket.create_connection(("127.0.0.1", site.port)) as caller:
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset

        assert isinstance(await (await site.watcher()).ask(Ping), Pong)

        assert site.house.host.doors.connections_count == 1
    assert faults == []


async def test_claiming_to_speak_for_others_gets_nobody_more_room(tmp_path: Path) -> None:
    async with house(tmp_path) as site:
        for number in range(EACH):
            await site.line(source=CROWDER, headers=[("X-Forwarded-For", f"203.0.113.{number}")])

        with pytest.raises(HandshakeRefused, match="503"):
            await site.line(source=CROWDER, headers=[("X-Forwarded-For", "203.0.113.99")])


async def test_a_house_that_is_full_goes_on_for_those_who_are_in_it(tmp_path: Path) -> None:
    async with house(tmp_path) as site, AsyncExitStack() as stack:
        site.stop_clock()
        hand = await site.begin(await site.player("Anna"))
        for address in ("127.0.0.67", "127.0.0.68", "127.0.0.69"):
            for _ in range(EACH):
                with suppress(HandshakeRefused):
                    await site.line(source=address)
        assert site.house.host.doors.connections_count == ROOM

        await answers(await crowd(site, stack, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))

        await hand.move()
        assert (await hand.line.ask(Ping)).req > 0
