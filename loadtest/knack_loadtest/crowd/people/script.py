"""A recorded run as a script: the same person makes its moves again, when they arrived then and where they were made.

Boards come from seeds that nobody can choose, a fresh server's as little as anybody's: a run's id is drawn by the server, its
master is drawn at the first start, and the nonce is only the third part. So a recorded swap is made again where the board of
now allows it as that of then did; else the person chooses one by the recorded skill. When, how often and by whom is the same.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from knack_client.bots.skills import Skill
from knack_loadtest.crowd import records
from knack_loadtest.crowd.records import RunRecord
from knack_loadtest.crowd.tally import Tally
from knack_protocol.rules.board import Board
from knack_protocol.rules.swaps import Swap, legal_swaps


class Step(NamedTuple):
    """A recorded move: when it arrived (ms of the run's clock), what it swapped, and whether it was legal there."""

    t_arr: int
    swap: Swap
    was_legal: bool


@dataclass(slots=True)
class Script:
    """What somebody did in one run, to be done again."""

    steps: list[Step]
    _next: int = 0

    @property
    def is_over(self) -> bool:
        """Tell whether all moves were made again."""
        return self._next >= len(self.steps)

    def due_us(self, begun_us: int, now_us: int, locked_ms: float) -> int:
        """Return when the next move is to be made: at its recorded time, or when the board opens if that is later."""
        return max(begun_us + 1000 * self.steps[self._next].t_arr, now_us + round(1000 * locked_ms))

    def choose(self, board: Board, skill: Skill, random: Random, tally: Tally) -> Swap:
        """Return the next move's swap, or what the skill chooses where the board is another one."""
        step = self.steps[self._next]
        self._next += 1
        if (step.swap in legal_swaps(board)) == step.was_legal:
            tally.count("replay.same")
            return step.swap
        tally.count("replay.other")
        swap = skill.choose(board, random)
        assert swap is not None, "the server shuffles a board without a legal swap"
        return swap


@dataclass(slots=True)
class Scripts:
    """All recorded runs of one person: alone in their order, in heats by the heat's id."""

    _alone: list[Script] = field(default_factory=list)
    _in_heats: dict[str, Script] = field(default_factory=dict)
    _begun: int = 0

    def add(self, record: RunRecord) -> None:
        """Add a run; those alone in the order in which they began."""
        acknowledged = [move for move in record.moves if move.is_acknowledged]
        steps = [
            Step(move.t_arr, Swap(move.cell, move.direction), move.outcome == records.OK)
            for move in sorted(acknowledged, key=lambda move: move.seq)
        ]
        if record.heat:
            self._in_heats[record.heat] = Script(steps)
        else:
            self._alone.append(Script(steps))

    def begin(self, heat: str) -> Script:
        """Return the script of the run that begins now; an empty one where none was recorded."""
        if heat:
            return self._in_heats.get(heat, Script([]))
        self._begun += 1
        return self._alone[self._begun - 1] if self._begun <= len(self._alone) else Script([])


def scripts(recorded: Iterable[RunRecord]) -> dict[int, Scripts]:
    """Return everybody's scripts by number in the plan."""
    by_person: defaultdict[int, Scripts] = defaultdict(Scripts)
    for record in sorted(recorded, key=lambda record: record.t0_unix_ms or 0):
        if record.t0_unix_ms is not None:
            by_person[record.person].add(record)
    return dict(by_person)
