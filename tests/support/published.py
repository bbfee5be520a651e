"""Bundles of what a world has recorded: written into a real store, read back, put together and signed."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

from tests.support.arena import EVENT, MASTER, SIGNER
from tests.support.database import record

from knack_protocol.ids import HeatId
from knack_protocol.proof.seeds import server_seed
from knack_server.core.facts import Fact
from knack_server.core.publication import Publisher
from knack_server.store.opening import open_store
from knack_server.store.queries import Queries

PUBLISHER = Publisher(SIGNER, lambda event, run: server_seed(MASTER, event, run))

_files = count(1)


async def heat_bundle(folder: Path, facts: Sequence[Fact], heat: str = "h1") -> bytes:
    """Return the bundle of a heat that is over."""
    path = await _stored(folder, facts)
    async with await open_store(path) as store:
        played = await Queries(store).heat(EVENT, HeatId(heat))
    assert played is not None, "the heat is not over, or was never started"
    return PUBLISHER.heat(played)


async def open_bundle(folder: Path, facts: Sequence[Fact]) -> bytes:
    """Return the bundle of open play so far."""
    path = await _stored(folder, facts)
    async with await open_store(path) as store:
        return PUBLISHER.open_play(await Queries(store).open_play(EVENT))


async def event_bundle(folder: Path, facts: Sequence[Fact]) -> bytes:
    """Return the bundle of an event that has ended."""
    path = await _stored(folder, facts)
    async with await open_store(path) as store:
        played = await Queries(store).whole_event(EVENT)
    assert played is not None, "the event goes on"
    return PUBLISHER.event(played)


async def _stored(folder: Path, facts: Sequence[Fact]) -> Path:
    path = folder / f"{next(_files)}.sqlite"
    await record(path, facts)
    return path
