"""A deleted rehearsal is gone at once, whole, out of every table and file; nothing else has changed by a byte."""

import dataclasses
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.support import lives
from tests.support.database import asked, committed, failing, record, watch, writing

from knack_protocol.ids import EventId, HeatId, RunId
from knack_server.core.facts import (
    OPEN_PLAY,
    ActKind,
    ContactDone,
    ContactId,
    DigestSent,
    EventAdded,
    EventKind,
    Fact,
    RehearsalDeleted,
)
from knack_server.store import schema, sqlite
from knack_server.store import writer as writer_module
from knack_server.store.errors import StoreMissing
from knack_server.store.export import listing
from knack_server.store.loading import load_all
from knack_server.store.opening import Store, open_for_reading, open_store
from knack_server.store.queries import Queries
from knack_server.store.recording import writings
from knack_server.store.writer import Writer

pytestmark = pytest.mark.asyncio

TRY = EventId("rehearsal-canary")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "knack.sqlite"


def evening() -> list[Fact]:
    """Something in every table: runs that ended and one in play, a heat, digests, an act, a contact request."""
    return [
        *(lives.player(name) for name in ("Anna", "Ben", "Cem")),
        *lives.finished("a", "Anna", 30, 1000),
        *lives.in_play("b", "Ben"),
        *lives.logged("b", lives.move(1, 900, 40)),
        *lives.promised("h1"),
        *lives.heat_begun("h1", hc="Cem"),
        DigestSent(lives.DEMO, OPEN_PLAY, 1, b"d" * 32),
        DigestSent(lives.DEMO, HeatId("h1"), 1, b"e" * 32),
        lives.act(1, ActKind.VOID, "run-a"),
        lives.contact("Dora"),
        ContactDone(ContactId("c-Dora"), lives.UNIX_MS, "kim"),
    ]


def tried(facts: Sequence[Fact]) -> list[Fact]:
    """The same as it would be in a rehearsal: under other ids, with a canary in all that somebody typed."""
    texts = {"name", "skeleton", "desk", "reason", "first_name", "last_name", "email", "concern"}
    of_tokens = {"token_hash": lambda value: b"canary" + value[6:]}
    ids = {"player", "run", "contact"}
    moved: list[Fact] = []
    for fact in facts:
        changes: dict[str, Any] = {}
        for field in dataclasses.fields(fact):
            value = getattr(fact, field.name)
            if field.name == "event":
                changes["event"] = TRY
            elif field.name in ids or (field.name == "target" and value):
                changes[field.name] = f"{value}-canary"
            elif field.name in texts or (field.name == "text" and value):
                changes[field.name] = f"canary {value}"
            elif field.name == "public" and value:
                changes[field.name] = b"stage:" + b"canary" * 8
            elif field.name in of_tokens:
                changes[field.name] = of_tokens[field.name](value)
        moved.append(dataclasses.replace(fact, **changes))
    return moved


