"""What players did in their runs, and the logs that come of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from knack_client.bots.policies import Policy, at_random, illegal
from knack_protocol.ids import PlayerId, RunId
from knack_protocol.rules.log import ConnectionKind, EndReason, LoggedEvent
from knack_protocol.rules.run import Run, Verdict

THINK_MS: Final = (150, 900)
"""Between a lock's end and a bot's next move."""
_SLIP: Final = 0.03
"""How often a bot's hand slips into a swap that is not legal."""


class Moved(NamedTuple):
    """A move that reached the server."""

    t_arr: int
    cell: int
    direction: int


class Line(NamedTuple):
    """What happened to a connection; with the server away, how long it was, `stood_ms` on the wall clock."""

    t: int
    kind: ConnectionKind
    stood_ms: int = 0


@dataclass(slots=True)
class Script:
    """What a player did in a run, and all that an insider could change about it."""

    run: RunId
    player: PlayerId
    grace_ms: int = 0
    moves: list[Moved] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    ended: tuple[int, EndReason] | None = None
    """None: by time or with the course."""


class Told(NamedTuple):
    """A script as its run logged it: the events, when each was written, and what the run came to."""

    script: Script
    start: bytes
    events: tuple[LoggedEvent, ...]
    arrived_ms: tuple[int, ...]
    score: int
    time_ms: int

    @property
    def payloads(self) -> tuple[bytes, ...]:
        """The bytes of the events."""
        return tuple(event.payload for event in self.events)

    @property
    def last_hash(self) -> bytes:
        """The chain's hash after END."""
        return self.events[-1].hash

    def head(self, count: int) -> bytes:
        """Return the chain's hash after so many events."""
        return self.events[count - 1].hash if count else self.start

    def count_at(self, clock_ms: int) -> int:
        """Return how many events were written by then."""
        return sum(t <= clock_ms for t in self.arrived_ms)


def told(script: Script, run: Run, start: bytes) -> Told:
    """Carry a script out on a fresh run; what a server would have refused leaves nothing in the log."""
    events: list[LoggedEvent] = []
    arrived_ms: list[int] = []

    def log(t: int, written: Sequence[LoggedEvent]) -> None:
        events.extend(written)
        arrived_ms.extend([t] * len(written))

    lines = list(script.lines)
    for move in script.moves:
        while lines and lines[0].t <= move.t_arr:
            line = lines.pop(0)
            log(line.t, run.connection(line.t, line.kind))
        log(move.t_arr, run.move(*move).events)
    for line in lines:
        log(line.t, run.connection(line.t, line.kind))
    if script.ended:
        log(script.ended[0], run.finish(*script.ended))
    log(run.deadline_ms + script.grace_ms, run.expire())
    return Told(script, start, tuple(events), tuple(arrived_ms), run.score, run.scored_at_ms)


def play(
    script: Script,
    run: Run,
    random: Random,
    policy: Policy = at_random,
    *,
    think_ms: tuple[int, int] = THINK_MS,
) -> None:
    """Let a bot play a fresh run, from where the script's moves end until its end, and write down what it did."""
    for move in script.moves:
        run.move(*move)
    while run.end is None:
        slips = random.random() < _SLIP
        swap = (illegal if slips else policy)(run.board, random)
        assert swap is not None
        t_arr = run.lock_end_ms + script.grace_ms + random.randint(*think_ms)
        if script.ended and t_arr >= script.ended[0]:
            return
        if run.move(t_arr, swap.cell, swap.direction).verdict is not Verdict.LATE:
            script.moves.append(Moved(t_arr, swap.cell, swap.direction))
