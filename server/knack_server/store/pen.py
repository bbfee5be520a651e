"""The one connection that writes, and the thread that holds it.

A commit waits for the disk, and the loop must not. Everything a transaction needs happens in one visit to the thread:
one way there and one way back, however many statements it has.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class Pen:
    """A connection that only its own thread touches; made and used in the event loop's thread."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, "store-writer")

    async def visit(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Let `act` use the connection, in turn, and return what it returns.

        Whatever transaction an error has left open is rolled back; a connection that cannot even do that is thrown away,
        and the next visit gets a new one.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._visit, act)

    async def close(self) -> None:
        """Close the connection after the visits that were asked for, and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
        self._thread.shutdown()

    def _visit(self, act: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection = self._connection or self._connect()
        try:
            return act(connection)
        except BaseException:
            try:
                connection.rollback()
            except sqlite3.Error:
                self._drop()
            raise

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
