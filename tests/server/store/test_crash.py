"""A process that is killed in the middle of a commit has acknowledged nothing that is not there afterwards."""

import asyncio
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import Size, Tally
from tests.support.acknowledger import ON_THE_WAY_MAX, RUNS

from knack_server.core.facts import RunLogged
from knack_server.store.loading import load_all
from knack_server.store.opening import open_store

ROOT = Path(__file__).parents[3]


def killed_after(path: Path, first: int, acknowledged: int) -> int:
    """Let a child record from number `first` on and kill it after so many acknowledgements; return the last number."""
    command = [sys.executable, "-m", "tests.support.acknowledger", str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        told = child.stdout.read(4 * acknowledged)
        child.send_signal(signal.SIGKILL)
        told += child.stdout.read()  # what it still wrote before it died
    numbers = [int.from_bytes(told[place : place + 4], "big") for place in range(0, len(told) // 4 * 4, 4)]
    assert numbers == list(range(first, first + len(numbers))), "acknowledged in order, none left out"
    assert len(numbers) >= acknowledged
    return numbers[-1]


async def stored_numbers(path: Path) -> list[int]:
    """Return the numbers that are in the database, in order."""
    async with await open_store(path) as store:
        return sorted(
            (fact.seq - 1) * RUNS + int(fact.run.removeprefix("run-"))
            for fact in await load_all(store)
            if isinstance(fact, RunLogged)
        )


@pytest.mark.system
def test_sigkill_loses_nothing_that_was_acknowledged(tmp_path: Path, size: Size, tally: Tally) -> None:
    path = tmp_path / "knack.sqlite"
    seed = 20_263
    print(f"seed {seed}")
    chance = random.Random(seed)
    first = told = 0
    for _ in range(size("kills of a writer", small=4, full=200)):
        last = killed_after(path, first, chance.randrange(1, 600))
        stored = asyncio.run(stored_numbers(path))
        assert stored == list(range(len(stored))), (
            "a prefix of what was submitted: nothing lost, nothing twice"
        )
        assert last < len(stored) <= last + 1 + ON_THE_WAY_MAX
        told += last + 1 - first
        first = len(stored)
    tally("acknowledged moves, all found again", told)
