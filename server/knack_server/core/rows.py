"""The rows of each view: which runs it shows, and what it may say of them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from knack_protocol.ids import CourseName
from knack_protocol.wire.messages import IN_PLAY, DeskRow, Row, RowState
from knack_server.core.entry import Entry, RunState

if TYPE_CHECKING:
    from knack_server.core.event import Event
    from knack_server.core.player import Player
    from knack_server.core.standings import Standing

TOP_COUNT = 50
"""Standings in the top view: more than any screen shows, and a snapshot of it stays below 4 KiB."""

OWN_HEAD_COUNT = 3
OWN_AROUND_COUNT = 3
"""Neighbours on either side of a player's own standing."""

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


def own(event: Event, course: CourseName, player: Player | None) -> list[Row]:
    """The podium, the player's own standing and its neighbours."""
    standings = event.standings[course]
    shown = {standing.run: standing for standing in standings.top(OWN_HEAD_COUNT)}
    if player is not None:
        shown |= {standing.run: standing for standing in standings.window(player.id, OWN_AROUND_COUNT)}
    return [_standing_row(event, standing, standings.rank(standing.player)) for standing in shown.values()]


def latest(event: Event, course: CourseName) -> list[Row]:
    """The newest finished runs, newest first, with the rank of their player when the run is the player's best."""
    return [
        _row(event, entry, _rank_of_run(event, entry))
        for entry in event.latest[course]
        if entry.score and not event.is_voided(entry)
    ]


def desk(event: Event, course: CourseName) -> list[DeskRow]:
    """Every run, newest first, with what only moderators may see."""
    return [desk_row(event, entry) for entry in islice(reversed(event.by_course[course]), DESK_COUNT)]


def desk_row(event: Event, entry: Entry) -> DeskRow:
    """One run as moderators see it."""
    row = _row(event, entry, _rank_of_run(event, entry))
    state = RowState(row.state)
    if event.is_voided(entry):
        state |= RowState.VOIDED
    if event.acts.shown_name(entry.player.id) is not None:
        state |= RowState.NAME_HIDDEN
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
        return _row(event, entry, rank)
    player = event.players[
        standing.player
    ]  # a sum over heats: no run of its own, and the player's id stands for one
    is_running = player.play is not None and bool(player.play.entry.heat)
    state = RowState.RUNNING if is_running else RowState(0)
    name = event.shown_name(player)
    return Row(standing.run, rank, player.id, name, standing.score, standing.time_ms, state)


def _row(event: Event, entry: Entry, rank: int) -> Row:
    state = RowState(0)
    if entry.state is not RunState.ENDED:
        state |= RowState.RUNNING
    if rank == 0:
        state |= RowState.NOT_BEST
    player = entry.player
    return Row(entry.run, rank, player.id, event.shown_name(player), entry.score, entry.scored_at_ms, state)
