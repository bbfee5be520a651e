"""The one authority: a player's run through a course, told what arrived when, telling what it was worth.

Nothing else decides about a move. The server calls `move` while people play, `replay` calls it again over a stored log,
bots ask it what a move would bring. It has no clock and no chance of its own: times come in as ms of the run's clock,
tiles from a `Tiles`. RULES.md, sections 4, 6 and 7.

    level starts at s ─────────────────────────────────────────── deadline s + time_ms ── + grace
      move:  t_eff = max(t_arr - grace, lock end, 0)
      verdict:  OVER: the run has ended             LATE: t_eff ≥ deadline, the run ends
                EARLY: t_arr - grace < lock end - 150 ms, nothing changes
                ILLEGAL: logged, locks for 300 ms   OK: resolved, logged, locks for 200 ms + 300 ms a step
"""

from enum import IntEnum
from typing import NamedTuple

from knack_protocol.rules import log
from knack_protocol.rules.board import Board
from knack_protocol.rules.cascade import Falling, Fills, resolve
from knack_protocol.rules.course import Course
from knack_protocol.rules.log import ConnectionKind, EndEvent, EndReason, LoggedEvent
from knack_protocol.rules.numbers import (
    BONUS_POINTS_PER_SECOND,
    CONNECTIONS_MAX,
    EARLY_TOLERANCE_MS,
    LEVEL_BREAK_MS,
    LOCK_ILLEGAL_MS,
    LOCK_MS_MAX,
    LOCK_STEP_MS,
    LOCK_SWAP_MS,
)
from knack_protocol.rules.streams import Tiles
from knack_protocol.rules.swaps import has_legal_swap, swapped


class Verdict(IntEnum):
    """What became of a move; `OK` and `ILLEGAL` leave an event, the others nothing (but `LATE` ends the run)."""

    OK = 0
    ILLEGAL = 1
    EARLY = 2
    LATE = 3
    OVER = 4


class LevelStart(NamedTuple):
    """A level that a move has opened: it starts at `start_ms`, and `bonus` points were paid for the one before."""

    level: int
    start_ms: int
    goal: int
    time_ms: int
    bonus: int
    board: Board


class Outcome(NamedTuple):
    """What a move did.

    `t_eff` is the time it counts at; `points` are the move's, `score` is the run's, a bonus included; `steps` holds the
    fills of each step of the cascade; `shuffle` is the board after a shuffle; `events` are all that this call wrote.
    """

    verdict: Verdict
    t_arr: int
    t_eff: int
    lock_end_ms: int
    points: int
    score: int
    steps: tuple[Fills, ...]
    shuffle: Board | None
    level: LevelStart | None
    events: tuple[LoggedEvent, ...]


