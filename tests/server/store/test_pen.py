"""What visits the one connection that writes is answered in turn, whatever becomes of it or of who asked."""

import asyncio
import sqlite3
import threading

import pytest

from knack_server.store.pen import Pen

pytestmark = pytest.mark.asyncio


def connect() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)


async def test_visits_come_in_turn_to_one_thread_that_is_not_the_loops() -> None:
    pen = Pen(connect)
    order: list[int] = []

    def visit(number: int) -> int:
        order.append(number)
        return threading.get_ident()

    threads = await asyncio.gather(
        *(pen.visit(lambda _, number=number: visit(number)) for number in range(20))
    )
    assert order == list(range(20))
    assert len(set(threads)) == 1
    assert threading.get_ident() not in threads
    await pen.close()


async def test_an_error_goes_to_who_asked_and_leaves_no_transaction_open() -> None:
    pen = Pen(connect)
    await pen.visit(lambda connection: connection.execute("BEGIN"))
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await pen.visit(lambda connection: connection.execute("SELECT * FROM nowhere"))
    assert await pen.visit(lambda connection: connection.in_transaction) is False
    await pen.close()


async def test_nobody_waits_for_the_answer_any_more_and_the_next_one_gets_theirs() -> None:
    pen = Pen(connect)
    may_go = threading.Event()
    asked = asyncio.create_task(pen.visit(lambda _: may_go.wait(60)))
    failing = asyncio.create_task(pen.visit(lambda connection: connection.execute("nonsense")))
    await asyncio.sleep(0)
    asked.cancel()
    failing.cancel()
    may_go.set()
    assert await pen.visit(lambda _: "next") == "next"
    assert asked.cancelled()
    assert failing.cancelled()
    await pen.close()


async def test_closing_waits_for_what_was_asked_before_and_ends_the_thread() -> None:
    connections: list[sqlite3.Connection] = []
    pen = Pen(connect)
    asked = asyncio.create_task(pen.visit(connections.append))
    await asyncio.sleep(0)
    await pen.close()
    await asked
    assert not pen._thread.is_alive()
    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        connections[0].execute("SELECT 1")
