"""What is deleted is gone: not a byte of it is left in any file of the database."""

import asyncio
import random
from pathlib import Path

import pytest
from tests.conftest import Size
from tests.support import lives
from tests.support.database import asked, committed, failing, watch, writing

from knack_server.core.facts import (
    ContactDone,
    ContactId,
    ContactsDeleted,
    Fact,
    NamesErased,
    PlayerJoined,
    SessionEnded,
)
from knack_server.store import writer as writer_module
from knack_server.store.loading import load_all
from knack_server.store.opening import Store, open_for_reading, open_store
from knack_server.store.queries import Queries
from knack_server.store.recording import writings
from knack_server.store.writer import Writer

pytestmark = pytest.mark.asyncio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "knack.sqlite"


def left(path: Path, canaries: list[str]) -> list[str]:
    """Return the canaries that still sing in any file of the database."""
    files = b"\n".join(file.read_bytes() for file in path.parent.iterdir() if file.is_file())
    return [canary for canary in canaries if canary.encode() in files]


async def test_due_requests_are_removed_byte_by_byte_and_the_others_stay(path: Path) -> None:
    async with writing(path) as (store, writer):
        await committed(writer, lives.event())
        await committed(
            writer,
            [
                lives.contact("canary-due", at_ms=99, concern="canary-due " * 300),
                lives.contact("canary-later", at_ms=100),
            ],
        )
        await committed(writer, [ContactDone(ContactId("c-canary-due"), 100, "kim")])
        assert left(path, ["canary-due", "canary-later"]) == ["canary-due", "canary-later"]
        await committed(writer, [ContactsDeleted(100)])
        page = await Queries(store).contacts_page()
        assert [request.contact for request in page.rows] == ["c-canary-later"]
        await writer.close()
        assert left(path, ["canary-due", "canary-later"]) == ["canary-later"]


async def swept(store: Store, writer: Writer) -> None:
    """Wait until the writer has swept."""
    async with asyncio.timeout(60):
        while store.is_sweep_due:
            await committed(writer)
            await asyncio.sleep(0)


async def test_nothing_is_left_however_rows_came_grew_and_went(path: Path, size: Size) -> None:
    """Rows of any length, in any order, that grow later, split pages; a copy left behind in one would be found."""
    count = size("people", small=800, full=4000)
    seed = 20_261
    print(f"seed {seed}")
    chance = random.Random(seed)
    canaries = [f"canary{age:05}{chance.randbytes(chance.choice([1, 5, 30])).hex()}" for age in range(count)]
    arrivals = list(range(count))
    chance.shuffle(arrivals)
    async with writing(path) as (store, writer):
        await committed(writer, lives.event())
        for place in range(0, count, 7):
            facts: list[Fact] = []
            for age in arrivals[place : place + 7]:
                name = canaries[age]
                facts.append(
                    PlayerJoined(
                        lives.DEMO, lives.player_id(name[6:11]), name, f"{name}s", name.encode(), age
                    )
                )
                facts.append(lives.contact(name, at_ms=age, concern=f"{name} " * chance.choice([1, 10, 100])))
            for age in chance.sample(arrivals[: place + 7], 3):
                facts.append(
                    ContactDone(ContactId(f"c-{canaries[age]}"), 1 << 40, f"moderator of {canaries[age]}")
                )
                facts.append(SessionEnded(lives.player_id(canaries[age][6:11]), 1 << 40))
            await committed(writer, facts)
        for due in (10, 300, count // 2, count - 10):
            await committed(writer, [NamesErased(due), ContactsDeleted(due)])
            await swept(store, writer)
            assert left(path, canaries) == canaries[due:]
            assert (await Queries(store).contacts_page()).count == count - due


async def test_erased_names_are_gone_and_their_runs_stay(path: Path) -> None:
    async with writing(path) as (store, writer):
        names = [f"canary {number:03}" for number in range(300)]
        await committed(writer, lives.event())
        order = list(enumerate(names))
        random.Random(20_262).shuffle(order)
        for number, name in order:
            token = f"token-hash-of-{name}".encode()
            joined = PlayerJoined(
                lives.DEMO, lives.player_id(f"{number}"), name, f"skeleton {name}", token, number
            )
            await committed(writer, [joined, *lives.finished(f"{number}", f"{number}", 30, 1)])
        await committed(writer, [NamesErased(200)])
        assert (await Queries(store).runs_page(lives.DEMO, lives.SPRINT)).count == 300
        await writer.close()
        assert left(path, names) == names[200:]


async def test_a_reader_that_looks_at_the_old_state_only_delays_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "RETRY_S", 0.001)
    async with writing(path) as (store, writer):
        await committed(writer, [*lives.event(), lives.contact("canary", at_ms=1)])
        async with await open_for_reading(path) as reader, reader.read() as connection:
            await connection.exec_driver_sql("SELECT count(*) FROM contacts")
            await committed(writer, [ContactsDeleted(2)])
            await committed(writer, [lives.player("Anna")])  # nobody waits for the reader
            assert left(path, ["canary"]) == ["canary"], "the reader still sees it, so it is still there"
        await swept(store, writer)
        assert left(path, ["canary"]) == []


