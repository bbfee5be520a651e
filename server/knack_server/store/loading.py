"""Everything a server needs at its start, as the facts that were recorded, in the order in which they were.

Two things come shorter than they happened, because nothing depends on the rest: a finished run brings the last event of
its log only, and contact requests stay in the store. Of a deleted rehearsal nothing comes, whatever is still there.
"""

from collections.abc import AsyncIterator

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knack_protocol.proof.seeds import Scope
from knack_server.core.facts import (
    Acted,
    ActKind,
    ClockMarked,
    CommitmentsPublished,
    DeskTokenAdded,
    DeskTokenRevoked,
    DigestSent,
    EventAdded,
    EventEnded,
    EventKind,
    EventMadeCurrent,
    Fact,
    HeatClosed,
    HeatFrozen,
    HeatInterrupted,
    HeatOpened,
    HeatOver,
    HeatPrepared,
    HeatStarted,
    HeatTyped,
    LobbyChanged,
    PlayerJoined,
    RunBegun,
    RunEnded,
    RunLogged,
    RunPrepared,
    RunStarted,
    SessionEnded,
)
from knack_server.store.logs import logged_events
from knack_server.store.opening import Store
from knack_server.store.schema import (
    GONE,
    acts,
    commitments,
    desk_tokens,
    digests,
    events,
    heats,
    is_gone,
    lobby,
    log,
    players,
    runs,
)

_Placed = tuple[int, list[Fact]]
"""A fact with its position, and whatever has to follow it at once."""


async def load_all(store: Store) -> list[Fact]:
    """Return every fact that the state is folded from, in the order of the global sequence.

    The facts of a run come in the order of its life. A run in play comes with its whole log and its clock's last mark
    right after its start, an ended one with its log's last event right before its end.
    """
    placed: list[_Placed] = []
    async with store.read() as connection:
        for part in _PARTS:
            placed += [row async for row in part(connection)]
    placed.sort(key=lambda row: row[0])
    return [fact for _, facts in placed for fact in facts]


async def _events(connection: AsyncConnection) -> AsyncIterator[_Placed]:
    for row in await connection.execute(select(events).where(~is_gone)):
        kind = EventKind(row.kind)
        yield row.added_position, [EventAdded(row.event, row.title, row.added_at_ms, row.runs_max, kind)]
        if row.current_position is not None:
            yield row.current_position, [EventMadeCurrent(row.event)]
        if row.ended_position is not None:
            yield row.ended_position, [EventEnded(row.event, row.ended_at_ms)]


async def _players(connection: AsyncConnection) -> AsyncIterator[_Placed]:
    for row in await connection.execute(select(players).where(players.c.event.not_in(GONE))):
        joined = PlayerJoined(row.event, row.player, row.name, row.skeleton, row.token_hash, row.joined_at_ms)
        yield row.joined_position, [joined]
        if row.ended_position is not None:
            yield row.ended_position, [SessionEnded(row.player, row.ended_at_ms)]


async def _runs(connection: AsyncConnection) -> AsyncIterator[_Placed]:
    logs = await _logs(connection)
    for row in await connection.execute(select(runs).where(runs.c.event.not_in(GONE))):
        prepared = RunPrepared(
            row.run, row.event, row.player, row.course, row.heat, row.commitment, row.prepared_at_ms
        )
        yield row.prepared_position, [prepared]
        if row.started_position is None:
            continue
        life: list[Fact] = [RunStarted(row.run, row.nonce, row.t0_unix_ms, row.started_at_ms)]
        if row.grace_ms is not None:
            life.append(RunBegun(row.run, row.grace_ms))
        if row.ended_position is None:
            life += logs.get(row.run, [])
            if row.clock_ms is not None:
                life.append(ClockMarked(row.run, row.clock_ms))
        yield row.started_position, life
        if row.ended_position is not None:
            ended = RunEnded(row.run, row.score, row.scored_at_ms, row.moves, row.end_reason, row.ended_at_ms)
            yield row.ended_position, [*logs.get(row.run, []), ended]


