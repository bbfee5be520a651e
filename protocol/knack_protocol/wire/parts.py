"""What messages are made of: the numbers that have a name, and the records within them."""

from collections.abc import Sequence
from enum import IntEnum, IntFlag
from typing import NamedTuple

from knack_protocol.ids import CourseName, PlayerId, RunId


class Role(IntEnum):
    """What a connection is for."""

    PLAYER = 0
    WATCHER = 1
    DESK = 2


class View(IntEnum):
    """What a feed shows of a course's standings."""

    TOP = 0
    OWN = 1
    DESK = 2
    LATEST = 3


class MoveVerdict(IntEnum):
    """What a recorded move was; every other verdict is a REJECT."""

    OK = 0
    ILLEGAL = 1


class Phase(IntEnum):
    """Where a resumed run stands."""

    COUNTDOWN = 0
    PLAYING = 1
    WAITING = 2
    """The server was away, and the heat's clock stands until it goes on for all at once."""


class HeatPhase(IntEnum):
    """Where a heat stands."""

    OPEN = 0
    """Players gather."""
    FROZEN = 1
    """The roster is frozen; nobody joins any more."""
    COUNTDOWN = 2
    RUNNING = 3
    WAITING = 4
    """The server was away, and the heat's clock stands."""
    OVER = 5
    VOIDED = 6
    CLOSED = 7
    """The lobby was closed again; everybody is out of it."""


class Place(IntEnum):
    """Whether the connection's player takes part in a heat."""

    OUTSIDE = 0
    MEMBER = 1


class Marked(IntEnum):
    """Whether a heat's clock ever stood because the server was away."""

    NO = 0
    INTERRUPTED = 1


class Recording(IntEnum):
    """Whether the server can record moves."""

    AGAIN = 0
    NOT_NOW = 1


class RowState(IntFlag):
    """The bits of a row's `state`."""

    RUNNING = 1
    VOIDED = 2
    NAME_HIDDEN = 4
    NOT_BEST = 8


IN_PLAY = 255
"""A desk row's `end_reason` while its run is in play."""


class Course(NamedTuple):
    """A course of the event, as WELCOME names it."""

    name: CourseName
    level_count: int


class Level(NamedTuple):
    """A level that a move opened; `start_ms` on the run's clock, `bonus` paid for the one before."""

    level: int
    start_ms: int
    goal: int
    time_ms: int
    bonus: int
    board: bytes


PODIUM_COUNT = 3
"""Standings that view *own* always begins with; behind them `skipped` others may be left out."""


class Row(NamedTuple):
    """One standing; its key is `run`. Rank 0 is none, a hidden name is empty, `time_ms` is rules section 8's."""

    run: RunId
    rank: int
    player: PlayerId
    name: str
    score: int
    time_ms: int
    state: int


class DeskRow(NamedTuple):
    """One run as the desk sees it: `name` is the real one, `shown_name` the public's."""

    run: RunId
    rank: int
    player: PlayerId
    name: str
    score: int
    time_ms: int
    state: int
    shown_name: str
    moves: int
    started_unix_ms: int
    end_reason: int


class NumberedRow(NamedTuple):
    """A `Row` in a feed: without its rank, which follows from the order, and with the number that later stands for it."""

    number: int
    run: RunId
    player: PlayerId
    name: str
    score: int
    time_ms: int
    state: int


class NumberedDeskRow(NamedTuple):
    """A `DeskRow` in a feed, with its number."""

    number: int
    run: RunId
    rank: int
    player: PlayerId
    name: str
    score: int
    time_ms: int
    state: int
    shown_name: str
    moves: int
    started_unix_ms: int
    end_reason: int


Steps = Sequence[Sequence[bytes]]
"""A cascade: for each step, for each of the 8 columns, the symbols that entered, first in first."""
