"""A store on a real file, written through the one writer."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from knack_server.core.facts import Fact
from knack_server.store.opening import Store, open_store
from knack_server.store.writer import Writer


def unexpected(*reason: object) -> None:
    raise AssertionError(f"nothing should go wrong here: {reason}")


@asynccontextmanager
async def writing(path: Path) -> AsyncIterator[tuple[Store, Writer]]:
    """Open a store and its writer, in which nothing may go wrong."""
    async with await open_store(path) as store:
        writer = Writer(store, unexpected, unexpected)
        yield store, writer
        await writer.close()


async def record(path: Path, facts: Iterable[Fact]) -> None:
    """Write facts into a database and close it."""
    async with writing(path) as (_, writer):
        await committed(writer, list(facts))


async def committed(writer: Writer, facts: Sequence[Fact] = ()) -> None:
    """Submit facts and wait until they are committed."""
    done = asyncio.Event()
    writer.submit(facts, done.set)
    await done.wait()


async def asked(store: Store, sql: str) -> Any:
    """Ask the writing connection; return the first value of the answer."""
    assert store._pen is not None
    rows = await store._pen.visit(lambda connection: connection.execute(sql).fetchall())
    return rows[0][0] if rows else None


def failing(step: str, error_name: str) -> sqlite3.OperationalError:
    """Return an error as the driver raises it."""
    error = sqlite3.OperationalError(f"injected at {step}")
    error.sqlite_errorname = error_name
    return error


class Watched:
    """A connection that tells a test of every step before it takes it; the test may raise instead.

    Steps are the first words of statements, or else the names of methods.
    """

    def __init__(self, connection: sqlite3.Connection, notice: Callable[[str], None]) -> None:
        self._connection = connection
        self._notice = notice

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            self._notice(arguments[0].split()[0] if name.startswith("execute") else name)
            return getattr(self._connection, name)(*arguments)

        return call


def watch(store: Store, notice: Callable[[str], None]) -> None:
    """Have every step of the writing connection noticed, and every opening of a new one as `connect`."""
    pen = store._pen
    assert pen is not None
    connect, connection = pen._connect, pen._connection
    assert connection is not None

    def connect_watched() -> Any:
        notice("connect")
        return Watched(connect(), notice)

    pen._connect = connect_watched
    pen._connection = Watched(connection, notice)
