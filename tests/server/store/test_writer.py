"""The writer acknowledges what is committed, in order, and loses nothing to a disk that cannot take it."""

import asyncio
import itertools
import resource
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support import lives
from tests.support.database import asked, committed, failing, unexpected, watch, writing

from knack_server.core.facts import ClockMarked, Fact, RunLogged, SessionEnded
from knack_server.store import sqlite
from knack_server.store import writer as writer_module
from knack_server.store.errors import StoreBroken, StoreError, StoreUnwritable
from knack_server.store.loading import load_all
from knack_server.store.opening import Store, open_store
from knack_server.store.queries import Queries
from knack_server.store.recording import Writing
from knack_server.store.writer import CROWD_FACTS, FACTS_MAX, Writer

pytestmark = pytest.mark.asyncio

START = [*lives.event(), lives.player("Anna"), *lives.in_play("a", "Anna")]


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "RETRY_S", 0.001)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "knack.sqlite"


@pytest_asyncio.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    async with await open_store(path) as opened:
        yield opened


class Troubles(list[bool]):
    """What `on_trouble` was told."""

    __call__ = list.append

    async def until(self, told: list[bool]) -> None:
        async with asyncio.timeout(60):
            while self != told:
                await asyncio.sleep(0)


def moves(first: int, count: int) -> list[Fact]:
    return lives.logged(
        "a", *(lives.move(seq, seq * 500, seq * 30) for seq in range(first, first + count)), first=first
    )


async def stored_seqs(store: Store) -> list[int]:
    found = await Queries(store).run_log(lives.run_id("a"))
    return [] if found is None else [event.seq for event in found.events]


