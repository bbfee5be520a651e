"""The log of every run is found among all others, whole and in order, or not at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, true
from tests.support import lives
from tests.support.database import record

from knack_server.core.facts import Fact
from knack_server.store.errors import StoreCorrupt
from knack_server.store.logs import SLICE_ROWS, last_events, logged_events
from knack_server.store.opening import open_for_reading
from knack_server.store.places import LastEvent
from knack_server.store.schema import runs

pytestmark = pytest.mark.asyncio

BEGINNING = [*lives.event(), lives.player("Anna")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "knack.sqlite"


def mingled(*turns: str) -> list[Fact]:
    """Runs that log an event whenever their name comes, are started before the first, and end at their name in capitals."""
    facts: list[Fact] = []
    seqs: dict[str, int] = {}
    for turn in turns:
        name = turn.lower()
        if name not in seqs:
            facts += lives.in_play(name, "Anna")
        seqs[name] = seq = seqs.get(name, 0) + 1
        facts += lives.logged(name, lives.move(seq, seq, seq), first=seq)
        if turn.isupper():
            facts.append(lives.ended(name, 1, 1)[-1])
    return facts


async def found(path: Path, which: ColumnElement[bool]) -> list[tuple[str, int]]:
    async with await open_for_reading(path) as store, store.read() as connection:
        return [(run.removeprefix("run-"), seq) async for run, seq, *_ in logged_events(connection, which)]


def runs_of(*names: str) -> ColumnElement[bool]:
    return runs.c.run.in_([lives.run_id(name) for name in names])


@pytest.mark.parametrize(
    "names", ["a", "b", "c", "d", "ac", "bd", "abcd", ""], ids=lambda names: names or "none"
)
async def test_the_events_of_the_runs_in_question_come_as_they_were_recorded(path: Path, names: str) -> None:
    turns = "aabacbAcbCbdbd"
    await record(path, [*BEGINNING, *mingled(*turns), *lives.in_play("e", "Anna")])
    seqs = dict.fromkeys("abcd", 0)
    expected = []
    for name in turns.lower():
        seqs[name] += 1
        if name in names:
            expected.append((name, seqs[name]))
    assert await found(path, runs_of(*names, "e")) == expected


async def test_a_log_of_many_slices_is_whole(path: Path) -> None:
    await record(path, [*BEGINNING, *mingled(*"ab" * SLICE_ROWS)])
    assert await found(path, runs_of("b")) == [("b", seq) for seq in range(1, SLICE_ROWS + 1)]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM log WHERE seq = 2",
        "DELETE FROM log WHERE seq = 1",
        "INSERT INTO log SELECT run, seq, payload, hash, position + 10 FROM log WHERE seq = 3",
        "UPDATE log SET seq = 5 - seq",
    ],
    ids=["a gap", "no beginning", "an event twice", "backwards"],
)
async def test_a_log_that_is_not_one_chain_is_never_read_as_if_it_were(path: Path, damage: str) -> None:
    await record(path, [*BEGINNING, *mingled(*"aaaa")])
    assert len(await found(path, true())) == 4
    with closing(sqlite3.connect(path)) as database:
        database.execute(damage)
        database.commit()
    with pytest.raises(StoreCorrupt, match=r"in the log of run-a event \d follows"):
        await found(path, true())


async def test_only_runs_in_play_have_an_event_that_another_will_follow(path: Path) -> None:
    await record(
        path, [*BEGINNING, *mingled(*"abaB"), *lives.in_play("c", "Anna"), lives.prepared("d", "Anna")]
    )
    async with await open_for_reading(path) as store, store.read() as connection:
        lasts = await last_events(connection)
    with closing(sqlite3.connect(path)) as database:
        ((position,),) = database.execute("SELECT position FROM log WHERE run = 'run-a' AND seq = 2")
    assert lasts == {
        lives.run_id("a"): LastEvent(2, position),
        lives.run_id("c"): LastEvent(0, None),
    }
