"""The rows of each view: which runs it shows, and what it may say of them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from knack_protocol.ids import CourseName
from knack_protocol.wire.messages import IN_PLAY, PODIUM_COUNT, DeskRow, Row, RowState
from knack_server.core.entry import Entry, RunState
from knack_server.core.feed import Shown

if TYPE_CHECKING:
    from knack_server.core.event import Event
    from knack_server.core.standings import Mark, Standing

TOP_COUNT = 50
"""Standings in the top view: more than any screen shows, and a snapshot of it stays below 4 KiB."""

AROUND_COUNT = 3
"""Neighbours that every player on a page sees on either side."""

PAGE_ROWS_MAX = 256
"""Rows of a page behind the podium; it has 40, and more only until the next round splits it."""

_RUNNING, _NOT_BEST = RowState.RUNNING.value, RowState.NOT_BEST.value
"""As plain numbers: thousands of rows are made a second, and a flag costs more than the rest of a row."""

DESK_COUNT = 500
"""Newest runs in the desk's live list; the desk searches older ones page by page."""


def top(event: Event, course: CourseName, count: int | None = TOP_COUNT) -> list[Row]:
    """The best standings in order; all of them when `count` is None."""
    rows: list[Row] = []
    rank = 0
    last: tuple[int, int] | None = None
    for position, standing in enumerate(islice(event.standings[course], count), 1):
        if (standing.score, standing.time_ms) != last:
            rank, last = position, (standing.score, standing.time_ms)
        rows.append(_standing_row(event, standing, rank))
    return rows


def shown_top(event: Event, course: CourseName) -> Shown:
    """View *top*."""
    places = event.standings[course].top(TOP_COUNT)
    return Shown([_standing_row(event, standing, 0) for standing in places])


def page(event: Event, course: CourseName, low: Mark | None, high: Mark | None) -> Shown:
    """The podium, and the standings from `low` up to and without `high` with their neighbours; None: the podium alone."""
    standings = event.standings[course]
    podium = standings.top(PODIUM_COUNT)
    if low is None or high is None:
        return Shown([_standing_row(event, standing, 0) for standing in podium])
    first = max(standings.before(low) - AROUND_COUNT, PODIUM_COUNT)
    last = min(standings.before(high) + AROUND_COUNT, first + PAGE_ROWS_MAX)
    rest = standings.between(first, last) if last > first else []
    shown = [_standing_row(event, standing, 0) for standing in (*podium, *rest)]
    skipped = first - PODIUM_COUNT if rest else 0
    return Shown(shown, skipped, standings.rank(rest[0].player) if skipped else 0)


def latest(event: Event, course: CourseName) -> Shown:
    """The newest finished runs, newest first; which of them is its player's best, but no ranks."""
    return Shown(
        [
            _row(event, entry, 0, is_best=_rank_of_run(event, entry) != 0)
            for entry in event.latest[course]
            if entry.score and not event.is_voided(entry)
        ]
    )


def desk(event: Event, course: CourseName) -> Shown:
    """Every run, newest first, with what only moderators may see."""
    return Shown([desk_row(event, entry) for entry in islice(reversed(event.by_course[course]), DESK_COUNT)])


def desk_row(event: Event, entry: Entry) -> DeskRow:
    """One run as moderators see it."""
    rank = _rank_of_run(event, entry)
    row = _row(event, entry, rank, is_best=rank != 0)
    state = row.state
    if event.is_voided(entry):
        state |= RowState.VOIDED.value
    if event.acts.shown_name(entry.player.id) is not None:
        state |= RowState.NAME_HIDDEN.value
    reason = IN_PLAY if entry.end_reason is None else entry.end_reason
    return DeskRow(
        *row._replace(name=entry.player.name, state=state),
        row.name,
        entry.moves,
        entry.started_unix_ms,
        reason,
    )


def _rank_of_run(event: Event, entry: Entry) -> int:
    standing = event.standings[entry.listing].standing(entry.player.id)
    return (
        event.rank(entry.listing, entry.player.id)
        if standing is not None and standing.run == entry.run
        else 0
    )


def _standing_row(event: Event, standing: Standing, rank: int) -> Row:
    entry = event.runs.get(standing.run)
    if entry is not None:
        return _row(event, entry, rank, is_best=True)
    player = event.players[
        standing.player
    ]  # a sum over heats: no run of its own, and the player's id stands for one
    is_running = player.play is not None and bool(player.play.entry.heat)
    name = event.shown_name(player)
    return Row(
        standing.run, rank, player.id, name, standing.score, standing.time_ms, _RUNNING if is_running else 0
    )


def _row(event: Event, entry: Entry, rank: int, *, is_best: bool) -> Row:
    state = _RUNNING if entry.state is not RunState.ENDED else 0
    if not is_best:
        state |= _NOT_BEST
    player = entry.player
    return Row(entry.run, rank, player.id, event.shown_name(player), entry.score, entry.scored_at_ms, state)
