"""The client's own copy of a run, which believes the server nothing that can be computed.

The mirror plays every move again with `knack_protocol.rules.run`, the one authority that the server calls, too. All it
takes from the server are tiles, because only they are secret (`told`). Verdict, time, points, score, lock, levels, the end, and the hash of every event must then come out as the
server says, or `BrokenReceipt` is raised. So a player holds, move by move, receipts that he has computed himself.

What a client cannot recompute, and how that is treated:
- *Which attempt made a shuffled board* is known to the server alone until the seed is revealed. It is searched for: the
  one attempt whose event gives the server's hash.
- *CONNECTION events* carry times that only the server measured. After an absence the chain's new end is taken over from
  RESUMED, and everything else in it must be what the mirror has: nothing acknowledged may be missing. Such a receipt is
  marked `is_checked=False`; the published log fills the gap.
- *A run met in the middle* (a new process with an old token): how many tiles fell before is not told, so the hashes of
  this run are taken over, unless nobody has moved yet; boards, points, times and scores are checked all the same.
"""

from typing import Any, Final, NamedTuple

from knack_client.errors import BrokenReceipt, OtherRules
from knack_client.told import ToldTiles
from knack_protocol.ids import CourseName, EventId, PlayerId
from knack_protocol.rules import log
from knack_protocol.rules.board import Board
from knack_protocol.rules.course import COURSES, Course
from knack_protocol.rules.log import EndEvent, EndReason, ShuffleEvent
from knack_protocol.rules.numbers import SHUFFLE_ATTEMPTS
from knack_protocol.rules.run import LevelStart, Outcome, Run
from knack_protocol.rules.swaps import Swap
from knack_protocol.wire.messages import Begin, Ended, Level, Moved, Resumed

ATTEMPTS_SEARCHED: Final = 2 * SHUFFLE_ATTEMPTS
"""All shuffles and a thousand rescue boards, of which a dozen are usual; some 2 ms at the very most."""


class Receipt(NamedTuple):
    """The chain's end that the server has acknowledged: number and hash of an event of the run's log.

    `is_checked` is false where the hash was taken over from the server, after an absence.
    """

    seq: int
    head: bytes
    is_checked: bool


