"""Which statement writes which fact down.

Facts about runs and players come by the hundred, and those of different runs do not care about each other: they are
grouped by kind and go out as one statement each, in the order of a life (`RunPrepared` before `RunStarted` before its
log). Every other fact is rare and keeps its exact place between them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Delete, Insert, Table, Update, bindparam, delete, insert, update

from knack_server.core.facts import (
    Acted,
    ClockMarked,
    CommitmentsPublished,
    ContactAsked,
    ContactDone,
    ContactsDeleted,
    DeskTokenAdded,
    DeskTokenRevoked,
    DigestSent,
    EventAdded,
    EventEnded,
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
    NamesErased,
    PlayerJoined,
    RehearsalDeleted,
    RunBegun,
    RunEnded,
    RunLogged,
    RunPrepared,
    RunStarted,
    SessionEnded,
)
from knack_server.store import schema
from knack_server.store.places import Places

Row = tuple[object, ...]
"""The values of one execution, in the order of `Recording.parameters`."""


class Recording(NamedTuple):
    """How one kind of fact is written."""

    statement: Insert | Update | Delete
    parameters: tuple[str, ...]
    """The fact's fields, and then what its place adds; the statement's placeholders have `f_` before them."""
    read: Callable[[Fact], Row]
    """Reads a fact's fields."""
    place: Callable[[Places, int, Fact], Row]
    """Returns what its place adds: nothing, its position, or more where runs begin and end."""
    meets_one_row: bool
    """Each fact fills exactly one row that is there; another count is a bug of ours (StoreBroken)."""
    erases: bool = False
    """What it takes away must not be found in any file afterwards (`Store.sweep`)."""

    def row(self, fact: Fact, places: Places) -> Row:
        """Return what the statement needs of a fact that takes the next place in the global sequence."""
        return self.read(fact) + self.place(places, places.take(), fact)


class Writing(NamedTuple):
    """One statement with all its executions."""

    recording: Recording
    rows: list[Row]


def _columns(kind: type[Fact], places: str, names: dict[str, str]) -> dict[str, str]:
    """Return column by parameter; a field that `names` leaves out goes into the column of its own name.

    `places` are the columns (words) of what the place adds, that of the position as the first.
    """
    columns = {field.name: names.get(field.name, field.name) for field in fields(kind)}
    position, *more = places.split() or [""]
    return columns | ({"position": position} if position else {}) | {column: column for column in more}


def _recording(
    statement: Insert | Update | Delete, kind: type[Fact], parameters: Iterable[str], *, one_row: bool
) -> Recording:
    read = _reader(tuple(field.name for field in fields(kind)))
    named = tuple(parameters)
    return Recording(statement, named, read, _here if "position" in named else _nowhere, one_row)


def _nowhere(_places: Places, _position: int, _fact: Fact) -> Row:
    """The place of such a fact is not kept."""
    return ()


def _here(_places: Places, position: int, _fact: Fact) -> Row:
    return (position,)


def _starting(places: Places, position: int, fact: Fact) -> Row:
    assert isinstance(fact, RunStarted)
    places.start(fact.run)
    return (position,)


def _logging(places: Places, position: int, fact: Fact) -> Row:
    assert isinstance(fact, RunLogged)
    places.log(fact.run, fact.seq, position)
    return (position,)


def _ending(places: Places, position: int, fact: Fact) -> Row:
    assert isinstance(fact, RunEnded)
    return (position, places.end(fact.run))


def _reader(names: tuple[str, ...]) -> Callable[[Fact], Row]:
    """Return what reads these fields of a fact; in C, because every fact passes here."""
    if len(names) == 1:
        read_one = attrgetter(*names)
        return lambda fact: (read_one(fact),)
    return attrgetter(*names)


def _adds(kind: type[Fact], table: Table, places: str = "", **names: str) -> Recording:
    """A fact that is a row of its own."""
    columns = _columns(kind, places, names)
    statement = insert(table).values({column: bindparam(f"f_{field}") for field, column in columns.items()})
    return _recording(statement, kind, columns, one_row=True)


def _fills(kind: type[Fact], table: Table, keys: str, places: str = "", **names: str) -> Recording:
    """A fact that fills columns of the row whose `keys` (words) it names."""
    columns = _columns(kind, places, names)
    parameters = tuple(columns)
    which = [table.c[columns.pop(key)] == bindparam(f"f_{key}") for key in keys.split()]
    statement = (
        update(table)
        .where(*which)
        .values({column: bindparam(f"f_{field}") for field, column in columns.items()})
    )
    return _recording(statement, kind, parameters, one_row=True)


def _heat_step(kind: type[Fact], step: str) -> Recording:
    """A fact that takes a heat one step further."""
    return _fills(kind, schema.heats, "event heat", f"{step}_position", at_ms=f"{step}_at_ms")


def _erases(kind: type[Fact], statement: Update | Delete) -> Recording:
    """A fact that takes personal data away, of however many rows."""
    return _recording(statement, kind, _columns(kind, "", {}), one_row=False)._replace(erases=True)


