"""Lines: every attempt ends in one outcome, and what is heard is stamped before anybody acts on it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic_ns

import pytest
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from knack_client.connection import HandshakeRefused
from knack_client.errors import ConnectionLost, ServerFault, Unreachable
from knack_loadtest.crowd.line import SILENCE_NS, Dialer, Line
from knack_loadtest.crowd.networks.path import Path
from knack_loadtest.crowd.networks.profiles import PROFILES
from knack_loadtest.crowd.networks.way import Route
from knack_loadtest.crowd.networks.weather import Weather
from knack_loadtest.crowd.networks.wheel import Wheel
from knack_loadtest.crowd.sharing import Shared
from knack_loadtest.crowd.tally import Tally
from knack_protocol.ids import EventId
from knack_protocol.wire.codec import encode
from knack_protocol.wire.messages import Command, Hello, Ping, Pong, Push, Reply, Role, Status, Welcome
from knack_protocol.wire.parts import Recording

pytestmark = pytest.mark.asyncio

HELLO = Hello(0, Role.WATCHER, EventId(""), "")
WITHIN_S = 30

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Seen:
    """A witness that remembers."""

    def __init__(self) -> None:
        self.sent_at: list[tuple[Command, int]] = []
        self.heard_at: list[tuple[Reply | Push, int]] = []
        self.code = 0

    def sent(self, command: Command, at_ns: int) -> None:
        self.sent_at.append((command, at_ns))

    def heard(self, message: Reply | Push, at_ns: int) -> None:
        self.heard_at.append((message, at_ns))

    def lost(self, code: int) -> None:
        self.code = code


@asynccontextmanager
async def dialing(script: Script) -> AsyncIterator[Dialer]:
    """A dialer to a server that does as it is told on each connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        shared = Shared(lambda _message: None, lambda _standings: None, lambda _standings: None)
        yield Dialer.to(f"ws://127.0.0.1:{port}/ws", Tally(), shared, ("127.0.0.3",))


async def shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    protocol = ServerProtocol(subprotocols=["knack.v1"])  # type: ignore[list-item]
    protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
    (request,) = protocol.events_received()
    protocol.send_response(protocol.accept(request))  # type: ignore[arg-type]
    writer.write(b"".join(protocol.data_to_send()))


def message(told: Reply | Push) -> bytes:
    return Frame(Opcode.BINARY, encode(told)).serialize(mask=False)


def welcome(req: int) -> bytes:
    return message(Welcome(req, EventId("demo"), "Demo", "", "", 0, bytes(32), ()))  # type: ignore[arg-type]


async def opened(
    dialer: Dialer, seen: Seen | None = None, on_push: Callable[[Push], None] = lambda _p: None
) -> Line:
    async with asyncio.timeout(WITHIN_S):
        return await dialer.open(seen or Seen(), on_push)


def outcomes(dialer: Dialer) -> dict[str, int]:
    assert dialer.tally.counts["connect.attempts"] == sum(dialer.tally.tables["connect_outcomes"].values())
    return dict(dialer.tally.tables["connect_outcomes"])


async def test_an_attempt_that_was_welcomed_is_ready() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        await reader.readexactly(6 + len(encode(HELLO)))
        writer.write(welcome(1))
        await reader.read()

    async with dialing(script) as dialer:
        seen = Seen()
        line = await opened(dialer, seen)
        await line.request(HELLO, Welcome)
        line.abort()
        await line.closed

        assert outcomes(dialer) == {"ready": 1}
        assert dialer.tally.histograms["connect"].count == 1
        assert seen.code == 1006
        assert dialer.lines == set()
        (_, sent_ns), (_, heard_ns) = seen.sent_at[0], seen.heard_at[0]
        assert sent_ns <= heard_ns


async def test_a_refused_handshake_is_named_by_its_status() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")

    async with dialing(script) as dialer:
        with pytest.raises(HandshakeRefused):
            await opened(dialer)

        assert outcomes(dialer) == {"http_503": 1}


