"""Results recorded by PostgreSQL through asyncpg, one INSERT a transaction: `postgres_rows.py FOLDER PRODUCERS SECONDS`.

FOLDER is that of the server's socket. Each line on the standard input is a round. Every producer has a connection of its
own, so that the server can put commits together as it does by itself.
"""

import asyncio
import json
import sys
import time

import asyncpg  # type: ignore[import-not-found]
import uvloop

PAYLOAD = bytes(40)
HASH = bytes(32)


async def main() -> None:
    """Prepare, then answer."""
    folder, count, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    opened = [
        await asyncpg.connect(host=folder, user="bench", database="postgres", statement_cache_size=16)
        for _ in range(count)
    ]
    await opened[0].execute(
        "CREATE TABLE log (position BIGSERIAL PRIMARY KEY, run TEXT, seq INTEGER, payload BYTEA, hash BYTEA)"
    )
    recorded = 0

    async def produce(number: int, end_s: float) -> None:
        nonlocal recorded
        insert = await opened[number].prepare(
            "INSERT INTO log (run, seq, payload, hash) VALUES ($1, $2, $3, $4)"
        )
        while time.monotonic() < end_s:
            await insert.fetch(f"run-{number}", recorded, PAYLOAD, HASH)
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
