"""A stored run made ready for the desk: its log in words, and its replay as the page's own board plays it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from knack_protocol.rules.log import LoggedEvent, decode
from knack_protocol.rules.replay import replay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knack_protocol.rules.board import Board
    from knack_protocol.rules.run import Outcome, Run

Document = dict[str, Any]


def log_document(events: Sequence[LoggedEvent]) -> list[Document]:
    """List the events with their fields by name; bytes as hex."""
    return [_event_document(event) for event in events]


def replay_document(run: Run, events: Sequence[LoggedEvent]) -> Document:
    """Play a log again on a fresh run; return each level's first board and each move with all that it did."""
    first = run.course.levels[0]
    levels = [_level(0, 0, first.goal, first.time_ms, 0, run.board)]
    moves: list[Document] = []
    for event, outcome in replay(run, [event.payload for event in events]):
        if outcome is None:
            continue
        opened = outcome.level
        if opened is not None:
            levels.append(
                _level(opened.level, opened.start_ms, opened.goal, opened.time_ms, opened.bonus, opened.board)
            )
        moves.append(_move(event, outcome, run.board))
    return {"levels": levels, "moves": moves}


def _event_document(logged: LoggedEvent) -> Document:
    event = decode(logged.payload)
    fields = {
        name: value.hex() if isinstance(value, bytes) else value for name, value in asdict(event).items()
    }
    return {"type": type(event).__name__.removesuffix("Event").lower(), **fields, "hash": logged.hash.hex()}


def _level(level: int, start_ms: int, goal: int, time_ms: int, bonus: int, board: Board) -> Document:
    return {
        "level": level, "start_ms": start_ms, "goal": goal, "time_ms": time_ms, "bonus": bonus, "board": board.digits,
    }  # fmt: skip


def _move(event: Any, outcome: Outcome, board: Board) -> Document:
    return {
        "seq": event.seq,
        "t_arr": outcome.t_arr,
        "t_eff": outcome.t_eff,
        "i": event.cell,
        "d": event.direction,
        "verdict": outcome.verdict.name.lower(),
        "steps": [[list(column) for column in step] for step in outcome.steps],
        "points": outcome.points,
        "score": outcome.score,
        "lock_end": outcome.lock_end_ms,
        "shuffle": outcome.shuffle.digits if outcome.shuffle is not None else None,
        "level": outcome.level.level if outcome.level is not None else None,
        "board": board.digits,
    }
