"""A link comes back when it may, stays away when it must not, and tells everybody why it is over."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.client_py.dealer import COMMIT, RUN
from tests.client_py.fake_server import Line, NoWait, serving

from knack_client.connection import Connection
from knack_client.errors import (
    ConnectionLost,
    KnackClientError,
    Refused,
    Rejected,
    Replaced,
    ServerFault,
    SessionEnded,
    Unreachable,
)
from knack_client.link import Link
from knack_protocol.ids import CourseName, EventId
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Done,
    Hello,
    Leave,
    Prepare,
    Prepared,
    Push,
    Recording,
    Reject,
    Role,
    Status,
)

pytestmark = pytest.mark.asyncio


def link_to(
    url: str,
    *,
    token: str = "",
    patience_s: float = 5,
    greet: Callable[[Connection], Awaitable[None]] | None = None,
    on_push: Callable[[Push], None] | None = None,
    on_over: Callable[[KnackClientError], None] | None = None,
) -> Link:
    return Link(
        f"{url}/ws",
        Role.WATCHER,
        EventId("demo"),
        token,
        random=NoWait(),
        patience_s=patience_s,
        greet=greet,
        on_push=on_push,
        on_over=on_over,
    )


async def stay(line: Line) -> None:
    await line.welcome()
    await line.until_closed()


class Back:
    """A script that stays, and tells when somebody came."""

    def __init__(self) -> None:
        self.came = asyncio.Event()

    async def __call__(self, line: Line) -> None:
        await line.welcome()
        self.came.set()
        await line.until_closed()


@pytest.mark.parametrize("code", [1001, 1011, 1012, 1013, 4000, 4001, 4002])
async def test_a_link_comes_back_after_a_code_that_asks_for_it(code: int) -> None:
    async def close(line: Line) -> None:
        await line.welcome()
        await line.close(code)

    back = Back()
    async with serving(close, back) as url:
        link = link_to(url)
        await link.open()
        await back.came.wait()
        await link.live()
        assert link.connections == 2
        assert link.failure is None
        await link.close()


async def test_a_link_comes_back_after_a_line_that_was_cut() -> None:
    async def cut(line: Line) -> None:
        await line.welcome()
        line.cut()

    back = Back()
    async with serving(cut, cut, back) as url:
        link = link_to(url)
        await link.open()
        await back.came.wait()
        await link.live()
        assert link.connections == 3
        await link.close()


@pytest.mark.parametrize(
    ("code", "kind"),
    [(4500, Replaced), (4501, SessionEnded), (4502, Refused), (4503, Refused), (1009, Refused)],
)
async def test_a_link_stays_away_after_a_code_that_forbids_coming_back(
    code: int, kind: type[Refused]
) -> None:
    async def close(line: Line) -> None:
        await line.welcome()
        await line.close(code)

    over: list[KnackClientError] = []
    async with serving(close) as url:
        link = link_to(url, on_over=over.append)
        await link.open()
        with pytest.raises(kind) as caught:
            await link.request(Leave(0), Done)
        assert caught.value.code == code
        assert over == [caught.value]
        await link.close()


async def test_a_session_that_the_server_does_not_know_is_over() -> None:
    async def unknown(line: Line) -> None:
        hello = await line.expect(Hello)
        assert hello.token == "old"
        await line.send(Reject(hello.req, RejectCode.UNKNOWN_SESSION, 0, ""))
        await line.until_closed()

    async with serving(unknown) as url:
        with pytest.raises(SessionEnded):
            await link_to(url, token="old").open()


async def test_who_comes_back_too_soon_says_hello_again_after_the_wait() -> None:
    async def too_soon(line: Line) -> None:
        hello = await line.expect(Hello)
        await line.send(Reject(hello.req, RejectCode.TOO_SOON, 1, ""))
        await line.welcome()
        await line.until_closed()

    async with serving(too_soon) as url:
        link = link_to(url)
        await link.open()
        await link.close()


async def test_a_command_too_many_is_sent_again_after_the_wait() -> None:
    async def too_many(line: Line) -> None:
        await line.welcome()
        for _ in range(2):
            leave = await line.expect(Leave)
            await line.send(Reject(leave.req, RejectCode.TOO_MANY, 1, ""))
        leave = await line.expect(Leave)
        await line.send(Done(leave.req))
        await line.until_closed()

    async with serving(too_many) as url:
        link = link_to(url)
        await link.open()
        await link.request(Leave(0), Done)
        await link.close()


async def test_a_request_whose_reply_was_lost_is_made_again_on_the_next_connection() -> None:
    async def lose(line: Line) -> None:
        await line.welcome()
        await line.expect(Prepare)
        line.cut()

    async def answer(line: Line) -> None:
        await line.welcome()
        prepare = await line.expect(Prepare)
        await line.send(Prepared(prepare.req, RUN, prepare.course, COMMIT))
        await line.until_closed()

    async with serving(lose, answer) as url:
        link = link_to(url)
        await link.open()
        prepared = await link.request(Prepare(0, CourseName("sprint")), Prepared)
        assert prepared.commit == COMMIT
        await link.close()


async def test_a_request_that_must_not_be_repeated_says_that_its_reply_was_lost() -> None:
    async def lose(line: Line) -> None:
        await line.welcome()
        await line.expect(Leave)
        line.cut()

    async with serving(lose, stay) as url:
        link = link_to(url)
        await link.open()
        with pytest.raises(ConnectionLost):
            await link.request(Leave(0), Done, again=False)
        assert link.failure is None
        await link.live()
        await link.close()


async def test_nobody_may_ask_before_the_owner_has_greeted() -> None:
    order: list[str] = []

    async def script(line: Line) -> None:
        await line.welcome()
        for kind in (Leave, Prepare):
            command = await line.expect(kind)
            order.append(kind.__name__)
            reply = Done(command.req) if kind is Leave else Reject(command.req, RejectCode.NOT_ALLOWED, 0, "")
            await line.send(reply)
        await line.until_closed()

    async def greet(connection: Connection) -> None:
        await connection.request(Leave(0), Done)

    async with serving(script) as url:
        link = link_to(url, greet=greet)
        await link.open()
        with pytest.raises(Rejected):
            await link.request(Prepare(0, CourseName("sprint")), Prepared)
        await link.close()
    assert order == ["Leave", "Prepare"]


async def test_a_first_connection_that_fails_is_not_tried_again() -> None:
    with pytest.raises(Unreachable):
        await link_to("ws://127.0.0.1:9").open()


async def test_a_link_gives_up_when_its_patience_is_at_an_end() -> None:
    async def close(line: Line) -> None:
        await line.welcome()
        await line.close(4000)

    async def refuse(line: Line) -> None:
        line.cut()

    async with serving(close, refuse) as url:
        link = link_to(url, patience_s=0)
        await link.open()
        with pytest.raises(ConnectionLost, match="did not come back"):
            await link.request(Leave(0), Done)
        await link.close()


async def test_a_link_tries_again_while_the_server_is_not_back() -> None:
    async def close(line: Line) -> None:
        await line.welcome()
        await line.close(4000)

    async def not_yet(line: Line) -> None:
        line.cut()

    async def not_ready(line: Line) -> None:
        await line.expect(Hello)
        await line.close(1013)

    back = Back()
    async with serving(close, not_yet, not_ready, back) as url:
        link = link_to(url)
        await link.open()
        await back.came.wait()
        await link.live()
        assert link.connections == 2
        await link.close()


async def test_a_hello_that_is_answered_by_a_final_close_ends_the_link() -> None:
    async def close(line: Line) -> None:
        await line.welcome()
        await line.close(4000)

    async def replaced(line: Line) -> None:
        await line.expect(Hello)
        await line.close(4500)

    async with serving(close, replaced) as url:
        link = link_to(url)
        await link.open()
        with pytest.raises(Replaced):
            await link.request(Leave(0), Done)
        await link.close()


async def test_a_fault_of_the_server_ends_the_link_and_is_what_everybody_gets() -> None:
    async def lie(line: Line) -> None:
        await line.welcome()
        await line.send(Status(Recording.AGAIN))
        await line.until_closed()

    def find(push: Push) -> None:
        raise ServerFault("a lie")

    async with serving(lie) as url:
        link = link_to(url, on_push=find)
        await link.open()
        for _ in range(2):
            with pytest.raises(ServerFault, match="a lie"):
                await link.request(Leave(0), Done)
        await link.close()


async def test_closing_tells_whoever_waits() -> None:
    asked = asyncio.Event()

    async def never(line: Line) -> None:
        await line.welcome()
        await line.expect(Leave)
        asked.set()
        assert await line.until_closed() == 1000

    async with serving(never) as url:
        link = link_to(url)
        await link.open()
        waiting = asyncio.create_task(link.request(Leave(0), Done))
        await asked.wait()
        await link.close()
        with pytest.raises(ConnectionLost):
            await waiting
        with pytest.raises(ConnectionLost, match="closed"):
            await link.live()
