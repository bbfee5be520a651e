"""Row 8 again, by those who need no socket: strangers who ask for what is published, again and again, to hold rivals up.

What a step of the server's loop costs is counted in the CPU time of its own thread, so that a busy machine changes
nothing. What is published is right: tests/server/core/test_publication.py.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support import lives
from tests.support.adversary import Contender
from tests.support.database import record
from tests.support.site import Site, open_site

from knack_protocol.ids import HeatId
from knack_protocol.rules import log
from knack_protocol.wire.messages import Moved
from knack_server.core.facts import Fact, RunEnded
from knack_server.shell.folder import DATABASE_NAME, MASTER_NAME, SIGNING_NAME, read_secret
from knack_server.store import logs

pytestmark = pytest.mark.asyncio

RUNS, MOVES = 400, 100
"""A short afternoon: every stored event that a stranger's question touches costs some µs."""

STEP_MS_MAX = 15
"""What a step of the loop may cost, while somebody asks: a tenth of the tolerance of a lock."""


def afternoon() -> list[Fact]:
    """Return an event with many finished runs."""
    facts = lives.event()
    for number in range(RUNS):
        name = f"Guest {number}"
        run = f"r{number}"
        moves = [lives.move(seq, 900 * seq, 30 * seq) for seq in range(1, MOVES)]
        end = log.end(MOVES, 90_000, log.EndReason.TIME, 30 * MOVES, MOVES - 1)
        facts += [lives.player(name), *lives.in_play(run, name), *lives.logged(run, *moves, end)]
        facts.append(
            RunEnded(lives.run_id(run), 30 * MOVES, 900 * MOVES, MOVES - 1, log.EndReason.TIME, lives.UNIX_MS)
        )
    return facts


@asynccontextmanager
async def open_afternoon(folder: Path) -> AsyncIterator[Site]:

    for name in (MASTER_NAME, SIGNING_NAME):
        read_secret(folder, name)
    await record(folder / DATABASE_NAME, afternoon())
    async with open_site(folder) as site:
        yield site


@contextmanager
def without_garbage() -> Iterator[None]:
    """Keep what the test process itself has gathered out of every collection."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@asynccontextmanager
async def steps_ms() -> AsyncIterator[list[float]]:
    """Gather what each step of the loop costs its own thread."""
    steps: list[float] = []

    async def watch() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            steps.append(1000 * (time.thread_time() - before))

    watching = asyncio.create_task(watch())
    try:
        yield steps
    finally:
        watching.cancel()


async def ask_for_bundles(site: Site) -> None:
    """Ask for bundles of runs and for the whole, while somebody plays."""
    (twin,) = [Contender(await site.begin(await site.player("Anna")))]
    with without_garbage():
        async with steps_ms() as steps:
            asked = [
                await site.http.get(path)
                for path in (*(f"/api/runs/run-r{number}/bundle" for number in range(5)), "/api/bundle")
            ]
            twin.hand.pass_lock()
            reply = await twin.try_move()

    assert {answer.status_code for answer in asked} == {200}
    assert isinstance(reply, Moved)
    assert max(steps) < STEP_MS_MAX


async def test_strangers_who_ask_for_bundles_hold_no_player_up(tmp_path: Path) -> None:
    async with open_afternoon(tmp_path) as site:
        await ask_for_bundles(site)


async def test_a_server_that_reads_everything_at_one_go_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "SLICE_ROWS", 10**6)

    async with open_afternoon(tmp_path) as site:
        with pytest.raises(AssertionError):
            await ask_for_bundles(site)


async def test_a_finished_run_of_a_heat_tells_nobody_the_seed_that_others_still_play_on(ring: Site) -> None:
    """Whoever gives up first has ended a run under a seed that the whole heat shares."""
    (cheat,) = await Contender.enter(ring, "Mallory")
    ring.pass_ms(95_000)
    entry: Any = cheat.hand._entry
    entry.heat = HeatId("final")

    answer = await ring.http.get(f"/api/runs/{cheat.run}/bundle")

    assert answer.status_code == 409
    assert ring.house.host.arena.floor.tile_source.server_seed("demo", cheat.run).hex() not in answer.text
