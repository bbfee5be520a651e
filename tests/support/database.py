"""A store on a real file, written through the one writer."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

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
