"""A watcher: the live standings of a course, as a big screen follows them."""

from collections.abc import AsyncIterator
from random import Random
from types import TracebackType
from typing import Self

from knack_client.address import Address
from knack_client.feed import Feed
from knack_client.link import PATIENCE_S, Link
from knack_client.standings import Standings
from knack_protocol.ids import CourseName, EventId
from knack_protocol.wire.messages import Role, View, Welcome


class Watcher:
    """The standings of one course, live, as an async context manager.

        async with Watcher("ws://127.0.0.1:8000", "sprint") as watcher:
            async for standings in watcher:
                print(standings.rows)

    Nothing queues up: who reads slowly gets the newest standings. Gaps and lost connections are mended from
    `(epoch, version)`; meanwhile `is_live` is false and the rows stay as they were.

    Args:
        url: The server's address, `ws:` or `http:`.
        course: Whose standings.
        view: `"top"` for the first 50, `"latest"` for the newest results.
        event: Which competition; empty for the current one.
        random: Draws the waits between connections.
        patience_s: How long to try to come back after a connection has ended.

    Raises:
        Unreachable: on entering: there is no such server.
        Rejected: on entering: there is no such event or course.
    """

    def __init__(
        self,
        url: str,
        course: str,
        view: str = "top",
        event: str = "",
        *,
        random: Random | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._feed = Feed(CourseName(course), View[view.upper()])
        self._link = Link(
            Address.parse(url).socket,
            Role.WATCHER,
            EventId(event),
            "",
            random=random,
            patience_s=patience_s,
        )

    async def __aenter__(self) -> Self:
        await self._link.open()
        try:
            await self._link.watch(self._feed)
        except BaseException:
            await self._link.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._link.close()

    def __aiter__(self) -> AsyncIterator[Standings]:
        return self._feed.__aiter__()

    @property
    def standings(self) -> Standings:
        """The newest standings; version 0 before the first snapshot."""
        return self._feed.standings

    @property
    def welcome(self) -> Welcome:
        """What the server last said of the event and its courses."""
        assert self._link.welcome is not None, "a watcher is entered before it is asked"
        return self._link.welcome

    @property
    def is_live(self) -> bool:
        """Tell whether the line stands at this moment."""
        return self._link.is_live

    @property
    def connections(self) -> int:
        """How many connections there were so far."""
        return self._link.connections

    @property
    def gaps(self) -> int:
        """How many gaps there were so far; each was closed by asking again."""
        return self._feed.gaps

    async def live(self) -> None:
        """Wait until the line stands.

        Raises:
            KnackClientError: the client is over.
        """
        await self._link.live()

    async def reached(self, epoch: int, version: int) -> Standings:
        """Wait until the standings show what a reply named by `(epoch, version)`, and return them then.

        Raises:
            Rejected: the epoch is another one, and the server did not want to be asked which is the present one.
            KnackClientError: the client is over.
        """
        return await self._feed.reached(epoch, version)