_DELETE_CONTACTS = delete(schema.contacts).where(schema.contacts.c.asked_at_ms < bindparam("f_before_ms"))

_ERASE_NAMES = (
    update(schema.players)
    .where(schema.players.c.joined_at_ms < bindparam("f_before_ms"), schema.players.c.name != "")
    .values(name="", skeleton=schema.players.c.player, token_hash=b"")
)
"""The skeleton has to stay unique in the event, and a player's id is."""

_REVOKE = (
    update(schema.desk_tokens)
    .where(schema.desk_tokens.c.name == bindparam("f_name"), schema.desk_tokens.c.revoked_at_ms.is_(None))
    .values(revoked_at_ms=bindparam("f_at_ms"), revoked_position=bindparam("f_position"))
)

GROUPED: dict[type[Fact], Recording] = {
    PlayerJoined: _adds(PlayerJoined, schema.players, "joined_position", at_ms="joined_at_ms"),
    SessionEnded: _fills(SessionEnded, schema.players, "player", "ended_position", at_ms="ended_at_ms"),
    LobbyChanged: _adds(LobbyChanged, schema.lobby, "position"),
    RunPrepared: _adds(
        RunPrepared, schema.runs, "prepared_position", commit="commitment", at_ms="prepared_at_ms"
    ),
    RunStarted: _fills(RunStarted, schema.runs, "run", "started_position", at_ms="started_at_ms")._replace(
        place=_starting
    ),
    RunBegun: _fills(RunBegun, schema.runs, "run", "begun_position"),
    RunLogged: _adds(RunLogged, schema.log, "position")._replace(place=_logging),
    DigestSent: _adds(DigestSent, schema.digests, "position"),
    ClockMarked: _fills(ClockMarked, schema.runs, "run"),
    RunEnded: _fills(
        RunEnded, schema.runs, "run", "ended_position last_position", reason="end_reason", at_ms="ended_at_ms"
    )._replace(place=_ending),
}
"""Kinds that are grouped, in the order in which they are written."""

LONE: dict[type[Fact], Recording] = {
    EventAdded: _adds(EventAdded, schema.events, "added_position", at_ms="added_at_ms"),
    EventMadeCurrent: _fills(EventMadeCurrent, schema.events, "event", "current_position"),
    EventEnded: _fills(EventEnded, schema.events, "event", "ended_position", at_ms="ended_at_ms"),
    # one row at once, whatever there is of the event; the rest is erased between other facts (`Store.sweep`)
    RehearsalDeleted: _fills(RehearsalDeleted, schema.events, "event", "deleted_position")._replace(
        erases=True
    ),
    HeatPrepared: _adds(
        HeatPrepared, schema.heats, "prepared_position", commit="commitment", at_ms="prepared_at_ms"
    ),
    CommitmentsPublished: _adds(CommitmentsPublished, schema.commitments, "position"),
    HeatOpened: _heat_step(HeatOpened, "opened"),
    HeatClosed: _heat_step(HeatClosed, "closed"),
    HeatFrozen: _heat_step(HeatFrozen, "frozen"),
    HeatTyped: _heat_step(HeatTyped, "typed"),
    HeatStarted: _heat_step(HeatStarted, "started"),
    HeatInterrupted: _heat_step(HeatInterrupted, "interrupted"),
    HeatOver: _heat_step(HeatOver, "over"),
    Acted: _adds(Acted, schema.acts, "position"),
    ContactAsked: _adds(ContactAsked, schema.contacts, at_ms="asked_at_ms"),
    # a request may have been deleted while somebody ticked it off
    ContactDone: _fills(ContactDone, schema.contacts, "contact", at_ms="done_at_ms", desk="done_by")._replace(
        meets_one_row=False
    ),
    ContactsDeleted: _erases(ContactsDeleted, _DELETE_CONTACTS),
    NamesErased: _erases(NamesErased, _ERASE_NAMES),
    DeskTokenAdded: _adds(DeskTokenAdded, schema.desk_tokens, "added_position", at_ms="added_at_ms"),
    DeskTokenRevoked: _recording(_REVOKE, DeskTokenRevoked, ("name", "at_ms", "position"), one_row=True),
}
"""Kinds that keep their place among all other facts."""


def writings(facts: Iterable[Fact], places: Places) -> Iterator[Writing]:
    """Return the statements that write `facts` down, in order; each fact takes the next of `places`.

    Raises:
        StoreBroken: the log of a run would not go on where it was.
    """
    grouped: dict[type[Fact], list[Row]] = {}
    for fact in facts:
        kind = type(fact)
        if kind in GROUPED:
            grouped.setdefault(kind, []).append(GROUPED[kind].row(fact, places))
        else:
            yield from _flush(grouped)
            yield Writing(LONE[kind], [LONE[kind].row(fact, places)])
    yield from _flush(grouped)


def _flush(grouped: dict[type[Fact], list[Row]]) -> Iterator[Writing]:
    for kind, recording in GROUPED.items():
        if kind in grouped:
            yield Writing(recording, grouped.pop(kind))
