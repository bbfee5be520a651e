"""A published run played again, and what it then says about itself.

Re-play alone decides about moves. What no re-play shows is checked here: that the clock never went back, that connections
were lost before they were resumed, that the log has an end (RULES.md, sections 6 and 7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from knack_protocol.ids import PlayerId, RunId
from knack_protocol.proof.report import Check, Refuted
from knack_protocol.rules.course import Course
from knack_protocol.rules.log import (
    ConnectionEvent,
    ConnectionKind,
    EndEvent,
    EndReason,
    Event,
    IllegalEvent,
    LogError,
    MoveEvent,
    chain,
)
from knack_protocol.rules.replay import replay
from knack_protocol.rules.run import Run
from knack_protocol.rules.streams import Tiles


class Published(NamedTuple):
    """A run as it was published, ready to be played again; `where` names it in a report."""

    where: str
    run: RunId
    player: PlayerId
    course: Course
    tiles: Tiles
    h0: bytes
    grace_ms: int
    payloads: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Played:
    """A run that came out as it was published.

    `heads[n]` is the chain's hash after n events, `arrived_ms[n - 1]` the run's clock when event n was written;
    `time_ms` is the `t_eff` of the move that reached the score; `away_ms` is where the clock went on each time the
    server had been away.
    """

    where: str
    run: RunId
    player: PlayerId
    heads: tuple[bytes, ...]
    arrived_ms: tuple[int, ...]
    score: int
    time_ms: int
    end: EndEvent
    connections: int
    away_ms: tuple[int, ...]

    @property
    def event_count(self) -> int:
        """How many events the log has."""
        return len(self.arrived_ms)

    @property
    def last_hash(self) -> bytes:
        """The chain's hash after END."""
        return self.heads[-1]


def play(published: Published) -> Played:
    """Play a run again and return it.

    Raises:
        Refuted: an event that a run would not have written, a clock that goes back, a log without an end.
    """
    run = Run(published.course, published.tiles, published.h0, published.grace_ms)
    clock = _Clock(published.where, published.grace_ms)
    heads = [published.h0]
    try:
        for event, _ in replay(run, published.payloads):
            heads.append(chain(heads[-1], published.payloads[len(heads) - 1]))
            clock.see(event)
    except LogError as broken:
        raise Refuted(Check.REPLAY, published.where, str(broken)) from None
    if run.end is None:
        raise Refuted(Check.RUN, published.where, "the log has no end")
    assert heads[-1] == run.head, "two ways to the same chain"
    return Played(
        published.where,
        published.run,
        published.player,
        tuple(heads),
        tuple(clock.arrived_ms),
        run.score,
        run.scored_at_ms,
        run.end,
        run.connections,
        tuple(clock.away_ms),
    )


class _Clock:
    """The run's clock and its player's line, as a log tells of them."""

    def __init__(self, where: str, grace_ms: int) -> None:
        self.arrived_ms: list[int] = []
        self.away_ms: list[int] = []
        self._where = where
        self._grace_ms = grace_ms
        self._now_ms = 0
        self._is_present = True

    def see(self, event: Event) -> None:
        """Take an event in."""
        match event:
            case MoveEvent() | IllegalEvent():
                self._goes_on(event.seq, event.t_arr)
            case ConnectionEvent():
                self._goes_on(event.seq, event.t)
                self._connection(event)
            case EndEvent(
                reason=EndReason.TIME
            ):  # written by the server's timer, or before it by a late frame
                self._now_ms = max(self._now_ms, event.t + self._grace_ms)
            case EndEvent(reason=EndReason.ABANDONED | EndReason.VOIDED):
                self._goes_on(event.seq, event.t)
            case _:
                pass  # follows from a move, at the same moment
        self.arrived_ms.append(self._now_ms)

    def _goes_on(self, seq: int, t: int) -> None:
        if t < self._now_ms:
            raise Refuted(
                Check.RUN,
                self._where,
                f"event {seq}: the run's clock goes back from {self._now_ms} to {t} ms",
            )
        self._now_ms = t

    def _connection(self, event: ConnectionEvent) -> None:
        was_present = self._is_present
        self._is_present = event.kind is not ConnectionKind.LOST
        if event.kind is ConnectionKind.SERVER_AWAY:
            self.away_ms.append(event.t)
        elif was_present is (event.kind is ConnectionKind.RESUMED):
            line = "is there" if was_present else "is lost"
            what = f"event {event.seq}: connection {event.kind.name.lower()} while it {line}"
            raise Refuted(Check.RUN, self._where, what)
