"""The standings of one course as a stream: epoch and version, views, snapshots and deltas.

Theory. A feed's `version` counts what it has shown: a state that somebody was told as version v is never told another
way. It grows with a publication, and when somebody looks in between (`stamp`). `epoch` names this incarnation (a restart
draws a new one). Every publication brings each watched view from its last version to the new one. A view that shows nothing new sends nothing:
its next delta's `from`-`to` covers the silence, so what a role may not see is covered the same way. Rows are absolute,
so a delta is right for any subscriber whose version is at least its `from`.

Between publications changes are conflated: the newest state wins and nothing queues; a view whose last delta has not
reached everybody yet skips a publication. What changed when is remembered in
a bounded ring of keys, so that somebody who comes back gets exactly what they missed or a snapshot, never a part.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from knack_protocol.ids import RunId
from knack_protocol.wire.messages import Delta, DeskRow, Resync, Row, Snapshot
from knack_server.core.effects import Channel

if TYPE_CHECKING:
    from knack_server.core.peer import Peer

AnyRow = Row | DeskRow

HISTORY_CHANGES_MAX = 256
"""Changes of a view that can be continued from: about a minute at 4 publications a second."""


class Change(NamedTuple):
    """One publication that changed a view."""

    version: int
    keys: frozenset[RunId]


class Window:
    """What one kind of subscriber sees of a feed: the rows as last published, and how they came about."""

    def __init__(self, feed: Feed, number: int, make: Callable[[], Sequence[AnyRow]]) -> None:
        self._feed = feed
        self._number = number
        self._make = make
        self._rows: dict[RunId, AnyRow] = {row.run: row for row in make()}
        self._changes: deque[Change] = deque()
        self.channel = Channel()
        """Who takes its deltas."""
        self.peers: set[Peer] = set()
        """Who watches it; a slow one is not always in the channel."""
        self.is_under_way = False
        """Whether its last delta has not reached everybody yet; the next one is not made before."""
        self.version = self.as_of = feed.stamp()
        """The version of its last change; whoever is not older can take the next delta."""
        self._known_from = self.version
        self._snapshot: Snapshot | None = None

    as_of: int
    """The version that its rows show."""

    def advance(self) -> Delta | None:
        """Bring the rows up to date; return what is new and what is gone, or None when nothing is."""
        before = self.version
        self.as_of = version = self._feed.stamp()
        self._snapshot = None
        old = self._rows
        new = {row.run: row for row in self._make()}
        rows = [row for key, row in new.items() if old.get(key) != row]
        gone = [key for key in old if key not in new]
        if not rows and not gone:
            return None
        self._rows = new
        self.version = version
        self._changes.append(Change(version, frozenset([row.run for row in rows] + gone)))
        if len(self._changes) > HISTORY_CHANGES_MAX:
            self._known_from = self._changes.popleft().version
        return Delta(self._number, self._feed.epoch, before, version, rows, gone)

    def snapshot(self) -> Snapshot:
        """All rows as last published; the same value until they change."""
        if self._snapshot is None:
            self._snapshot = Snapshot(self._number, self._feed.epoch, self.as_of, list(self._rows.values()))
        return self._snapshot

    def resync(self) -> Resync:
        """What comes before a snapshot for somebody who had rows already."""
        return Resync(self._number, self._feed.epoch)

    def since(self, epoch: int, version: int) -> list[Snapshot | Delta | Resync]:
        """What somebody needs who has the rows of (`epoch`, `version`): nothing, exactly what was missed, or everything."""
        if epoch == self._feed.epoch and self._known_from <= version <= self.as_of:
            delta = self._missed(version)
            return [delta] if delta.rows or delta.gone else []
        return [self.resync(), self.snapshot()] if epoch else [self.snapshot()]

    def _missed(self, since: int) -> Delta:
        """What changed after version `since`, which the ring reaches back to."""
        keys: set[RunId] = set()
        for change in reversed(self._changes):
            if change.version <= since:
                break
            keys |= change.keys
        rows = [row for key, row in self._rows.items() if key in keys]
        gone = sorted(key for key in keys if key not in self._rows)
        return Delta(self._number, self._feed.epoch, since, self.as_of, rows, gone)


class Feed:
    """One course's standings as a stream."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.version = 1
        """0 means 'none' in a client's hands, so counting begins at 1."""
        self._is_stamped = True
        self.windows: dict[Hashable, Window] = {}
        """Every view that somebody has watched once is kept up to date, so that they can come back to it."""

    def touch(self) -> None:
        """Note that something shown here has changed; the next publication will tell."""
        self._is_stamped = False

    @property
    def next_version(self) -> int:
        """The version that first shows everything that has happened until now."""
        return self.version if self._is_stamped else self.version + 1

    def stamp(self) -> int:
        """Return the version that stands for exactly what is shown now, a new one if anything has changed."""
        self.version = self.next_version
        self._is_stamped = True
        return self.version

    def window(self, key: Hashable, number: int, make: Callable[[], Sequence[AnyRow]]) -> Window:
        """Return the window of a view, made when nobody watched it yet."""
        if key not in self.windows:
            self.windows[key] = Window(self, number, make)
        return self.windows[key]

    def publish(self) -> list[tuple[Window, Delta]]:
        """Turn everything since the last publication into one delta for each view that is ready for it.

        A view whose last delta is still under way waits, and then gets all that happened meanwhile in one.
        """
        deltas = []
        for window in self.windows.values():
            if window.as_of != self.next_version and not window.is_under_way:
                delta = window.advance()
                if delta is not None:
                    deltas.append((window, delta))
        return deltas
