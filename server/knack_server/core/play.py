"""One solo run while it lives on the server: its countdown, its clock, its line, its last answer.

The game itself is `rules.run`; this is the frame around it: when the clock's zero lies, how long the line is, and which
frame made the latest move. Phases:

    COUNTDOWN --T0--> PLAYING --END--> (gone; the entry keeps the result)
        AWAY ----------^    the server was restarted: the clock stands until the player is back or 30 s have passed
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from knack_protocol.rules.course import Course
from knack_protocol.rules.run import Run
from knack_protocol.wire.limits import COUNTDOWN_PONGS_MIN, GRACE_MAX_MS

if TYPE_CHECKING:
    from knack_protocol.wire.messages import Move, Moved
    from knack_server.core.effects import ConnectionId
    from knack_server.core.entry import Entry
    from knack_server.core.instant import Instant
    from knack_server.core.player import Player

AWAY_MAX_MS = 30_000
"""How long a solo run's clock stands after a restart when its player does not come back (rules, section 6)."""


class Phase(Enum):
    """Where a play is."""

    COUNTDOWN = "countdown"
    PLAYING = "playing"
    AWAY = "away"


class Play:
    """A run in countdown or in play."""

    __slots__ = (
        "away_clock_ms", "course", "entry", "grace_ms", "last_frame", "last_reply", "nonce", "phase", "pings", "player",
        "round_trips_ms", "run", "t0_unix_ms", "zero_ms",
    )  # fmt: skip

    def __init__(self, entry: Entry, player: Player, course: Course, nonce: bytes, t0: Instant) -> None:
        self.entry = entry
        self.player = player
        self.course = course
        self.nonce = nonce
        """The device's 16 bytes."""
        self.phase = Phase.COUNTDOWN
        self.zero_ms = t0.ms
        """The moment of the monotonic clock at which the run's clock shows 0; moves on when the server was away."""
        self.t0_unix_ms = t0.unix_ms
        self.grace_ms = 0
        self.pings: dict[bytes, tuple[ConnectionId, int]] = {}
        self.round_trips_ms: list[int] = []
        self.run: Run | None = None
        """None until T0."""
        self.away_clock_ms = 0
        self.last_frame: tuple[int, bytes, int, int] | None = None
        self.last_reply: Moved | None = None

    def clock_ms(self, now: Instant) -> int:
        """The run's clock: milliseconds since T0, less what the server was away; negative in the countdown."""
        return self.away_clock_ms if self.phase is Phase.AWAY else now.ms - self.zero_ms

    def measured_grace_ms(self) -> int:
        """The credit for the line, frozen at T0 (rules, section 6): the best of at least 8 round trips, at most 250."""
        if len(self.round_trips_ms) < COUNTDOWN_PONGS_MIN:
            return 0
        return min(*self.round_trips_ms, GRACE_MAX_MS)

    def live_run(self) -> Run:
        """The run on its board; only asked for after T0."""
        assert self.run is not None
        return self.run

    def made_last_move(self, move: Move) -> bool:
        """Tell whether this frame is the one that made the latest MOVE or ILLEGAL, come again."""
        return self.last_frame == (move.seq, move.head, move.cell, move.direction)
