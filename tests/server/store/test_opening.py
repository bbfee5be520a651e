"""A database is opened safely or not at all: right settings, right schema, undamaged, nobody else's."""

import importlib
import io
import re
import shutil
import sqlite3
import stat
from contextlib import closing
from itertools import zip_longest
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, create_engine
from tests.support import lives
from tests.support.database import asked, record

from knack_server.store import opening, sqlite
from knack_server.store.errors import (
    StoreBroken,
    StoreCorrupt,
    StoreMissing,
    StoreNewer,
    StoreOlder,
    StoreUnwritable,
)
from knack_server.store.loading import load_all
from knack_server.store.opening import Store, open_for_reading, open_store
from knack_server.store.schema import metadata

pytestmark = pytest.mark.asyncio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Daten #1 50%?.sqlite"


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Ask the file itself, past the store."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        return database.execute(sql).fetchall()


async def pragma(store: Store, name: str) -> object:
    return await asked(store, f"PRAGMA {name}")


async def test_an_empty_folder_gets_a_database_at_the_newest_schema(path: Path) -> None:
    async with await open_store(path) as store:
        async with store.read() as connection:
            differences = await connection.run_sync(
                lambda sync: compare_metadata(
                    MigrationContext.configure(sync, opts={"compare_type": True}), metadata
                )
            )
        assert differences == []
        assert await load_all(store) == []


async def test_opening_again_changes_nothing_and_finds_everything(path: Path) -> None:
    await record(path, lives.event())
    before = ask(path, "SELECT name, sql FROM sqlite_master")
    async with await open_store(path) as store:
        assert await load_all(store) == lives.event()
        assert store.places.next_position == 3
    assert ask(path, "SELECT name, sql FROM sqlite_master") == before


async def test_the_writing_connection_survives_power_cuts_and_overwrites_what_it_deletes(path: Path) -> None:
    async with await open_store(path) as store:
        assert await pragma(store, "journal_mode") == "wal"
        assert await pragma(store, "synchronous") == 2
        assert await pragma(store, "foreign_keys") == 1
        assert await pragma(store, "secure_delete") == 1
        assert await pragma(store, "busy_timeout") == 5000
        assert await pragma(store, "wal_autocheckpoint") == 0


async def test_a_setting_that_the_database_refuses_ends_the_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sqlite.WRITER_SETTINGS, "journal_mode", "wal2")
    with pytest.raises(StoreUnwritable, match="refuses journal_mode=wal2 and says"):
        await open_store(path)


async def test_there_is_one_connection_that_writes_and_readers_cannot(path: Path) -> None:
    async with await open_store(path) as store:
        assert store._pen is not None
        connections = [await store._pen.visit(lambda connection: connection) for _ in range(2)]
        assert connections[0] is connections[1]
        with pytest.raises(StoreUnwritable, match="readonly"):
            async with store.read() as connection:
                await connection.exec_driver_sql("DELETE FROM events")


async def test_all_queries_of_a_reader_see_one_state(path: Path) -> None:
    await record(path, lives.event())
    async with await open_for_reading(path) as reader, reader.read() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM players")).scalar() == 0
        await record(path, [lives.player("Anna")])
        assert (await connection.exec_driver_sql("SELECT count(*) FROM players")).scalar() == 0


async def test_only_the_owner_may_read_the_files(path: Path) -> None:
    async with await open_store(path):
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert path.name in modes


async def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    await record(path, lives.event())
    ask(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(StoreNewer, match="schema 9999"):
        await open_store(path)
    with pytest.raises(StoreNewer, match="update Knackpunkt"):
        await open_for_reading(path)
    assert path.read_bytes() == before


async def test_a_reader_refuses_an_older_schema_because_it_may_not_change_it(path: Path) -> None:
    path.touch()
    with pytest.raises(StoreOlder, match="start the server once"):
        await open_for_reading(path)


async def test_a_reader_refuses_a_file_that_is_not_there_and_makes_none(path: Path) -> None:
    with pytest.raises(StoreMissing, match="there is no database"):
        await open_for_reading(path)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"hello" * 1000, b"SQLite format 3\0" + bytes(range(256)) * 64])
async def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt, match="restore a backup"):
        await open_store(path)
    with pytest.raises(StoreCorrupt, match="restore a backup"):
        await open_for_reading(path)
    assert path.read_bytes() == content


