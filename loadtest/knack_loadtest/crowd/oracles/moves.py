"""Acknowledged moves against the published record, in the manner of Jepsen: operations that are ok, failed or unknown.

Every ok move is in the record with the same time, swap, points and score; a failed one is not; an unknown one is in it once
or not at all. The record holds no move that nobody sent. (K. Kingsbury, https://jepsen.io; a *register* per chain number,
because a move names the number that its event will have.)
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from knack_loadtest.crowd import records
from knack_loadtest.crowd.oracles.finding import Evidence, Finding, Violation, not_checked
from knack_loadtest.crowd.oracles.published import published
from knack_loadtest.crowd.records import Move, RunRecord
from knack_protocol.rules import log
from knack_protocol.rules.log import IllegalEvent, MoveEvent

FIGURES: Final = {
    "lost": "acked_lost",
    "changed": "acked_lost",
    "twice": "applied_twice",
    "phantom": "phantom",
}
"""Which figure counts which kind of fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one move: `lost`, `twice`, `phantom` or `changed`."""

    kind: str
    text: str
    player: str


def acknowledged(evidence: Evidence) -> Finding:
    """Hold every move that the crowd sent against the record."""
    if evidence.bundle is None:
        return not_checked(evidence.missing.get("bundle", "nothing was published"))
    events = {run: found.events for run, found in published(evidence).items()}
    checked = 0
    violations: list[Violation] = []
    figures = Counter({"acked_lost": 0, "applied_twice": 0, "phantom": 0})
    for record in evidence.records:
        if record.run not in events:
            if record.end is not None:
                violations.append(
                    Violation(f"lost: run {record.run} ended and is not published", record.player)
                )
            continue
        checked += len(record.moves)
        for fault in faults(record, events[record.run]):
            violations.append(Violation(f"{fault.kind}: {fault.text}", fault.player))
            figures[FIGURES[fault.kind]] += 1
    return Finding(checked, "moves", violations, figures=dict(figures))


def faults(record: RunRecord, events: tuple[bytes, ...]) -> Iterator[Fault]:
    """Yield what is wrong with a run's record, given all its moves as they were sent."""
    logged = {
        event.seq: event for event in map(log.decode, events) if isinstance(event, MoveEvent | IllegalEvent)
    }
    numbers = [event.seq for event in map(log.decode, events)]
    if len(numbers) != len(set(numbers)):
        yield Fault("twice", f"run {record.run} holds a number twice", record.player)
    explained = set()
    for move in record.moves:
        event = logged.get(move.seq)
        is_there = event is not None and (event.cell, event.direction) == (move.cell, move.direction)
        if move.is_acknowledged:
            explained.add(move.seq)
            if event is None:
                yield Fault("lost", f"event {move.seq} of {record.run} was acknowledged", record.player)
            elif (difference := _difference(move, event)) != "":
                yield Fault("changed", f"event {move.seq} of {record.run}: {difference}", record.player)
        elif move.outcome == records.UNKNOWN and is_there:
            explained.add(move.seq)
    for seq in logged.keys() - explained:
        yield Fault("phantom", f"event {seq} of {record.run} is a move that nobody sent", record.player)


def _difference(move: Move, event: MoveEvent | IllegalEvent) -> str:
    told = [move.outcome, move.cell, move.direction, move.t_arr, move.t_eff]
    is_legal = isinstance(event, MoveEvent)
    found = [
        records.OK if is_legal else records.ILLEGAL,
        event.cell,
        event.direction,
        event.t_arr,
        event.t_eff,
    ]
    if isinstance(event, MoveEvent):
        # not the score: a level's bonus is in the reply's and in LEVEL's, not in MOVE's (RULES.md, section 7)
        told += [move.points, move.steps]
        found += [event.points, event.steps]
    return "" if told == found else f"told {told}, recorded {found}"
