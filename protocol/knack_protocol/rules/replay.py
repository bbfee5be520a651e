"""A stored log walked again: every event must come out of a run as the bytes that were stored."""

from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest

from knack_protocol.rules.course import Course
from knack_protocol.rules.log import (
    ConnectionEvent,
    EndEvent,
    EndReason,
    Event,
    IllegalEvent,
    LogError,
    LoggedEvent,
    MoveEvent,
    decode,
)
from knack_protocol.rules.run import Outcome, Run
from knack_protocol.rules.streams import Tiles
from knack_protocol.rules.swaps import is_swap


class LogMismatch(LogError):
    """An event that a run under these rules would not have written."""


def restore(course: Course, tiles: Tiles, h0: bytes, grace_ms: int, payloads: Iterable[bytes]) -> Run:
    """Return the run that wrote this log, as it stood after the last event.

    Compare its `head` with the hash that was stored with that event: some of what a log tells (when a connection was
    lost, which illegal swap was tried) follows from nothing but the chain.

    Raises:
        LogMalformed: bytes that are no event.
        LogMismatch: an event that the run would not have written, or a log that stops inside a move.
    """
    run = Run(course, tiles, h0, grace_ms)
    for _ in replay(run, payloads):
        pass
    return run


def replay(run: Run, payloads: Iterable[bytes]) -> Iterator[tuple[Event, Outcome | None]]:
    """Walk a log with a fresh run; yield each event, a MOVE or ILLEGAL with what it did.

    What followed from a move (SHUFFLE, LEVEL, END with reason 1) is yielded after it, with None. Between two steps `run`
    stands where it stood when the yielded event's command had been carried out.

    Raises:
        LogMalformed: bytes that are no event.
        LogMismatch: an event that the run would not have written, or a log that stops inside a move.
    """
    rest = iter(payloads)
    for payload in rest:
        event = decode(payload)
        outcome, written = _again(run, event)
        if not written:
            raise LogMismatch(f"event {event.seq}: a run would not write {payload.hex()} here")
        stored = [payload, *islice(rest, len(written) - 1)]
        for played, found in zip_longest(written, stored):
            if played.payload != found:
                was = found.hex() if found else "nothing"
                raise LogMismatch(f"event {played.seq}: stored {was}, played {played.payload.hex()}")
        yield event, outcome
        yield from ((decode(following), None) for following in stored[1:])


def _again(run: Run, event: Event) -> tuple[Outcome | None, tuple[LoggedEvent, ...]]:
    """Give the run the command that an event answers."""
    match event:
        case MoveEvent() | IllegalEvent() if is_swap(event.cell, event.direction):
            outcome = run.move(event.t_arr, event.cell, event.direction)
            return outcome, outcome.events
        case ConnectionEvent():
            return None, run.connection(event.t, event.kind)
        case EndEvent(reason=EndReason.TIME):
            return None, run.expire()
        case EndEvent(reason=EndReason.ABANDONED | EndReason.VOIDED):
            return None, run.finish(event.t, event.reason)
        case _:  # what only follows from a move
            return None, ()