async def test_a_damaged_page_is_noticed_at_the_start(path: Path) -> None:
    await record(path, [*lives.event(), *(lives.player(f"P{number}") for number in range(500))])
    content = bytearray(path.read_bytes())
    page = content.index(b"P499") // 4096 * 4096
    content[page + 3 : page + 8] = b"\xff" * 5  # the page's count of cells and where they begin
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt, match="damaged"):
        await open_store(path)


async def test_a_folder_that_is_missing_or_a_path_that_is_a_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StoreUnwritable, match=r"cannot write the database .*: No such file or directory"):
        await open_store(tmp_path / "missing" / "knack.sqlite")
    with pytest.raises(StoreUnwritable, match=r"cannot write the database .*: Is a directory"):
        await open_store(tmp_path)


async def test_somebody_elses_database_is_refused(path: Path) -> None:
    ask(path, "CREATE TABLE events (theirs)")
    with pytest.raises(StoreCorrupt, match="another program's"):
        await open_store(path)
    assert ask(path, "SELECT name FROM sqlite_master") == [("events",)]


async def test_a_migration_that_fails_leaves_everything_as_it_was(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(path, lives.event())
    migrations = tmp_path / "migrations"
    shutil.copytree(opening.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    newest = max(script.name[1:5] for script in (migrations / "versions").glob("v*.py"))
    (migrations / "versions" / "v9999_fails.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision, down_revision = '9999', '{newest}'\n"
        "def upgrade():\n"
        "    op.create_table('half', sa.Column('x', sa.Integer))\n"
        "    op.execute('UPDATE events SET title = 1')\n"
        "    op.execute('INSERT INTO nowhere VALUES (1)')\n"
    )
    monkeypatch.setattr(opening, "MIGRATIONS", migrations)
    with pytest.raises(StoreBroken, match="nowhere"):
        await open_store(path)
    monkeypatch.undo()
    async with await open_store(path) as store:
        assert await load_all(store) == lives.event()
        async with store.read() as connection:
            tables = await connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'half'")
            assert tables.all() == []


async def test_a_database_from_before_logs_stood_in_order_is_read_as_if_it_were_of_today(
    path: Path, tmp_path: Path
) -> None:
    today = tmp_path / "today.sqlite"
    moves = [lives.move(seq, 500 * seq, 10 * seq) for seq in (1, 2, 3)]
    lives_of_two = (
        lives.finished("a", "Anna", 30, 500),
        [*lives.in_play("b", "Ben"), *lives.logged("b", *moves)],
    )
    mingled = [fact for pair in zip_longest(*lives_of_two) for fact in pair if fact is not None]
    joined = [lives.player("Anna"), lives.player("Ben")]
    await record(today, [*lives.event(), *joined, *mingled, lives.prepared("c", "Anna")])
    make_old(path, "0003")
    with closing(sqlite3.connect(path)) as database:
        database.execute("ATTACH ? AS today", (str(today),))
        for table in ("events", "players", "runs", "log"):
            columns = ", ".join(row[1] for row in database.execute(f"PRAGMA main.table_info({table})"))
            database.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}")
        database.commit()
    async with await open_store(path) as store:
        known = await load_all(store)
    assert ask(path, "SELECT * FROM log") == ask(today, "SELECT * FROM log")
    assert ask(path, "SELECT * FROM runs") == ask(today, "SELECT * FROM runs")
    assert ask(path, "SELECT count(*) FROM log WHERE run = 'run-b'") == [(3,)]
    async with await open_store(today) as store:
        assert await load_all(store) == known
    await record(path, lives.logged("b", lives.move(4, 2000, 60), first=4))  # it goes on where it was


def make_old(path: Path, revision: str) -> None:
    """Make an empty database as it was at an earlier schema."""
    engine = create_engine(URL.create("sqlite", database=str(path)))
    with engine.begin() as connection:
        config = opening._scripts()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


async def test_every_migration_is_also_understood_by_postgresql() -> None:
    for script in sorted((opening.MIGRATIONS / "versions").glob("v*.py")):
        sql = io.StringIO()
        context = MigrationContext.configure(
            dialect_name="postgresql", opts={"as_sql": True, "output_buffer": sql}
        )
        with Operations.context(context):
            importlib.import_module(f"knack_server.store.migrations.versions.{script.stem}").upgrade()
        assert re.search("CREATE TABLE|ADD COLUMN", sql.getvalue())
        assert "rowid" not in sql.getvalue().lower()
