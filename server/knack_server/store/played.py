"""What was played in the open, read back for publication: one state of the database.

A day's open play has half a million events, and whoever asks for it is a stranger. So rows are taken in slices, between
which the loop answers everybody else.
"""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knack_protocol.ids import EventId, RunId
from knack_server.core.facts import OPEN_PLAY, Acted
from knack_server.core.publication import PlayedLog, PlayedOpen, PlayedRun, PlayedSolo, Result, SentDigest
from knack_server.store.loading import act_of
from knack_server.store.schema import acts, digests, events, log, runs

SLICE_ROWS = 250
"""Rows made at one go: 1 to 2 ms, for which a move has to wait."""


async def open_play(connection: AsyncConnection, event: EventId) -> PlayedOpen:
    """Return everything recorded of an event's open play."""
    found = (await connection.execute(select(events).where(events.c.event == event))).one()
    sent = (
        select(digests)
        .where(digests.c.event == event, digests.c.heat == OPEN_PLAY)
        .order_by(digests.c.position)
    )
    begun = _open_runs(event) & runs.c.begun_position.is_not(None)
    return PlayedOpen(
        event,
        found.runs_max,
        await _runs(connection, begun),
        [SentDigest(row.k, row.digest, row.position) async for row in _rows(connection, sent)],
        await _acts(connection, event),
    )


async def solo_run(connection: AsyncConnection, event: EventId, run: RunId) -> PlayedSolo | None:
    """Return a finished run of open play and the results beside it, or None when it is not one."""
    over = _open_runs(event) & runs.c.ended_position.is_not(None)
    found = await _runs(connection, over & (runs.c.run == run))
    if not found:
        return None
    logged = log.alias()
    last = select(func.max(logged.c.seq)).where(logged.c.run == runs.c.run).correlate(runs).scalar_subquery()
    results = (
        select(runs.c.run, runs.c.score, log.c.seq, log.c.hash)
        .where(over & (log.c.run == runs.c.run) & (log.c.seq == last))
        .order_by(runs.c.run)
    )
    return PlayedSolo(
        event,
        found[0],
        [Result(row.run, row.score, row.seq, row.hash) async for row in _rows(connection, results)],
        await _acts(connection, event),
    )


def _open_runs(event: EventId) -> ColumnElement[bool]:
    return (runs.c.event == event) & (runs.c.heat == OPEN_PLAY)


async def _acts(connection: AsyncConnection, event: EventId) -> list[Acted]:
    done = select(acts).where(acts.c.event == event).order_by(acts.c.number)
    return [act_of(row) for row in await connection.execute(done)]


async def _runs(connection: AsyncConnection, which: ColumnElement[bool]) -> list[PlayedRun]:
    logs: dict[RunId, PlayedLog] = {}
    logged = select(log).join(runs, runs.c.run == log.c.run).where(which).order_by(log.c.run, log.c.seq)
    async for row in _rows(connection, logged):
        logs.setdefault(row.run, PlayedLog()).add(row.payload, row.hash, row.position)
    return [
        PlayedRun(
            run=row.run,
            player=row.player,
            course=row.course,
            commit=row.commitment,
            nonce=row.nonce,
            t0_unix_ms=row.t0_unix_ms,
            grace_ms=row.grace_ms,
            begun_position=row.begun_position,
            is_over=row.ended_position is not None,
            score=row.score or 0,
            scored_at_ms=row.scored_at_ms or 0,
            log=logs.get(row.run, PlayedLog()),
        )
        async for row in _rows(connection, select(runs).where(which).order_by(runs.c.run))
    ]


async def _rows(connection: AsyncConnection, query: Select[Any]) -> AsyncIterator[Row[Any]]:
    async with connection.stream(query, execution_options={"yield_per": SLICE_ROWS}) as rows:
        async for slice_ in rows.partitions():
            for row in slice_:
                yield row
