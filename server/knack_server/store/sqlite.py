"""The one place that knows SQLite: how its connections are set, checked and swept, and what its errors mean.

Durability: WAL with `synchronous=FULL`, so that a commit survives a power cut, both read back because a file system may
refuse the one and a build may change the default of the other. One connection writes and checkpoints: SQLite before
3.51.3 can lose commits when two connections do (https://www.sqlite.org/wal.html#walresetbug). Readers open the file with
`mode=ro` and can do neither.

Privacy: `secure_delete` overwrites what is deleted, but older copies of it live on in pages that were once split and in
the WAL; `rewrite` and `empty_wal` remove those.

Another database is another class with these methods.
"""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from knack_server.store.errors import StoreBroken, StoreCorrupt, StoreError, StoreMissing, StoreUnwritable

BUSY_TIMEOUT_MS = 5_000
"""How long SQLite itself waits for a lock: longer than any reader's query takes."""

WAL_LIMIT_BYTES = 64 << 20
"""What a WAL is cut back to after a checkpoint; it normally restarts after 4 MiB (1,000 pages)."""

READERS_MAX = 2
"""Reading connections at a time: a desk's page while an export runs."""

WRITER_SETTINGS: dict[str, int | str] = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "secure_delete": 1,
    "temp_store": 2,  # in memory: `rewrite` leaves no copy in a temporary file
    "busy_timeout": BUSY_TIMEOUT_MS,
    "journal_size_limit": WAL_LIMIT_BYTES,
}
"""Set on the writing connection in this order, and read back."""

READER_SETTINGS: dict[str, int | str] = {"query_only": 1, "busy_timeout": BUSY_TIMEOUT_MS}

_TROUBLES = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_NOMEM",
    "SQLITE_READONLY",
    "SQLITE_INTERRUPT",
    "SQLITE_IOERR",
    "SQLITE_FULL",
    "SQLITE_CANTOPEN",
    "SQLITE_PROTOCOL",
    "SQLITE_PERM",
    "SQLITE_AUTH",
    "SQLITE_NOLFS",
)
"""Names of errors that may pass by themselves or by somebody making room (https://www.sqlite.org/rescode.html)."""


class Sqlite:
    """A database in one file, with its WAL beside it."""

    error = sqlite3.Error
    """What the driver raises, wrapped by SQLAlchemy in the middle of a statement, bare when a connection opens or ends."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self) -> None:
        """Create the file if there is none, readable by its owner only; SQLite gives the WAL the same mode.

        Raises:
            StoreUnwritable: the folder is missing, read-only or full.
        """
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreUnwritable(f"cannot write the database {self.path}: {error.strerror}") from error

    def require(self) -> None:
        """Look whether there is a file at all.

        Raises:
            StoreMissing: there is none.
        """
        if not self.path.is_file():
            raise StoreMissing(f"there is no database {self.path}")

    def writing_engine(self) -> AsyncEngine:
        """Return the engine with the one connection that writes; its transactions are `BEGIN IMMEDIATE`."""
        engine = create_async_engine(
            URL.create("sqlite+aiosqlite", database=str(self.path)),
            pool_size=1,
            max_overflow=0,
            pool_reset_on_return=None,  # the writer ends every transaction itself
            hide_parameters=True,  # names and addresses have no business in an error's text
            connect_args={"isolation_level": "IMMEDIATE"},
        )
        event.listen(engine.sync_engine, "connect", _set_writer)
        return engine

    def reading_engine(self) -> AsyncEngine:
        """Return the engine for queries; each of its transactions sees one state of the database."""
        place = URL.create(
            "sqlite+aiosqlite", database=f"file:{quote(str(self.path))}", query={"mode": "ro", "uri": "true"}
        )
        engine = create_async_engine(
            place,
            pool_size=READERS_MAX,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"isolation_level": None},
        )
        event.listen(engine.sync_engine, "connect", _set_reader)
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine

    async def begin(self, connection: AsyncConnection) -> None:
        """Begin a transaction that covers the schema too; the driver itself begins one only before rows change."""
        await connection.exec_driver_sql("BEGIN IMMEDIATE")

    async def check(self, connection: AsyncConnection) -> None:
        """Look at every page of the file.

        Raises:
            StoreCorrupt: one of them is not what it should be.
        """
        faults = (await connection.exec_driver_sql("PRAGMA quick_check(1)")).scalars().all()
        await connection.rollback()
        if faults != ["ok"]:
            raise StoreCorrupt(f"the database {self.path} is damaged ({faults[0]}); restore a backup")

    async def rewrite(self, connection: AsyncConnection, tables: Iterable[str]) -> None:
        """Write whole tables anew, row by row, into pages that hold nothing else.

        `secure_delete` overwrites a row where it was deleted. It does not know the copies that stay behind in a page
        when rows once moved from it to a new one; only a page that is freed is overwritten whole.
        """
        await connection.exec_driver_sql(
            "PRAGMA foreign_keys=OFF"
        )  # else DELETE goes row by row and frees no page
        await self.begin(connection)
        for table in tables:
            for statement in (
                f"CREATE TEMP TABLE kept AS SELECT * FROM {table} ORDER BY rowid",  # noqa: S608
                f"DELETE FROM {table}",  # noqa: S608 - names of our own schema
                f"INSERT INTO {table} SELECT * FROM kept ORDER BY rowid",  # noqa: S608
                "DROP TABLE temp.kept",
            ):
                await connection.exec_driver_sql(statement)
        await connection.commit()
        await connection.exec_driver_sql("PRAGMA foreign_keys=ON")

    async def empty_wal(self, connection: AsyncConnection) -> bool:
        """Bring the whole WAL into the file and cut it to nothing; False when a reader was in the way."""
        await connection.exec_driver_sql(
            "PRAGMA busy_timeout=0"
        )  # facts wait behind us; a reader may take its time
        result = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy = result.one()[0]
        await connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return not is_busy

    def meaning(self, error: BaseException) -> StoreError:
        """Return what an error of the driver means; what is not the world's trouble is a bug of ours."""
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return StoreCorrupt(f"{self.path} is damaged or no database ({error}); restore a backup")
        if name.startswith(_TROUBLES):
            return StoreUnwritable(f"cannot use the database {self.path}: {error}")
        return StoreBroken(f"{error}")


def _set(raw: DBAPIConnection, settings: dict[str, int | str]) -> None:
    cursor = raw.cursor()
    for name, value in settings.items():
        cursor.execute(f"PRAGMA {name}={value}")
        cursor.execute(f"PRAGMA {name}")
        row = cursor.fetchone()
        if row is None or row[0] != value:
            raise StoreUnwritable(f"the database refuses {name}={value} and says {row and row[0]}")
    cursor.close()


def _set_writer(raw: DBAPIConnection, _: object) -> None:
    _set(raw, WRITER_SETTINGS)


def _set_reader(raw: DBAPIConnection, _: object) -> None:
    _set(raw, READER_SETTINGS)
    # SQLite's own lower() knows ASCII only; PostgreSQL's knows every alphabet
    raw.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()