async def test_a_socket_that_goes_away_in_the_handshake_is_a_reset() -> None:
    async def script(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with dialing(script) as dialer:
        with pytest.raises(Unreachable):
            await opened(dialer)

        assert outcomes(dialer) == {"reset_upgrade": 1}


async def test_nobody_there_is_refused() -> None:
    async def script(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        pass

    async with dialing(script) as dialer:
        pass
    with pytest.raises(Unreachable):
        await opened(dialer)

    assert outcomes(dialer) == {"refused": 1}


async def test_who_cannot_get_in_while_the_server_was_taken_away_is_not_refused() -> None:
    async def script(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        dialer.outage.begin()

    async with dialing(script) as dialer:
        with pytest.raises(Unreachable):
            await opened(dialer)  # it had begun before
    with pytest.raises(Unreachable):
        await opened(dialer)
    dialer.outage.end()
    with pytest.raises(Unreachable):
        await opened(dialer)

    assert outcomes(dialer) == {"server_away": 2, "refused": 1}


async def test_a_close_before_the_welcome_is_named_by_its_code() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        writer.write(Frame(Opcode.CLOSE, (4000).to_bytes(2, "big")).serialize(mask=False))
        await reader.read()

    async with dialing(script) as dialer:
        line = await opened(dialer)

        assert await asyncio.wait_for(line.closed, WITHIN_S) == 4000
        assert outcomes(dialer) == {"close_4000": 1}


async def test_who_waits_for_an_answer_is_told_that_the_line_is_gone() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        await reader.readexactly(6 + len(encode(HELLO)))

    async with dialing(script) as dialer:
        line = await opened(dialer)
        with pytest.raises(ConnectionLost):
            await line.request(HELLO, Welcome)


async def test_pings_are_answered_and_pushes_handed_on_in_order() -> None:
    answered = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        writer.write(Frame(Opcode.PING, b"abc").serialize(mask=False))
        pong = await reader.readexactly(9)
        assert pong[0] == 0x8A
        assert pong.endswith(b"abc")
        writer.write(message(Status(Recording.NOT_NOW)) + message(Status(Recording.AGAIN)))
        answered.set()
        await reader.read()

    pushes: list[Push] = []
    both = asyncio.Event()

    def push(told: Push) -> None:
        pushes.append(told)
        if len(pushes) == 2:
            both.set()

    async with dialing(script) as dialer:
        line = await opened(dialer, on_push=push)
        await asyncio.wait_for(answered.wait(), WITHIN_S)
        await asyncio.wait_for(both.wait(), WITHIN_S)
        await line.close()

        assert pushes == [Status(Recording.NOT_NOW), Status(Recording.AGAIN)]
        assert line.is_wanted_end


@pytest.mark.parametrize("octets", [b"\xc2\x01a", b"\x81\x02hi", b"\x82\x01\xc1"])
async def test_what_no_server_of_ours_sends_is_a_fault_and_ends_the_line(octets: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        writer.write(octets)
        await reader.read()

    async with dialing(script) as dialer:
        line = await opened(dialer)
        await asyncio.wait_for(asyncio.wait([line.closed]), WITHIN_S)

        assert isinstance(line.fault, ServerFault)
        assert sum(dialer.tally.tables["client_faults"].values()) == 1


async def test_a_silent_server_is_pinged_and_then_given_up() -> None:
    pinged = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        assert await reader.readexactly(6) == b"\x89\x80\0\0\0\0"
        pinged.set()
        assert await reader.read() == b""

    async with dialing(script) as dialer:
        line = await opened(dialer)
        heard_ns = monotonic_ns()
        line.look_for_life(heard_ns + SILENCE_NS // 3)
        line.look_for_life(heard_ns + SILENCE_NS * 2 // 3)
        line.look_for_life(heard_ns + SILENCE_NS * 2 // 3)  # once is enough
        await asyncio.wait_for(pinged.wait(), WITHIN_S)
        line.pause(reading=False)
        line.look_for_life(heard_ns + 2 * SILENCE_NS)  # who reads nothing does not know
        line.pause(reading=True)
        assert not line.closed.done()

        line.look_for_life(monotonic_ns() + SILENCE_NS)
        assert await asyncio.wait_for(line.closed, WITHIN_S) == 1006


async def test_bytes_come_through_a_shaped_way_as_they_were_sent() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        for number in range(1, 4):
            await reader.readexactly(6 + len(encode(Ping(number))))
            writer.write(message(Pong(number, 10 * number)))
        await reader.read()

    weather = Weather(PROFILES["lte"], 1, 0)
    route = Route(Wheel(), Path(weather, None), Path(weather, None))
    async with dialing(script) as dialer:
        async with asyncio.timeout(WITHIN_S):
            line = await dialer.open(Seen(), lambda _push: None, route=route)
            pongs = await asyncio.gather(*(line.request(Ping(0), Pong) for _ in range(3)))
            line.abort()
            await line.closed

        assert [pong.server_unix_ms for pong in pongs] == [10, 20, 30]
        assert dialer.tally.histograms["connect.tcp"].lowest > 10_000  # the round trip is in it
        assert dialer.lines == set()


async def test_a_line_that_vanished_is_lost_here_and_open_there() -> None:
    gone = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        assert await reader.read() == b""
        gone.set()

    async with dialing(script) as dialer:
        async with asyncio.timeout(WITHIN_S):
            line = await dialer.open(Seen(), lambda _push: None, route=Route(Wheel(), None, None))
            line.vanish()
            waiting = asyncio.create_task(line.request(Ping(0), Pong))
            await asyncio.sleep(0)
            line.abort()
            with pytest.raises(ConnectionLost):
                await waiting
            assert dialer.lines == set()
            assert not gone.is_set()

            for way in dialer.vanished:
                way.bury()
            with suppress(ConnectionError):
                await gone.wait()


async def test_a_network_that_lets_nobody_out_is_named_and_sends_nothing() -> None:
    async def script(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        raise AssertionError("nobody comes")

    async with dialing(script) as dialer:
        with pytest.raises(Unreachable):
            dialer.barred("captive_portal")

        assert outcomes(dialer) == {"captive_portal": 1}


async def test_a_reply_is_given_to_the_one_who_asked() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await shake_hands(reader, writer)
        await reader.readexactly(2 * (6 + len(encode(Ping(1)))))
        writer.write(message(Pong(2, 22)) + message(Pong(1, 11)))
        await reader.read()

    async with dialing(script) as dialer:
        line = await opened(dialer)
        first, second = await asyncio.gather(line.request(Ping(0), Pong), line.request(Ping(0), Pong))
        line.abort()

        assert (first.server_unix_ms, second.server_unix_ms) == (11, 22)
