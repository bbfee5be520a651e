"""One socket's life on the websockets library: handshake, frames, the end. What is said over it is `conversation`'s."""

import asyncio
from collections.abc import Callable
from socket import gaierror
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from knack_client.backoff import RETRY_STATUS
from knack_client.conversation import Conversation, LineClosed
from knack_client.errors import KnackClientError, Unreachable
from knack_protocol.wire import SUBPROTOCOL, limits
from knack_protocol.wire.codec import encode
from knack_protocol.wire.messages import Command, Push

OPEN_TIMEOUT_S = 10
"""A handshake that takes longer is given up; the server drops one as old as that, too."""

CLOSE_TIMEOUT_S = 2
"""How long the closing handshake may take before the socket is just dropped."""

HEARTBEAT_S = limits.HEARTBEAT_EVERY_MS / 1000
"""Between ping frames, and how long an answer may take: together the 20 s of silence after which a line is dead."""

ABNORMAL_CLOSURE = 1006
"""The close code of a connection that ended without a close frame (RFC 6455, section 7.1.5)."""

PROTOCOL_ERROR = 1002
"""The close code with which a client leaves a server that broke the protocol (RFC 6455, section 7.4.1)."""


class HandshakeRefused(Unreachable):
    """The server answered the handshake with an HTTP status; `may_retry` says whether that can pass."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the server refused the connection with HTTP {status}")
        self.status = status
        self.may_retry = status in RETRY_STATUS


class Connection(Conversation):
    """An open socket that speaks `knack.v1`; `open` makes one."""

    def __init__(self, socket: ClientConnection, on_push: Callable[[Push], None]) -> None:
        super().__init__(on_push)
        self._socket = socket
        self._reader = asyncio.create_task(self._hear())

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

    async def close(self) -> None:
        """Close the socket in good order, within two seconds."""
        await self._socket.close()
        await self._reader

    def abort(self) -> None:
        """Drop the socket as a dead line would, without a word to the server."""
        self._socket.transport.abort()

    async def _send(self, command: Command) -> None:
        try:
            await self._socket.send(encode(command))
        except ConnectionClosed as closed:
            raise LineClosed from closed

    async def _hear(self) -> None:
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
        self._end(self._socket.close_code or ABNORMAL_CLOSURE)


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
