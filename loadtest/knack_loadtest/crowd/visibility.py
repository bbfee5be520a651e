"""When a move became visible: acknowledgements from some workers, standings applied in others, put together.

For a move that was acknowledged with version v, and a sampled subscriber that applied a change of that run from a version
below v to v or later: `visible` is when it did, minus when the move was intended. Both times are of one machine's
monotonic clock. Reports of two workers come in any order, so what was applied waits for a while for its moves.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from knack_loadtest.crowd.tally import Tally

WAITS_US: Final = 3_000_000
"""How long reports wait for others: workers tell each second."""

FORGOTTEN_US: Final = 20_000_000
"""A move that a subscriber shows later than this does not count as shown by it any more; it counts as this old."""

SAMPLE_US: Final = 100_000
"""How often staleness is sampled."""

Life = tuple[str, int]
"""A course in one epoch."""


@dataclass(slots=True)
class _Move:
    version: int
    intended_us: int
    heard_us: int
    run: str
    last_us: int = -1


@dataclass(slots=True)
class Visibility:
    """Puts acknowledged moves and applied standings together: into a tally, and into that of the second it was seen in."""

    tally: Tally
    tally_at: Callable[[int], Tally]
    """Returns the tally of the second that a moment, µs since the start, belongs to."""
    _moves: defaultdict[Life, dict[str, list[_Move]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    _waiting: deque[list[Any]] = field(default_factory=deque)
    _fresh_since_us: dict[tuple[int, str], int] = field(default_factory=dict)

    def acked(self, moves: list[list[Any]]) -> None:
        """Take in moves that were acknowledged (`stage.ACKED`)."""
        for course, epoch, version, intended_us, heard_us, run in moves:
            self._moves[course, epoch][run].append(_Move(version, intended_us, heard_us, run))

    def applied(self, changes: list[list[Any]]) -> None:
        """Take in standings that were applied (`stage.APPLIED`)."""
        self._waiting.extend(changes)

    def settle(self, now_us: int) -> None:
        """Count what waited long enough; `now_us` beyond all times counts everything."""
        late = deque[list[Any]]()
        for change in self._waiting:
            if change[5] + WAITS_US > now_us:
                late.append(change)
            else:
                self._show(*change)
        self._waiting = late
        self._forget(now_us - WAITS_US - FORGOTTEN_US)

    def _show(
        self, person: int, course: str, epoch: int, before: int, after: int, at_us: int, runs: list[str]
    ) -> None:
        shown = [
            move
            for run in runs
            for move in self._moves[course, epoch].get(run, ())
            if before < move.version <= after
        ]
        for move in shown:
            self._time("visible", at_us - move.intended_us, at_us)
            move.last_us = max(move.last_us, at_us - move.intended_us)
        self._age(person, course, at_us, min((move.heard_us for move in shown), default=at_us))

    def _age(self, person: int, course: str, at_us: int, stale_since_us: int) -> None:
        """Sample how old what the subscriber showed was, from its last change to this one."""
        since_us = self._fresh_since_us.get((person, course), at_us)
        self._fresh_since_us[person, course] = at_us
        moment_us = since_us
        while moment_us < at_us:
            self._time("staleness", max(moment_us - stale_since_us, 0), moment_us)
            moment_us += SAMPLE_US
        if stale_since_us < at_us:
            self._time("staleness", at_us - stale_since_us, at_us)

    def _time(self, name: str, us: int, at_us: int) -> None:
        self.tally.time(name, us)
        self.tally_at(at_us).time(name, us)

    def _forget(self, before_us: int) -> None:
        for by_run in self._moves.values():
            for run, moves in list(by_run.items()):
                old = [move for move in moves if move.heard_us < before_us]
                for move in old:
                    if move.last_us >= 0:
                        self.tally.time("visible_last", move.last_us)
                if len(old) == len(moves):
                    del by_run[run]
                elif old:
                    by_run[run] = moves[len(old) :]

    def close(self) -> None:
        """Count everything that is left."""
        beyond_us = 1 << 50
        self.settle(beyond_us)
