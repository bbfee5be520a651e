"""The standings of one course as a stream: epoch and version, views, snapshots and deltas.

Theory. A feed's `version` counts what it has shown: a state that somebody was told as version v is never told another
way. It grows with a publication, and when somebody looks in between (`stamp`). `epoch` names this incarnation (a restart
draws a new one). Every publication brings each watched view from its last version to the new one. A view that shows nothing new sends nothing:
its next delta's `from`-`to` covers the silence, so what a role may not see is covered the same way. Rows are absolute,
so a delta is right for any subscriber whose version is at least its `from`.

Between publications changes are conflated: the newest state wins and nothing queues. What changed when is remembered in
a bounded ring of keys, so that somebody who comes back gets exactly what they missed or a snapshot, never a part.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from knack_protocol.ids import RunId
from knack_protocol.wire.messages import Delta, DeskRow, Resync, Row, Snapshot, View

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

    def __init__(self, make: Callable[[], Sequence[AnyRow]], version: int) -> None:
        self._make = make
        self._rows: dict[RunId, AnyRow] = {row.run: row for row in make()}
        self._changes: deque[Change] = deque()
        self._known_from = version
        self.version = version
        """The version of its last change; whoever is not older can take the next delta."""
        self.as_of = version
        """The version that its rows show."""
        self.peers: dict[Peer, int] = {}
        """Subscribers and the feed's number on their connection."""

    def advance(self, version: int) -> tuple[list[AnyRow], list[RunId]] | None:
        """Bring the rows up to date; return what is new and what is gone, or None when nothing is."""
        self.as_of = version
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
        return rows, gone

    def rows(self) -> list[AnyRow]:
        """All rows as last published."""
        return list(self._rows.values())

    def missed(self, since: int) -> tuple[list[AnyRow], list[RunId]] | None:
        """What changed after version `since`; None when the ring does not reach back that far."""
        if since < self._known_from:
            return None
        keys: set[RunId] = set()
        for change in reversed(self._changes):
            if change.version <= since:
                break
            keys |= change.keys
        rows = [row for key, row in self._rows.items() if key in keys]
        return rows, sorted(key for key in keys if key not in self._rows)


Tell = Callable[["Peer", Snapshot | Delta | Resync], None]


class Feed:
    """One course's standings as a stream."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.version = 1
        """0 means 'none' in a client's hands, so counting begins at 1."""
        self._is_published = True
        self._is_stamped = True
        self._shared: dict[View, Window] = {}
        self._own: dict[Peer, Window] = {}

    def touch(self) -> None:
        """Note that something shown here has changed; the next publication will tell."""
        self._is_published = self._is_stamped = False

    @property
    def next_version(self) -> int:
        """The version that first shows everything that has happened until now."""
        return self.version if self._is_stamped else self.version + 1

    def stamp(self) -> int:
        """Return the version that stands for exactly what is shown now, a new one if anything has changed."""
        self.version = self.next_version
        self._is_stamped = True
        return self.version

    def watch(self, peer: Peer, view: View, number: int, make: Callable[[], Sequence[AnyRow]]) -> Window:
        """Subscribe a connection to one view; the view is made when nobody watched it yet."""
        if view is View.OWN:
            window = self._own[peer] = Window(make, self.stamp())
        else:
            window = self._shared.get(view) or Window(make, self.stamp())
            self._shared[view] = window
        window.peers[peer] = number
        return window

    def unwatch(self, peer: Peer, view: View) -> None:
        """End a subscription; does nothing when there is none."""
        if view is View.OWN:
            self._own.pop(peer, None)
        elif view in self._shared:
            self._shared[view].peers.pop(peer, None)

    def window(self, peer: Peer, view: View) -> Window:
        """The view as this connection sees it; it must be subscribed."""
        return self._own[peer] if view is View.OWN else self._shared[view]

    def publish(self, tell: Tell) -> None:
        """Turn everything since the last publication into one delta for each view, the same value for all its readers.

        A view that somebody has watched once is kept up to date, so that they can come back to it.
        """
        if self._is_published:
            return
        self._is_published = True
        self.stamp()
        for window in (*self._shared.values(), *self._own.values()):
            before = window.version
            change = window.advance(self.version)
            if change is None:
                continue
            rows, gone = change
            delta: Delta | None = None
            for peer, number in window.peers.items():
                if delta is None:
                    delta = Delta(number, self.epoch, before, self.version, rows, gone)
                tell(peer, delta)

    def begin(self, peer: Peer, view: View, number: int, epoch: int, version: int, tell: Tell) -> None:
        """Answer a new subscription: nothing or one delta when it can be continued, else a snapshot."""
        window = self.window(peer, view)
        if epoch == self.epoch and version <= window.as_of:
            missed = window.missed(version)
            if missed is not None:
                rows, gone = missed
                if rows or gone:
                    tell(peer, Delta(number, self.epoch, version, window.as_of, rows, gone))
                return
        if epoch:
            tell(peer, Resync(number, self.epoch))
        self.snapshot(peer, view, number, tell)

    def snapshot(self, peer: Peer, view: View, number: int, tell: Tell) -> None:
        """Tell everything that one view shows now."""
        window = self.window(peer, view)
        tell(peer, Snapshot(number, self.epoch, window.as_of, window.rows()))
