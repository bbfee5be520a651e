"""What was played, read back for publication: one state of the database.

A day's open play has half a million events, and whoever asks for it is a stranger. So rows are taken in slices, between
which the loop answers everybody else.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knack_protocol.ids import EventId, HeatId, RunId
from knack_protocol.proof.bundle import CommitmentList
from knack_protocol.proof.seeds import Scope
from knack_server.core.facts import OPEN_PLAY, Acted
from knack_server.core.recorded import (
    NeverStarted,
    PlayedAlone,
    PlayedEvent,
    PlayedHeat,
    PlayedLog,
    PlayedOpen,
    PlayedRun,
    PlayedSolo,
    Result,
    SentDigest,
)
from knack_server.store.loading import act_of
from knack_server.store.logs import in_slices, logged_events
from knack_server.store.schema import acts, commitments, digests, events, heats, is_gone, log, runs


async def open_play(connection: AsyncConnection, event: EventId) -> PlayedOpen | None:
    """Return everything recorded of an event's open play, or None when there is no such event."""
    query = select(events).where(events.c.event == event, ~is_gone)
    found = (await connection.execute(query)).one_or_none()
    if found is None:
        return None
    begun = _open_runs(event) & runs.c.begun_position.is_not(None)
    return PlayedOpen(
        event,
        found.runs_max,
        await _runs(connection, begun, by=runs.c.run),
        await _digests(connection, event, OPEN_PLAY),
        await _acts(connection, event),
    )


async def solo_run(connection: AsyncConnection, event: EventId, run: RunId) -> PlayedSolo | None:
    """Return a finished run of open play and the results beside it, or None when it is not one."""
    over = _open_runs(event) & runs.c.ended_position.is_not(None)
    found = await _runs(connection, over & (runs.c.run == run), by=runs.c.run)
    if not found:
        return None
    results = (
        select(runs.c.run, runs.c.score, log.c.seq, log.c.hash)
        .join(log, log.c.position == runs.c.last_position)
        .where(over)
        .order_by(runs.c.run)
    )
    return PlayedSolo(
        event,
        found[0],
        [Result(row.run, row.score, row.seq, row.hash) async for row in in_slices(connection, results)],
        await _acts(connection, event),
    )


async def heat(connection: AsyncConnection, event: EventId, named: HeatId) -> PlayedAlone | None:
    """Return a heat that was started and is over, or None when it is not one."""
    which = (heats.c.event == event) & (heats.c.heat == named)
    found = (await connection.execute(select(heats).where(which & _WAS_PLAYED))).one_or_none()
    if found is None:
        return None
    return PlayedAlone(
        event,
        await _heat(connection, found),
        await _commitments(connection, event),
        await _acts(connection, event),
    )


async def whole_event(connection: AsyncConnection, event: EventId) -> PlayedEvent | None:
    """Return everything recorded of an event that has ended, or None while it goes on."""
    ended = select(events.c.ended_position).where(events.c.event == event, ~is_gone)
    if (await connection.execute(ended)).scalar_one_or_none() is None:
        return None
    opened = await open_play(connection, event)
    assert opened is not None, "all of this is one state of the database"
    promised = (
        await connection.execute(select(heats).where(heats.c.event == event).order_by(heats.c.heat))
    ).all()
    was_played = [row for row in promised if row.started_position is not None]
    never_started = _open_runs(event) & runs.c.started_position.is_(None)
    unused = select(runs.c.run, runs.c.course, runs.c.commitment).where(never_started).order_by(runs.c.run)
    return PlayedEvent(
        event,
        await _commitments(connection, event),
        [await _heat(connection, row) for row in was_played],
        opened,
        [row.heat for row in promised if row.started_position is None],
        [NeverStarted(row.run, row.course, row.commitment) async for row in in_slices(connection, unused)],
    )


_WAS_PLAYED = heats.c.started_position.is_not(None) & heats.c.over_position.is_not(None)


async def _heat(connection: AsyncConnection, row: Row[Any]) -> PlayedHeat:
    own = (runs.c.event == row.event) & (runs.c.heat == row.heat)
    return PlayedHeat(
        heat=row.heat,
        course=row.course,
        scope=Scope(row.scope),
        commit=row.commitment,
        public=row.public,
        t0_unix_ms=row.t0_unix_ms,
        runs=await _runs(connection, own, by=runs.c.player),
        digests=await _digests(connection, row.event, row.heat),
    )


async def _commitments(connection: AsyncConnection, event: EventId) -> CommitmentList:
    row = (await connection.execute(select(commitments).where(commitments.c.event == event))).one()
    return CommitmentList(text=row.text, signature=row.signature)


async def _digests(connection: AsyncConnection, event: EventId, named: HeatId) -> list[SentDigest]:
    sent = (
        select(digests).where(digests.c.event == event, digests.c.heat == named).order_by(digests.c.position)
    )
    return [SentDigest(row.k, row.digest, row.position) async for row in in_slices(connection, sent)]


def _open_runs(event: EventId) -> ColumnElement[bool]:
    return (runs.c.event == event) & (runs.c.heat == OPEN_PLAY)


async def _acts(connection: AsyncConnection, event: EventId) -> list[Acted]:
    done = select(acts).where(acts.c.event == event).order_by(acts.c.number)
    return [act_of(row) for row in await connection.execute(done)]


async def _runs(
    connection: AsyncConnection, which: ColumnElement[bool], *, by: Column[Any]
) -> list[PlayedRun]:
    logs: defaultdict[RunId, PlayedLog] = defaultdict(PlayedLog)
    async for run, _, payload, hash_, position in logged_events(connection, which):
        logs[run].add(payload, hash_, position)
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
            log=logs[row.run],
        )
        async for row in in_slices(connection, select(runs).where(which).order_by(by))
    ]
