"""Opening a database: checked, brought up to date, ready to be written and read."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select, union_all
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from knack_server.store import schema
from knack_server.store.errors import (
    StoreCorrupt,
    StoreNewer,
    StoreOlder,
    StoreUnwritable,
)
from knack_server.store.logs import last_events
from knack_server.store.pen import Pen
from knack_server.store.places import Places
from knack_server.store.recording import Writing
from knack_server.store.sqlite import Sqlite

MIGRATIONS = Path(__file__).parent / "migrations"


class Store:
    """An open database; `open_store` makes one, and it is closed by leaving `async with`.

    Attributes:
        places: Where the next facts stand; `writings` keeps it.
    """

    def __init__(self, ground: Sqlite, pen: Pen | None, reading: AsyncEngine) -> None:
        self._ground = ground
        self._pen = pen
        self._reading = reading
        self._rows_in_wal = 0
        self._rewrite_due = self._wal_due = True  # a crash may have come between an erasure and its sweep
        self.places = Places(1, {})

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Hold a connection for queries, all of which see one state of the database.

        Raises:
            StoreUnwritable, StoreCorrupt: the disk is in the way.
        """
        with _in_our_words(self._ground):
            async with self._reading.connect() as connection:
                yield connection

    async def write(self, writings: list[Writing]) -> None:
        """Carry out `writings` in one transaction, all or nothing; only `Writer` calls this.

        Raises:
            StoreUnwritable, StoreCorrupt: the world is in the way; nothing was written.
            StoreBroken: a fact contradicts what is stored; nothing was written.
        """
        assert self._pen is not None, "opened for reading only"
        with _in_our_words(self._ground):
            await self._pen.visit(lambda connection: self._ground.write(connection, writings))
        self._rows_in_wal += sum(len(writing.rows) for writing in writings)
        if any(writing.recording.erases for writing in writings):
            self._rewrite_due = self._wal_due = True

    @property
    def rows_in_wal(self) -> int:
        """How many rows were written since the last checkpoint."""
        return self._rows_in_wal

    async def checkpoint(self) -> None:
        """Bring the WAL into the file as far as no reader is in the way; commits wait meanwhile.

        Raises:
            StoreUnwritable, StoreCorrupt: the disk is in the way; nothing is lost by that.
        """
        assert self._pen is not None, "opened for reading only"
        self._rows_in_wal = 0  # also after a failure: the next one comes after as many rows again
        with _in_our_words(self._ground):
            await self._pen.visit(self._ground.checkpoint)

    @property
    def is_sweep_due(self) -> bool:
        """Whether something that was erased may still be found in a file."""
        return self._wal_due

    async def sweep(self) -> bool:
        """Leave nothing of what was erased in any file; it stays due while a reader is in the way.

        Rows of deleted events go first, a slice at a time: True says that another one may follow at once. Then the tables
        with what people typed are written anew, which takes a few ms for a thousand rows.

        Raises:
            StoreUnwritable, StoreCorrupt: the disk is in the way; it stays due.
        """
        assert self._pen is not None, "opened for reading only"
        with _in_our_words(self._ground):
            erased = await self._pen.visit(self._sweep)
        self._rows_in_wal += erased
        return erased > 0

    def _sweep(self, connection: sqlite3.Connection) -> int:
        try:
            if self._rewrite_due:
                erased = self._ground.erase(connection, schema.EVENT_TABLES)
                if erased:
                    return erased
                self._ground.rewrite(connection, schema.ERASED_TABLES)
                self._rewrite_due = False
            self._wal_due = not self._ground.empty_wal(connection)
        except BaseException:
            connection.close()  # its settings may be those of half a sweep
            raise
        return 0

    async def close(self) -> None:
        """Close every connection; what was committed is in the files."""
        await self._reading.dispose()
        if self._pen is not None:
            await self._pen.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def open_store(path: Path) -> Store:
    """Open the database for writing: create it, check every page, bring its schema up to date.

    One process at a time may do so; whoever starts the server holds a lock on the data folder.

    Raises:
        StoreUnwritable: the file cannot be written.
        StoreCorrupt: it is no database, a damaged one, or another program's.
        StoreNewer: a newer version has been here.
    """
    ground = Sqlite(path)
    ground.create()
    pen = Pen(ground.connect)
    store = Store(ground, pen, ground.reading_engine())
    try:
        with _in_our_words(ground):
            await pen.visit(ground.check)
            await pen.visit(lambda connection: _bring_up_to_date(ground, connection))
        async with store.read() as reading:
            store.places = Places(1 + await _last_position(reading), await last_events(reading))
        with suppress(StoreUnwritable):  # the writer tries again
            while await store.sweep():
                pass
    except BaseException:
        await store.close()
        raise
    return store


async def open_for_reading(path: Path) -> Store:
    """Open the database for queries only, beside a running server or without one.

    Raises:
        StoreMissing: there is no such file.
        StoreCorrupt: it is no database, or a damaged one.
        StoreNewer, StoreOlder: the schema is another version's.
    """
    ground = Sqlite(path)
    ground.require()
    store = Store(ground, None, ground.reading_engine())
    try:
        async with store.read() as connection:
            await connection.run_sync(_require_head)
    except BaseException:
        await store.close()
        raise
    return store


@contextmanager
def _in_our_words(ground: Sqlite) -> Iterator[None]:
    """Raise what the driver raises as an error of the store."""
    try:
        yield
    except DBAPIError as error:
        raise ground.meaning(error.orig or error) from error
    except ground.error as error:
        raise ground.meaning(error) from error


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _revision(connection: Connection, scripts: ScriptDirectory) -> str | None:
    """Return how far the schema has come; None for an empty database."""
    revision = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreNewer(
            f"the database is at schema {revision}, which this version does not know; update Knackpunkt"
        )
    return revision


def _bring_up_to_date(ground: Sqlite, writing: sqlite3.Connection) -> None:
    with ground.for_schema(writing) as connection:
        _migrate(connection)


def _migrate(connection: Connection) -> None:
    config = _scripts()
    scripts = ScriptDirectory.from_config(config)
    revision = _revision(connection, scripts)
    if revision is None and inspect(connection).get_table_names():
        raise StoreCorrupt("the database is another program's; choose another file")
    if revision != scripts.get_current_head():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _require_head(connection: Connection) -> None:
    scripts = ScriptDirectory.from_config(_scripts())
    revision, head = _revision(connection, scripts), scripts.get_current_head()
    if revision != head:
        raise StoreOlder(
            f"the database is at schema {revision}, this version needs {head}; start the server once"
        )


async def _last_position(connection: AsyncConnection) -> int:
    columns = [
        column
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if column.name == "position" or column.name.endswith("_position")
    ]
    lasts = union_all(*(select(func.max(column).label("last")) for column in columns)).subquery()
    return (await connection.execute(select(func.max(lasts.c.last)))).scalar() or 0
