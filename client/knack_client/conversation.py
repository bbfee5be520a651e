"""What is said over one socket, whichever socket it is: commands and their replies, pushes, the end.

A conversation knows nothing about players or standings and never comes back; `link` begins the next one. What carries the
frames is the business of who inherits: `connection` stands on the websockets library, the load tester has a line of its own.

Order is kept. Replies and pushes are handled one after the other, in the order in which the server wrote them: what
`request` is told to do with its reply is done *before* the push that followed it is handled, however late the task that
waits for the reply wakes up. Without that, an ENDED could overtake the MOVED that caused it.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from knack_client.errors import ConnectionLost, KnackClientError, Rejected, RunOver, ServerFault
from knack_protocol.wire.codec import REQ_MAX, Malformed, decode_message
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Begin,
    Closed,
    Command,
    Delta,
    Ended,
    Heat,
    Live,
    Push,
    Reject,
    Reply,
    Resumed,
    Resync,
    Snapshot,
    Status,
)

REPLY_TIMEOUT_S = 10
"""A command without a reply for so long means a broken line: a slow server answers within its group commit, a few ms."""

R = TypeVar("R", bound=Reply)

_OVER = frozenset({RejectCode.OVER, RejectCode.LATE})


class LineClosed(Exception):
    """Nothing can be sent any more; it stays between a conversation and its line."""


@dataclass(slots=True)
class _Waiting:
    """A command under way: who waits, for which reply, and what to do with it in the order of arrival."""

    reply: asyncio.Future[Reply]
    kind: type[Any]
    on_reply: Callable[[Any], None] | None


class Conversation(ABC):
    """An open line that speaks `knack.v1`.

    `closed` is done, with the close code, when the line is gone. `fault` is what the server did wrong, if that is why.

    Args:
        on_push: Called with every push in the order of arrival; a `KnackClientError` that it raises ends the conversation.
    """

    def __init__(self, on_push: Callable[[Push], None]) -> None:
        self._on_push = on_push
        self._waiting: dict[int, _Waiting] = {}
        self._last_req = 0
        self.fault: KnackClientError | None = None
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @abstractmethod
    async def close(self) -> None:
        """Close the line in good order, within two seconds."""

    @abstractmethod
    def abort(self) -> None:
        """Drop the line as a dead one would, without a word to the server."""

    @abstractmethod
    async def _send(self, command: Command) -> None:
        """Send a command as one binary message.

        Raises:
            LineClosed: the line is closed or closing; `closed` will be done.
        """

    async def request(
        self,
        command: Command,
        kind: type[R],
        on_reply: Callable[[R], None] | None = None,
        timeout_s: float | None = REPLY_TIMEOUT_S,
    ) -> R:
        """Send a command and return its reply; the command's `req` is set here, whatever it was.

        Args:
            command: What to ask.
            kind: The reply that this command has when it is not refused.
            on_reply: Called with the reply in the order of arrival.
            timeout_s: How long to wait for the reply; None for as long as the line lives.

        Raises:
            Rejected: the server refused it; `RunOver` when the run had ended.
            ConnectionLost: the line went away (`closed` is done) before the reply came: the command may or may not have
                been carried out.
            ServerFault: the reply is of another kind, or `on_reply` found it wrong; the line ends.
        """
        self._last_req = req = self._last_req % REQ_MAX + 1
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[req] = _Waiting(reply, kind, on_reply)
        try:
            async with asyncio.timeout(timeout_s):
                await self._send(replace(command, req=req))
                answer: R = await reply
        except LineClosed as closed:
            await asyncio.wait([self.closed])
            if self.fault is not None:
                raise self.fault from None
            raise ConnectionLost("the connection ended before the command was sent") from closed
        except TimeoutError as silent:
            self.abort()
            await asyncio.wait([self.closed])
            raise ConnectionLost("the server did not reply in time") from silent
        finally:
            self._waiting.pop(req, None)
        return answer

    def _read(self, frame: bytes) -> Reply | Push | Malformed:
        """Read one frame; who inherits may know a cheaper way."""
        return decode_message(frame)

    def _handle(self, frame: str | bytes) -> None:
        """Take in one message.

        Raises:
            KnackClientError: what the server did wrong; the line has to end then.
        """
        message = self._read(frame) if isinstance(frame, bytes) else None
        match message:
            case None:
                raise ServerFault("the server sent a text frame")
            case Malformed(code=RejectCode.UNKNOWN_OPCODE):
                pass  # of a later version of the protocol; whoever does not know it does not need it
            case Malformed():
                raise ServerFault(f"the server sent what is no message: {message.reason}")
            case (
                Begin()
                | Resumed()
                | Ended()
                | Snapshot()
                | Delta()
                | Resync()
                | Status()
                | Live()
                | Heat()
                | Closed()
            ):
                self._on_push(message)
            case _:
                self._settle(message)

    def _end(self, code: int) -> None:
        """Tell everybody who waits that the line is gone."""
        for waiting in self._waiting.values():
            if not waiting.reply.done():
                waiting.reply.set_exception(
                    self.fault or ConnectionLost("the connection ended before the reply came")
                )
        self.closed.set_result(code)

    def _settle(self, reply: Reply) -> None:
        waiting = self._waiting.get(reply.req)
        if waiting is None or waiting.reply.done():
            return  # the one who asked has gone
        if isinstance(reply, Reject):
            waiting.reply.set_exception(_rejected(reply))
        elif not isinstance(reply, waiting.kind):
            raise ServerFault(f"the server replied {type(reply).__name__}, not {waiting.kind.__name__}")
        else:
            if waiting.on_reply is not None:
                waiting.on_reply(reply)
            waiting.reply.set_result(reply)


Opener = Callable[[str, Callable[[Push], None]], Awaitable[Conversation]]
"""Opens a conversation with the socket at a URL; what it raises is `Unreachable`."""


def _rejected(reject: Reject) -> Rejected:
    kind = RunOver if reject.code in _OVER else Rejected
    return kind(reject.code, reject.wait_ms, reject.detail)