class Mirror:
    """A run played along with the server's word; `begun` and `met` make one.

    `run` is the rules' own run, at the state after the last receipt. `receipts` begins with H0 (seq 0).
    """

    def __init__(self, run: Run, tiles: ToldTiles, *, is_chained: bool) -> None:
        self.run: Final = run
        self.receipts = [Receipt(run.seq, run.head, is_chained)]
        self._tiles = tiles
        self._is_chained = is_chained

    @classmethod
    def begun(
        cls,
        begin: Begin,
        event: EventId,
        player: PlayerId,
        rules_hash: bytes,
        commit: bytes | None,
        heat: str = "",
    ) -> "Mirror":
        """Return the mirror of a run at its T0.

        Args:
            begin: The push that began it.
            event: The competition.
            player: Who plays.
            rules_hash: The SHA-256 of the rules file that both sides play by.
            commit: What the server had promised in PREPARED; None where nobody heard it.
            heat: The heat that the run is a part of; empty in open play.

        Raises:
            BrokenReceipt: the promise, the level or H0 is not what it must be.
        """
        course = _course(begin.course)
        _agree("commit", begin.commit, commit or begin.commit)
        _agree("level", (begin.level, begin.goal, begin.time_ms), (0, *course.levels[0]))
        name = heat or begin.run  # a solo run is a heat of its own
        h0 = log.h0(event, name, player, begin.commit, rules_hash, begin.t0_unix_ms, begin.grace_ms)
        _agree("H0", begin.head, h0)
        tiles = ToldTiles(Board.of(begin.board))
        return cls(Run(course, tiles, h0, begin.grace_ms), tiles, is_chained=True)

    @classmethod
    def met(cls, resumed: Resumed) -> "Mirror":
        """Return the mirror of a run that was found in play.

        Raises:
            BrokenReceipt: there is no such level.
        """
        course = _course(resumed.course)
        if resumed.level >= len(course.levels):
            raise BrokenReceipt(f"{course.name} has no level {resumed.level}")
        if not resumed.board:
            raise BrokenReceipt("the run is in play, and the server sent no board for it")
        _agree("level", (resumed.goal, resumed.time_ms), course.levels[resumed.level])
        tiles = ToldTiles(Board.of(resumed.board), is_midway=resumed.moves > 0)
        run = Run(course, tiles, resumed.head, resumed.grace_ms)
        run.seq = resumed.seq
        run.score = resumed.score
        run.moves = resumed.moves
        run.level = resumed.level
        run.level_points = resumed.level_points
        run.level_start_ms = resumed.start_ms
        run.lock_end_ms = resumed.lock_end
        run.deadline_ms = resumed.start_ms + resumed.time_ms
        mirror = cls(run, tiles, is_chained=resumed.moves == 0)  # then no tile has fallen yet
        mirror.receipts = [Receipt(resumed.seq, resumed.head, is_checked=False)]
        return mirror

    @property
    def is_over(self) -> bool:
        """Tell whether the run has ended."""
        return self.run.end is not None

    def moved(self, moved: Moved, cell: int, direction: int) -> Outcome:
        """Play the move that the server has judged, and hold its whole reply against the outcome.

        Raises:
            BrokenReceipt: anything in the reply is not what the rules make of the move.
        """
        run = self.run
        self._tiles.tell(moved)
        outcome = run.move(moved.t_arr, cell, direction)
        _agree("verdict", moved.verdict, outcome.verdict)
        _agree("t_eff", moved.t_eff, outcome.t_eff)
        _agree("lock's end", moved.lock_end, outcome.lock_end_ms)
        _agree("fills", tuple(map(tuple, moved.steps)), outcome.steps)
        _agree("points", moved.points, outcome.points)
        _agree("score", moved.score, run.score)
        _agree("shuffle", moved.shuffle, outcome.shuffle.symbols if outcome.shuffle else None)
        _agree("level", moved.level, _as_told(outcome.level))
        if outcome.shuffle is not None:
            run.head = _shuffled_head(outcome, moved.head) or run.head
        self._receive(moved.seq, moved.head)
        return outcome

    def resumed(self, resumed: Resumed, sent: Swap | None) -> Outcome | None:
        """Catch up with a run after an absence, and hold what the server has against what the mirror has.

        Args:
            resumed: The push that came after WELCOME.
            sent: The move whose reply was lost with the connection, if there was one.

        Returns:
            What that move did, when it had arrived and was recorded.

        Raises:
            BrokenReceipt: something acknowledged is missing, or something happened that nobody did.
        """
        run, last = self.run, resumed.last
        outcome = None
        if last is not None and last.seq > run.seq:
            if sent is None:
                raise BrokenReceipt(f"event {last.seq} is a move that nobody made")
            outcome = self.moved(last, *sent)
        if resumed.seq < run.seq:
            raise BrokenReceipt(f"the server's log ends at {resumed.seq}, and it had acknowledged {run.seq}")
        _agree("level", (resumed.level, resumed.start_ms), (run.level, run.level_start_ms))
        _agree("board", resumed.board, run.board.symbols)
        _agree("score", (resumed.score, resumed.level_points), (run.score, run.level_points))
        _agree("moves", resumed.moves, run.moves)
        _agree("lock's end", resumed.lock_end, run.lock_end_ms)
        if resumed.seq > run.seq:  # CONNECTION events, with times that only the server knows
            run.seq, run.head = resumed.seq, resumed.head
            self.receipts.append(Receipt(run.seq, run.head, is_checked=False))
        _agree("hash", resumed.head, run.head)
        return outcome

    def ended(self, ended: Ended, *, was_away: bool) -> None:
        """End the run as the server says, and hold its END against the rules.

        Args:
            ended: The push.
            was_away: Whether the log may hold more than this client was told, such as a move whose reply was lost.

        Raises:
            BrokenReceipt: it cannot have ended so.
        """
        run = self.run
        if run.end is None and was_away and ended.seq > run.seq + 1:
            if ended.score < run.score or ended.moves < run.moves:
                raise BrokenReceipt(
                    f"the run ended with {ended.score} points, and {run.score} had been acknowledged"
                )
            run.seq, run.head, run.score, run.moves = ended.seq, ended.head, ended.score, ended.moves
            run.end = EndEvent(ended.seq, ended.t, EndReason(ended.reason), ended.score, ended.moves)
            self.receipts.append(Receipt(ended.seq, ended.head, is_checked=False))
            return
        is_news, reason = run.end is None, EndReason(ended.reason)
        if is_news and reason is EndReason.TIME:
            run.expire()
        elif is_news and reason is not EndReason.COURSE_DONE:
            run.finish(ended.t, reason)
        if run.end is None:
            raise BrokenReceipt("the server says that the course is done, and its goal is not reached")
        said = (ended.reason, ended.t, ended.score, ended.moves)
        _agree("end", said, (run.end.reason, run.end.t, run.end.score, run.end.moves))
        if is_news:
            self._receive(ended.seq, ended.head)

    def _receive(self, seq: int, head: bytes) -> None:
        run = self.run
        _agree("number of events", seq, run.seq)
        if self._is_chained:
            _agree("hash", head, run.head)
        run.head = head
        self.receipts.append(Receipt(seq, head, self._is_chained))


def _shuffled_head(outcome: Outcome, head: bytes) -> bytes | None:
    """Return `head` if some attempt's SHUFFLE event leads there, after the MOVE that made it due; else None."""
    moved, shuffled = outcome.events
    event = log.decode(shuffled.payload)
    assert isinstance(event, ShuffleEvent), "a shuffle comes second"
    for attempt in range(ATTEMPTS_SEARCHED):
        if log.chain(moved.hash, log.shuffle(event.seq, event.z, attempt, event.board8)) == head:
            return head
    return None


def _course(name: CourseName) -> Course:
    course = COURSES.get(name)
    if course is None:
        raise OtherRules(f"the server plays a course that this client does not know: {name}")
    return course


def _as_told(level: LevelStart | None) -> Level | None:
    return level and Level(*level[:5], level.board.symbols)


def _agree(what: str, told: Any, computed: Any) -> None:
    """Hold what the server said against what the rules give."""
    if told != computed:
        told, computed = (value.hex() if isinstance(value, bytes) else value for value in (told, computed))
        raise BrokenReceipt(f"{what}: the server says {told}, the rules say {computed}")
