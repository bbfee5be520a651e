"""One socket's life: handshake, commands and their replies, pushes, the end.

A connection knows nothing about players or standings and never comes back; `link` makes the next one.

Order is kept. Replies and pushes are handled one after the other, in the reader, in the order in which the server
wrote them: what `request` is told to do with its reply is done *before* the push that followed it is handled, however
late the task that waits for the reply wakes up. Without that, an ENDED could overtake the MOVED that caused it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from socket import gaierror
from typing import Any, Self, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from knack_client.backoff import RETRY_STATUS
from knack_client.errors import ConnectionLost, KnackClientError, Rejected, RunOver, ServerFault, Unreachable
from knack_protocol.wire import SUBPROTOCOL, limits
from knack_protocol.wire.codec import REQ_MAX, Malformed, decode_message, encode
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Begin,
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

OPEN_TIMEOUT_S = 10
"""A handshake that takes longer is given up; the server drops one as old as that, too."""

REPLY_TIMEOUT_S = 10
"""A command without a reply for so long means a broken line: a slow server answers within its group commit, a few ms."""

CLOSE_TIMEOUT_S = 2
"""How long the closing handshake may take before the socket is just dropped."""

HEARTBEAT_S = limits.HEARTBEAT_EVERY_MS / 1000
"""Between ping frames, and how long an answer may take: together the 20 s of silence after which a line is dead."""

ABNORMAL_CLOSURE = 1006
"""The close code of a connection that ended without a close frame (RFC 6455, section 7.1.5)."""

PROTOCOL_ERROR = 1002
"""The close code with which a client leaves a server that broke the protocol (RFC 6455, section 7.4.1)."""

R = TypeVar("R", bound=Reply)

_OVER = frozenset({RejectCode.OVER, RejectCode.LATE})


class HandshakeRefused(Unreachable):
    """The server answered the handshake with an HTTP status; `may_retry` says whether that can pass."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the server refused the connection with HTTP {status}")
        self.may_retry = status in RETRY_STATUS


@dataclass(slots=True)
class _Waiting:
    """A command under way: who waits, for which reply, and what to do with it in the order of arrival."""

    reply: asyncio.Future[Reply]
    kind: type[Any]
    on_reply: Callable[[Any], None] | None


class Connection:
    """An open socket that speaks `knack.v1`; `open` makes one.

    `closed` is done, with the close code, when the socket is gone. `fault` is what the server did wrong, if that is why.
    """

    def __init__(self, socket: ClientConnection, on_push: Callable[[Push], None]) -> None:
        self._socket = socket
        self._on_push = on_push
        self._waiting: dict[int, _Waiting] = {}
        self._last_req = 0
        self.fault: KnackClientError | None = None
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str, on_push: Callable[[Push], None]) -> Self:
        """Connect to a WebSocket address.

        Args:
            url: Such as `ws://127.0.0.1:8000/ws`.
            on_push: Called with every push in the order of arrival; a `KnackClientError` that it raises ends the connection.

        Raises:
            Unreachable: no socket, no handshake, or not `knack.v1`.
        """
        try:
            socket = await connect(
                url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,  # frames are small, and 64 KiB a connection are not
                proxy=None,  # a venue's server is near; the proxy of the environment is for elsewhere
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                ping_interval=HEARTBEAT_S,
                ping_timeout=HEARTBEAT_S,
                max_size=limits.MESSAGE_BYTES_MAX,
            )
        except InvalidStatus as refused:
            raise HandshakeRefused(refused.response.status_code) from refused
        except (OSError, EOFError, InvalidHandshake, InvalidURI) as failed:
            raise Unreachable(f"cannot connect to {url}: {_reason(failed)}") from failed
        if socket.subprotocol != SUBPROTOCOL:
            await socket.close()
            raise Unreachable(f"{url} does not speak {SUBPROTOCOL}")
        return cls(socket, on_push)

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
            ConnectionLost: the socket went away (`closed` is done) before the reply came: the command may or may not have
                been carried out.
            ServerFault: the reply is of another kind, or `on_reply` found it wrong; the connection ends.
        """
        self._last_req = req = self._last_req % REQ_MAX + 1
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[req] = _Waiting(reply, kind, on_reply)
        try:
            async with asyncio.timeout(timeout_s):
                await self._socket.send(encode(replace(command, req=req)))
                answer: R = await reply
        except ConnectionClosed as closed:
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

    async def close(self) -> None:
        """Close the socket in good order, within two seconds."""
        await self._socket.close()
        await self._reader

    def abort(self) -> None:
        """Drop the socket as a dead line would, without a word to the server."""
        self._socket.transport.abort()

    async def _read(self) -> None:
        try:
            while self.fault is None:
                self._handle(await self._socket.recv())
        except ConnectionClosed:
            pass
        except KnackClientError as fault:
            self.fault = fault
        if self.fault is not None:
            await self._socket.close(PROTOCOL_ERROR)
        await self._socket.wait_closed()
        for waiting in self._waiting.values():
            if not waiting.reply.done():
                waiting.reply.set_exception(
                    self.fault or ConnectionLost("the connection ended before the reply came")
                )
        self.closed.set_result(self._socket.close_code or ABNORMAL_CLOSURE)

    def _handle(self, frame: str | bytes) -> None:
        message = decode_message(frame) if isinstance(frame, bytes) else None
        match message:
            case None:
                raise ServerFault("the server sent a text frame")
            case Malformed(code=RejectCode.UNKNOWN_OPCODE):
                pass  # of a later version of the protocol; whoever does not know it does not need it
            case Malformed():
                raise ServerFault(f"the server sent what is no message: {message.reason}")
            case Begin() | Resumed() | Ended() | Snapshot() | Delta() | Resync() | Status() | Live() | Heat():
                self._on_push(message)
            case _:
                self._settle(message)

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


def _reason(failed: Exception) -> str:
    match failed:
        case ConnectionRefusedError():
            return "nobody listens there; is the server running?"
        case gaierror():
            return "there is no such host"
        case TimeoutError():
            return "no answer in time"
        case _:
            return str(failed) or type(failed).__name__


def _rejected(reject: Reject) -> Rejected:
    kind = RunOver if reject.code in _OVER else Rejected
    return kind(reject.code, reject.wait_ms, reject.detail)
