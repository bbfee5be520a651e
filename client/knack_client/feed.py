"""A feed: the live standings of one view of a course, kept up to date over whichever connection there is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from knack_client.conversation import Conversation
from knack_client.errors import ConnectionLost, KnackClientError, Rejected
from knack_client.standings import Standings
from knack_protocol.ids import CourseName
from knack_protocol.wire.messages import Delta, Resync, Snapshot, View, Watch, Watching


class Feed:
    """Standings that follow the server.

    `async for standings in feed` gives the standings after each change. It conflates: a reader who is slow gets the
    newest standings, never a queue of old ones. It ends by raising what ended the client.

    Rows stay as they were while the line is down or a gap is being closed; they never show a part of a change.
    """

    def __init__(self, course: CourseName, view: View) -> None:
        self.standings = Standings(course, view)
        """The newest standings."""
        self.gaps = 0
        """How many gaps there were so far; each was closed by asking again."""
        self._number: int | None = None
        self._epoch = 0
        """What the server called its present incarnation when it was asked last."""
        self._answers = 0
        """How often it was asked."""
        self._connection: Conversation | None = None
        self._failure: KnackClientError | None = None
        self._changed = asyncio.Event()
        self._repair: asyncio.Task[None] | None = None

    async def __aiter__(self) -> AsyncIterator[Standings]:
        shown: Standings | None = None
        while True:
            if self.standings.epoch and self.standings is not shown:
                shown = self.standings
                yield shown
            else:
                await self._change()

    async def reached(self, epoch: int, version: int) -> Standings:
        """Wait until the feed shows what a reply named by `(epoch, version)`, and return the standings then.

        Epochs have no order. When the reply's is another than that of the rows, the server is asked which is the present
        one: either the rows are newer than the reply, or a server that came back has sent it and the rows are not there yet.

        Raises:
            Rejected: the server did not want to be asked.
            KnackClientError: the client is over.
        """
        if self.standings.epoch not in {0, epoch}:  # which of the two came later, only the server knows
            await self._present()
        while not self.standings.shows(epoch, version):
            await self._change()
        return self.standings

    async def subscribe(self, connection: Conversation) -> None:
        """Watch over a connection, going on from what is shown; the owner calls this on every new one.

        Raises:
            Rejected: there is no such course, or the role may not see the view.
            ConnectionLost: the connection ended meanwhile.
        """
        self._connection = connection
        await self._watch(connection, self.standings.epoch, self.standings.version)

    def take(self, push: Snapshot | Delta | Resync) -> None:
        """Follow a push when it belongs to this feed."""
        if push.feed != self._number or isinstance(push, Resync):  # a snapshot follows a resync by itself
            return
        after = self._after(push)
        if after is None:
            assert self._connection is not None, "a push came over a connection"
            self.gaps += 1
            self._number = None
            self._repair = asyncio.create_task(self._close_gap(self._connection))
        elif after is not self.standings:
            self.standings = after
            self._notify()

    def fail(self, failure: KnackClientError) -> None:
        """End the feed: whoever reads it is told why."""
        self._failure = failure
        if self._repair is not None:
            self._repair.cancel()
        self._notify()

    def _after(self, push: Snapshot | Delta) -> Standings | None:
        """Return the standings after a push; None for a gap."""
        return self.standings.after(push)

    async def _watch(self, connection: Conversation, epoch: int, version: int) -> None:
        self._number = None  # whatever still comes of an older watch cannot be used
        watch = Watch(0, self.standings.course, self.standings.view, epoch, version)
        await connection.request(watch, Watching, self._watching)
        self._answers += 1
        self._notify()

    def _watching(self, watching: Watching) -> None:
        self._number = watching.feed
        self._epoch = watching.epoch

    async def _present(self) -> None:
        """Wait until the rows are of the incarnation that the server, asked from now on, says is the present one."""
        before = self._answers
        if self._connection is not None:
            with suppress(ConnectionLost):  # then the owner asks, over the next connection
                await self._watch(self._connection, self.standings.epoch, self.standings.version)
        while self._answers == before or self.standings.epoch != self._epoch:
            await self._change()

    async def _close_gap(self, connection: Conversation) -> None:
        with suppress(ConnectionLost):  # the next connection watches anew anyway
            try:
                await self._watch(connection, 0, 0)
            except Rejected as rejected:
                self.fail(rejected)

    async def _change(self) -> None:
        if self._failure is not None:
            raise self._failure
        await self._changed.wait()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
