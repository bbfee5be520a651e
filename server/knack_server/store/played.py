"""What was played in the open, read back for publication: one state of the database, whole."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from knack_protocol.ids import EventId, RunId
from knack_server.core.facts import OPEN_PLAY
from knack_server.core.publication import LoggedAt, PlayedOpen, PlayedRun, SentDigest
from knack_server.store.loading import act_of
from knack_server.store.schema import acts, digests, events, log, runs


async def open_play(connection: AsyncConnection, event: EventId) -> PlayedOpen:
    """Return everything recorded of an event's open play."""
    found = (await connection.execute(select(events).where(events.c.event == event))).one()
    sent = (
        select(digests)
        .where(digests.c.event == event, digests.c.heat == OPEN_PLAY)
        .order_by(digests.c.position)
    )
    done = select(acts).where(acts.c.event == event).order_by(acts.c.number)
    return PlayedOpen(
        event,
        found.runs_max,
        await _runs(connection, event),
        [SentDigest(row.k, row.digest, row.position) for row in await connection.execute(sent)],
        [act_of(row) for row in await connection.execute(done)],
    )


async def _runs(connection: AsyncConnection, event: EventId) -> list[PlayedRun]:
    begun = (runs.c.event == event) & (runs.c.heat == OPEN_PLAY) & runs.c.begun_position.is_not(None)
    logs: dict[RunId, list[LoggedAt]] = {}
    query = select(log).join(runs, runs.c.run == log.c.run).where(begun).order_by(log.c.run, log.c.seq)
    for row in await connection.execute(query):
        logs.setdefault(row.run, []).append(LoggedAt(row.payload, row.hash, row.position))
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
            events=logs.get(row.run, []),
        )
        for row in await connection.execute(select(runs).where(begun).order_by(runs.c.run))
    ]
