"""The next place in the global sequence, and how far the log of each run in play has come.

The log is one table in the order of everything, which a commit only appends to; nothing in it looks for an earlier event
of the same run (docs/decisions/0017). So it is checked here, before anything is written, that an event follows the one
before it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from knack_protocol.ids import RunId
from knack_server.store.errors import StoreBroken


class LastEvent(NamedTuple):
    """The last event of a run's log."""

    seq: int
    """0 while the log is empty."""
    position: int | None
    """None while the log is empty."""


_EMPTY = LastEvent(0, None)


class Places:
    """Gives every fact its position; made from what is stored when the store is opened, and kept by `writings`.

    Attributes:
        next_position: Where the next fact stands in the global sequence (schema).
    """

    def __init__(self, next_position: int, in_play: Mapping[RunId, LastEvent]) -> None:
        self.next_position = next_position
        self._in_play = dict(in_play)

    def take(self) -> int:
        """Return the position of the next fact."""
        position = self.next_position
        self.next_position += 1
        return position

    def start(self, run: RunId) -> None:
        """Begin the log of a run."""
        self._in_play[run] = _EMPTY

    def log(self, run: RunId, seq: int, position: int) -> None:
        """Append an event to the log of a run.

        Raises:
            StoreBroken: the run is not in play, or the event is not the next one.
        """
        last = self._in_play.get(run)
        if last is None or seq != last.seq + 1:
            raise StoreBroken(f"event {seq} of {run} does not follow {last and last.seq}")
        self._in_play[run] = LastEvent(seq, position)

    def end(self, run: RunId) -> int | None:
        """End the log of a run; return the position of its last event, None when it has none.

        Raises:
            StoreBroken: the run is not in play.
        """
        last = self._in_play.pop(run, None)
        if last is None:
            raise StoreBroken(f"{run} ends and is not in play")
        return last.position
