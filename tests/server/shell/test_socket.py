"""The socket's edge, with real sockets: who is let in, how much may be sent, and what becomes of who does not read."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NOTSENT_LOWAT
from typing import Any, TypeVar

import pytest
from tests.support import lives
from tests.support.database import record
from tests.support.line import (
    BINARY,
    CLOSE,
    CONT,
    NO_CLOSE_FRAME,
    PATIENCE_S,
    PING,
    PONG,
    TEXT,
    HandshakeRefused,
    Line,
    masked_frame,
)
from tests.support.site import Hand, Site, open_site

from knack_protocol.ids import CourseName, EventId, HeatId
from knack_protocol.wire.codec import encode
from knack_protocol.wire.codes import CloseCode, RejectCode, reconnects
from knack_protocol.wire.limits import (
    COMMAND_BYTES_MAX,
    HELLO_WITHIN_MS,
    MALFORMED_MAX,
    RATE_BURST,
    RATE_PER_S,
    SILENCE_MS,
)
from knack_protocol.wire.messages import (
    Delta,
    Hello,
    Live,
    Ping,
    Pong,
    Reject,
    Resync,
    Role,
    Snapshot,
    View,
    Watch,
    Welcome,
)
from knack_server import app
from knack_server.core.arena import Arena
from knack_server.shell import heartbeat
from knack_server.shell import socket as edge
from knack_server.shell.folder import DATABASE_NAME, MASTER_NAME, SIGNING_NAME, read_secret
from knack_server.shell.frames import frame_of
from knack_server.shell.host import Host
from knack_server.shell.http import KnackHttp

SPRINT = CourseName("sprint")
T = TypeVar("T")

HELLO = encode(Hello(1, Role.WATCHER, EventId(""), ""))


pytestmark = pytest.mark.asyncio
at_the_door = pytest.mark.asyncio(loop_scope="module")


async def refused(site: Site, **how: object) -> int:
    with pytest.raises(HandshakeRefused) as caught:
        await site.line(**how)
    return caught.value.status


# --- the handshake ---


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://127.0.0.1:{port}0",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil.example/127.0.0.1:{port}",
        "http://evil@127.0.0.1:{port}",
        "ws://127.0.0.1:{port}",
        "http://localhost:{port}",
        "null",
        "",
    ],
)
@at_the_door
async def test_a_page_of_another_origin_gets_403(door: Site, origin: str) -> None:
    assert await refused(door, headers=[("Origin", origin.format(port=door.port))]) == 403


@at_the_door
async def test_two_origins_are_one_too_many(door: Site) -> None:
    own = f"http://127.0.0.1:{door.port}"

    assert await refused(door, headers=[("Origin", own), ("Origin", own)]) == 403


@at_the_door
async def test_our_own_pages_and_programs_are_let_in(door: Site) -> None:
    for headers in (
        [],
        [("Origin", f"http://127.0.0.1:{door.port}")],
        [("Origin", f"https://127.0.0.1:{door.port}")],
    ):
        line = await door.line(headers=headers)

        assert isinstance(await line.hello(), Welcome)


@at_the_door
async def test_a_page_may_come_by_whichever_name_the_server_is_called(door: Site) -> None:
    line = await door.line(headers=[("Host", "knack.local:80"), ("Origin", "http://knack.local:80")])

    assert isinstance(await line.hello(), Welcome)


async def test_pages_below_the_public_address_are_let_in_behind_a_proxy(tmp_path: Path) -> None:
    async with open_site(tmp_path, public_url="https://knack.example") as site:
        line = await site.line(headers=[("Origin", "https://knack.example")])

        assert isinstance(await line.hello(), Welcome)
        assert await refused(site, headers=[("Origin", "http://knack.example")]) == 403


@pytest.mark.parametrize("offered", [None, "knack.v2", "KNACK.V1", "graphql-ws, soap"])
@at_the_door
async def test_without_our_subprotocol_there_is_no_connection(door: Site, offered: str | None) -> None:
    assert await refused(door, subprotocol=offered) == 400


@at_the_door
async def test_our_subprotocol_is_chosen_from_several(door: Site) -> None:
    line = await door.line(subprotocol="knack.v2, knack.v1")

    assert line.headers["Sec-WebSocket-Protocol"] == "knack.v1"


@pytest.mark.parametrize(
    "path", ["/", "/ws/", "/wss", "/e/demo/ws", "/api/event", "/ws?token=secret", "/ws?"]
)
@at_the_door
async def test_a_socket_is_opened_at_its_one_address_that_carries_nothing(door: Site, path: str) -> None:
    assert await refused(door, path=path) == 404


@at_the_door
async def test_no_compression_is_agreed_on(door: Site) -> None:
    line = await door.line(
        headers=[("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")]
    )

    assert line.headers["Sec-WebSocket-Extensions"] is None


@pytest.mark.parametrize(
    "header",
    [
        ("Sec-WebSocket-Version", "12"),
        ("Sec-WebSocket-Key", "short"),
        ("Connection", "Upgrade, \x01"),
        ("Sec-WebSocket-Protocol", "knack.v1, ,;"),
    ],
)
@at_the_door
async def test_a_broken_handshake_is_refused_and_closed(door: Site, header: tuple[str, str]) -> None:
    assert await refused(door, headers=[header]) in {400, 426}


@at_the_door
async def test_a_handshake_with_two_hosts_is_refused_and_closed(door: Site) -> None:
    own = f"127.0.0.1:{door.port}"

    assert await refused(door, headers=[("Host", own), ("Host", own), ("Origin", f"http://{own}")]) == 400


@at_the_door
async def test_a_handshake_with_too_many_headers_is_refused_and_closed(door: Site) -> None:
    assert await refused(door, headers=[(f"X-{number}", "x") for number in range(200)]) == 431


@at_the_door
@pytest.mark.parametrize(
    ("header", "status"),
    [
        (("X-Long", "x" * 9000), 431),
        (("X" * 9000, "x"), 431),
    ],
    ids=["value", "name"],
)
async def test_a_handshake_with_a_line_that_is_too_long_is_refused_and_closed(
    door: Site, header: tuple[str, str], status: int
) -> None:
    assert await refused(door, headers=[header]) == status


@at_the_door
@pytest.mark.parametrize(
    "headers",
    [
        [(f"X-{number}", "x") for number in range(100)],
        [("X-Long", "x" * 5000)],
        [("X-Name", "Zoë")],
        [("X-Tabs", "\t x\ty \t")],
        [("Content-Length", "0")],
        [("Sec-WebSocket-Protocol", " other ,knack.v1, more "), ("Cookie", "a=b; c=d")],
    ],
    ids=["many", "long", "not-ascii", "tabs", "empty-body", "several"],
)
async def test_an_unusual_handshake_is_answered_like_a_plain_one(
    door: Site, headers: list[tuple[str, str]]
) -> None:
    line = await door.line(headers=headers)

    assert isinstance(await line.hello(), Welcome)


@at_the_door
@pytest.mark.parametrize(
    "header", ["Content-Length: 3", "Transfer-Encoding: chunked"], ids=["length", "chunked"]
)
async def test_a_handshake_with_a_body_is_closed_without_an_answer(door: Site, header: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    request = (
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{door.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {'A' * 22}==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: knack.v1\r\n{header}\r\n\r\n"
    )
    writer.write(request.encode())

    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert b"101 Switching" not in answer


@at_the_door
async def test_an_upgrade_that_is_no_get_is_refused_and_closed(door: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(
        b"POST /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n"
    )

    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 405"))


# --- how much may be sent ---


async def test_a_message_of_exactly_the_limit_is_answered(site: Site) -> None:
    line = await site.line()

    await line.frame(BINARY, bytes(COMMAND_BYTES_MAX))

    assert (await line.next(Reject)).code == RejectCode.MALFORMED


async def test_one_byte_more_closes_with_1009(site: Site) -> None:
    line = await site.line()

    await line.frame(BINARY, bytes(COMMAND_BYTES_MAX + 1))

    assert await line.closed() == CloseCode.TOO_BIG
    assert line.told == []


async def test_a_message_that_becomes_too_big_in_pieces_closes_with_1009(site: Site) -> None:
    line = await site.line()

    await line.frame(BINARY, bytes(COMMAND_BYTES_MAX), fin=False)
    await line.frame(CONT, b"x")

    assert await line.closed() == CloseCode.TOO_BIG


async def test_who_sends_far_too_much_still_reads_why_it_was_closed(site: Site) -> None:
    line = await site.line()

    await line.raw(masked_frame(BINARY, bytes(4 << 20)))

    assert await line.closed() == CloseCode.TOO_BIG


async def test_a_command_in_pieces_is_a_command(site: Site) -> None:
    line = await site.line()

    await line.frame(BINARY, HELLO[:1], fin=False)
    for octet in HELLO[1:-1]:
        await line.frame(CONT, bytes([octet]), fin=False)
    await line.frame(PING, b"between")
    await line.frame(CONT, HELLO[-1:])

    assert isinstance(await line.next(Welcome), Welcome)
    await line.ponged(b"between")


async def test_frames_say_the_same_wherever_they_are_cut(site: Site) -> None:
    whole = (
        masked_frame(BINARY, HELLO)
        + masked_frame(PING, b"one")
        + masked_frame(BINARY, encode(Ping(2)))
        + masked_frame(BINARY, bytes(200))
        + masked_frame(PING, b"two")
    )
    for cut in range(0, 60, 3):
        line = await site.line()

        await line.raw(whole[:cut])
        await site.settled()
        await line.raw(whole[cut:])

        assert (await line.next(Welcome)).req == 1
        assert (await line.next(Pong)).req == 2
        assert (await line.next(Reject)).code == RejectCode.MALFORMED
        await line.ponged(b"two")
        assert line.pongs == [b"one", b"two"]


async def test_a_command_in_64_pieces_is_heard_and_the_65th_closes(site: Site) -> None:
    line = await site.line()
    for last in (63, 64):
        await line.frame(BINARY, HELLO, fin=False)
        for piece in range(1, last + 1):
            await line.frame(CONT, fin=piece == last)

    assert isinstance(await line.next(Welcome), Welcome)
    assert await line.closed() == CloseCode.TOO_BIG
    assert line.told == []


async def test_frames_that_break_the_websocket_protocol_close_with_1002(site: Site) -> None:
    for broken in (
        b"\x82\x01x",
        b"\xc2\x80\x00\x00\x00\x00",
        b"\x83\x80\x00\x00\x00\x00",
        masked_frame(CONT, b"x"),
    ):
        line = await site.line()

        await line.raw(broken)

        assert await line.closed() == 1002


# --- what is said ---


async def test_text_is_malformed(site: Site) -> None:
    line = await site.line()

    await line.frame(TEXT, b"[1, 2")

    reject = await line.next(Reject)
    assert (reject.code, reject.req) == (RejectCode.MALFORMED, 0)


async def test_three_malformed_messages_are_rejected_and_then_close_the_connection(site: Site) -> None:
    line = await site.line()
    await line.hello()

    for garbage in (b"\xc1", b"\x91\x63", b"\x93\x03\x07\x05"):
        await line.frame(BINARY, garbage)

    assert [(await line.next(Reject)).req for _ in range(MALFORMED_MAX)] == [0, 0, 7]
    assert await line.closed() == CloseCode.MALFORMED


async def test_a_flood_is_rejected_with_the_time_to_wait_and_then_closed(site: Site) -> None:
    site.stop_clock()
    line = await site.line()
    await line.hello()

    await line.raw(b"".join(masked_frame(BINARY, encode(Ping(req))) for req in range(100, 200)))

    assert await line.closed() == CloseCode.FLOODING
    rejects = [message for message in line.told if isinstance(message, Reject)]
    assert len([message for message in line.told if isinstance(message, Pong)]) == RATE_BURST - 1
    assert {reject.code for reject in rejects} == {RejectCode.TOO_MANY}
    assert all(1 <= reject.wait_ms <= 100 for reject in rejects)


async def test_who_waits_as_told_may_go_on(site: Site) -> None:
    site.stop_clock()
    line = await site.line()
    await line.hello()
    for _ in range(RATE_BURST - 1):
        await line.ask(Ping)

    reject = await line.ask(Ping)
    site.pass_ms(reject.wait_ms)

    assert isinstance(await line.ask(Ping), Pong)


async def test_ten_messages_a_second_are_never_too_many(site: Site) -> None:
    line = await site.line()
    await line.hello()

    for _ in range(100):
        site.pass_ms(100)
        assert isinstance(await line.ask(Ping), Pong)


async def test_a_new_connection_of_a_session_brings_no_new_burst(site: Site) -> None:
    site.stop_clock()
    anna = await site.player("Anna")
    for _ in range(RATE_BURST):
        await anna.ask(Ping)

    again = await site.line()
    assert isinstance(await again.hello(token=anna.token), Welcome)

    assert (await again.ask(Ping)).code == RejectCode.TOO_MANY


async def test_control_frames_count_as_messages(site: Site) -> None:
    for opcode in (PING, PONG):
        line = await site.line()
        await line.hello()

        await line.raw(b"".join(masked_frame(opcode, b"x") for _ in range(200)))

        assert await line.closed() == CloseCode.FLOODING


async def test_of_a_flood_that_comes_at_once_little_is_taken_apart(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = 0
    pinged = Host.pinged

    def count(host: Host, *ping: Any) -> None:
        nonlocal heard
        heard += 1
        pinged(host, *ping)

    monkeypatch.setattr(Host, "pinged", count)
    line = await site.line()

    await line.raw(masked_frame(PING) * 100_000)

    assert await line.closed() == CloseCode.FLOODING
    assert heard <= edge.SLICE_BYTES // len(masked_frame(PING)) + 1


async def test_who_says_no_hello_is_closed_after_ten_seconds(site: Site) -> None:
    silent, greeted = await site.line(), await site.line()
    await greeted.hello()

    site.pass_ms(HELLO_WITHIN_MS - 1000)
    assert not silent.is_closed
    site.pass_ms(1000)

    assert await silent.closed() == CloseCode.SILENT
    assert isinstance(await greeted.ask(Ping), Pong)


async def test_who_has_gone_without_a_word_is_let_go_after_twenty_seconds(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "LOOK_EVERY_S", 0.02)
    gone, listening = await site.watcher(), await site.watcher()
    gone.answers_pings = False

    def answer_heard() -> bool | None:
        now_ms = site.clock.now().ms
        return any(now_ms - line.heard_ms < SILENCE_MS // 4 for line in site.connections) or None

    for _ in range(4):
        before = len(listening.pings)
        site.pass_ms(SILENCE_MS // 2, silently=True)
        await listening.pinged(before)
        await some(answer_heard)

    assert await gone.closed() == CloseCode.SILENT
    assert isinstance(await listening.ask(Ping), Pong)


async def test_who_talks_is_not_pinged(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "LOOK_EVERY_S", 0.001)
    talking = await site.watcher()

    for _ in range(50):
        site.pass_ms(SILENCE_MS // 4, silently=True)
        await talking.ask(Ping)

    assert talking.pings == []


async def test_the_server_answers_pings_with_their_own_payload(site: Site) -> None:
    line = await site.line()

    await line.frame(PING, b"125 bytes".ljust(125))

    await line.ponged(b"125 bytes".ljust(125))


async def test_a_close_is_answered_and_the_server_hangs_up(site: Site) -> None:
    line = await site.line()
    await line.hello()

    await line.frame(CLOSE, (1000).to_bytes(2, "big"))

    assert await line.closed() == 1000
    assert site.house.host.arena.floor.peers == {}


async def test_what_is_closed_is_freed_without_a_search_for_cycles(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[weakref.ref[Any]] = []
    for kind in (KnackHttp, edge.KnackSocket):
        made = kind.connection_made
        monkeypatch.setattr(
            kind,
            "connection_made",
            lambda this, transport, made=made: kept.append(weakref.ref(this)) or made(this, transport),
        )
    gc.collect()
    gc.disable()
    try:
        waiting, careful, gone = [await site.watcher() for _ in range(3)]
        upgraded = [ref() for ref in kept]
        assert [type(this).__name__ for this in upgraded if this is not None] == ["BoundSocket"] * 3
        del upgraded

        for line in (waiting, careful, gone):
            await line.ask(Watch, SPRINT, View.TOP, 0, 0)
        await careful.frame(BINARY, HELLO[:1], fin=False)
        await careful.frame(CONT, HELLO[1:])
        await gone.hang_up()
        for line in (waiting, careful):
            await line.frame(CLOSE, (1000).to_bytes(2, "big"))
            assert await line.closed() == 1000

        await some(lambda: all(ref() is None for ref in kept) or None)
    finally:
        gc.enable()


# --- who does not read ---


async def test_who_pings_without_reading_makes_the_server_hold_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Arena, "pinged", lambda *_: []
    )  # else the flood would be closed, and prove nothing here
    async with open_site(tmp_path, send_buffer_bytes=4096) as site:
        flooder = await site.line(reads=False, receive_buffer_bytes=4096)
        (held,) = sockets(site)
        bystander = await site.watcher()
        burst = b"".join(masked_frame(PING, bytes(125)) for _ in range(500))
        most_bytes, was_slow = 0, False

        for _ in range(60):
            await asyncio.wait_for(flooder.raw(burst), 60)
            site.pass_ms(100)
            assert isinstance(await bystander.ask(Ping), Pong)
            most_bytes, was_slow = max(most_bytes, held.queued_bytes), was_slow or held.is_slow

        assert was_slow
        assert most_bytes <= 4 * edge.WRITE_HIGH_BYTES


async def test_the_kernel_holds_little_for_a_reader_and_says_early_that_it_is_slow(site: Site) -> None:
    await site.watcher()

    (held,) = sockets(site)

    option = held.transport.get_extra_info("socket").getsockopt(IPPROTO_TCP, TCP_NOTSENT_LOWAT)
    assert option == app.UNSENT_BYTES
    assert held.transport.get_write_buffer_limits() == (edge.WRITE_LOW_BYTES, edge.WRITE_HIGH_BYTES)


async def test_a_reader_over_the_write_mark_leaves_the_hot_set_and_later_gets_one_fresh_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "DRAIN_WITHIN_S", PATIENCE_S)  # however long a busy machine takes
    async with hall(tmp_path) as (site, anna):
        reader = await site.watcher()
        await reader.ask(Watch, SPRINT, View.TOP, 0, 0)
        idle, held = await idle_watcher(site)
        most_bytes = held.queued_bytes
        assert most_bytes > edge.WRITE_LOW_BYTES

        for _ in range(40):
            moved = await anna.move()
            delta = await reader.next(Delta)
            assert delta.to == moved.version
            assert [*(row.score for row in delta.rows), *delta.gains[1::3]] in ([moved.score], [moved.points])
            most_bytes = max(most_bytes, held.queued_bytes)

        assert held.is_slow
        assert held.is_open
        assert most_bytes < 2 * edge.WRITE_HIGH_BYTES
        idle.read()
        fresh = await idle.until(
            lambda message: isinstance(message, Snapshot) and message.version == delta.to
        )
        newcomer = await site.watcher()
        await newcomer.ask(Watch, SPRINT, View.TOP, 0, 0)
        assert fresh.rows == (await newcomer.next(Snapshot)).rows
        assert not held.is_slow

        moved = await anna.move()
        goes_on = await idle.next(Delta)
        assert (goes_on.from_, goes_on.to) == (delta.to, moved.version)
        told = [type(message) for message in idle.heard if isinstance(message, Snapshot | Delta | Resync)]
        assert told[-3:] == [Resync, Snapshot, Delta]
        assert set(told[:-3]) == {Snapshot}


async def test_frames_that_the_kernel_takes_in_part_arrive_whole_and_in_order(tmp_path: Path) -> None:
    async with open_site(tmp_path, send_buffer_bytes=4096) as site:
        line = await site.watcher()
        (held,) = sockets(site)
        live = [Live(HeatId(""), second, bytes([second]) * 32, 0, bytes(32)) for second in range(200)]
        was_full = False

        for message in live:
            held.riding = frame_of(encode(message))
            for _ in range(20):
                held.write(frame_of(encode(message)))
            was_full = was_full or not held.is_clear
            if held.queued_bytes > edge.WRITE_HIGH_BYTES:
                await some(lambda: not held.queued_bytes or None)
                assert not held.is_clear
                held.write(b"")
                assert held.is_clear

        assert was_full
        for message in live:
            for _ in range(21):
                assert await line.next(Live) == message


async def test_what_rides_goes_out_before_the_close(site: Site) -> None:
    line = await site.watcher()
    (held,) = sockets(site)
    message = Live(HeatId(""), 1, bytes(32), 0, bytes(32))
    held.riding = frame_of(encode(message))

    held.close(CloseCode.RESTARTING)

    assert await line.next(Live) == message
    assert await line.closed() == CloseCode.RESTARTING


async def test_a_line_that_was_cut_while_nothing_was_read_is_let_go_by_the_next_write(site: Site) -> None:
    line = await site.watcher()
    (held,) = sockets(site)
    held.transport.pause_reading()  # so that nothing but the write learns of it
    await line.hang_up()

    async with asyncio.timeout(PATIENCE_S):
        while held.is_clear:
            held.write(frame_of(bytes(100)))
            await asyncio.sleep(0)

    await some(lambda: not sockets(site) or None)


async def test_nobody_is_kept_more_than_a_quarter_of_a_mib(tmp_path: Path) -> None:
    async with open_site(tmp_path, send_buffer_bytes=4096) as site:
        await site.line(reads=False, receive_buffer_bytes=4096)
        (held,) = sockets(site)
        most_bytes = 0

        while held.is_open:
            held.write(frame_of(bytes(8192)))
            most_bytes = max(most_bytes, held.queued_bytes)

        assert edge.WRITE_MAX_BYTES - 16_384 < most_bytes <= edge.WRITE_MAX_BYTES + 16_384
        await some(lambda: not sockets(site) or None)
        assert site.house.host.meters.closes == {CloseCode.SLOW: 1}


async def test_a_reader_that_does_not_drain_in_time_is_let_go_and_may_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert edge.DRAIN_WITHIN_S == 15
    monkeypatch.setattr(edge, "DRAIN_WITHIN_S", 0.1)
    async with hall(tmp_path) as (site, _):
        idle, held = await idle_watcher(site)

        await some(lambda: held not in sockets(site) or None)

        assert site.house.host.meters.closes == {CloseCode.SLOW: 1}
        assert reconnects(CloseCode.SLOW)
        idle.read()
        assert await idle.closed() == NO_CLOSE_FRAME  # it would wait behind what is not read
        assert reconnects(NO_CLOSE_FRAME)


def sockets(site: Site) -> list[edge.KnackSocket]:
    return list(site.house.host._performer.sockets.values())


@asynccontextmanager
async def hall(folder: Path) -> AsyncIterator[tuple[Site, Hand]]:
    """A site with 49 standings, so that a snapshot is some KiB, small buffers in the kernel, and a run in play."""
    facts = lives.event()
    for number in range(49):
        name = f"Player-{number}"
        facts += [lives.player(name), *lives.finished(f"r{number}", name, 30 * (number + 1), 900)]
    (folder / "data").mkdir()
    read_secret(folder / "data", MASTER_NAME)
    read_secret(folder / "data", SIGNING_NAME)
    await record(folder / "data" / DATABASE_NAME, facts)
    async with open_site(folder / "data", send_buffer_bytes=4096) as site:
        yield site, await site.begin(await site.player("Anna"))


async def idle_watcher(site: Site) -> tuple[Line, edge.KnackSocket]:
    """A watcher that asks for snapshot after snapshot and reads none, until more waits for it than the write mark."""
    bystander = await site.watcher()
    line = await site.line(reads=False, receive_buffer_bytes=4096)
    held = sockets(site)[-1]
    await line.send(Hello, Role.WATCHER, EventId(""), "")
    while not held.is_slow:
        await line.send(Watch, SPRINT, View.TOP, 0, 0)
        await bystander.ask(Ping)  # when its answer has come, the server has heard the other one, too
        await site.settled()
        site.pass_ms(1000 // RATE_PER_S)
    return line, held


async def some(look: Callable[[], T | None]) -> T:
    """Let the loop turn until there is something."""
    async with asyncio.timeout(PATIENCE_S):
        while (found := look()) is None:
            await asyncio.sleep(0)
    return found
