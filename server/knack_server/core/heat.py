"""One heat: many runs from the same start, and where it stands on its way there.

    PREPARED --publish, open--> OPEN --freeze--> FROZEN --type, start--> COUNTDOWN --T0--> RUNNING --last END--> OVER
        ^---------close----------'                              WAITING --10 s--^    the server was restarted

A void ends it from any phase after PREPARED; whether it is voided is the acts' to say.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from knack_protocol.ids import CourseName, HeatId, PlayerId, RunId
from knack_protocol.proof.commitments import Commitment
from knack_protocol.proof.seeds import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from knack_server.core.entry import Entry
    from knack_server.core.instant import Instant
    from knack_server.core.play import Play
    from knack_server.core.player import Player


class HeatPhase(Enum):
    """Where a heat is."""

    PREPARED = "prepared"
    OPEN = "open"
    FROZEN = "frozen"
    COUNTDOWN = "countdown"
    RUNNING = "running"
    WAITING = "waiting"
    OVER = "over"


UNDER_WAY = frozenset({HeatPhase.COUNTDOWN, HeatPhase.RUNNING, HeatPhase.WAITING})


class Heat:
    """A prepared heat and all that has become of it."""

    __slots__ = (
        "commit", "course", "ended_ms", "ends", "goes_on_ms", "has_begun", "id", "is_interrupted", "is_told", "last_k", "members", "phase", "public",
        "roster_hash", "runs", "scope", "t0_unix_ms", "zero_ms",
    )  # fmt: skip

    def __init__(self, heat: HeatId, course: CourseName, scope: Scope, commit: bytes) -> None:
        self.id = heat
        self.course = course
        self.scope = scope
        self.commit = commit
        self.phase = HeatPhase.PREPARED
        self.members: dict[PlayerId, Player] = {}
        """Who gathered; from the freeze on the roster."""
        self.runs: dict[PlayerId, Entry] = {}
        """The roster's runs, in byte order of the players."""
        self.roster_hash = b""
        self.public = b""
        """P (rules, section 5); empty until it was typed."""
        self.t0_unix_ms = 0
        self.zero_ms = 0
        """The moment of the monotonic clock at which the heat's clock shows 0."""
        self.goes_on_ms = 0
        """In COUNTDOWN and WAITING: the moment at which it begins or goes on."""
        self.has_begun = False
        """True from T0 on: the heat counts in the sum."""
        self.is_interrupted = False
        self.last_k = -1
        """The number of its last live digest."""
        self.ends: dict[RunId, tuple[int, bytes]] = {}
        """Number of events and last hash of the runs that have ended."""
        self.ended_ms = 0
        """The latest END of these, of the heat's clock; it never stands before it again."""
        self.is_told = True
        """False while the number of members has changed since everybody was told."""

    @property
    def listing(self) -> CourseName:
        """The name under which its standings are watched."""
        return CourseName(self.id)

    @property
    def promise(self) -> Commitment:
        """Its line in the published list."""
        return Commitment(self.id, self.course, self.scope, self.commit)

    @property
    def hides_boards(self) -> bool:
        """Tell whether every board but the player's own stays hidden now (rules, section 5)."""
        return self.scope is Scope.HEAT and self.phase in UNDER_WAY

    @property
    def was_played(self) -> bool:
        """Tell whether it was started and is over: then its seed is revealed. One voided before never has a run's END."""
        return self.phase is HeatPhase.OVER and bool(self.ends)

    def clock_ms(self, now: Instant) -> int:
        """The heat's clock: ms since T0, less what the server was away."""
        return now.ms - self.zero_ms

    def plays(self) -> Iterator[Play]:
        """The runs that are still on their way, in the order of the roster."""
        return (entry.play for entry in self.runs.values() if entry.play is not None)

    def chains(self) -> list[tuple[int, bytes]]:
        """Return number of events and last hash of every run, in the order of the roster."""
        found = []
        for entry in self.runs.values():
            run = entry.play.live_run() if entry.play is not None else None
            found.append((run.seq, run.head) if run is not None else self.ends[entry.run])
        return found
