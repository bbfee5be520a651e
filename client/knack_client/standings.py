"""The standings of one course as one feed shows them: a value, and how a message turns it into the next one.

A delta is right for whoever is at its `from` or later, because nothing has changed in between, or it would have been told
(the protocol's chapter Standings). One that begins beyond what we have is a *gap*: then nothing is changed, because
standings are never shown that are a mixture of two versions.

On the wire a row has a number and no rank; here it has its rank and no number.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from knack_protocol.ids import CourseName, PlayerId
from knack_protocol.wire.messages import (
    PODIUM_COUNT,
    Delta,
    DeskRow,
    NumberedDeskRow,
    NumberedRow,
    Row,
    RowState,
    Snapshot,
    View,
)

AnyRow = Row | DeskRow
NumberedAnyRow = NumberedRow | NumberedDeskRow

AROUND_COUNT = 3
"""Neighbours of a player on either side, as the play page shows them."""

_BY_RANK = frozenset({View.TOP, View.OWN})


@dataclass(frozen=True, slots=True)
class Standings:
    """The rows of one view of a course at one version; (0, 0) before the first snapshot.

    Views `top` and `own` are in the order of rank and player, `latest` and `desk` have the newest run first. View `own`
    is the podium and the part of the standings that the server shares among many: `around` cuts a player's out of it.
    """

    course: CourseName
    view: View
    epoch: int = 0
    version: int = 0
    rows: tuple[AnyRow, ...] = ()
    _numbered: tuple[NumberedAnyRow, ...] = field(default=(), repr=False)

    def shows(self, epoch: int, version: int) -> bool:
        """Tell whether these standings show what a reply with this `(epoch, version)` did, if another epoch is a later one.

        It is, unless a server came back and these are still the rows of its life before; `Feed.reached` can tell.
        """
        return self.epoch != 0 and (self.epoch != epoch or self.version >= version)

    def of(self, player: PlayerId) -> AnyRow | None:
        """Return the row with which a player stands here; None without one."""
        return next((row for row in self.rows if row.player == player and row.rank), None)

    def around(self, player: PlayerId, count: int = AROUND_COUNT) -> tuple[AnyRow, ...]:
        """Return the podium, and a player's row with up to `count` neighbours on either side."""
        places = [place for place, row in enumerate(self.rows) if row.player == player]
        return tuple(
            row
            for place, row in enumerate(self.rows)
            if place < PODIUM_COUNT or any(abs(place - own) <= count for own in places)
        )

    def after(self, message: Snapshot | Delta) -> "Standings | None":
        """Return the standings after a push of this feed; None for a gap, and themselves for old news."""
        if isinstance(message, Snapshot):
            return self._at(message, message.epoch, message.version, message.rows)
        if self.epoch == 0 or message.from_ > self.version or len(message.gains) % 3:
            return None
        if message.to <= self.version:
            return self
        changed = {row.number: row for row in message.rows}
        known = {row.number: row for row in self._numbered}
        gains = iter(message.gains)
        for number, points, ms in zip(gains, gains, gains, strict=True):
            row = known.get(number)
            if row is None:  # it must have come while we were not told
                return None
            changed[number] = _gained(row, points, ms)
        gone = frozenset(message.gone)
        fresh = [row for row in message.rows if row.number not in known]
        stayed = [changed.get(row.number, row) for row in self._numbered if row.number not in gone]
        return self._at(message, self.epoch, message.to, (*fresh, *stayed))

    def _at(
        self, push: Snapshot | Delta, epoch: int, version: int, rows: Iterable[NumberedAnyRow]
    ) -> "Standings":
        numbered = tuple(rows)
        if self.view in _BY_RANK:
            shown = _ranked(numbered, push.skipped, push.rank)
        else:
            shown = tuple(_unranked(row) for row in numbered)
        return Standings(self.course, self.view, epoch, version, shown, numbered)


def _gained(row: NumberedAnyRow, points: int, ms: int) -> NumberedAnyRow:
    """Return a row with what it gained; one that gained nothing is of a run that is over."""
    if points or ms:
        return row._replace(score=row.score + points, time_ms=row.time_ms + ms)
    return row._replace(state=row.state & ~RowState.RUNNING.value)


def _ranked(rows: Iterable[NumberedAnyRow], skipped: int, rank: int) -> tuple[AnyRow, ...]:
    """Put rows in order and give each its rank: equals share one, and `skipped` others stand behind the podium."""
    ranked: list[AnyRow] = []
    last: AnyRow | None = None
    ordered = sorted(rows, key=lambda row: (-row.score, row.time_ms, row.player, row.run))
    for place, row in enumerate(ordered, 1):
        if skipped and place == PODIUM_COUNT + 1:
            own_rank = rank
        elif last is not None and (last.score, last.time_ms) == (row.score, row.time_ms):
            own_rank = last.rank
        else:
            own_rank = place + (skipped if place > PODIUM_COUNT else 0)
        last = Row(row.run, own_rank, row.player, row.name, row.score, row.time_ms, row.state)
        ranked.append(last)
    return tuple(ranked)


def _unranked(row: NumberedAnyRow) -> AnyRow:
    if isinstance(row, NumberedDeskRow):
        return DeskRow(*row[1:])
    return Row(row.run, 0, row.player, row.name, row.score, row.time_ms, row.state)


def is_running(row: AnyRow) -> bool:
    """Tell whether the run of a row is being played."""
    return bool(row.state & RowState.RUNNING)
