"""One socket's life: replies find their commands, order is kept, and every end has its name."""

import asyncio
from dataclasses import replace

import pytest
from tests.client_py.fake_server import Line, serving
from websockets.asyncio.server import serve

from knack_client.connection import Connection, HandshakeRefused
from knack_client.errors import ConnectionLost, Rejected, RunOver, ServerFault, Unreachable
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Done,
    Leave,
    Ping,
    Pong,
    Push,
    Recording,
    Reject,
    Status,
    Unwatch,
)

pytestmark = pytest.mark.asyncio


def nothing(push: Push) -> None:
    raise AssertionError(f"no push was expected, and {push} came")


async def test_each_reply_finds_the_command_that_asked_for_it() -> None:
    async def swap_replies(line: Line) -> None:
        first, second = await line.expect(Ping), await line.expect(Ping)
        await line.send(Pong(second.req, 2), Pong(first.req, 1))
        await line.until_closed()

    async with serving(swap_replies) as url:
        connection = await Connection.open(url, nothing)
        first, second = await asyncio.gather(
            connection.request(Ping(0), Pong), connection.request(Ping(0), Pong)
        )
        assert (first.server_unix_ms, second.server_unix_ms) == (1, 2)
        await connection.close()


async def test_a_reply_is_handled_before_the_push_that_follows_it() -> None:
    async def reply_and_push(line: Line) -> None:
        ping = await line.expect(Ping)
        await line.send(Pong(ping.req, 1), Status(Recording.NOT_NOW))
        await line.until_closed()

    heard: list[str] = []
    async with serving(reply_and_push) as url:
        connection = await Connection.open(url, lambda push: heard.append(type(push).__name__))
        await connection.request(Ping(0), Pong, lambda pong: heard.append(type(pong).__name__))
        await connection.close()
    assert heard == ["Pong", "Status"]


@pytest.mark.parametrize(
    ("code", "kind"), [(RejectCode.EARLY, Rejected), (RejectCode.OVER, RunOver), (RejectCode.LATE, RunOver)]
)
async def test_a_reject_is_raised_with_its_code_its_wait_and_its_detail(
    code: RejectCode, kind: type[Rejected]
) -> None:
    async def refuse(line: Line) -> None:
        ping = await line.expect(Ping)
        await line.send(Reject(ping.req, code, 120, "why"))
        await line.until_closed()

    async with serving(refuse) as url:
        connection = await Connection.open(url, nothing)
        with pytest.raises(Rejected) as caught:
            await connection.request(Ping(0), Pong)
        await connection.close()
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.wait_ms, caught.value.detail) == (code, 120, "why")


@pytest.mark.parametrize("code", [4000, 4500, 1012])
async def test_whoever_waits_when_the_server_closes_is_told_and_the_code_is_kept(code: int) -> None:
    async def close(line: Line) -> None:
        await line.expect(Ping)
        await line.close(code)

    async with serving(close) as url:
        connection = await Connection.open(url, nothing)
        with pytest.raises(ConnectionLost):
            await connection.request(Ping(0), Pong)
        assert connection.closed.result() == code


async def test_a_line_that_is_cut_counts_as_1006() -> None:
    async def cut(line: Line) -> None:
        await line.expect(Ping)
        line.cut()

    async with serving(cut) as url:
        connection = await Connection.open(url, nothing)
        with pytest.raises(ConnectionLost):
            await connection.request(Ping(0), Pong)
        assert connection.closed.result() == 1006


async def test_a_command_on_a_connection_that_has_ended_is_not_sent() -> None:
    async def close(line: Line) -> None:
        await line.close(4000)

    async with serving(close) as url:
        connection = await Connection.open(url, nothing)
        await connection.closed
        with pytest.raises(ConnectionLost, match="before the command was sent"):
            await connection.request(Ping(0), Pong)


async def test_a_server_that_never_replies_is_left() -> None:
    async with serving(Line.until_closed) as url:
        connection = await Connection.open(url, nothing)
        with pytest.raises(ConnectionLost, match="in time"):
            await connection.request(Leave(0), Done, timeout_s=0.02)
        assert connection.closed.result() == 1006


async def answer_with(line: Line, frame: bytes | str) -> None:
    await line.expect(Ping)
    await line.send_raw(frame)
    assert await line.until_closed() == 1002


