"""What the desk and the command line ask: runs with their logs, contact requests, events, tokens.

Each query runs in one transaction on a reading connection and sees one state of the database. Dataclasses stand beside
the SQL that fills them. Pages count from 0 and hold `PAGE_ROWS` rows, newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Row, func, or_, select, true

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.rules.log import LoggedEvent
from knack_server.core.facts import OPEN_PLAY, ContactId, EventKind
from knack_server.core.recorded import PlayedAlone, PlayedEvent, PlayedOpen, PlayedSolo
from knack_server.store import played
from knack_server.store.live import LiveScore, live_scores
from knack_server.store.logs import logged_events
from knack_server.store.opening import Store
from knack_server.store.schema import contacts, desk_tokens, events, is_gone, players, runs

PAGE_ROWS = 50
"""Rows of a page: a screenful or two, and a query of a few milliseconds."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list."""

    rows: Sequence[T]
    page: int
    """Which one, from 0."""
    count: int
    """Rows of the whole list."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run that was started, with the player's real name; in play, score and moves are what its log says so far."""

    run: RunId
    event: EventId
    player: PlayerId
    name: str
    course: CourseName
    commit: bytes
    nonce: bytes
    t0_unix_ms: int
    grace_ms: int | None
    """None until T0."""
    score: int
    scored_at_ms: int
    moves: int
    end_reason: int | None
    """None while it is in play."""


@dataclass(frozen=True, slots=True)
class RunLog:
    """A run with every event of its log, in order."""

    run: StoredRun
    events: Sequence[LoggedEvent]


@dataclass(frozen=True, slots=True)
class StoredContact:
    """A contact request."""

    contact: ContactId
    event: EventId
    asked_at_ms: int
    first_name: str
    last_name: str
    email: str
    concern: str
    done_at_ms: int | None
    """None while it is open."""
    done_by: str
    """The moderator who ticked it off; empty while it is open."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the command line lists it."""

    event: EventId
    title: str
    added_at_ms: int
    runs_max: int | None
    kind: EventKind
    is_current: bool


@dataclass(frozen=True, slots=True)
class StoredDeskToken:
    """A moderator's token, good or revoked."""

    name: str
    added_at_ms: int
    revoked_at_ms: int | None


