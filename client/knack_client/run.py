"""A run from its player's side: what it shows, what can be done with it, and what to wait for.

`Player.start` makes one. Everything that it shows comes out of the mirror, which has checked it.
"""

import asyncio
from collections.abc import Callable

from knack_client.errors import ConnectionLost, KnackClientError, RunOver
from knack_client.link import Link
from knack_client.mirror import Mirror, Receipt
from knack_client.runclock import RunClock
from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.rules.board import Board
from knack_protocol.rules.course import Level
from knack_protocol.rules.run import Outcome
from knack_protocol.rules.swaps import Swap, is_swap
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Begin, Ended, Move, Moved, Phase, Resumed, Welcome

OPEN_PLAY = HeatId("")
"""Stands for the heat of a run that belongs to none."""


class Run:
    """One player's play of one course.

    `board`, `score` and what else shows the game may only be asked for after `begun`; they stay after the end.
    """

    def __init__(
        self,
        link: Link,
        run: RunId,
        course: CourseName,
        event: EventId,
        player: PlayerId,
        commit: bytes | None,
        heat: HeatId = OPEN_PLAY,
    ) -> None:
        self.id = run
        self.course = course
        self.heat = heat
        """The heat that it is a part of; empty in open play."""
        self.commit = commit
        """The server's promise, given before the other part of the seed existed; None for a run that was met midway."""
        self.end: Ended | None = None
        """How the run ended; None while it has not."""
        self.told_by: Welcome | None = None
        """The WELCOME after which the server last spoke of this run unasked."""
        self.shown_by = (0, 0)
        """The `(epoch, version)` of the course's standings that first shows everything acknowledged so far."""
        self._link = link
        self._event = event
        self._player = player
        self._mirror: Mirror | None = None
        self._clock = RunClock()
        self._is_waiting = False
        self._sent: Swap | None = None
        self._sent_s = 0.0
        self._outcome: Outcome | None = None
        self._failure: KnackClientError | None = None
        self._changed = asyncio.Event()

    @property
    def is_begun(self) -> bool:
        """Tell whether T0 has come and the first board is here."""
        return self._mirror is not None

    @property
    def is_over(self) -> bool:
        """Tell whether the run has ended."""
        return self.end is not None

    @property
    def listing(self) -> CourseName:
        """The name under which its standings are watched: its course's, or its heat's."""
        return CourseName(self.heat) if self.heat else self.course

    @property
    def is_waiting(self) -> bool:
        """Tell whether the clock stands: the server was away, and its heat goes on for all at once."""
        return self._is_waiting

    @property
    def board(self) -> Board:
        """The board at rest after the last acknowledged move."""
        return self._checked.run.board

    @property
    def score(self) -> int:
        """All points and bonuses so far."""
        return self._checked.run.score

    @property
    def moves(self) -> int:
        """How many legal moves were made."""
        return self._checked.run.moves

    @property
    def level(self) -> int:
        """The level in play, from 0."""
        return self._checked.run.level

    @property
    def level_points(self) -> int:
        """The points made in this level, which count towards its goal."""
        return self._checked.run.level_points

    @property
    def goal(self) -> int:
        """The points that finish this level; 0 for none."""
        return self._level.goal

    @property
    def remaining_ms(self) -> int:
        """How long this level still lasts; never less than the server's own clock would say by more than the line's delay."""
        return max(0, min(self._checked.run.deadline_ms - self.clock_ms, self._level.time_ms))

    @property
    def locked_ms(self) -> int:
        """How long the board is still locked; 0 when a move may be made."""
        opens_ms = self._checked.run.lock_end_ms - self._clock.beyond_ms(self.grace_ms)
        return max(0, opens_ms - self.clock_ms)

    @property
    def clock_ms(self) -> int:
        """The run's clock as far as this client can know it: never ahead of the server's."""
        return self._clock.at(asyncio.get_running_loop().time())

    @property
    def grace_ms(self) -> int:
        """The delay of this line that the server credits to every move."""
        return self._checked.run.grace_ms

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """Every end of the run's chain that the server has acknowledged, H0 first; empty before T0."""
        return tuple(self._mirror.receipts) if self._mirror else ()

    async def begun(self) -> None:
        """Wait for T0 and the first board, or for the end if it came first.

        Raises:
            KnackClientError: the client is over.
        """
        await self._until(lambda: self.is_begun or self.is_over)

    async def unlocked(self) -> None:
        """Wait until the line is live and the board takes a move, or until the run has ended.

        Raises:
            KnackClientError: the client is over.
        """
        await (
            self._link.live()
        )  # a server that was away has held the run's clock up, and says so when it is back
        await self._until(lambda: not self._is_waiting or self.is_over)
        while not self.is_over and self.locked_ms > 0:
            await self.pause(self.locked_ms)

    async def pause(self, ms: float) -> None:
        """Wait so many milliseconds, or less when the run ends before.

        Raises:
            KnackClientError: the client is over.
        """
        try:
            async with asyncio.timeout(ms / 1000):
                await self._until(lambda: self.is_over)
        except TimeoutError:
            pass

    async def ended(self) -> Ended:
        """Wait for the end of the run.

        Raises:
            KnackClientError: the client is over.
        """
        await self._until(lambda: self.is_over)
        assert self.end is not None
        return self.end

    async def move(self, cell: int, direction: int) -> Outcome:
        """Swap `cell` (0..63) with its right (0) or lower (1) neighbour, and return what it did, checked.

        When the connection ends before the reply, the move is made good on the next one: either RESUMED tells that it was
        recorded, or it never arrived and is sent again from where the run stands now.

        Raises:
            ValueError: there is no such swap.
            RunOver: the run has ended.
            Rejected: it was refused, for instance as `early`; nothing has changed.
            BrokenReceipt: the reply is not what the rules make of the move.
            KnackClientError: the client is over.
        """
        swap = Swap(cell, direction)
        if not is_swap(*swap):
            raise ValueError(f"there is no swap of cell {cell} in direction {direction}")
        if self._sent is not None:
            raise RuntimeError("a run has one move in flight")
        self._sent, self._outcome = swap, None
        is_again = False
        try:
            while self._outcome is None:
                await self._link.live()
                await self.begun()
                await self._until(lambda: not self._is_waiting or self.is_over)
                if self.is_over:
                    raise RunOver(RejectCode.OVER)
                if is_again:  # the clock of a server that was killed stands before the last second's moves: the lock may, too
                    await self.unlocked()
                # RESUMED may have brought it before the line was live again
                if self._outcome is None and not self.is_over:
                    await self._send(swap)
                    is_again = True
            return self._outcome
        finally:
            self._sent = None

    async def _send(self, swap: Swap) -> None:
        run = self._checked.run
        frame = Move(0, self.id, run.seq + 1, run.head[:8], *swap)
        self._sent_s = asyncio.get_running_loop().time()
        try:
            await self._link.request(frame, Moved, self._on_moved, again=False)
        except ConnectionLost:
            if self._link.failure is not None:
                raise

    def _on_moved(self, moved: Moved) -> None:
        assert self._sent is not None
        self._outcome = self._checked.moved(moved, *self._sent)
        heard_s = asyncio.get_running_loop().time()
        self._clock.heard(moved.t_arr, heard_s)
        self._clock.answered(self._sent_s, heard_s)
        self.shown_by = moved.epoch, moved.version
        self._notify()

    def on_started(self, countdown_ms: int) -> None:
        """Take in that the countdown has begun."""
        self._clock.heard(-countdown_ms, asyncio.get_running_loop().time())

    def on_begin(self, begin: Begin, rules_hash: bytes) -> None:
        """Take in the run's T0.

        Raises:
            BrokenReceipt: it is not what was promised.
        """
        self._mirror = Mirror.begun(begin, self._event, self._player, rules_hash, self.commit, self.heat)
        self._clock.heard(0, asyncio.get_running_loop().time())
        self._notify()

    def on_resumed(self, resumed: Resumed) -> None:
        """Catch up with the run after an absence.

        Raises:
            BrokenReceipt: it does not follow from what was acknowledged.
        """
        self._clock.was_set(resumed.clock_ms, asyncio.get_running_loop().time())
        self._is_waiting = resumed.phase is Phase.WAITING
        if self._is_waiting:
            self._clock.stands(resumed.clock_ms)
        if resumed.phase is Phase.COUNTDOWN or (self._is_waiting and not resumed.board):
            return
        if self._mirror is None:
            self._mirror = Mirror.met(resumed)
        else:
            self._outcome = self._mirror.resumed(resumed, self._sent) or self._outcome
        self._notify()

    def on_ended(self, ended: Ended, *, was_away: bool) -> None:
        """Take in the end.

        Args:
            ended: The push.
            was_away: Whether it is the first word about this run on its connection.

        Raises:
            BrokenReceipt: the run cannot have ended so.
        """
        if self._mirror is not None:
            self._mirror.ended(ended, was_away=was_away)
        self.end = ended
        self.shown_by = ended.epoch, ended.version
        self._notify()

    def fail(self, failure: KnackClientError) -> None:
        """End all waiting: what becomes of the run will not be heard."""
        self._failure = failure
        self._notify()

    @property
    def _checked(self) -> Mirror:
        if self._mirror is None:
            raise RuntimeError("the run has not begun; wait for begun()")
        return self._mirror

    @property
    def _level(self) -> Level:
        run = self._checked.run
        return run.course.levels[run.level]

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            if self._failure is not None:
                raise self._failure
            await self._changed.wait()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
