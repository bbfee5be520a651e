"""What stays while connections come and go: one client's line to its server.

A `Link` keeps one connection after another open, says hello on each, lets its owner greet the server (join, resume) and
takes its feeds up again before anybody may use it. `Player`, `Watcher` and `Desk` each stand on one.

    open() ── connect, HELLO, greet ──> live ── connection ends ──> code says "come back"? ── no ──> over (`failure`)
                                          ^                                │ yes
                                          └── connect, HELLO, greet <── wait, full jitter <── patience left? ── no ──> over
"""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final, TypeVar

from knack_client.backoff import delay_ms
from knack_client.connection import Connection, HandshakeRefused
from knack_client.conversation import Conversation, Opener
from knack_client.errors import (
    ConnectionLost,
    KnackClientError,
    Rejected,
    SessionEnded,
    Unreachable,
    refused,
)
from knack_client.feed import Feed
from knack_protocol.ids import EventId
from knack_protocol.wire.codes import CloseCode, RejectCode, reconnects
from knack_protocol.wire.messages import (
    Command,
    Delta,
    Hello,
    Push,
    Reply,
    Resync,
    Role,
    Snapshot,
    Welcome,
)

PATIENCE_S: Final = 90.0
"""How long a link tries to come back: a server that restarts waits 30 s for its players, and a sprint lasts 90."""

PROVEN_S: Final = 10
"""A connection that lasted so long was a good one: the next wait is a short one again (protocol, chapter 6)."""

R = TypeVar("R", bound=Reply)

_WAIT_AND_SEND_AGAIN = frozenset({RejectCode.TOO_MANY, RejectCode.TOO_SOON})