async def _logs(connection: AsyncConnection) -> dict[str, list[RunLogged]]:
    """Return the whole log of each run in play and the last event of each ended one."""
    is_there = runs.c.event.not_in(GONE)
    columns = select(log.c.run, log.c.seq, log.c.payload, log.c.hash)
    lasts = columns.join(runs, runs.c.last_position == log.c.position).where(is_there)
    logs = {row.run: [RunLogged(*row)] for row in await connection.execute(lasts)}
    in_play = runs.c.ended_position.is_(None) & is_there
    async for run, seq, payload, head, _ in logged_events(connection, in_play):
        logs.setdefault(run, []).append(RunLogged(run, seq, payload, head))
    return logs


async def _last_digests(connection: AsyncConnection) -> AsyncIterator[_Placed]:
    """Yield the last digest of each count: where it goes on is all that matters."""
    last = select(digests.c.event, digests.c.heat, func.max(digests.c.k).label("k"))
    last_k = last.where(digests.c.event.not_in(GONE)).group_by(digests.c.event, digests.c.heat).subquery()
    which = (
        (digests.c.event == last_k.c.event) & (digests.c.heat == last_k.c.heat) & (digests.c.k == last_k.c.k)
    )
    for row in await connection.execute(select(digests).join(last_k, which)):
        yield row.position, [DigestSent(row.event, row.heat, row.k, row.digest)]


async def _heats(connection: AsyncConnection) -> AsyncIterator[_Placed]:
    for row in await connection.execute(select(heats).where(heats.c.event.not_in(GONE))):
        name = (row.event, row.heat)
        prepared = HeatPrepared(*name, row.course, Scope(row.scope), row.commitment, row.prepared_at_ms)
        yield row.prepared_position, [prepared]
        if row.opened_position is not None:
            yield row.opened_position, [HeatOpened(*name, row.opened_at_ms)]
        if row.closed_position is not None:
            yield row.closed_position, [HeatClosed(*name, row.closed_at_ms)]
        if row.frozen_position is not None:
            yield row.frozen_position, [HeatFrozen(*name, row.roster_hash, row.frozen_at_ms)]
        if row.typed_position is not None:
            yield row.typed_position, [HeatTyped(*name, row.public, row.typed_at_ms)]
        if row.started_position is not None:
            yield row.started_position, [HeatStarted(*name, row.t0_unix_ms, row.started_at_ms)]
        if row.interrupted_position is not None:
            yield row.interrupted_position, [HeatInterrupted(*name, row.interrupted_at_ms)]
        if row.over_position is not None:
            yield row.over_position, [HeatOver(*name, row.over_at_ms)]


async def _commitments(connection: AsyncConnection) -> AsyncIterator[_Placed]:
    for row in await connection.execute(select(commitments).where(commitments.c.event.not_in(GONE))):
        yield row.position, [CommitmentsPublished(row.event, row.text, row.signature, row.at_ms)]


async def _lobby(connection: AsyncConnection) -> AsyncIterator[_Placed]:
    for row in await connection.execute(select(lobby).where(lobby.c.event.not_in(GONE))):
        yield row.position, [LobbyChanged(row.event, row.heat, row.player, row.is_in, row.at_ms)]


async def _acts(connection: AsyncConnection) -> AsyncIterator[_Placed]:
    for row in await connection.execute(select(acts).where(acts.c.event.not_in(GONE))):
        yield row.position, [act_of(row)]


def act_of(row: Row[tuple[object, ...]]) -> Acted:
    """Return the act that a row of `acts` holds."""
    kind = ActKind(row.kind)
    return Acted(row.event, row.number, row.at_ms, row.desk, kind, row.target, row.text, row.reason)


async def _desk_tokens(connection: AsyncConnection) -> AsyncIterator[_Placed]:
    for row in await connection.execute(select(desk_tokens)):
        yield row.added_position, [DeskTokenAdded(row.name, row.token_hash, row.added_at_ms)]
        if row.revoked_position is not None:
            yield row.revoked_position, [DeskTokenRevoked(row.name, row.revoked_at_ms)]


_PARTS = (_events, _players, _heats, _commitments, _lobby, _runs, _last_digests, _acts, _desk_tokens)
