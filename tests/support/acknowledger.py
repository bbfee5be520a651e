"""A process that records facts and tells on its standard output what is acknowledged, until somebody kills it.

Run as `python -m tests.support.acknowledger DATABASE FIRST`: appends log events FIRST, FIRST + 1, … to eight runs in
turn, several submissions on their way at a time, and writes each number as 4 bytes the moment its commit is
acknowledged.
"""

import asyncio
import os
import sys
from functools import partial
from pathlib import Path

from tests.support import lives
from tests.support.database import unexpected

from knack_server.core.facts import ClockMarked, Fact
from knack_server.store.opening import open_store
from knack_server.store.writer import Writer

RUNS = 8
ON_THE_WAY_MAX = 40


async def main(path: Path, first: int) -> None:
    async with await open_store(path) as store:
        writer = Writer(store, unexpected, unexpected)
        if first == 0:
            beginning: list[Fact] = [*lives.event(), lives.player("Anna")]
            for run in range(RUNS):
                beginning += lives.in_play(f"{run}", "Anna")
            writer.submit(beginning, lambda: None)
        room = asyncio.Semaphore(ON_THE_WAY_MAX)

        def acknowledged(number: int) -> None:
            os.write(1, number.to_bytes(4, "big"))
            room.release()

        for number in range(first, 1 << 30):
            await room.acquire()
            run, seq = f"{number % RUNS}", number // RUNS + 1
            facts = lives.logged(run, lives.move(seq, seq, seq), first=seq)
            facts.append(ClockMarked(lives.run_id(run), seq))
            writer.submit(facts, partial(acknowledged, number))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
