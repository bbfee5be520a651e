"""The only one that writes: facts go in, a group of them is committed at once, and only then is anything acknowledged.

While one commit is on its way to the disk, everything that is submitted waits and forms the next. Commits that follow
each other begin at least `PACE_S` apart, unless much is waiting: a commit costs the same for one fact and for ten, and
nobody feels 5 ms while a move locks for 500. On an idle server one move goes out alone and at once.

    submit(facts, then) ──> queue ──> one transaction ──> then(), in the order of submission
                              ^              │
                              └── full disk: ┘ the same transaction again, every 500 ms, until there is room

Nothing is lost by a disk that cannot take it: facts wait in memory, nobody is told that they are recorded, and
`on_trouble` says so, so that the shell can refuse further moves.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from knack_server.core.facts import Fact
from knack_server.store.errors import StoreBroken, StoreCorrupt, StoreError, StoreUnwritable
from knack_server.store.opening import Store
from knack_server.store.recording import Writing, writings

FACTS_MAX = 512
"""Facts of one commit: past that a commit takes longer but the disk's flush is no cheaper per fact."""

PACE_S = 0.005
"""The least from the beginning of a commit to that of the next: a thousand moves a second come five to a commit then."""

CROWD_FACTS = 32
"""As many waiting facts do not wait for the pace: a commit of so many costs each of them next to nothing."""

CHECKPOINT_ROWS = 500
"""Rows in the WAL from which a checkpoint is worth its two flushes, when nothing was submitted for `QUIET_S`."""

CHECKPOINT_ROWS_MAX = 10_000
"""Rows in the WAL (some 60 MB at most) from which a checkpoint comes between two commits of a server that is never quiet."""

QUIET_S = 0.1

RETRY_S = 0.5
"""How long after a failed commit the next attempt comes: soon enough for a player, rare enough for a full disk."""

CLOSING_PATIENCE_S = 10.0
"""How long `close` lets a disk that is in trouble recover."""


class _Submission(NamedTuple):
    facts: Sequence[Fact]
    then: Callable[[], None]