class Run:
    """A run in play, or one that has ended (`end` is its END then).

    Times are ms of the run's clock. `head` is the chain's last hash, `seq` the number of the last event, `moves` counts
    legal moves, `scored_at_ms` is the `t_eff` of the move that reached the score, `boards` holds each level's first
    board so far.
    """

    __slots__ = (
        "_falling",
        "_next_board",
        "_tiles",
        "board",
        "boards",
        "connections",
        "course",
        "deadline_ms",
        "end",
        "grace_ms",
        "head",
        "level",
        "level_points",
        "level_start_ms",
        "lock_end_ms",
        "moves",
        "score",
        "scored_at_ms",
        "seq",
        "shuffles",
    )

    def __init__(self, course: Course, tiles: Tiles, h0: bytes, grace_ms: int) -> None:
        self.course = course
        self.grace_ms = grace_ms
        self.head = h0
        self.seq = 0
        self.score = 0
        self.moves = 0
        self.scored_at_ms = 0
        self.shuffles = 0
        self.connections = 0
        self.end: EndEvent | None = None
        self.level = 0
        self.level_points = 0
        self.level_start_ms = 0
        self.lock_end_ms = 0
        self.deadline_ms = course.levels[0].time_ms
        self.board = tiles.first_board(0)
        self.boards = [self.board]
        self._tiles = tiles
        self._falling = Falling(tiles, 0)
        self._next_board: Board | None = None

    def move(self, t_arr: int, cell: int, direction: int) -> Outcome:
        """Judge a swap that arrived at `t_arr`, and carry it out when it is legal.

        The swap must exist (`swaps.is_swap`), and whether the frame names the chain's end is the caller's to check.
        """
        if self.end is not None:
            return self._refused(Verdict.OVER, t_arr, t_arr)
        t_fair = t_arr - self.grace_ms
        lock_end = self.lock_end_ms
        t_eff = max(t_fair, lock_end)  # never below 0, because no lock ends there
        if t_eff >= self.deadline_ms:
            return self._refused(Verdict.LATE, t_arr, t_eff, self.expire())
        if t_fair < lock_end - EARLY_TOLERANCE_MS:
            return self._refused(Verdict.EARLY, t_arr, t_eff)
        planes = swapped(self.board.planes, cell, direction)
        planes, points, steps = resolve(planes, self._falling)
        if not steps:
            return self._illegal(t_arr, t_eff, cell, direction)

        self.board = board = Board(planes)
        self.moves += 1
        self.score += points
        self.level_points += points
        self.scored_at_ms = t_eff
        self.lock_end_ms = t_eff + min(LOCK_SWAP_MS + LOCK_STEP_MS * len(steps), LOCK_MS_MAX)
        board8 = log.board8(board, self._falling.drawn, self.shuffles)
        moved = self._log(
            log.move(self.seq + 1, t_arr, t_eff, cell, direction, len(steps), points, self.score, board8)
        )
        shuffle = opened = None
        events: tuple[LoggedEvent, ...] = (moved,)
        goal = self.course.levels[self.level].goal
        if goal and self.level_points >= goal:
            opened, logged = self._level_done(t_eff)
            events = (moved, logged)
        elif not has_legal_swap(planes):
            events = (moved, self._shuffle())
            shuffle = self.board
        return Outcome(
            Verdict.OK, t_arr, t_eff, self.lock_end_ms, points, self.score, steps, shuffle, opened, events
        )

    def connection(self, t: int, kind: ConnectionKind) -> tuple[LoggedEvent, ...]:
        """Log what happened to the player's connection; nothing after the deadline, after END, or beyond 60."""
        if self.end is not None or t > self.deadline_ms or self.connections >= CONNECTIONS_MAX:
            return ()
        self.connections += 1
        return (self._log(log.connection(self.seq + 1, t, kind)),)

    def expire(self) -> tuple[LoggedEvent, ...]:
        """End the run at its level's deadline; the caller's timer does so when deadline + grace have passed."""
        return self.finish(self.deadline_ms, EndReason.TIME)

    def finish(self, t: int, reason: EndReason) -> tuple[LoggedEvent, ...]:
        """End the run now, abandoned or voided; its score stands. Nothing happens to one that has ended."""
        if self.end is not None:
            return ()
        return (self._end(t, reason),)

    def draw_ahead(self) -> None:
        """Draw the next level's first board, which takes longer than a move, before a move needs it."""
        if self._next_board is None and self.level + 1 < len(self.course.levels):
            self._next_board = self._tiles.first_board(self.level + 1)

    def _refused(
        self, verdict: Verdict, t_arr: int, t_eff: int, events: tuple[LoggedEvent, ...] = ()
    ) -> Outcome:
        return Outcome(verdict, t_arr, t_eff, self.lock_end_ms, 0, self.score, (), None, None, events)

    def _illegal(self, t_arr: int, t_eff: int, cell: int, direction: int) -> Outcome:
        self.lock_end_ms = t_eff + LOCK_ILLEGAL_MS
        logged = self._log(log.illegal(self.seq + 1, t_arr, t_eff, cell, direction))
        return self._refused(Verdict.ILLEGAL, t_arr, t_eff, (logged,))

    def _level_done(self, t_eff: int) -> tuple[LevelStart | None, LoggedEvent]:
        """Pay the bonus and open the next level, or end the run with its course."""
        bonus = BONUS_POINTS_PER_SECOND * ((self.deadline_ms - t_eff) // 1000)
        self.score += bonus
        if self.level + 1 == len(self.course.levels):
            return None, self._end(t_eff, EndReason.COURSE_DONE)
        self.draw_ahead()
        assert self._next_board is not None
        self.board, self._next_board = self._next_board, None
        self.boards.append(self.board)
        self.level += 1
        self.level_points = 0
        self._falling = Falling(self._tiles, self.level)
        goal, time_ms = self.course.levels[self.level]
        self.level_start_ms = self.lock_end_ms = start = self.lock_end_ms + LEVEL_BREAK_MS
        self.deadline_ms = start + time_ms
        board8 = log.board8(self.board, self._falling.drawn, self.shuffles)
        logged = self._log(log.level(self.seq + 1, start, self.level, bonus, self.score, board8))
        return LevelStart(self.level, start, goal, time_ms, bonus, self.board), logged

    def _shuffle(self) -> LoggedEvent:
        z = self.shuffles
        attempt, self.board = self._tiles.shuffle(self.board, z)
        self.shuffles = z + 1
        board8 = log.board8(self.board, self._falling.drawn, self.shuffles)
        return self._log(log.shuffle(self.seq + 1, z, attempt, board8))

    def _end(self, t: int, reason: EndReason) -> LoggedEvent:
        self.end = EndEvent(self.seq + 1, t, reason, self.score, self.moves)
        return self._log(log.end(self.seq + 1, t, reason, self.score, self.moves))

    def _log(self, payload: bytes) -> LoggedEvent:
        self.seq += 1
        self.head = log.chain(self.head, payload)
        return LoggedEvent(self.seq, payload, self.head)
