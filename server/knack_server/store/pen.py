"""The one connection that writes, and the thread that holds it.

A commit waits for the disk, and the loop must not. Everything a transaction needs happens in one visit to the thread:
one way there and one way back, however many statements it has. The way is a queue and one wake-up of the loop; an
executor would take a future of its own, with locks, for each.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")

_Visit = tuple[Callable[[sqlite3.Connection], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Pen:
    """A connection that only its own thread touches; made and used in the event loop's thread."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._visits: SimpleQueue[_Visit | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    async def visit(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Let `act` use the connection, in turn, and return what it returns.

        Whatever transaction an error has left open is rolled back; a connection that cannot even do that is thrown away,
        and the next visit gets a new one.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._visits.put((act, loop, answer))
        return await answer

    async def close(self) -> None:
        """Close the connection after the visits that were asked for, and end the thread."""
        self._visits.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while (visit := self._visits.get()) is not None:
            act, loop, answer = visit
            try:
                settle = partial(_settle, answer, self._visit(act))
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                settle = partial(_settle, answer, error)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle)
        self._drop()

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


def _settle(answer: asyncio.Future[Any], result: object) -> None:
    if answer.cancelled():
        return
    if isinstance(result, Exception):
        answer.set_exception(result)
    else:
        answer.set_result(result)
