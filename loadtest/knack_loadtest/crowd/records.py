"""What a client's witness wrote down of each run: every move as it was sent, and what was answered.

One line of JSON a run, in the file `runs-WORKER.ndjson` of a run's folder; the oracles read it, and a replay can.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

UNKNOWN: Final = "unknown"
"""The line ended before the answer: the move may have counted or not."""

OK: Final = "ok"
ILLEGAL: Final = "illegal"
"""Both are acknowledged: they must be in the record."""


@dataclass(slots=True)
class Move:
    """One MOVE command. Times in ns of the monotonic clock; `outcome` is ok, illegal, unknown, or `rejected_NAME`.

    What follows `outcome` is the reply's: `end_seq` and `end_head` are the chain's end after it, the receipt.
    """

    seq: int
    cell: int
    direction: int
    sent_ns: int
    heard_ns: int = 0
    outcome: str = UNKNOWN
    t_arr: int = 0
    t_eff: int = 0
    points: int = 0
    score: int = 0
    steps: int = 0
    end_seq: int = 0
    end_head: str = ""

    @property
    def is_acknowledged(self) -> bool:
        """Tell whether the server said that it counted."""
        return self.outcome in {OK, ILLEGAL}


@dataclass(slots=True)
class RunRecord:
    """One run as its player's device saw it; what was not heard is None."""

    run: str
    course: str
    commit: str
    heat: str = ""
    """The heat that it is a part of; empty in open play."""
    event: str = ""
    player: str = ""
    person: int = -1
    nonce: str = ""
    t0_unix_ms: int | None = None
    grace_ms: int | None = None
    h0: str = ""
    begun_ns: int = 0
    """When BEGIN was heard (monotonic clock); 0 where it was not: whoever comes later is told where the run stands."""
    board: str = ""
    """The board that BEGIN brought: 64 digits."""
    moves: list[Move] = field(default_factory=list)
    heads: dict[int, str] = field(default_factory=dict)
    """Ends of the chain that were told, by number of events; 0 is H0."""
    end: dict[str, Any] | None = None

    @property
    def listing(self) -> str:
        """Whose standings it counts in: its heat's, or its course's."""
        return self.heat or self.course

    def line(self) -> str:
        """Return the record as one line of JSON."""
        named = {name: getattr(self, name) for name in _FIELDS if name != "moves"}
        moves = [[getattr(move, name) for name in _MOVE_FIELDS] for move in self.moves]
        return json.dumps({**named, "moves": moves}, ensure_ascii=False, separators=(",", ":"))


_FIELDS: Final = tuple(RunRecord.__dataclass_fields__)
_MOVE_FIELDS: Final = tuple(Move.__dataclass_fields__)


def parse(line: str) -> RunRecord:
    """Read what `RunRecord.line` wrote."""
    document = json.loads(line)
    document["moves"] = [Move(*fields) for fields in document["moves"]]
    document["heads"] = {int(seq): head for seq, head in document["heads"].items()}
    return RunRecord(**document)


def read_folder(folder: Path) -> Iterator[RunRecord]:
    """Yield every run that the workers of one run wrote down."""
    for path in sorted(folder.glob("runs-*.ndjson")):
        with path.open(encoding="utf-8") as lines:
            yield from map(parse, lines)