def spy(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[list[Writing]]:
    """Note every transaction."""
    transactions: list[list[Writing]] = []
    real = store.write

    async def write(writings: list[Writing]) -> None:
        transactions.append(writings)
        await real(writings)

    monkeypatch.setattr(store, "write", write)
    return transactions


async def test_what_is_acknowledged_is_committed(store: Store, path: Path) -> None:
    writer = Writer(store, unexpected, unexpected)
    seen: list[int] = []

    def look() -> None:  # with a connection of its own, as another process would
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            seen.append(database.execute("SELECT count(*) FROM log").fetchone()[0])

    writer.submit([*START, *moves(1, 3)], look)
    assert seen == []
    await writer.close()
    assert seen == [3]


async def test_acknowledgements_come_in_the_order_of_submission(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(store, unexpected, unexpected)
    order: list[int] = []
    seqs = itertools.count(1)
    for number in range(2000):
        facts = START if number == 0 else moves(next(seqs), 1) if number % 3 else []
        writer.submit(facts, lambda number=number: order.append(number))
        if number % 100 == 0:
            await asyncio.sleep(0)
    await writer.close()
    assert order == list(range(2000))


async def test_a_lone_submission_goes_out_at_once_and_those_behind_it_go_together(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(store, unexpected, unexpected)
    transactions = spy(store, monkeypatch)
    writer.submit(START, lambda: None)
    await asyncio.sleep(0)  # the writer takes it; the commit is on its way
    for seq in range(1, 101):
        writer.submit(moves(seq, 1), lambda: None)
    await writer.close()
    assert len(transactions) == 2
    assert [len(written.rows) for written in transactions[1]] == [100]


async def test_facts_that_follow_a_commit_closely_gather_until_it_is_worth_another(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "PACE_S", 3600)
    writer = Writer(store, unexpected, unexpected)
    transactions = spy(store, monkeypatch)
    await committed(writer, START)  # nothing was before it: at once
    for seq in range(1, CROWD_FACTS):
        writer.submit(moves(seq, 1), lambda: None)
        await asyncio.sleep(0)
    assert len(transactions) == 1
    await committed(writer, moves(CROWD_FACTS, 1))
    assert [len(written.rows) for written in transactions[1]] == [CROWD_FACTS]
    writer.submit(moves(CROWD_FACTS + 1, 1), lambda: None)
    await writer.close()  # nobody waits any more
    assert len(transactions) == 3


async def test_a_barrier_alone_keeps_no_pace(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "PACE_S", 3600)
    writer = Writer(store, unexpected, unexpected)
    told = asyncio.Event()
    writer.submit(START, lambda: writer.submit([], told.set))
    async with asyncio.timeout(60):
        await told.wait()
    await writer.close()


@pytest.mark.parametrize("limit", ["CHECKPOINT_ROWS", "CHECKPOINT_ROWS_MAX"])
async def test_the_wal_goes_into_the_file_when_it_is_quiet_and_in_time_when_it_never_is(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(writer_module, limit, 100)
    writer = Writer(store, unexpected, unexpected)
    await committed(writer, START)
    checkpoints = 0

    def notice(step: str) -> None:
        nonlocal checkpoints
        checkpoints += step == "PRAGMA"

    watch(store, notice)
    for first in range(1, 301, 100):
        await committed(writer, moves(first, 100))
    async with asyncio.timeout(60):
        while store.rows_in_wal or not checkpoints:
            await asyncio.sleep(0)
    await writer.close()


async def test_a_commit_holds_whole_submissions_and_no_more_facts_than_the_limit(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(store, unexpected, unexpected)
    await committed(writer, START)
    transactions = spy(store, monkeypatch)
    for first in range(1, 1801, 300):
        writer.submit(moves(first, 300), lambda: None)
    writer.submit(moves(1801, FACTS_MAX + 88), lambda: None)
    await writer.close()
    counts = [sum(len(written.rows) for written in transaction) for transaction in transactions]
    assert counts == [300] * 6 + [600]


async def test_a_barrier_runs_at_once_when_nothing_is_on_its_way(store: Store) -> None:
    writer = Writer(store, unexpected, unexpected)
    order: list[str] = []
    writer.submit([], lambda: order.append("barrier"))
    assert order == ["barrier"]
    await writer.close()


async def test_a_barrier_waits_for_everything_before_it(store: Store) -> None:
    writer = Writer(store, unexpected, unexpected)
    order: list[str] = []

    def facts_done() -> None:
        order.append("facts")
        writer.submit([], lambda: order.append("barrier from within"))

    writer.submit(START, facts_done)
    writer.submit([], lambda: order.append("barrier"))
    assert order == []
    await writer.close()
    assert order == ["facts", "barrier", "barrier from within"]


async def test_an_acknowledgement_that_fails_stops_no_other(store: Store) -> None:
    writer = Writer(store, unexpected, unexpected)
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
    order: list[str] = []
    failure = RuntimeError("the shell's")

    def fail() -> None:
        raise failure

    writer.submit(START, fail)
    writer.submit(moves(1, 1), lambda: order.append("next"))
    await writer.close()
    assert order == ["next"]
    assert reported == [failure]


async def test_closing_commits_what_was_submitted_and_what_that_submits(store: Store) -> None:
    writer = Writer(store, unexpected, unexpected)
    writer.submit(START, lambda: writer.submit(moves(1, 2), lambda: None))
    await writer.close()
    assert await stored_seqs(store) == [1, 2]
    with pytest.raises(AssertionError, match="closed"):
        writer.submit(moves(3, 1), lambda: None)


async def test_facts_of_one_run_may_come_in_one_commit_or_in_many(path: Path) -> None:
    life = [*START, *moves(1, 1), ClockMarked(lives.run_id("a"), 1500), *lives.ended("a", 30, 500)]
    async with writing(path) as (store, writer):
        await committed(writer, life)
        together = await load_all(store)
    async with writing(path.with_name("single.sqlite")) as (store, writer):
        for fact in life:
            await committed(writer, [fact])
        assert await load_all(store) == together


async def test_a_full_disk_loses_nothing_and_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    troubles = Troubles()
    writer = Writer(store, troubles, unexpected)
    await committed(writer, START)
    await limit_pages(store, 1)  # fewer than there are: no page can be added
    order: list[int] = []
    for number in range(200):
        writer.submit(moves(1 + number * 10, 10), lambda number=number: order.append(number))
    await troubles.until([True])
    assert isinstance(writer.trouble, StoreUnwritable)
    assert "full" in str(writer.trouble)
    assert len(order) < 200, "they cannot all have fitted"
    acknowledged = len(order)
    assert await stored_seqs(store) == list(range(1, acknowledged * 10 + 1))

    await limit_pages(store, 1 << 30)
    await writer.close()
    assert troubles == [True, False]
    assert writer.trouble is None
    assert order == list(range(200))
    assert await stored_seqs(store) == list(range(1, 2001))


async def limit_pages(store: Store, count: int) -> None:
    """Make the disk as full as it is, or empty again."""
    await asked(store, f"PRAGMA max_page_count={count}")


async def test_a_failing_write_of_the_operating_system_loses_nothing(store: Store, path: Path) -> None:
    troubles = Troubles()
    writer = Writer(store, troubles, unexpected)
    await committed(writer, START)
    wal = path.with_name(path.name + "-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + 1000, hard))  # EFBIG from here on
    try:
        writer.submit(moves(1, 500), lambda: None)
        await troubles.until([True])
        assert await stored_seqs(store) == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await writer.close()
    assert troubles == [True, False]
    assert await stored_seqs(store) == list(range(1, 501))


async def test_a_database_locked_by_somebody_else_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 1)
    monkeypatch.setitem(sqlite.WRITER_SETTINGS, "busy_timeout", 1)
    troubles = Troubles()
    async with await open_store(path) as store:
        writer = Writer(store, troubles, unexpected)
        await committed(writer, START)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writer.submit(moves(1, 5), lambda: None)
            await troubles.until([True])
            assert "locked" in str(writer.trouble)
            other.execute("ROLLBACK")
        await writer.close()
        assert troubles == [True, False]
        assert await stored_seqs(store) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("error_name", ["SQLITE_FULL", "SQLITE_IOERR_FSYNC"])
async def test_a_failure_at_any_call_of_a_commit_neither_loses_nor_doubles_a_fact(
    store: Store, monkeypatch: pytest.MonkeyPatch, error_name: str
) -> None:
    troubles = Troubles()
    writer = Writer(store, troubles, unexpected)
    await committed(writer, START)
    steps_left = 0

    def fail_once(step: str) -> None:
        nonlocal steps_left
        steps_left -= 1
        if steps_left == 0:
            raise failing(step, error_name)

    watch(store, fail_once)
    seq, failures = 1, 0
    for step in range(1, 100):
        steps_left = step
        group = [*moves(seq, 2), ClockMarked(lives.run_id("a"), seq)]
        await committed(writer, group)
        seq += 2
        if steps_left > 0:
            break
        failures += 1
    steps_left = 0
    await writer.close()
    assert failures == 4, "BEGIN, INSERT, UPDATE, COMMIT"
    assert await stored_seqs(store) == list(range(1, seq))
    assert set(troubles) == {True, False}


async def test_moves_alone_are_one_statement_and_whole_or_not_there(store: Store) -> None:
    troubles = Troubles()
    writer = Writer(store, troubles, unexpected)
    await committed(writer, START)
    steps: list[str] = []

    def fail_first(step: str) -> None:
        steps.append(step)
        if len(steps) == 1:
            raise failing(step, "SQLITE_FULL")

    watch(store, fail_first)
    await committed(writer, moves(1, sqlite.ROWS_ANY))
    await writer.close()
    assert steps == ["INSERT", "rollback", "INSERT"]
    assert troubles == [True, False]
    assert await stored_seqs(store) == list(range(1, sqlite.ROWS_ANY + 1))


@pytest.mark.parametrize("step", ["BEGIN", "INSERT", "COMMIT"])
async def test_a_connection_that_cannot_even_roll_back_is_replaced(store: Store, step: str) -> None:
    troubles = Troubles()
    writer = Writer(store, troubles, unexpected)
    await committed(writer, START)
    left = {step: 1, "rollback": 1, "connect": 1}  # and the first attempt to get a successor

    def fail(step: str) -> None:
        if left.get(step):
            left[step] -= 1
            raise failing(step, "SQLITE_IOERR")

    watch(store, fail)
    await committed(writer, [*moves(1, 2), ClockMarked(lives.run_id("a"), 1)])
    await writer.close()
    assert left == {step: 0, "rollback": 0, "connect": 0}
    assert troubles == [True, False]
    assert await stored_seqs(store) == [1, 2]
    assert await asked(store, "PRAGMA synchronous") == 2


@pytest.mark.parametrize(
    "impossible",
    [
        pytest.param(moves(1, 1), id="a log event twice"),
        pytest.param(moves(3, 1), id="a log event too early"),
        pytest.param([RunLogged(lives.run_id("none"), 1, b"x", b"y")], id="a log of a run that is not there"),
        pytest.param(2 * lives.ended("a", 30, 500)[1:], id="an end twice"),
        pytest.param([ClockMarked(lives.run_id("none"), 5)], id="a mark of a run that is not there"),
        pytest.param(
            [ClockMarked(lives.run_id(name), 5) for name in ("a", "none")],
            id="one of two marks without a run",
        ),
        pytest.param([SessionEnded(lives.player_id("none"), 5)], id="an end of a session that is not there"),
        pytest.param([lives.player("anna")], id="a name that is taken"),
        pytest.param([ClockMarked(lives.run_id("a"), 1 << 64)], id="a number past every column"),
        pytest.param([object()], id="no fact at all"),
    ],
)
async def test_a_fact_that_cannot_be_stops_the_writer_and_is_never_acknowledged(
    store: Store, impossible: list[Fact]
) -> None:
    broken: list[StoreBroken] = []
    writer = Writer(store, unexpected, broken.append)
    await committed(writer, [*START, *moves(1, 1)])
    writer.submit(impossible, unexpected)
    writer.submit(moves(2, 1), unexpected)
    with pytest.raises(StoreBroken):
        await writer.close()
    assert len(broken) == 1
    assert await stored_seqs(store) == [1]
    writer.submit(moves(3, 1), unexpected)  # the process is on its way out; nobody is told anything


async def test_of_many_facts_that_fill_the_same_rows_in_one_commit_the_last_count(store: Store) -> None:
    writer = Writer(store, unexpected, unexpected)
    others = [fact for name in ("b", "c") for fact in lives.in_play(name, "Anna")]
    await committed(writer, [*START, *others])
    marks = [("a", 1), ("b", 1), ("a", 2), ("a", 3), ("c", 1), ("b", 2), ("a", 4)]
    await committed(writer, [ClockMarked(lives.run_id(name), ms) for name, ms in marks])
    await writer.close()
    left = {fact.run: fact.clock_ms for fact in await load_all(store) if isinstance(fact, ClockMarked)}
    assert left == {lives.run_id("a"): 4, lives.run_id("b"): 2, lives.run_id("c"): 1}


async def test_hundreds_of_facts_of_a_kind_are_written_whatever_their_number(store: Store) -> None:
    writer = Writer(store, unexpected, unexpected)
    await committed(writer, lives.event())
    for count in (1, 2, 3, sqlite.ROWS_ANY, sqlite.ROWS_ANY + 1, sqlite.ROWS_MAX - 1, sqlite.ROWS_MAX + 5):
        names = [f"{count}-{number}" for number in range(count)]
        await committed(
            writer, [fact for name in names for fact in (lives.player(name), *lives.in_play(name, name))]
        )
        await committed(writer, [ClockMarked(lives.run_id(name), count) for name in names])
        marks = [
            fact for fact in await load_all(store) if isinstance(fact, ClockMarked) and fact.clock_ms == count
        ]
        assert len(marks) == count
    await writer.close()


async def test_the_text_of_an_error_holds_nothing_personal(store: Store) -> None:
    broken: list[StoreBroken] = []
    writer = Writer(store, unexpected, broken.append)
    await committed(writer, [*START, lives.contact("canary")])
    writer.submit([lives.contact("canary")], unexpected)
    with pytest.raises(StoreBroken) as raised:
        await writer.close()
    error: BaseException | None = raised.value
    while error is not None:
        assert "canary" not in str(error)
        error = error.__cause__


async def test_closing_gives_up_on_a_disk_that_stays_full(store: Store) -> None:
    troubles = Troubles()
    writer = Writer(store, troubles, unexpected)
    await committed(writer, START)
    await limit_pages(store, 1)
    writer.submit(moves(1, 2000), unexpected)
    await troubles.until([True])
    with pytest.raises(StoreUnwritable, match=r"1 submissions were not recorded.*full"):
        await writer.close(patience_s=0.01)
    assert writer.pending_count == 1


async def test_trouble_is_an_error_of_the_store_with_one_clear_line(store: Store) -> None:
    troubles = Troubles()
    writer = Writer(store, troubles, unexpected)
    await limit_pages(store, 1)
    writer.submit([*START, *moves(1, 2000)], lambda: None)
    await troubles.until([True])
    assert isinstance(writer.trouble, StoreError)
    assert "\n" not in str(writer.trouble)
    await limit_pages(store, 1 << 30)
    await writer.close()
