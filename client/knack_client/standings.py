"""The standings of one course as one feed shows them: a value, and how a message turns it into the next one.

Rows of a delta are whole rows as of its `to`, so a delta is right for whoever is at its `from` or later (the protocol's
chapter Feeds). One that begins beyond what we have is a *gap*: then nothing is changed, because standings are never
shown that are a mixture of two versions.
"""

from dataclasses import dataclass

from knack_protocol.ids import CourseName, PlayerId, RunId
from knack_protocol.wire.messages import Delta, DeskRow, Row, RowState, Snapshot, View

AnyRow = Row | DeskRow

_BY_RANK = frozenset({View.TOP, View.OWN})
_NO_RANK = 1 << 32
"""Sorts rank 0, which is none, behind every rank (u32)."""


@dataclass(frozen=True, slots=True)
class Standings:
    """The rows of one view of a course at one version; (0, 0) before the first snapshot.

    Views `top` and `own` are in the order of rank and player, `latest` and `desk` have the newest run first.
    """

    course: CourseName
    view: View
    epoch: int = 0
    version: int = 0
    rows: tuple[AnyRow, ...] = ()

    def shows(self, epoch: int, version: int) -> bool:
        """Tell whether these standings show what a reply with this `(epoch, version)` did; another epoch is later."""
        return self.epoch != 0 and (self.epoch != epoch or self.version >= version)

    def of(self, player: PlayerId) -> AnyRow | None:
        """Return the row with which a player stands here; None without one."""
        return next((row for row in self.rows if row.player == player and row.rank), None)

    def after(self, message: Snapshot | Delta) -> "Standings | None":
        """Return the standings after a push of this feed; None for a gap, and themselves for old news."""
        if isinstance(message, Snapshot):
            return self._at(message.epoch, message.version, tuple(message.rows))
        if message.epoch != self.epoch or message.from_ > self.version:
            return None
        if message.to <= self.version:
            return self
        changed = {row.run: row for row in message.rows}
        gone = frozenset(message.gone)
        known = {row.run for row in self.rows}
        fresh = [row for row in message.rows if row.run not in known]
        stayed = [changed.get(row.run, row) for row in self.rows if row.run not in gone]
        return self._at(message.epoch, message.to, (*fresh, *stayed))

    def _at(self, epoch: int, version: int, rows: tuple[AnyRow, ...]) -> "Standings":
        ordered = tuple(sorted(rows, key=_rank_and_player)) if self.view in _BY_RANK else rows
        return Standings(self.course, self.view, epoch, version, ordered)


def is_running(row: AnyRow) -> bool:
    """Tell whether the run of a row is being played."""
    return bool(row.state & RowState.RUNNING)


def _rank_and_player(row: AnyRow) -> tuple[int, PlayerId, RunId]:
    return row.rank or _NO_RANK, row.player, row.run
