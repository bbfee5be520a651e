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
from knack_protocol.proof.standings import Result, sum_rows
from knack_protocol.rules.course import COURSES
from knack_protocol.wire.messages import Row, RowState
from knack_server.core.acts import Acts
from knack_server.core.event import sum_listing
from knack_server.core.facts import OPEN_PLAY
from knack_server.core.standings import Standings, canonical_rows_sha256
from knack_server.store.errors import StoreMissing
from knack_server.store.live import LiveScore, live_scores
from knack_server.store.loading import act_of
from knack_server.store.opening import Store
from knack_server.store.schema import acts, events, heats, is_gone, players, runs

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The standings of one course of one event, of a heat, or of a sum over heats, by the name that screens watch."""

    event: EventId
    course: CourseName
    rows: Sequence[Row]


async def listing(store: Store, event: EventId | None, course: CourseName) -> Listing:
    """Fold the standings of a course in open play, of a heat by its id, or of the sum over heats (`heats`, `heats-climb`).

    Without an event, of the current one.

    Raises:
        StoreMissing: there is no such event, course or heat.
    """
    async with store.read() as connection:
        found = await _find_event(connection, event)
        names = await _shown_names(connection, found)
        decided = await _fold_acts(connection, found)
        summed = _SUMS.get(course)
        if summed is None:
            await _find_listing(connection, found, course)
            standings, running = await _ranked(connection, found, course, decided)
        else:
            standings, running = await _summed(connection, found, summed, decided)
    for player in names:
        replaced = decided.shown_name(player)
        if replaced is not None:
            names[player] = replaced
    return Listing(found, course, _rows(standings, names, running))


_SUMS = {sum_listing(course): course for course in COURSES}
"""The course of each sum over heats, by the name under which it is watched."""


async def _find_listing(connection: AsyncConnection, event: EventId, course: CourseName) -> None:
    query = select(heats.c.heat).where(heats.c.event == event, heats.c.heat == course)
    if course not in COURSES and (await connection.execute(query)).first() is None:
        raise StoreMissing(f"there is no course or heat {course}")


async def _ranked(
    connection: AsyncConnection, event: EventId, course: CourseName, decided: Acts
) -> tuple[Standings, Container[str]]:
    """Return the standings of a course or of a heat, and which runs are in play."""
    in_open_play = (runs.c.course == course) & (runs.c.heat == OPEN_PLAY)
    which = (runs.c.event == event) & (in_open_play | (runs.c.heat == course))
    live = await live_scores(connection, which)
    standings = Standings()
    columns = (runs.c.run, runs.c.player, runs.c.score, runs.c.scored_at_ms)
    for run, player, score, scored_at_ms in await connection.execute(select(*columns).where(which)):
        result = live.get(run, LiveScore(score or 0, scored_at_ms or 0))
        if not decided.is_voided(run) and not decided.is_heat_voided(HeatId(course)):
            standings.put(run, player, result.score, result.scored_at_ms)
    return standings, live.keys()


async def _summed(
    connection: AsyncConnection, event: EventId, course: CourseName, decided: Acts
) -> tuple[Standings, Container[str]]:
    """Return the sum over the heats of a course that have begun and count, and who is in a heat now."""
    in_heats = (runs.c.event == event) & (runs.c.heat != OPEN_PLAY) & runs.c.started_position.is_not(None)
    live = await live_scores(connection, in_heats)
    results: dict[HeatId, list[Result]] = {}
    running = set()
    for row in await connection.execute(select(runs).where(in_heats)):
        if row.ended_position is None:
            running.add(row.player)
        if row.course != course or row.begun_position is None or decided.is_heat_voided(row.heat):
            continue
        result = live.get(row.run, LiveScore(row.score or 0, row.scored_at_ms or 0))
        counted = results.setdefault(row.heat, [])
        if not decided.is_voided(row.run):
            counted.append(Result(row.player, row.run, result.score, result.scored_at_ms))
    standings = Standings()
    full_time_ms = sum(level.time_ms for level in COURSES[course].levels)
    for total in sum_rows(results.values(), full_time_ms):
        standings.put(RunId(total.player), total.player, total.score, total.time_ms)
    return standings, running


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


def _rows(standings: Standings, names: dict[PlayerId, str], running: Container[str]) -> list[Row]:
    rows: list[Row] = []
    rank, before = 0, None
    for place, (run, player, score, time_ms) in enumerate(standings, 1):
        if (score, time_ms) != before:
            rank, before = place, (score, time_ms)
        state = RowState.RUNNING if run in running else RowState(0)
        rows.append(Row(run, rank, player, names[player], score, time_ms, int(state)))
    return rows


async def _find_event(connection: AsyncConnection, event: EventId | None) -> EventId:
    query = select(events.c.event).where(~is_gone)
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
