"""Work that is the same for thousands of clients, done once: reading a push, and what a push makes of standings.

A server writes the same bytes to everybody who watches the same view. Reading them is a function of the bytes, and what
they make of standings is a function of both values, so a result that is at hand is as good as a new one. Every phone of a
crowd can therefore be held to the last row, at the price of a look into a dictionary.
"""

from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

from knack_client.standings import AnyRow, Standings
from knack_protocol.wire.codec import Malformed, decode_message
from knack_protocol.wire.messages import Delta, Heat, Live, Push, Reply, Snapshot, View
from knack_protocol.wire.table import BY_CLASS

K = TypeVar("K")
V = TypeVar("V")

KEPT: Final = 512
"""Results at hand, twice: the pushes of some ten seconds."""

_SHARED: Final = frozenset(BY_CLASS[kind].opcode for kind in (Snapshot, Delta, Live, Heat))
_FIXARRAY: Final = 0x90
"""MessagePack's array of up to 15 items begins with 0x90 and its length; the opcode is the next byte."""


Life = tuple[str, View, int]
"""What versions belong to: one view of one course in one epoch."""


class Kept(Generic[K, V]):
    """The newest results by key: two generations, of which the older one goes when the newer one is full."""

    def __init__(self) -> None:
        self._new: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the result at hand, or make it."""
        value = self._new.get(key)
        if value is None:
            value = self._old.get(key)
            if value is None:
                value = make()
            if len(self._new) >= KEPT:
                self._old, self._new = self._new, {}
            self._new[key] = value
        return value


class Applied(NamedTuple):
    """What a push made of standings: the next ones (None for a gap), and the runs whose rows are new or changed."""

    standings: Standings | None
    changed: tuple[str, ...]
    made_of: tuple[Standings, Snapshot | Delta]
    """Kept, so that no other values can have the ids by which this is found."""


class Shared:
    """What the clients of one worker read in common.

    Args:
        on_read: Called once with each push that was read for all, before anybody gets it.
        on_shown: Called once with all standings that anybody shows.
        on_split: Called with standings that are not what others are shown at the same version of the same view.
    """

    def __init__(
        self,
        on_read: Callable[[Reply | Push], None],
        on_shown: Callable[[Standings], None],
        on_split: Callable[[Standings], None],
    ) -> None:
        self._on_read = on_read
        self._on_shown = on_shown
        self._on_split = on_split
        self._read = Kept[bytes, Reply | Push | Malformed]()
        self._applied = Kept[tuple[int, int], Applied]()
        self._shown = Kept[tuple[Life, int, tuple[AnyRow, ...]], Standings]()
        self._at_version = Kept[tuple[Life, int], Standings]()

    def read(self, frame: bytes) -> Reply | Push | Malformed:
        """Read a message."""
        if len(frame) > 1 and frame[0] & 0xF0 == _FIXARRAY and frame[1] in _SHARED:
            return self._read.get(frame, lambda: self._first(frame))
        return decode_message(frame)

    def after(self, standings: Standings, push: Snapshot | Delta) -> Applied:
        """Return what a push makes of standings."""
        return self._applied.get((id(standings), id(push)), lambda: self._apply(standings, push))

    def _first(self, frame: bytes) -> Reply | Push | Malformed:
        message = decode_message(frame)
        if not isinstance(message, Malformed):
            self._on_read(message)
        return message

    def _apply(self, standings: Standings, push: Snapshot | Delta) -> Applied:
        after = standings.after(push)
        if after is None or after is standings:
            return Applied(after, (), (standings, push))
        made = after
        after = self._shown.get((_life(made), made.version, made.rows), lambda: self._first_shown(made))
        before = set(standings.rows)
        changed = tuple(row.run for row in after.rows if row not in before)
        return Applied(after, changed, (standings, push))

    def _first_shown(self, standings: Standings) -> Standings:
        """See standings that nobody had yet; from now on equal ones are this very value, so that work on them is shared."""
        self._on_shown(standings)
        if standings.view is not View.OWN:  # everybody's own is another
            others = self._at_version.get((_life(standings), standings.version), lambda: standings)
            if others.rows != standings.rows:
                self._on_split(standings)
        return standings


def _life(standings: Standings) -> Life:
    """Return what the version of standings belongs to."""
    return standings.course, standings.view, standings.epoch
