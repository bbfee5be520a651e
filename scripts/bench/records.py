"""Results recorded by our store: `records.py FOLDER PRODUCERS SECONDS`. Each line on the standard input is a round.

Each producer records a result, waits until it is committed, and records the next: an event of a run's log, 90 bytes and
more, as every move leaves one. Before a round is told, the store is opened a second time to count what it holds.
"""

import asyncio
import json
import sqlite3
import sys
import time
from pathlib import Path

import uvloop

from knack_protocol.ids import CourseName, EventId, PlayerId, RunId
from knack_server.core.facts import (
    OPEN_PLAY,
    EventAdded,
    Fact,
    PlayerJoined,
    RunBegun,
    RunLogged,
    RunPrepared,
    RunStarted,
)
from knack_server.store.opening import open_store
from knack_server.store.writer import Writer

EVENT = EventId("bench")
PAYLOAD = bytes(40)
HASH = bytes(32)


class Producers:
    """As many as wish to record something at the same time."""

    def __init__(self, writer: Writer, count: int) -> None:
        self.writer = writer
        self.runs = [RunId(f"run-{number}") for number in range(count)]
        self.seqs = [0] * count
        self.recorded = 0

    async def record(self, *facts: Fact) -> None:
        """Wait until facts are committed."""
        done = asyncio.get_running_loop().create_future()
        self.writer.submit(facts, lambda: done.set_result(None))
        await done

    async def prepare(self) -> None:
        """Make an event, and a player with a run for every producer."""
        await self.record(EventAdded(EVENT, "Bench", 0, None))
        for number, run in enumerate(self.runs):
            player, name = PlayerId(f"p-{number}"), f"name{number}"
            await self.record(
                PlayerJoined(EVENT, player, name, name, number.to_bytes(32, "big"), 0),
                RunPrepared(run, EVENT, player, CourseName("sprint"), OPEN_PLAY, bytes(32), 0),
                RunStarted(run, bytes(16), 0, 0),
                RunBegun(run, 0),
            )

    async def produce(self, number: int, end_s: float) -> None:
        """Record one result after another."""
        while time.monotonic() < end_s:
            self.seqs[number] += 1
            await self.record(RunLogged(self.runs[number], self.seqs[number], PAYLOAD, HASH))
            self.recorded += 1


async def main() -> None:
    """Prepare, then answer."""
    folder, count, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    path = folder / "ours.db"
    async with await open_store(path) as store:
        writer = Writer(store, on_trouble=lambda _: None, on_broken=lambda broken: sys.exit(str(broken)))
        producers = Producers(writer, count)
        await producers.prepare()
        say({"ready": 1})
        while await asyncio.to_thread(sys.stdin.readline):
            before, begun = producers.recorded, time.monotonic()
            await asyncio.gather(*(producers.produce(n, begun + seconds) for n in range(count)))
            rate = (producers.recorded - before) / (time.monotonic() - begun)
            say({"rows_per_s": rate, "missing": producers.recorded - stored(path)})
        await writer.close()


def stored(path: Path) -> int:
    """Count the events that the database holds."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as reader:
        return int(reader.execute("SELECT count(*) FROM log").fetchone()[0])


def say(answer: dict[str, float]) -> None:
    """Answer a line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
