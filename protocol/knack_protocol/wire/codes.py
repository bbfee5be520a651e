"""Why a command was refused and why a connection was closed: the two tables of codes.

A reject changes nothing and keeps the connection; a close ends it. A code never changes its meaning. Clients act on the
columns `may_retry` and `reconnect`, not on folklore (protocol/README.md, chapters Rejects and Close codes).
"""

from enum import IntEnum
from typing import Final, NamedTuple


class RejectCode(IntEnum):
    """The code of a REJECT (u8)."""

    MALFORMED = 1
    UNKNOWN_OPCODE = 2
    NOT_ALLOWED = 3
    HELLO_FIRST = 4
    UNKNOWN_EVENT = 5
    UNKNOWN_SESSION = 6
    TOO_SOON = 7
    NOT_JOINED = 8
    ALREADY_JOINED = 9
    NAME_INVALID = 10
    NAME_TAKEN = 11
    UNKNOWN_COURSE = 12
    UNKNOWN_RUN = 13
    NOT_YOUR_RUN = 14
    NO_RUNS_LEFT = 15
    ALREADY_STARTED = 16
    OUT_OF_ORDER = 18
    OVER = 19
    LATE = 20
    EARLY = 21
    TOO_MANY = 22
    NOT_RECORDING = 23
    UNKNOWN_FEED = 24
    FULL = 25
    UNKNOWN_HEAT = 26
    HEAT_CLOSED = 27
    CLOSED_EVENT = 28


class RejectRow(NamedTuple):
    """What a reject means; `may_retry` says whether the same command can succeed later as it stands."""

    code: RejectCode
    meaning: str
    may_retry: bool

    @property
    def name(self) -> str:
        """The code's name as documents and pages write it, such as `name_taken`."""
        return self.code.name.lower()


REJECTS: Final = (
    RejectRow(
        RejectCode.MALFORMED, "not a message of this protocol; the third on a connection closes it", False
    ),
    RejectRow(RejectCode.UNKNOWN_OPCODE, "no command has this opcode; counts as malformed", False),
    RejectRow(RejectCode.NOT_ALLOWED, "this role may not do that, or HELLO came a second time", False),
    RejectRow(RejectCode.HELLO_FIRST, "HELLO comes first", False),
    RejectRow(RejectCode.UNKNOWN_EVENT, "no such event", False),
    RejectRow(RejectCode.UNKNOWN_SESSION, "the token belongs to no session of this event", False),
    RejectRow(RejectCode.TOO_SOON, "this session connected less than a second ago; wait `wait_ms`", True),
    RejectRow(RejectCode.NOT_JOINED, "JOIN comes first", False),
    RejectRow(RejectCode.ALREADY_JOINED, "this session has a player; LEAVE comes first", False),
    RejectRow(
        RejectCode.NAME_INVALID,
        "not a name; `detail` is `too_short`, `too_long`, `characters` or `marks`",
        False,
    ),
    RejectRow(RejectCode.NAME_TAKEN, "somebody has a name that looks like it; `detail` is a free one", False),
    RejectRow(RejectCode.UNKNOWN_COURSE, "the event has no such course", False),
    RejectRow(RejectCode.UNKNOWN_RUN, "no such run", False),
    RejectRow(RejectCode.NOT_YOUR_RUN, "somebody else's run", False),
    RejectRow(RejectCode.NO_RUNS_LEFT, "the event limits a player's runs, and these are used", False),
    RejectRow(RejectCode.ALREADY_STARTED, "this run was started before", False),
    RejectRow(
        RejectCode.OUT_OF_ORDER, "`seq` or `head` is not the chain's end, or T0 is still to come", False
    ),
    RejectRow(RejectCode.OVER, "the run has ended", False),
    RejectRow(RejectCode.LATE, "the level's time was over; the run has ended by it", False),
    RejectRow(
        RejectCode.EARLY, "the board is still locked; wait `wait_ms`, then the same move is good", True
    ),
    RejectRow(RejectCode.TOO_MANY, "too many messages; wait `wait_ms`, or be closed with 4503", True),
    RejectRow(RejectCode.NOT_RECORDING, "nothing can be recorded at the moment; nothing is lost", True),
    RejectRow(RejectCode.UNKNOWN_FEED, "this connection watches no such feed", False),
    RejectRow(RejectCode.FULL, "this connection watches as many feeds as it may", False),
    RejectRow(RejectCode.UNKNOWN_HEAT, "no such heat", False),
    RejectRow(
        RejectCode.HEAT_CLOSED, "the lobby is not open, or the player is on the roster of a heat", False
    ),
    RejectRow(RejectCode.CLOSED_EVENT, "the event is over, or a rehearsal is full", False),
)


class CloseCode(IntEnum):
    """The codes with which this protocol closes a connection; the first four are RFC 6455's."""

    GOING_AWAY = 1001
    TOO_BIG = 1009
    INTERNAL = 1011
    SERVICE_RESTART = 1012
    RESTARTING = 4000
    SILENT = 4001
    SLOW = 4002
    REPLACED = 4500
    SESSION_ENDED = 4501
    MALFORMED = 4502
    FLOODING = 4503


class CloseRow(NamedTuple):
    """What a close means; `reconnect` is what `reconnects` says of its code."""

    code: CloseCode
    meaning: str
    reconnect: bool

    @property
    def name(self) -> str:
        """The code's name as documents write it, such as `replaced`."""
        return self.code.name.lower()


CLOSES: Final = (
    CloseRow(CloseCode.GOING_AWAY, "the server goes away", True),
    CloseRow(CloseCode.TOO_BIG, "a message above 4096 bytes", False),
    CloseRow(CloseCode.INTERNAL, "the server has a fault", True),
    CloseRow(CloseCode.SERVICE_RESTART, "the server restarts", True),
    CloseRow(CloseCode.RESTARTING, "the server restarts; runs go on afterwards", True),
    CloseRow(CloseCode.SILENT, "no HELLO within 10 s, or no sign of life since", True),
    CloseRow(CloseCode.SLOW, "the connection does not take what it watches", True),
    CloseRow(CloseCode.REPLACED, "a newer connection of the same session took over", False),
    CloseRow(
        CloseCode.SESSION_ENDED,
        "the session has ended elsewhere or was revoked, or its rehearsal was deleted",
        False,
    ),
    CloseRow(CloseCode.MALFORMED, "three malformed messages", False),
    CloseRow(CloseCode.FLOODING, "kept on sending after `too_many`", False),
)

RECONNECT_CODES: Final = frozenset({1001, 1006, 1011, 1012, 1013})
"""RFC 6455 codes after which a client comes back; 1006 is what a browser reports when no close frame came."""

RECONNECT_RANGE: Final = range(4000, 4500)
"""Our own codes after which a client comes back; 4500 to 4999 mean: do not."""


def reconnects(close_code: int) -> bool:
    """Tell whether a client comes back by itself after a close with this code."""
    return close_code in RECONNECT_CODES or close_code in RECONNECT_RANGE
