"""Results recorded by aiosqlite, one commit a row: `aiosqlite_rows.py FOLDER PRODUCERS SECONDS`.

Each line on the standard input is a round. WAL and `synchronous=FULL`, as ours; a lock keeps a producer's row and commit
together, because a commit of several would not be one a row.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import aiosqlite
import uvloop

PAYLOAD = bytes(40)
HASH = bytes(32)


async def main() -> None:
    """Prepare, then answer."""
    folder, count, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    async with aiosqlite.connect(folder / "aiosqlite.db") as db:
        await db.execute("PRAGMA journal_mode=WAL")
        await db.execute("PRAGMA synchronous=FULL")
        await db.execute(
            "CREATE TABLE log (position INTEGER PRIMARY KEY, run TEXT, seq INTEGER, payload BLOB, hash BLOB)"
        )
        await db.commit()
        lock = asyncio.Lock()
        recorded = 0

        async def produce(number: int, end_s: float) -> None:
            nonlocal recorded
            while time.monotonic() < end_s:
                async with lock:
                    await db.execute(
                        "INSERT INTO log (run, seq, payload, hash) VALUES (?, ?, ?, ?)",
                        (f"run-{number}", recorded, PAYLOAD, HASH),
                    )
                    await db.commit()
                recorded += 1

        say({"ready": 1})
        while await asyncio.to_thread(sys.stdin.readline):
            before, begun = recorded, time.monotonic()
            await asyncio.gather(*(produce(number, begun + seconds) for number in range(count)))
            say({"rows_per_s": (recorded - before) / (time.monotonic() - begun)})


def say(answer: dict[str, float]) -> None:
    """Answer a line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


uvloop.run(main())
