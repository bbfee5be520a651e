"""The one place that knows SQLite: how its connections are set, checked and swept, and what its errors mean.

Durability: WAL with `synchronous=FULL`, so that a commit survives a power cut, both read back because a file system may
refuse the one and a build may change the default of the other. One connection writes and checkpoints: SQLite before
3.51.3 can lose commits when two connections do (https://www.sqlite.org/wal.html#walresetbug). Readers open the file with
`mode=ro` and can do neither.

Speed: a group of facts goes out as one statement with many rows where it can. Each call gives the interpreter away and
takes it back, behind whatever the loop is doing, and `executemany` would do so for every row. The WAL goes into the file when
`checkpoint` is called and not in the middle of some unlucky commit.

Privacy: `secure_delete` overwrites what is deleted, but older copies of it live on in pages that were once split and in
the WAL; `rewrite` and `empty_wal` remove those.

Another database is another class with these methods.
"""

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain, count
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Delete, Insert, StaticPool, Update, create_engine, event
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from knack_server.store.errors import StoreBroken, StoreCorrupt, StoreError, StoreMissing, StoreUnwritable
from knack_server.store.recording import Recording, Row, Writing

BUSY_TIMEOUT_MS = 5_000
"""How long SQLite itself waits for a lock: longer than any reader's query takes."""

WAL_LIMIT_BYTES = 64 << 20
"""What a WAL is cut back to after a checkpoint; one that `Writer` asks for in time finds less."""

ROWS_MAX = 256
"""Rows of one statement; a larger group takes several."""

ROWS_ANY = 32
"""Up to here a statement has any number of rows, from here on a power of two, so that there are few to prepare."""

STATEMENTS_KEPT = 256
"""Prepared statements that the writing connection remembers: every kind of fact in every number of rows."""

