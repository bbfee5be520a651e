"""The server's side of one run, without a server: the rules' run behind the messages that it would send."""

from dataclasses import dataclass, field

from knack_protocol.ids import CourseName, EventId, PlayerId, RunId
from knack_protocol.rules import log
from knack_protocol.rules.course import COURSES, Course, rules_hash
from knack_protocol.rules.log import ConnectionKind, EndReason
from knack_protocol.rules.run import Outcome, Run, Verdict
from knack_protocol.rules.streams import SeededTiles, Tiles
from knack_protocol.rules.swaps import CANONICAL_ORDER, Swap, legal_swaps
from knack_protocol.wire.messages import Begin, Ended, Level, Moved, MoveVerdict, Phase, Resumed

EVENT = EventId("demo")
PLAYER = PlayerId("p-1")
COMMIT = bytes(range(32))
T0 = 1_700_000_000_000


SPRINT = CourseName("sprint")
RUN = RunId("run-1")


@dataclass
class Dealer:
    """Deals one run; times are given, and everything it says follows from the rules."""

    course: CourseName = SPRINT
    grace_ms: int = 20
    run_id: RunId = RUN
    tiles: Tiles = field(default_factory=lambda: SeededTiles(b"\7" * 32))
    levels: Course | None = None
    heat: str = ""
    last: Moved | None = None

    def __post_init__(self) -> None:
        h0 = log.h0(EVENT, self.heat or self.run_id, PLAYER, COMMIT, rules_hash(), T0, self.grace_ms)
        self.run = Run(self.levels or COURSES[self.course], self.tiles, h0, self.grace_ms)

    def begin(self) -> Begin:
        goal, time_ms = self.run.course.levels[0]
        return Begin(
            self.run_id,
            self.course,
            self.grace_ms,
            T0,
            COMMIT,
            self.run.head,
            0,
            goal,
            time_ms,
            self.run.board.symbols,
        )

    def moved(self, swap: Swap, t_arr: int | None = None, req: int = 0) -> Moved:
        """Play a swap, arriving in the instant in which the lock ends unless told otherwise."""
        outcome = self.run.move(self.now_ms if t_arr is None else t_arr, *swap)
        assert outcome.verdict in {Verdict.OK, Verdict.ILLEGAL}
        self.last = self._as_message(outcome, req)
        return self.last

    @property
    def now_ms(self) -> int:
        return self.run.lock_end_ms + self.grace_ms

    @property
    def good_swap(self) -> Swap:
        return legal_swaps(self.run.board)[0]

    @property
    def bad_swap(self) -> Swap:
        legal = legal_swaps(self.run.board)
        return next(swap for swap in CANONICAL_ORDER if swap not in legal)

    def away(self, lost_ms: int, back_ms: int) -> None:
        self.run.connection(lost_ms, ConnectionKind.LOST)
        self.run.connection(back_ms, ConnectionKind.RESUMED)

    def server_away(self, t: int) -> None:
        self.run.connection(t, ConnectionKind.SERVER_AWAY)

    def resumed(self, clock_ms: int) -> Resumed:
        run = self.run
        goal, time_ms = run.course.levels[run.level]
        return Resumed(
            self.run_id,
            self.course,
            Phase.PLAYING,
            clock_ms,
            run.seq,
            run.head,
            run.level,
            run.level_start_ms,
            goal,
            time_ms,
            run.score,
            run.level_points,
            run.lock_end_ms,
            run.board.symbols,
            self.grace_ms,
            T0,
            run.moves,
            self.last,
        )

    def ended(self, reason: EndReason = EndReason.TIME, t: int = 0) -> Ended:
        """Say how the run ended; end it now when it has not."""
        if reason is EndReason.TIME:
            self.run.expire()
        else:
            self.run.finish(t, reason)
        end = self.run.end
        assert end is not None
        return Ended(
            self.run_id,
            self.course,
            self.run.seq,
            self.run.head,
            end.reason,
            end.t,
            end.score,
            end.moves,
            1,
            1,
            1,
        )

    def _as_message(self, outcome: Outcome, req: int) -> Moved:
        level = outcome.level
        return Moved(
            req,
            self.run_id,
            MoveVerdict(outcome.verdict),
            self.run.seq,
            self.run.head,
            outcome.t_arr,
            outcome.t_eff,
            outcome.lock_end_ms,
            outcome.points,
            outcome.score,
            outcome.steps,
            outcome.shuffle.symbols if outcome.shuffle else None,
            Level(*level[:5], level.board.symbols) if level else None,
            1,
            self.run.moves + 1,
        )
