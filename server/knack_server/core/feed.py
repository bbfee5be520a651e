"""The standings of one course as a stream: epoch and version, views, snapshots and deltas.

Theory. A feed's `version` counts what it has shown: a state that somebody was told as version v is never told another
way. It grows with a publication, and when somebody looks in between (`stamp`). `epoch` names this incarnation (a restart
draws a new one). Every publication brings each watched view, a *window*, from its last version to the new one. A view
that shows nothing new sends nothing: its next delta's `from`-`to` covers the silence, so what a role may not see is
covered the same way: a delta is right for any subscriber whose version is at least its `from`.

Between publications changes are conflated: the newest state wins and nothing queues; a window whose last delta has not
reached everybody yet skips a publication. What changed when is remembered in a bounded ring, so that somebody who comes
back gets exactly what they missed or a snapshot, never a part.

A window gives each of its rows a number when it comes in. Ids and names go out with it once; afterwards a change is the
number with the points and ms it gained, some 5 bytes, and the end of its run the number with nothing gained, 3 bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from knack_protocol.wire.messages import (
    Delta,
    DeskRow,
    NumberedDeskRow,
    NumberedRow,
    Resync,
    Row,
    RowState,
    Snapshot,
    View,
)
from knack_server.core.effects import Channel

if TYPE_CHECKING:
    from knack_server.core.peer import Peer

HISTORY_CHANGES_MAX = 256
"""Changes of a view that can be continued from: about a minute at 4 publications a second."""


_RUNNING = RowState.RUNNING.value


class Shown(NamedTuple):
    """What a view shows; rows of players carry no rank, so that none of them changes because somebody climbs."""

    rows: Sequence[Row | DeskRow]
    skipped: int = 0
    """Standings that are left out behind the podium."""
    rank: int = 0
    """Rank of the row behind those."""


class Change(NamedTuple):
    """One publication that changed a view."""

    version: int
    numbers: frozenset[int]
    """Rows that changed, came or went."""
    first_new: int
    """Rows that came have this number and greater ones; whoever has not seen this change knows smaller ones only."""


class Window:
    """What one kind of subscriber sees of a feed: the rows as last published, and how they came about."""

    def __init__(self, feed: Feed, number: int, make: Callable[[], Shown]) -> None:
        self._feed = feed
        self._number = number
        self._make = make
        self._shown = make()
        self._numbers = {row.run: at for at, row in enumerate(self._shown.rows)}
        self._rows = {row.run: row for row in self._shown.rows}
        self._next_number = len(self._rows)
        self._changes: deque[Change] = deque()
        self._snapshot: Snapshot | None = None
        self.channel = Channel()
        """Who takes its deltas."""
        self.peers: set[Peer] = set()
        """Who watches it; a slow one is not always in the channel."""
        self.is_under_way = False
        """Whether its last delta has not reached everybody yet; the next one is not made before."""
        self.version = self.as_of = self._known_from = feed.stamp()
        """The version of its last change; whoever is not older can take the next delta."""

    as_of: int
    """The version that its rows show."""

    @property
    def is_stale(self) -> bool:
        """Whether something shown in its feed has changed since its rows were made."""
        return self.as_of != self._feed.next_version

    def advance(self) -> Delta | None:
        """Bring the rows up to date; return what is new and what is gone, or None when nothing is."""
        before, first_new = self.version, self._next_number
        self.as_of = version = self._feed.stamp()
        self._snapshot = None
        was, self._shown = self._shown, self._make()
        old, numbers = self._rows, self._numbers
        self._rows = {row.run: row for row in self._shown.rows}
        rows: list[NumberedRow | NumberedDeskRow] = []
        gains: list[int] = []
        for run, row in self._rows.items():
            known = old.get(run)
            if known == row:
                continue
            if known is None:
                numbers[run] = self._next_number
                self._next_number += 1
            elif _has_only_gained(known, row) or _has_only_ended(known, row):
                gains += numbers[run], row.score - known.score, row.time_ms - known.time_ms
                continue
            rows.append(_numbered(numbers[run], row))
        gone = [numbers.pop(run) for run in old if run not in self._rows]
        if not (rows or gains or gone) and was[1:] == self._shown[1:]:
            return None
        self.version = version
        changed = frozenset([row.number for row in rows] + gains[::3] + gone)
        self._changes.append(Change(version, changed, first_new))
        if len(self._changes) > HISTORY_CHANGES_MAX:
            self._known_from = self._changes.popleft().version
        return self._delta(before, version, rows, gains, gone)

    def snapshot(self) -> Snapshot:
        """All rows as last published; the same value until they change."""
        if self._snapshot is None:
            rows = [_numbered(self._numbers[run], row) for run, row in self._rows.items()]
            shown = self._shown
            self._snapshot = Snapshot(
                self._number, self._feed.epoch, self.as_of, shown.skipped, shown.rank, rows
            )
        return self._snapshot

    def resync(self) -> Resync:
        """What comes before a snapshot for somebody who had rows already."""
        return Resync(self._number, self._feed.epoch)

    def since(self, epoch: int, version: int) -> list[Snapshot | Delta | Resync]:
        """What somebody needs who has the rows of (`epoch`, `version`): nothing, exactly what was missed, or everything."""
        if epoch == self._feed.epoch and self._known_from <= version <= self.as_of:
            return [self._missed(version)] if version < self.version else []
        return self.anew(epoch)

    def anew(self, epoch: int) -> list[Snapshot | Delta | Resync]:
        """What somebody needs whose rows are of no use, if there are any (`epoch` 0: none)."""
        return [self.resync(), self.snapshot()] if epoch else [self.snapshot()]

    def _missed(self, since: int) -> Delta:
        """What changed after version `since`, which the ring reaches back to."""
        numbers: set[int] = set()
        first_new = self._next_number
        for change in reversed(self._changes):
            if change.version <= since:
                break
            numbers |= change.numbers
            first_new = change.first_new
        changed = [
            _numbered(self._numbers[run], row)
            for run, row in self._rows.items()
            if self._numbers[run] in numbers
        ]
        left = numbers.difference(self._numbers.values())
        gone = sorted(number for number in left if number < first_new)  # what came and went was never seen
        return self._delta(since, self.as_of, changed, [], gone)

    def _delta(
        self,
        since: int,
        to: int,
        rows: Sequence[NumberedRow | NumberedDeskRow],
        gains: Sequence[int],
        gone: Sequence[int],
    ) -> Delta:
        shown = self._shown
        return Delta(self._number, since, to - since, shown.skipped, shown.rank, rows, gains, gone)


def _has_only_gained(known: Row | DeskRow, row: Row | DeskRow) -> bool:
    return (
        type(row) is Row
        and (known.player, known.name, known.state) == (row.player, row.name, row.state)
        and known.score <= row.score
        and known.time_ms <= row.time_ms
    )


def _has_only_ended(known: Row | DeskRow, row: Row | DeskRow) -> bool:
    return (
        type(known) is Row
        and known.state & _RUNNING != 0
        and known._replace(state=known.state & ~_RUNNING) == row
    )


def _numbered(number: int, row: Row | DeskRow) -> NumberedRow | NumberedDeskRow:
    if isinstance(row, DeskRow):
        return NumberedDeskRow(number, *row)
    return NumberedRow(number, row.run, row.player, row.name, row.score, row.time_ms, row.state)


class Feed:
    """One course's standings as a stream."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.version = 1
        """0 means 'none' in a client's hands, so counting begins at 1."""
        self._is_stamped = True
        self.windows: dict[View, Window] = {}
        """Views that are the same for everybody; one that somebody has watched once is kept up to date, so that they can
        come back to it. The view of one's own is in `pages`."""

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

    def window(self, view: View, number: int, make: Callable[[], Shown]) -> Window:
        """Return the window of a view, made when nobody watched it yet."""
        if view not in self.windows:
            self.windows[view] = Window(self, number, make)
        return self.windows[view]