class Link:
    """A line to a server that mends itself.

    Args:
        url: The address of the server's socket, such as `ws://127.0.0.1:8000/ws`.
        role: What this client is.
        event: Which competition; empty for the current one.
        token: What proves who this is; the owner may set a new one at any time (`Link.token`).
        random: Draws the waits; None for unpredictable ones.
        patience_s: How long to try to come back before giving up.
        greet: Called on each new connection after WELCOME; what it raises ends the link.
        on_push: Called with every push but those of feeds, in order.
        on_over: Called once, with the reason, when the link is over.
        opener: Opens each connection.
    """

    def __init__(
        self,
        url: str,
        role: Role,
        event: EventId,
        token: str,
        *,
        random: Random | None,
        patience_s: float,
        greet: Callable[[Conversation], Awaitable[None]] | None = None,
        on_push: Callable[[Push], None] | None = None,
        on_over: Callable[[KnackClientError], None] | None = None,
        opener: Opener = Connection.open,
    ) -> None:
        self.url = url
        self.event = event
        self.token = token
        self.welcome: Welcome | None = None
        """The server's last WELCOME."""
        self.failure: KnackClientError | None = None
        """Why the link is over; None while it is not."""
        self.connections = 0
        """How many connections were live so far."""
        self._role = role
        self._greet = greet
        self._on_push = on_push
        self._on_over = on_over
        self._random = random or Random()  # noqa: S311 - spreads waits, hides nothing
        self._patience_s = patience_s
        self._opener = opener
        self._feeds: list[Feed] = []
        self._connection: Conversation | None = None
        self._changed = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def is_live(self) -> bool:
        """Tell whether there is a connection that was greeted and has not ended."""
        return self._connection is not None and not self._connection.closed.done()

    async def open(self) -> None:
        """Make the first connection; nothing is retried but what the server asks to be.

        Raises:
            Unreachable: there is no such server, or it does not want us.
            Rejected: it refused the hello or the greeting.
        """
        await self._connect()
        self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """End the link for good; whoever still waits gets `ConnectionLost`."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        self._fail(ConnectionLost("the client was closed"))
        if self._connection is not None:
            await self._connection.close()

    async def live(self) -> Conversation:
        """Wait until the line is live, and return its connection.

        Raises:
            KnackClientError: the link is over (`failure`).
        """
        while True:
            if self.failure is not None:
                raise self.failure
            if self._connection is not None and not self._connection.closed.done():
                return self._connection
            await self._changed.wait()

    async def request(
        self,
        command: Command,
        kind: type[R],
        on_reply: Callable[[R], None] | None = None,
        *,
        again: bool = True,
    ) -> R:
        """Ask the server over whichever connection is live; wait and repeat where a reject says so.

        Args:
            command: What to ask; its `req` is set on the way.
            kind: The reply that it has when it is not refused.
            on_reply: Called with the reply in the order of arrival.
            again: Whether to repeat it on the next connection when this one ends before the reply.

        Raises:
            Rejected: it was refused.
            ConnectionLost: the connection ended and `again` is false.
            KnackClientError: the link is over.
        """
        while True:
            connection = await self.live()
            try:
                return await _patiently(connection, command, kind, on_reply)
            except ConnectionLost:
                if not again:
                    raise

    async def watch(self, feed: Feed) -> Feed:
        """Subscribe to a feed now and on every later connection.

        Raises:
            Rejected: there is no such course, the role may not see that view, or these are too many feeds.
            KnackClientError: the link is over.
        """
        while True:
            connection = await self.live()
            self._feeds.append(feed)
            try:
                await feed.subscribe(connection)
            except ConnectionLost:
                self._feeds.remove(feed)
            except Rejected:
                self._feeds.remove(feed)
                raise
            else:
                return feed

    async def _connect(self) -> None:
        connection = await self._opener(self.url, self._push)
        try:
            hello = Hello(0, self._role, self.event, self.token)
            await _patiently(connection, hello, Welcome, self._welcomed)
            if self._greet is not None:
                await self._greet(connection)
            for feed in self._feeds:
                await feed.subscribe(connection)
        except Rejected as rejected:
            await connection.close()
            if rejected.code is RejectCode.UNKNOWN_SESSION:
                raise SessionEnded(
                    CloseCode.SESSION_ENDED, "the server does not know this session"
                ) from rejected
            raise
        except ConnectionLost:
            if not reconnects(connection.closed.result()):
                raise refused(connection.closed.result()) from None
            raise
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        self.connections += 1
        self._notify()

    def _push(self, push: Push) -> None:
        if isinstance(push, Snapshot | Delta | Resync):
            for feed in self._feeds:
                feed.take(push)
        elif self._on_push is not None:
            self._on_push(push)

    def _welcomed(self, welcome: Welcome) -> None:
        self.welcome = welcome

    async def _keep(self) -> None:
        clock = asyncio.get_running_loop().time
        attempt = 0
        try:
            while True:
                connection = self._connection
                assert connection is not None, "open() came first"
                since = clock()
                await asyncio.wait([connection.closed])
                if clock() - since >= PROVEN_S:
                    attempt = 0
                if connection.fault is not None:
                    raise connection.fault
                if not reconnects(connection.closed.result()):
                    raise refused(connection.closed.result())
                attempt = await self._come_back(attempt)
        except KnackClientError as failure:
            self._fail(failure)

    async def _come_back(self, attempt: int) -> int:
        """Connect again; `attempt` counts the tries since a connection last proved good, also in the result."""
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + self._patience_s
        while True:
            await asyncio.sleep(delay_ms(attempt, self._random) / 1000)
            attempt += 1
            try:
                await self._connect()
            except HandshakeRefused as handshake:
                if not handshake.may_retry:
                    raise
            except (Unreachable, ConnectionLost):
                pass
            else:
                return attempt
            if clock() >= give_up_at:
                raise ConnectionLost(f"the server did not come back within {self._patience_s:g} s")

    def _fail(self, failure: KnackClientError) -> None:
        if self.failure is None:
            self.failure = failure
            for feed in self._feeds:
                feed.fail(failure)
            if self._on_over is not None:
                self._on_over(failure)
        self._notify()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


async def _patiently(
    connection: Conversation, command: Command, kind: type[R], on_reply: Callable[[R], None] | None
) -> R:
    """Send a command until the server has time for it, and wait as long as it says in between."""
    while True:
        try:
            return await connection.request(command, kind, on_reply)
        except Rejected as rejected:
            if rejected.code not in _WAIT_AND_SEND_AGAIN:
                raise
            # a reject without a time still must not be answered by a flood
            await asyncio.sleep(max(rejected.wait_ms, 50) / 1000)