async def test_rewriting_keeps_every_row_and_every_promise_between_tables(path: Path) -> None:
    people = [lives.player(name) for name in ("Anna", "Ben", "Cem")]
    facts = [*lives.event(), *people, *lives.finished("a", "Ben", 30, 1), lives.contact("anna", at_ms=50)]
    async with writing(path) as (store, writer):
        await committed(writer, facts)
        before = await load_all(store), await Queries(store).contacts_page()
        await committed(writer, [ContactsDeleted(1), NamesErased(1)])
        await swept(store, writer)
        assert (await load_all(store), await Queries(store).contacts_page()) == before
        assert await asked(store, "PRAGMA foreign_keys") == 1
        assert await asked(store, "PRAGMA foreign_key_check") is None
        assert await asked(store, "PRAGMA busy_timeout") == 5000


async def test_a_sweep_that_fails_anywhere_is_done_again_and_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "RETRY_S", 0.001)
    steps_left, is_sweeping = 0, False

    def fail_once(step: str) -> None:
        nonlocal steps_left, is_sweeping
        is_sweeping |= step == "PRAGMA"  # with which a sweep begins, and no commit
        steps_left -= is_sweeping
        if steps_left == 0 and is_sweeping:
            raise failing(step, "SQLITE_IOERR")

    async with writing(path) as (store, writer):
        await committed(writer, [*lives.event(), lives.player("Anna"), lives.contact("stays", at_ms=1000)])
        watch(store, fail_once)
        failures = 0
        for step in range(1, 200):
            steps_left, is_sweeping = step, False
            await committed(writer, [lives.contact(f"canary {step}", at_ms=step), ContactsDeleted(step + 1)])
            await swept(store, writer)
            failures += steps_left <= 0
            assert left(path, [f"canary {step}"]) == []
            assert [request.first_name for request in (await Queries(store).contacts_page()).rows] == [
                "stays"
            ]
            if failures < step:
                break
        assert failures > 12, "a sweep is more than a dozen statements"


async def test_a_crash_between_deletion_and_sweep_is_made_good_at_the_next_start(path: Path) -> None:
    store = await open_store(path)
    await store.write(list(writings([*lives.event(), lives.contact("canary", at_ms=1)], store.places)))
    await store.write(list(writings([ContactsDeleted(2)], store.places)))
    crashed = path.parent / "crashed"
    crashed.mkdir()
    for file in path.parent.glob("knack.sqlite*"):
        (crashed / file.name).write_bytes(file.read_bytes())
    await store.close()
    assert left(crashed / path.name, ["canary"]) == ["canary"], "the WAL of the crash still has it"
    async with await open_store(crashed / path.name):
        assert left(crashed / path.name, ["canary"]) == []