@pytest.mark.parametrize("frame", ["text", b"\xc1", b"\x91\x21", b"", b"\x90"], ids=repr)
async def test_what_is_no_message_ends_the_connection_as_the_servers_fault(frame: bytes | str) -> None:
    async with serving(lambda line: answer_with(line, frame)) as url:
        connection = await Connection.open(url, nothing)
        with pytest.raises(ServerFault):
            await connection.request(Ping(0), Pong)
        await connection.closed
        assert isinstance(connection.fault, ServerFault)


async def test_a_message_of_a_later_version_is_ignored() -> None:
    async def later(line: Line) -> None:
        ping = await line.expect(Ping)
        await line.send_raw(b"\x92\x7f\x01")
        await line.send(Pong(ping.req, 1))
        await line.until_closed()

    async with serving(later) as url:
        connection = await Connection.open(url, nothing)
        await connection.request(Ping(0), Pong)
        await connection.close()


async def test_a_reject_of_a_later_version_is_a_refusal_without_retry() -> None:
    async def refuse(line: Line) -> None:
        ping = await line.expect(Ping)
        await line.send(Reject(ping.req, 200, 0, ""))
        await line.until_closed()

    async with serving(refuse) as url:
        connection = await Connection.open(url, nothing)
        with pytest.raises(Rejected, match="200") as caught:
            await connection.request(Ping(0), Pong)
        await connection.close()
    assert not caught.value.may_retry


async def test_a_reply_of_another_kind_is_the_servers_fault() -> None:
    async def mistake(line: Line) -> None:
        ping = await line.expect(Ping)
        await line.send(Done(ping.req))
        await line.until_closed()

    async with serving(mistake) as url:
        connection = await Connection.open(url, nothing)
        with pytest.raises(ServerFault, match="Done, not Pong"):
            await connection.request(Ping(0), Pong)
        await connection.closed


async def test_a_reply_whose_asker_has_gone_is_dropped() -> None:
    release = asyncio.Event()

    async def late(line: Line) -> None:
        leave = await line.expect(Leave)
        await release.wait()
        await line.send(Done(leave.req))
        unwatch = await line.expect(Unwatch)
        await line.send(Done(unwatch.req))
        await line.until_closed()

    async with serving(late) as url:
        connection = await Connection.open(url, nothing)
        impatient = asyncio.create_task(connection.request(Leave(0), Done))
        await asyncio.wait([impatient], timeout=0.05)
        impatient.cancel()
        release.set()
        assert await connection.request(Unwatch(0, 1), Done)
        await connection.close()


async def test_a_fault_found_while_handling_a_push_ends_the_connection_and_every_wait() -> None:
    async def push(line: Line) -> None:
        await line.expect(Ping)
        await line.send(Status(Recording.AGAIN))
        assert await line.until_closed() == 1002

    def find_fault(push: Push) -> None:
        raise ServerFault(f"{push} is wrong")

    async with serving(push) as url:
        connection = await Connection.open(url, find_fault)
        with pytest.raises(ServerFault, match="is wrong"):
            await connection.request(Ping(0), Pong)
        await connection.closed


async def test_nobody_listening_is_said_so() -> None:
    with pytest.raises(Unreachable, match="is the server running"):
        await Connection.open("ws://127.0.0.1:9", nothing)


@pytest.mark.parametrize(("status", "may_retry"), [(403, False), (503, True)])
async def test_a_refused_handshake_tells_its_status_and_whether_to_try_again(
    status: int, *, may_retry: bool
) -> None:
    async with serve(
        lambda socket: socket.wait_closed(),
        "127.0.0.1",
        0,
        process_request=lambda connection, _request: connection.respond(status, "no"),
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(HandshakeRefused, match=str(status)) as caught:
            await Connection.open(f"ws://127.0.0.1:{port}", nothing)
    assert caught.value.may_retry is may_retry


async def test_a_server_that_speaks_another_protocol_is_left() -> None:
    async with serve(lambda socket: socket.wait_closed(), "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(Unreachable, match="does not speak"):
            await Connection.open(f"ws://127.0.0.1:{port}", nothing)


async def test_numbers_of_commands_never_repeat_among_those_under_way() -> None:
    reqs: list[int] = []

    async def count(line: Line) -> None:
        for _ in range(3):
            ping = await line.expect(Ping)
            reqs.append(ping.req)
            await line.send(replace(Pong(0, 1), req=ping.req))
        await line.until_closed()

    async with serving(count) as url:
        connection = await Connection.open(url, nothing)
        for _ in range(3):
            await connection.request(Ping(0), Pong)
        await connection.close()
    assert reqs == [1, 2, 3]