PLACES_ERASED = 2_000
ROWS_ERASED = 1_000
"""Positions of the log that are gone through, or rows of another table, at one go: some 5 ms, for which facts wait."""

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
    "wal_autocheckpoint": 0,  # `checkpoint` is called instead
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
    """What the driver raises; where SQLAlchemy is in between it wraps it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._erased: dict[str, int] = {}
        """Up to where the log of an event that is being erased was gone through."""

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

    def connect(self) -> sqlite3.Connection:
        """Return a connection that may write; the thread that makes it is the only one that may use it."""
        connection = sqlite3.connect(self.path, isolation_level=None, cached_statements=STATEMENTS_KEPT)
        try:
            _set(connection, WRITER_SETTINGS)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def for_schema(self, writing: sqlite3.Connection) -> Iterator[Connection]:
        """Lend the writing connection to SQLAlchemy, in a transaction that covers the schema too, and commit it."""
        engine = create_engine(
            "sqlite://", creator=lambda: writing, poolclass=StaticPool, pool_reset_on_return=None
        )
        with engine.connect() as connection:  # which rolls back whatever is open
            writing.execute("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

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

    def check(self, writing: sqlite3.Connection) -> None:
        """Look at every page of the file.

        Raises:
            StoreCorrupt: one of them is not what it should be.
        """
        faults = [row[0] for row in writing.execute("PRAGMA quick_check(1)")]
        if faults != ["ok"]:
            raise StoreCorrupt(f"the database {self.path} is damaged ({faults[0]}); restore a backup")

    def write(self, writing: sqlite3.Connection, writings: Sequence[Writing]) -> None:
        """Carry out `writings` in one transaction.

        Raises:
            StoreBroken: a fact contradicts what is stored; the transaction is still open.
        """
        if len(writings) == 1 and _is_one_insert(writings[0]):  # as most are, with nothing but moves
            _carry_out(writing, *writings[0])  # a transaction by itself, in one call instead of three
            return
        writing.execute("BEGIN IMMEDIATE")
        for recording, rows in writings:
            met = _carry_out(writing, recording, rows)
            if recording.meets_one_row and met != len(rows):
                statement = " ".join(str(recording.statement).split())
                raise StoreBroken(f"{len(rows)} facts met {met} rows in: {statement}")
        writing.execute("COMMIT")

    def erase(self, writing: sqlite3.Connection, tables: Iterable[str]) -> int:
        """Erase a slice of what there is of events that were deleted; return how much was gone through, 0 when nothing is left.

        First comes the log, from where the event was added to where it was deleted; a restart begins there anew.

        `tables` are those whose rows name their event, with `events` itself as the last.
        """
        query = (
            "SELECT event, added_position, deleted_position FROM events WHERE deleted_position IS NOT NULL"
        )
        gone = writing.execute(query).fetchone()
        if gone is None:
            return 0
        event, added, deleted = str(gone[0]), int(gone[1]), int(gone[2])
        first = max(added, self._erased.get(event, 0))
        last = min(first + PLACES_ERASED - 1, deleted)
        writing.execute("PRAGMA foreign_keys=OFF")  # else every player is looked for in every run
        writing.execute("BEGIN IMMEDIATE")
        if first <= last:
            _erase_logged(writing, event, first, last)
            erased: int = last - first + 1
        else:
            erased = next(filter(None, (_erase_rows(writing, table, event) for table in tables)))
        writing.execute("COMMIT")
        self._erased = {event: last + 1}
        writing.execute("PRAGMA foreign_keys=ON")
        return erased

    def rewrite(self, writing: sqlite3.Connection, tables: Iterable[str]) -> None:
        """Write whole tables anew, row by row, into pages that hold nothing else.

        `secure_delete` overwrites a row where it was deleted. It does not know the copies that stay behind in a page
        when rows once moved from it to a new one; only a page that is freed is overwritten whole.
        """
        writing.execute("PRAGMA foreign_keys=OFF")  # else DELETE goes row by row and frees no page
        writing.execute("BEGIN IMMEDIATE")
        for table in tables:
            for statement in (
                f"CREATE TEMP TABLE kept AS SELECT * FROM {table} ORDER BY rowid",  # noqa: S608
                f"DELETE FROM {table}",  # noqa: S608 - names of our own schema
                f"INSERT INTO {table} SELECT * FROM kept ORDER BY rowid",  # noqa: S608
                "DROP TABLE temp.kept",
            ):
                writing.execute(statement)
        writing.execute("COMMIT")
        writing.execute("PRAGMA foreign_keys=ON")

    def checkpoint(self, writing: sqlite3.Connection) -> None:
        """Bring into the file what no reader still needs in the WAL, so that the WAL can begin anew."""
        writing.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def empty_wal(self, writing: sqlite3.Connection) -> bool:
        """Bring the whole WAL into the file and cut it to nothing; False when a reader was in the way."""
        writing.execute("PRAGMA busy_timeout=0")  # facts wait behind us; a reader may take its time
        ((is_busy, _, _),) = writing.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        writing.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return not is_busy

    def meaning(self, error: BaseException) -> StoreError:
        """Return what an error of the driver means; what is not the world's trouble is a bug of ours."""
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return StoreCorrupt(f"{self.path} is damaged or no database ({error}); restore a backup")
        if name.startswith(_TROUBLES):
            return StoreUnwritable(f"cannot use the database {self.path}: {error}")
        return StoreBroken(f"{error}")