class Queries:
    """The queries of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def runs_page(
        self, event: EventId, course: CourseName, search: str = "", page: int = 0
    ) -> Page[StoredRun]:
        """Return started runs of a course in open play whose player's name contains `search`, whatever its case; newest first."""
        which = (runs.c.event == event) & (runs.c.course == course) & runs.c.started_position.is_not(None)
        which &= runs.c.heat == OPEN_PLAY
        if search:
            which &= players.c.name.icontains(search, autoescape=True)
        count = select(func.count()).select_from(runs.join(players)).where(which)
        query = (
            _RUNS.where(which)
            .order_by(runs.c.started_position.desc())
            .limit(PAGE_ROWS)
            .offset(page * PAGE_ROWS)
        )
        async with self._store.read() as connection:
            rows = (await connection.execute(query)).all()
            live = await live_scores(connection, runs.c.run.in_([row.run for row in rows]))
            total = (await connection.execute(count)).scalar_one()
        return Page([_stored_run(row, live.get(row.run)) for row in rows], page, total)

    async def run_log(self, run: RunId) -> RunLog | None:
        """Return a started run and its whole log, or None when there is no such run."""
        which = (runs.c.run == run) & runs.c.started_position.is_not(None)
        async with self._store.read() as connection:
            row = (await connection.execute(_RUNS.where(which))).one_or_none()
            if row is None:
                return None
            happened = [
                LoggedEvent(seq, payload, hash_)
                async for _, seq, payload, hash_, _ in logged_events(connection, which)
            ]
            live = await live_scores(connection, which)
        return RunLog(_stored_run(row, live.get(run)), happened)

    async def contacts_page(
        self, event: EventId | None = None, search: str = "", page: int = 0
    ) -> Page[StoredContact]:
        """Return contact requests, of one event or of all, that contain `search` in any field; newest first."""
        which: ColumnElement[bool] = true()
        if event is not None:
            which &= contacts.c.event == event
        if search:
            texts = (contacts.c.first_name, contacts.c.last_name, contacts.c.email, contacts.c.concern)
            which &= or_(*(text.icontains(search, autoescape=True) for text in texts))
        query = (
            select(contacts)
            .where(which)
            .order_by(contacts.c.number.desc())
            .limit(PAGE_ROWS)
            .offset(page * PAGE_ROWS)
        )
        async with self._store.read() as connection:
            rows = (await connection.execute(query)).all()
            total = (
                await connection.execute(select(func.count()).select_from(contacts).where(which))
            ).scalar_one()
        return Page([_stored_contact(row) for row in rows], page, total)

    async def open_play(self, event: EventId) -> PlayedOpen | None:
        """Return everything recorded of an event's open play, one state of it, or None when there is no such event."""
        async with self._store.read() as connection:
            return await played.open_play(connection, event)

    async def solo_run(self, event: EventId, run: RunId) -> PlayedSolo | None:
        """Return a finished run of open play and the results beside it, or None when it is not one."""
        async with self._store.read() as connection:
            return await played.solo_run(connection, event, run)

    async def heat(self, event: EventId, heat: HeatId) -> PlayedAlone | None:
        """Return everything recorded of a heat that was started and is over, or None when it is not one."""
        async with self._store.read() as connection:
            return await played.heat(connection, event, heat)

    async def whole_event(self, event: EventId) -> PlayedEvent | None:
        """Return everything recorded of an event that has ended, or None while it goes on."""
        async with self._store.read() as connection:
            return await played.whole_event(connection, event)

    async def has_contact(self, contact: ContactId) -> bool:
        """Tell whether a contact request is (still) there."""
        query = select(contacts.c.number).where(contacts.c.contact == contact)
        async with self._store.read() as connection:
            return (await connection.execute(query)).first() is not None

    async def events(self) -> list[StoredEvent]:
        """Return every event in the order in which they were added."""
        async with self._store.read() as connection:
            rows = (
                await connection.execute(select(events).where(~is_gone).order_by(events.c.added_position))
            ).all()
        current = max((row.current_position or 0 for row in rows), default=0)
        return [
            StoredEvent(
                row.event,
                row.title,
                row.added_at_ms,
                row.runs_max,
                EventKind(row.kind),
                0 < current == row.current_position,
            )
            for row in rows
        ]

    async def desk_tokens(self) -> list[StoredDeskToken]:
        """Return every token ever given out, in that order, the revoked ones too."""
        columns = (desk_tokens.c.name, desk_tokens.c.added_at_ms, desk_tokens.c.revoked_at_ms)
        async with self._store.read() as connection:
            rows = await connection.execute(select(*columns).order_by(desk_tokens.c.added_position))
            return [StoredDeskToken(*row) for row in rows]


_RUNS = select(runs, players.c.name).join(players)


def _stored_run(row: Row[tuple[object, ...]], live: LiveScore | None) -> StoredRun:
    result = live or LiveScore()
    if row.end_reason is not None:
        result = LiveScore(row.score, row.scored_at_ms, row.moves)
    return StoredRun(
        run=row.run,
        event=row.event,
        player=row.player,
        name=row.name,
        course=row.course,
        commit=row.commitment,
        nonce=row.nonce,
        t0_unix_ms=row.t0_unix_ms,
        grace_ms=row.grace_ms,
        score=result.score,
        scored_at_ms=result.scored_at_ms,
        moves=result.moves,
        end_reason=row.end_reason,
    )


def _stored_contact(row: Row[tuple[object, ...]]) -> StoredContact:
    return StoredContact(
        contact=row.contact,
        event=row.event,
        asked_at_ms=row.asked_at_ms,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        concern=row.concern,
        done_at_ms=row.done_at_ms,
        done_by=row.done_by if row.done_at_ms is not None else "",
    )
