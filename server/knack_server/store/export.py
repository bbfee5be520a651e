"""Standings folded from the store alone, and the two forms in which they leave the house.

The rows are those of `GET /api/standings`, to the byte: a server is not needed to know who won.
"""

import csv
import json
from collections.abc import Container, Sequence
from dataclasses import dataclass
from io import StringIO

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.wire.messages import Row, RowState
from knack_server.core.acts import Acts
from knack_server.core.facts import OPEN_PLAY
from knack_server.core.standings import Standings, canonical_rows_sha256
from knack_server.store.errors import StoreMissing
from knack_server.store.live import LiveScore, live_scores
from knack_server.store.loading import act_of
from knack_server.store.opening import Store
from knack_server.store.schema import acts, events, players, runs

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The standings of one course of one event."""

    event: EventId
    course: CourseName
    rows: Sequence[Row]


async def listing(store: Store, event: EventId | None, course: CourseName) -> Listing:
    """Fold the standings of a course in open play, or of a heat by its id; without an event, of the current one.

    Raises:
        StoreMissing: there is no such event.
    """
    async with store.read() as connection:
        found = await _find_event(connection, event)
        names = await _shown_names(connection, found)
        decided = await _fold_acts(connection, found)
        in_open_play = (runs.c.course == course) & (runs.c.heat == OPEN_PLAY)
        which = (runs.c.event == found) & (in_open_play | (runs.c.heat == course))
        live = await live_scores(connection, which)
        standings = Standings()
        columns = (runs.c.run, runs.c.player, runs.c.score, runs.c.scored_at_ms)
        for run, player, score, scored_at_ms in await connection.execute(select(*columns).where(which)):
            result = live.get(run, LiveScore(score or 0, scored_at_ms or 0))
            if not decided.is_voided(run) and not decided.is_heat_voided(HeatId(course)):
                standings.put(run, player, result.score, result.scored_at_ms)
    for player in names:
        replaced = decided.shown_name(player)
        if replaced is not None:
            names[player] = replaced
    return Listing(found, course, _rows(standings, names, live.keys()))


def as_json(listed: Listing) -> str:
    """Return a listing as JSON, with the hash by which it is compared."""
    document = {
        "event": listed.event,
        "course": listed.course,
        "sha256": canonical_rows_sha256(listed.rows),
        "rows": listed.rows,
    }
    return json.dumps(document, ensure_ascii=False, indent=None, separators=(",", ":")) + "\n"


def as_csv(listed: Listing) -> str:
    """Return a listing as CSV (RFC 4180) with a header; no cell can be taken for a formula."""
    text = StringIO(newline="")
    table = csv.writer(text)
    table.writerow(Row._fields)
    for row in listed.rows:
        table.writerow([_harmless(cell) if isinstance(cell, str) else int(cell) for cell in row])
    return text.getvalue()


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULA_STARTS) else cell


def _rows(standings: Standings, names: dict[PlayerId, str], running: Container[RunId]) -> list[Row]:
    rows: list[Row] = []
    rank, before = 0, None
    for place, (run, player, score, time_ms) in enumerate(standings, 1):
        if (score, time_ms) != before:
            rank, before = place, (score, time_ms)
        state = RowState.RUNNING if run in running else RowState(0)
        rows.append(Row(run, rank, player, names[player], score, time_ms, int(state)))
    return rows


async def _find_event(connection: AsyncConnection, event: EventId | None) -> EventId:
    query = select(events.c.event)
    if event is None:
        query = query.where(events.c.current_position.is_not(None)).order_by(events.c.current_position.desc())
    else:
        query = query.where(events.c.event == event)
    found = (await connection.execute(query.limit(1))).scalar_one_or_none()
    if found is None:
        raise StoreMissing("no event is the current one" if event is None else f"there is no event {event}")
    return EventId(found)


async def _shown_names(connection: AsyncConnection, event: EventId) -> dict[PlayerId, str]:
    query = select(players.c.player, players.c.name).where(players.c.event == event)
    return {row.player: row.name for row in await connection.execute(query)}


async def _fold_acts(connection: AsyncConnection, event: EventId) -> Acts:
    decided = Acts(event)
    for row in await connection.execute(select(acts).where(acts.c.event == event).order_by(acts.c.number)):
        refused = decided.add(act_of(row))
        assert refused is None, "a refused act was never recorded"
    return decided
