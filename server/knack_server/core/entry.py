"""What the server knows of every run, played or being played: one small row each."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from knack_protocol.ids import CourseName, HeatId, RunId

if TYPE_CHECKING:
    from knack_server.core.play import Play
    from knack_server.core.player import Player


class RunState(Enum):
    """How far a run has come."""

    PREPARED = "prepared"
    STARTED = "started"
    IN_PLAY = "in_play"
    ENDED = "ended"


class Entry:
    """One run of one player, as standings, lists and the desk see it."""

    __slots__ = (
        "commit", "course", "end_reason", "heat", "moves", "play", "player", "run", "score", "scored_at_ms", "started_unix_ms", "state",
    )  # fmt: skip

    def __init__(self, run: RunId, player: Player, course: CourseName, commit: bytes, heat: HeatId) -> None:
        self.run = run
        self.player = player
        self.course = course
        self.commit = commit
        self.heat = heat
        """Empty in open play."""
        self.state = RunState.PREPARED
        self.score = 0
        self.scored_at_ms = 0
        """`t_eff` of the move that reached the score: the tie-break (rules, section 8)."""
        self.moves = 0
        self.end_reason: int | None = None
        self.started_unix_ms = 0
        self.play: Play | None = None

    @property
    def listing(self) -> CourseName:
        """The standings that it is ranked in: its course's in open play, else its heat's, watched under its id."""
        return CourseName(self.heat) if self.heat else self.course
