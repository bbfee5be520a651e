"""The logs of runs, read back out of the one order in which everything was written.

A run's events stand between its start and its last event, among those of everybody who played meanwhile. SQLite passes
over some ten million of those a second, so that even a single run among two thousand that are played at once is read
within tens of milliseconds, and a heat or a day without a sort.
"""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Function, Row, Select, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knack_protocol.ids import RunId
from knack_server.store.errors import StoreCorrupt
from knack_server.store.places import LastEvent
from knack_server.store.schema import log, runs

SLICE_ROWS = 250
"""Rows made at one go: 1 to 2 ms, for which a move has to wait."""

LoggedRow = tuple[RunId, int, bytes, bytes, int]
"""An event of a log: run, seq, payload, hash, position."""

_POSITION_MAX = (1 << 63) - 1

_in_play = runs.c.started_position.is_not(None) & runs.c.ended_position.is_(None)


async def in_slices(connection: AsyncConnection, query: Select[Any]) -> AsyncIterator[Row[Any]]:
    """Yield the rows of a query; between slices of them the loop answers everybody else."""
    async with connection.stream(query, execution_options={"yield_per": SLICE_ROWS}) as rows:
        async for slice_ in rows.partitions():
            for row in slice_:
                yield row


async def logged_events(connection: AsyncConnection, which: ColumnElement[bool]) -> AsyncIterator[LoggedRow]:
    """Yield all events of the runs that a condition on `runs` picks, in the order in which they were recorded.

    Raises:
        StoreCorrupt: an event of a log is missing, or there twice.
    """
    seqs: dict[RunId, int] = {}
    columns = (log.c.run, log.c.seq, log.c.payload, log.c.hash, log.c.position)
    events: AsyncIterator[Any] = in_slices(connection, _logged(which, *columns).order_by(log.c.position))
    async for run, seq, payload, hash_, position in events:
        if seq != seqs.get(run, 0) + 1:
            raise StoreCorrupt(
                f"in the log of {run} event {seq} follows {seqs.get(run, 0)}; restore a backup"
            )
        seqs[run] = seq
        yield run, seq, payload, hash_, position


async def last_events(connection: AsyncConnection) -> dict[RunId, LastEvent]:
    """Return the last event of each run in play."""
    lasts = _logged(_in_play, log.c.run, func.max(log.c.seq), func.max(log.c.position)).group_by(log.c.run)
    found = {
        run: LastEvent(0, None) for (run,) in await connection.execute(select(runs.c.run).where(_in_play))
    }
    return found | {run: LastEvent(seq, position) for run, seq, position in await connection.execute(lasts)}


def _logged(which: ColumnElement[bool], *columns: Column[Any] | Function[Any]) -> Select[Any]:
    """Select from the events of the logs of some runs; nothing before the first or behind the last of them is read."""
    last = case((runs.c.ended_position.is_(None), literal(_POSITION_MAX)), else_=runs.c.last_position)
    return select(*columns).where(
        log.c.position >= select(func.min(runs.c.started_position)).where(which).scalar_subquery(),
        log.c.position <= select(func.max(last)).where(which).scalar_subquery(),
        log.c.run.in_(select(runs.c.run).where(which)),
    )
