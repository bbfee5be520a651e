"""A run as detectors see it: its log played again, with the board that every swap was made on."""

from typing import NamedTuple

from knack_protocol.ids import PlayerId, RunId
from knack_protocol.rules.cascade import Fills
from knack_protocol.rules.log import ConnectionEvent, IllegalEvent, MoveEvent
from knack_protocol.rules.replay import replay
from knack_protocol.rules.run import Run
from knack_protocol.rules.swaps import Swap, swapped


class Recorded(NamedTuple):
    """A run to be looked at: as it stood at its T0, and the log that it has written since."""

    run: RunId
    player: PlayerId
    fresh: Run
    payloads: tuple[bytes, ...]


class Fall(NamedTuple):
    """The cascade that a board came out of; `planes` is the board with its swap made, before anything was removed."""

    t_eff: int
    lock_end_ms: int
    planes: int
    steps: tuple[Fills, ...]


class PlayedSwap(NamedTuple):
    """One swap of a run, legal or not.

    `seq` is its event's number; `planes` the board at rest that it was made on; `think_ms` the time from the lock's end
    to its arrival less the grace, -150 at the least; `fair_ms` that arrival on the run's clock. `fall` is how the board
    came about, None for one that was dealt or shuffled. `opens` marks the first swap of a level, which had a countdown
    or a break to be thought about in.
    """

    seq: int
    swap: Swap
    planes: int
    fair_ms: int
    think_ms: int
    is_legal: bool
    points: int
    fall: Fall | None
    opens: bool

    @property
    def after(self) -> int:
        """The board with the swap made, before anything is removed."""
        return swapped(self.planes, *self.swap)


class Played(NamedTuple):
    """A whole run; `head` is the last hash of its chain."""

    run: RunId
    player: PlayerId
    grace_ms: int
    first_planes: int
    swaps: tuple[PlayedSwap, ...]
    connections: tuple[ConnectionEvent, ...]
    head: bytes

    @property
    def legal(self) -> tuple[PlayedSwap, ...]:
        """The swaps that scored."""
        return tuple(swap for swap in self.swaps if swap.is_legal)


def play_again(recorded: Recorded) -> Played:
    """Play a log again; some 40 µs a move. `recorded.fresh` is used up by it.

    Raises:
        LogError: the log is not what a run under these rules writes.
    """
    run = recorded.fresh
    first = run.board.planes
    swaps: list[PlayedSwap] = []
    connections: list[ConnectionEvent] = []
    planes, lock_end_ms, opens = first, run.lock_end_ms, True
    fall: Fall | None = None
    for event, outcome in replay(run, recorded.payloads):
        if isinstance(event, ConnectionEvent):
            connections.append(event)
        if not isinstance(event, MoveEvent | IllegalEvent):
            continue
        assert outcome is not None
        fair_ms = event.t_arr - run.grace_ms
        swap = Swap(event.cell, event.direction)
        is_legal = isinstance(event, MoveEvent)
        swaps.append(
            PlayedSwap(
                event.seq, swap, planes, fair_ms, fair_ms - lock_end_ms, is_legal, outcome.points, fall, opens
            )
        )
        opens = outcome.level is not None
        if is_legal:
            fell = Fall(outcome.t_eff, outcome.lock_end_ms, swapped(planes, *swap), outcome.steps)
            fall = None if opens or outcome.shuffle is not None else fell
        planes, lock_end_ms = run.board.planes, run.lock_end_ms
    return Played(
        recorded.run, recorded.player, run.grace_ms, first, tuple(swaps), tuple(connections), run.head
    )
