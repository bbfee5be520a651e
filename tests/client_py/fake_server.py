"""A server that says what a test tells it to, over real sockets on the loopback."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any, TypeVar

from tests.client_py.dealer import EVENT, PLAYER
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from knack_client.player import NO_FEED
from knack_protocol.ids import CourseName, PlayerId
from knack_protocol.rules.course import rules_hash
from knack_protocol.wire.codec import Malformed, decode_command, encode
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Command,
    Course,
    Hello,
    Join,
    Joined,
    Push,
    Reject,
    Reply,
    Unwatch,
    Welcome,
)

C = TypeVar("C", bound=Command)

TOKEN = "a-token-of-43-characters"


class NoWait(Random):
    """Draws 0 wherever a wait is drawn: tests come back at once."""

    def randint(self, a: int, b: int) -> int:
        return a


class Line:
    """The server's end of one connection; it answers in passing whoever waits until all has been said."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket

    async def expect(self, kind: type[C]) -> C:
        while True:
            frame = await self._socket.recv()
            assert isinstance(frame, bytes)
            command = decode_command(frame)
            assert not isinstance(command, Malformed), command
            if await self._answers_in_passing(command):
                continue
            assert isinstance(command, kind), f"{command} came, {kind.__name__} was expected"
            return command

    async def send(self, *messages: Reply | Push) -> None:
        for message in messages:
            await self._socket.send(encode(message))

    async def send_raw(self, frame: bytes | str) -> None:
        await self._socket.send(frame)

    async def welcome(self, player: PlayerId = PLAYER, name: str = "Ada", **changed: Any) -> Hello:
        """Take the HELLO, and welcome whoever comes as a player that is known already, or as nobody."""
        hello = await self.expect(Hello)
        said: dict[str, Any] = {
            "req": hello.req,
            "event": EVENT,
            "title": "Demo",
            "player": player,
            "name": name if player else "",
            "server_unix_ms": 1,
            "rules_hash": rules_hash(),
            "courses": (Course(CourseName("sprint"), 1), Course(CourseName("climb"), 40)),
        }
        await self.send(Welcome(**said | changed))
        return hello

    async def welcome_new(self) -> Join:
        """Take HELLO and JOIN of somebody new."""
        hello = await self.welcome(PlayerId(""))
        assert hello.token == ""
        join = await self.expect(Join)
        await self.send(Joined(join.req, PLAYER, join.name, TOKEN))
        return join

    async def close(self, code: int) -> None:
        await self._socket.close(code)

    async def _answers_in_passing(self, command: Command | Malformed) -> bool:
        if not isinstance(command, Unwatch) or command.feed != NO_FEED:
            return False
        await self.send(Reject(command.req, RejectCode.UNKNOWN_FEED, 0, ""))
        return True

    def cut(self) -> None:
        """Drop the socket without a close frame, as a dead line does."""
        self._socket.transport.abort()

    async def until_closed(self) -> int | None:
        """Wait until the client goes, and return its close code; what it still says is not heard."""
        try:
            while True:
                frame = await self._socket.recv()
                assert isinstance(frame, bytes)
                await self._answers_in_passing(decode_command(frame))
        except ConnectionClosed:
            return self._socket.close_code


Script = Callable[[Line], Awaitable[object]]


@asynccontextmanager
async def serving(*scripts: Script) -> AsyncIterator[str]:
    """Serve one script a connection, in the order in which they come; the block gets the address.

    A script that fails fails the test; so does a connection that no script is there for, and one that never comes.
    """
    waiting = list(scripts)
    failures: list[BaseException] = []

    async def handle(socket: ServerConnection) -> None:
        if not waiting:
            failures.append(AssertionError("a connection came that nobody expected"))
            return
        script = waiting.pop(0)
        try:
            await script(Line(socket))
        except ConnectionClosed as closed:
            failures.append(AssertionError(f"the client left before the script was done: {closed}"))
        except Exception as failure:  # noqa: BLE001 - told to the test below
            failures.append(failure)

    async with serve(handle, "127.0.0.1", 0, subprotocols=["knack.v1"], compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}"
    if failures:
        raise failures[0]
    assert not waiting, f"{len(waiting)} connections never came"