class _Sql:
    """A statement as SQLite takes it, with the places that the values of a fact go to."""

    def __init__(self, statement: Insert | Update | Delete, parameters: Sequence[str]) -> None:
        compiled = statement.compile(dialect=sqlite_dialect())
        assert compiled.positiontup is not None, "SQLite's parameters are counted"
        self._places = [
            parameters.index(name.removeprefix("f_")) if name.startswith("f_") else None
            for name in compiled.positiontup
        ]
        """Which value of a fact each parameter takes; None for a constant of the statement's own."""
        self._constants = [compiled.params[name] for name in compiled.positiontup]
        self._is_plain = self._places == list(range(len(parameters)))
        self._text = str(compiled)
        self._takes_many = None not in self._places and not isinstance(statement, Delete)
        self._key_from = self._text.partition(" WHERE ")[0].count("?")
        """The values from here on say which row is filled; a row that is added has none."""
        self._has_key = " WHERE " in self._text
        self._many: dict[int, str] = {1: self._text}

    def text(self, row_count: int) -> str:
        """Return the statement for so many rows, always the same object: it is looked up by it."""
        text = self._many.get(row_count)
        if text is None:
            one_row = "(" + ", ".join("?" * len(self._places)) + ")"
            text = self._many[row_count] = self._for_many(", ".join([one_row] * row_count))
        return text

    def _for_many(self, rows: str) -> str:
        what, where, which = self._text.partition(" WHERE ")
        if not where:
            return what[: what.rindex("(")] + rows
        columns = (f"v.column{number}" for number in count(1))
        filled, found = (re.sub(r"[?]", lambda _: next(columns), part) for part in (what, which))
        return f"{filled} FROM (VALUES {rows}) AS v WHERE {found}"

    def parts(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Cut rows, in order, into as many as one statement takes; none of them fills a row twice."""
        start = 0
        while start < len(rows):
            most = min(len(rows) - start, ROWS_MAX) if self._takes_many else 1
            size = self._differing(rows[start : start + most]) if self._has_key else most
            if size > ROWS_ANY:
                size = 1 << size.bit_length() - 1
            yield rows[start : start + size]
            start += size

    def _differing(self, rows: Sequence[Row]) -> int:
        """Return how many rows there are before the first that fills the same as one before it."""
        seen: set[Row] = set()
        for number, row in enumerate(rows):
            key = row[self._key_from :]
            if key in seen:
                return number
            seen.add(key)
        return len(rows)

    def arranged(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return rows with their values where the statement wants them."""
        if self._is_plain:
            return rows
        pairs = list(zip(self._places, self._constants, strict=True))
        return [tuple(constant if place is None else row[place] for place, constant in pairs) for row in rows]


@cache
def _sql(statement: Insert | Update | Delete, parameters: tuple[str, ...]) -> _Sql:
    return _Sql(statement, parameters)


def _is_one_insert(writing: Writing) -> bool:
    """Tell whether one statement adds all the rows; such a one needs no look at how many it met."""
    return isinstance(writing.recording.statement, Insert) and len(writing.rows) <= ROWS_ANY


def _carry_out(writing: sqlite3.Connection, recording: Recording, rows: Sequence[Row]) -> int:
    """Carry out a statement for every row; return how many rows of the table it met."""
    sql = _sql(recording.statement, recording.parameters)
    return sum(
        writing.execute(sql.text(len(part)), tuple(chain.from_iterable(part))).rowcount
        for part in sql.parts(sql.arranged(rows))
    )


def _erase_logged(writing: sqlite3.Connection, event: str, first: int, last: int) -> None:
    """Erase what was logged of an event's runs, which does not name it, in a range of positions."""
    its = "EXISTS (SELECT 1 FROM runs WHERE runs.run = log.run AND runs.event = ?)"
    writing.execute(f"DELETE FROM log WHERE position BETWEEN ? AND ? AND {its}", (first, last, event))  # noqa: S608


def _erase_rows(writing: sqlite3.Connection, table: str, event: str) -> int:
    """Erase some rows of an event in one table; return how many."""
    some = f"SELECT rowid FROM {table} WHERE event = ? LIMIT {ROWS_ERASED}"  # noqa: S608 - names of our own schema
    return writing.execute(f"DELETE FROM {table} WHERE rowid IN ({some})", (event,)).rowcount  # noqa: S608


def _set(raw: DBAPIConnection | sqlite3.Connection, settings: dict[str, int | str]) -> None:
    cursor = raw.cursor()
    for name, value in settings.items():
        cursor.execute(f"PRAGMA {name}={value}")
        cursor.execute(f"PRAGMA {name}")
        row = cursor.fetchone()
        if row is None or row[0] != value:
            raise StoreUnwritable(f"the database refuses {name}={value} and says {row and row[0]}")
    cursor.close()


def _set_reader(raw: DBAPIConnection, _: object) -> None:
    _set(raw, READER_SETTINGS)
    # SQLite's own lower() knows ASCII only; PostgreSQL's knows every alphabet
    raw.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()