class Writer:
    """Commits facts in groups; made and used in the event loop's thread.

    Args:
        store: An open store that nobody else writes to.
        on_trouble: Called with True when facts cannot be recorded at the moment, and with False when they are again.
        on_broken: Called once when a fact contradicts what is stored. That is a bug of ours: nothing is recorded or
            acknowledged any more, and the process has to end and start again from what is committed.
        on_commit: Called after each commit with how long it took, waiting for a full disk included, and its facts.
        ticks_ns: The stopwatch for that.
    """

    def __init__(
        self,
        store: Store,
        on_trouble: Callable[[bool], None],
        on_broken: Callable[[StoreBroken], None],
        on_commit: Callable[[int, int], None] = lambda _took_ns, _fact_count: None,
        ticks_ns: Callable[[], int] = lambda: 0,
    ) -> None:
        self._on_commit = on_commit
        self._ticks_ns = ticks_ns
        self._store = store
        self._on_trouble = on_trouble
        self._on_broken = on_broken
        self._queue: deque[_Submission] = deque()
        self._unanswered = 0
        """Submissions whose `then` has not run yet; a barrier may pass only when there are none."""
        self._closing = False
        self._loop = asyncio.get_running_loop()
        self._waiting_facts_count = 0
        self._begun_s = -PACE_S
        """When the last commit began, by the loop's clock."""
        self._bell: asyncio.Future[None] | None = None
        """What the writer waits for, if it waits for more to be submitted."""
        self._enough = 0
        """Waiting facts that ring it."""
        self.trouble: StoreError | None = None
        """Why nothing can be recorded at the moment; None while all is well."""
        self._task = self._loop.create_task(self._run(), name="store writer")

    def submit(self, facts: Sequence[Fact], then: Callable[[], None]) -> None:
        """Have `facts` committed together and `then` run after it, in the order of submission.

        No facts make a barrier: `then` runs at once when nothing is on its way, else after what is.
        """
        assert not self._task.done() or self.trouble is not None, "the writer is closed"
        if not facts and self._unanswered == 0:
            then()
            return
        self._unanswered += 1
        self._queue.append(_Submission(facts, then))
        self._waiting_facts_count += len(facts)
        if self._bell is not None and self._waiting_facts_count >= self._enough:
            self._ring()

    @property
    def pending_count(self) -> int:
        """Submissions that have not been acknowledged yet."""
        return self._unanswered

    async def close(self, patience_s: float = CLOSING_PATIENCE_S) -> None:
        """Commit and acknowledge what was submitted, then stop; the store stays open.

        Raises:
            StoreUnwritable: after `patience_s` the disk still could not take it; nobody was told that it was recorded.
            StoreBroken: the writer had stopped.
        """
        self._closing = True
        self._ring()
        await asyncio.wait({self._task}, timeout=patience_s)
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})
        if isinstance(self.trouble, StoreBroken):
            raise self.trouble
        if self._unanswered:
            raise StoreUnwritable(f"{self._unanswered} submissions were not recorded: {self.trouble}")
        if not self._task.cancelled():
            self._task.result()

    async def _run(self) -> None:
        try:
            await self._work()
        except Exception as error:  # noqa: BLE001 - whatever went wrong with a fact, nothing after it can be trusted
            broken = error if isinstance(error, StoreBroken) else StoreBroken(f"{error!r}")
            self.trouble = broken
            self._guarded(lambda: self._on_broken(broken))

    async def _work(self) -> None:
        while not (self._closing and not self._queue):
            if self._queue:
                await self._keep_pace()
                group = self._next_group()
                await self._record(group)
                for submission in group:
                    self._acknowledge(submission)
                await self._sweep()
            else:
                await self._idle()
            if self._store.rows_in_wal >= CHECKPOINT_ROWS_MAX:
                await self._checkpoint()
        while await self._sweep():
            pass

    async def _keep_pace(self) -> None:
        """Let facts gather for as long as the last commit has begun just now and few are waiting."""
        wait_s = self._begun_s + PACE_S - self._loop.time()
        if wait_s > 0 and 0 < self._waiting_facts_count < CROWD_FACTS and not self._closing:
            await self._rest(wait_s, CROWD_FACTS)

    def _next_group(self) -> list[_Submission]:
        """Take whole submissions from the queue, in order, up to `FACTS_MAX` facts and at least one submission."""
        group: list[_Submission] = []
        count = 0
        while self._queue and (not group or count + len(self._queue[0].facts) <= FACTS_MAX):
            group.append(self._queue.popleft())
            count += len(group[-1].facts)
        self._waiting_facts_count -= count
        return group

    async def _record(self, group: list[_Submission]) -> None:
        """Commit the facts of a group, however long it takes."""
        facts = [fact for submission in group for fact in submission.facts]
        if facts:
            self._begun_s = self._loop.time()
            began_ns = self._ticks_ns()
            await self._write(list(writings(facts, self._store.places)))
            self._on_commit(self._ticks_ns() - began_ns, len(facts))

    async def _write(self, statements: list[Writing]) -> None:
        """Commit, again and again while the world is in the way."""
        while True:
            try:
                await self._store.write(statements)
            except (StoreUnwritable, StoreCorrupt) as error:
                self._set_trouble(error)
                await asyncio.sleep(RETRY_S)
            else:
                self._set_trouble(None)
                return

    def _set_trouble(self, error: StoreError | None) -> None:
        was_in_trouble, self.trouble = self.trouble is not None, error
        if was_in_trouble != (error is not None):
            self._guarded(lambda: self._on_trouble(error is not None))

    def _acknowledge(self, submission: _Submission) -> None:
        self._unanswered -= 1
        self._guarded(submission.then)

    def _guarded(self, call: Callable[[], None]) -> None:
        """Call out; what goes wrong out there is reported to the loop and stops nobody else's acknowledgement."""
        try:
            call()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not the writer's
            self._loop.call_exception_handler({"message": "an acknowledgement failed", "exception": error})

    async def _idle(self) -> None:
        """Wait for work; a sweep or a checkpoint that is due is tried meanwhile, because readers pass."""
        if await self._sweep():
            return
        if self._queue or self._closing:
            return
        if self._store.rows_in_wal >= CHECKPOINT_ROWS:
            await self._rest(QUIET_S)
            if not self._queue and not self._closing:
                await self._checkpoint()
        else:
            await self._rest(RETRY_S if self._store.is_sweep_due else None)

    async def _rest(self, most_s: float | None, enough: int = 0) -> None:
        """Wait until something is submitted and `enough` facts are waiting, until `close`, or so long at most."""
        bell = self._bell = self._loop.create_future()
        self._enough = enough
        alarm = None if most_s is None else self._loop.call_later(most_s, self._ring)
        try:
            await bell
        finally:
            self._bell = None
            if alarm is not None:
                alarm.cancel()

    def _ring(self) -> None:
        if self._bell is not None and not self._bell.done():
            self._bell.set_result(None)

    async def _checkpoint(self) -> None:
        """Bring the WAL into the file; a disk that is in the way will be said by the next commit."""
        with suppress(StoreUnwritable, StoreCorrupt):
            await self._store.checkpoint()

    async def _sweep(self) -> bool:
        """Sweep if it is due; it stays due while a reader or the disk is in the way. True when it goes on at once."""
        if self._store.is_sweep_due:
            with suppress(StoreUnwritable, StoreCorrupt):
                return await self._store.sweep()
        return False