def rehearsed() -> list[Fact]:
    return [
        EventAdded(TRY, "canary title", lives.UNIX_MS, None, EventKind.REHEARSAL),
        *tried(evening()),
    ]


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the file."""
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(database.execute(f"SELECT * FROM {name}"), key=repr) for name in names}


def sings(cell: object) -> bool:
    return (isinstance(cell, str) and "canary" in cell) or (isinstance(cell, bytes) and b"canary" in cell)


def left(path: Path) -> bool:
    """Tell whether the canary is in any file of the database."""
    return any(b"canary" in file.read_bytes() for file in path.parent.iterdir() if file.is_file())


async def swept(store: Store, writer: Writer) -> None:
    """Wait until the writer has swept."""
    while store.is_sweep_due:
        await committed(
            writer, [DigestSent(lives.DEMO, OPEN_PLAY, 100 + store.places.next_position, b"d" * 32)]
        )


async def test_no_table_keeps_a_row_of_it_and_no_file_a_word(path: Path) -> None:
    await record(path, [*lives.event(), *evening()])
    before = rows(path)
    await record(path, rehearsed())
    full = rows(path)
    singing = {table for table, found in full.items() if any(sings(cell) for row in found for cell in row)}
    of_events = {table.name for table in schema.metadata.tables.values() if table.name != "desk_tokens"}
    assert singing == of_events, "the rehearsal has something in every table that belongs to events"
    assert left(path)

    await record(path, [RehearsalDeleted(TRY)])

    assert rows(path) == before
    assert not left(path)


async def test_every_table_of_the_schema_is_known_to_belong_to_an_event_or_to_none() -> None:
    tables = set(schema.metadata.tables)

    assert tables == {*schema.EVENT_TABLES, "log", "desk_tokens"}
    assert schema.EVENT_TABLES[-1] == "events"


async def test_however_far_the_erasing_has_come_it_is_gone_and_a_killed_server_goes_on_with_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PLACES_ERASED", 7)
    monkeypatch.setattr(sqlite, "ROWS_ERASED", 1)
    await record(path, [*lives.event(), *evening()])
    async with await open_store(path) as store:
        known, whole = await load_all(store), rows(path)
        await store.write(list(writings([*rehearsed()], store.places)))
        assert len(await load_all(store)) > len(known)
        await store.write(list(writings([RehearsalDeleted(TRY)], store.places)))
        slices, more = 0, True
        while more:
            assert await load_all(store) == known
            assert [event.event for event in await Queries(store).events()] == [lives.DEMO]
            with pytest.raises(StoreMissing):
                await listing(store, TRY, lives.SPRINT)
            killed = path.parent / f"killed {slices}"
            killed.mkdir()
            for file in path.parent.glob("knack.sqlite*"):
                (killed / file.name).write_bytes(file.read_bytes())
            async with await open_store(killed / path.name) as again:
                assert await load_all(again) == known
            assert rows(killed / path.name) == whole
            assert not left(killed / path.name)
            more = await store.sweep()
            slices += more
        assert slices > 10
        assert await asked(store, "PRAGMA foreign_keys") == 1
        assert await asked(store, "PRAGMA foreign_key_check") is None


async def test_other_facts_are_recorded_between_the_slices(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PLACES_ERASED", 1)
    async with writing(path) as (store, writer):
        await committed(writer, [*lives.event(), *rehearsed(), lives.player("Eva")])
        await committed(writer, [RehearsalDeleted(TRY)])
        assert rows(path)["runs"] != []
        await committed(writer, lives.finished("e", "Eva", 50, 1200))
        assert any(sings(row[0]) for row in rows(path)["runs"]), "it was not erased at one go"
        await swept(store, writer)
        log = await Queries(store).run_log(RunId("run-e"))
    assert log is not None
    assert len(log.events) == 2
    assert not left(path)


async def test_a_long_erasure_does_not_let_the_wal_grow(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PLACES_ERASED", 1)
    monkeypatch.setattr(writer_module, "CHECKPOINT_ROWS_MAX", 3)
    checkpoints = 0
    async with writing(path) as (store, writer):
        await committed(writer, [*lives.event(), *rehearsed()])
        checkpoint = store.checkpoint

        async def counted() -> None:
            nonlocal checkpoints
            checkpoints += 1
            await checkpoint()

        monkeypatch.setattr(store, "checkpoint", counted)
        await committed(writer, [RehearsalDeleted(TRY)])
        await swept(store, writer)
    assert checkpoints >= 3


async def test_an_erasure_that_fails_anywhere_is_done_again_and_takes_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "RETRY_S", 0.001)
    steps_left = 0

    def fail_once(step: str) -> None:
        nonlocal steps_left
        steps_left -= 1
        if steps_left == 0:
            raise failing(step, "SQLITE_IOERR")

    await record(path, [*lives.event(), *evening()])
    before = rows(path)
    failed = 0
    for step in range(1, 60, 3):
        await record(path, rehearsed())
        async with await open_store(path) as store:
            await store.write(list(writings([RehearsalDeleted(TRY)], store.places)))
            watch(store, fail_once)
            steps_left = step
            writer = Writer(store, lambda _trouble: None, lambda broken: pytest.fail(str(broken)))
            await writer.close()
            failed += steps_left <= 0
        async with await open_store(path):
            pass
        assert rows(path) == before
        assert not left(path)
    assert failed > 10


async def test_a_reader_that_began_before_sees_it_to_its_end(path: Path) -> None:
    await record(path, [*lives.event(), *rehearsed()])
    async with await open_for_reading(path) as reader, reader.read() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM players")).scalar() == 3
        async with await open_store(path) as store:
            await store.write(list(writings([RehearsalDeleted(TRY)], store.places)))
            while await store.sweep():
                pass
            assert store.is_sweep_due, "a reader is in the way of the last word"
            assert (await connection.exec_driver_sql("SELECT count(*) FROM players")).scalar() == 3
    async with await open_store(path):
        assert not left(path)
