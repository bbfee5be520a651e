"""What finished runs cost in memory and at a start: `memory.py FOLDER RUNS PLAYERS`, one line of JSON.

Fills a new store with finished runs of three events each, opens it as a server does, and counts the bytes that are alive
when everything is remembered; the difference to half as many runs of the same players is what a run costs.
"""

import asyncio
import gc
import json
import os
import sys
import time
import tracemalloc
from pathlib import Path

from knack_protocol.ids import CourseName, EventId, PlayerId, RunId
from knack_protocol.rules.log import EndReason, end, move
from knack_server.core.arena import Arena
from knack_server.core.facts import (
    OPEN_PLAY,
    DigestSent,
    EventAdded,
    EventMadeCurrent,
    Fact,
    PlayerJoined,
    RunBegun,
    RunEnded,
    RunLogged,
    RunPrepared,
    RunStarted,
)
from knack_server.core.floor import Floor, Vault
from knack_server.core.instant import Instant
from knack_server.core.memory import Memory
from knack_server.shell.confusables import load_confusables
from knack_server.store.loading import load_all
from knack_server.store.opening import open_store
from knack_server.store.recording import writings

EVENT = EventId("bench")
GROUP = 500
UNIX_MS = 1_800_000_000_000
SEED = bytes(32)


async def fill(path: Path, runs: int, players: int) -> None:
    """Write the facts of an event that has been played."""
    facts: list[Fact] = [EventAdded(EVENT, "Bench", UNIX_MS, None), EventMadeCurrent(EVENT)]
    for number in range(players):
        player, name = PlayerId(f"p-{number:016x}"), f"Player {number}"
        facts.append(PlayerJoined(EVENT, player, name, name.lower(), os.urandom(32), UNIX_MS))
    for number in range(runs):
        facts += finished(number, PlayerId(f"p-{number % players:016x}"))
    facts.append(DigestSent(EVENT, OPEN_PLAY, 1, bytes(32)))  # so that the ends of all runs are old news
    async with await open_store(path) as store:
        for start in range(0, len(facts), GROUP):
            await store.write(list(writings(facts[start : start + GROUP], store.places)))


def finished(number: int, player: PlayerId) -> list[Fact]:
    """Return the life of a run with two moves."""
    run, score, at_ms = RunId(f"run-{number:016x}"), 30 * (number % 997 + 1), number % 89_000 + 500
    payloads = [
        move(1, at_ms, at_ms, 12, 1, 1, 30, 30, bytes(8)),
        move(2, at_ms, at_ms, 12, 1, 1, 30, score, bytes(8)),
        end(3, 90_000, EndReason.TIME, score, 2),
    ]
    return [
        RunPrepared(run, EVENT, player, CourseName("sprint"), OPEN_PLAY, os.urandom(32), UNIX_MS),
        RunStarted(run, os.urandom(16), UNIX_MS + number, UNIX_MS),
        RunBegun(run, 20),
        *(RunLogged(run, seq, payload, os.urandom(32)) for seq, payload in enumerate(payloads, 1)),
        RunEnded(run, score, at_ms, 2, EndReason.TIME, UNIX_MS),
    ]


async def remember(path: Path, *, traced: bool) -> tuple[int, float]:
    """Remember everything; return the bytes alive afterwards, when traced, and the seconds that it took."""
    begun = time.perf_counter()
    async with await open_store(path) as store:
        floor = Floor(os.urandom, Vault(lambda _event, _run: SEED), load_confusables(), SEED)
        arena = Arena(floor, 250)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0] if traced else 0
        memory = Memory(arena)
        for fact in await load_all(store):
            memory.recall(fact)
        memory.wake(Instant(0, UNIX_MS))
        took_s = time.perf_counter() - begun
        del memory, fact
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before if traced else 0), took_s


async def main() -> None:
    """Measure twice as many runs and once as many."""
    folder, runs, players = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    await fill(folder / "all.db", runs, players)
    await fill(folder / "half.db", runs // 2, players)
    _, start_s = await remember(folder / "all.db", traced=False)
    tracemalloc.start()
    await remember(folder / "half.db", traced=True)  # what is only made once is made by now
    half, _ = await remember(folder / "half.db", traced=True)
    whole, _ = await remember(folder / "all.db", traced=True)
    run_bytes = (whole - half) / (runs - runs // 2)
    answer = {
        "start_s": start_s,
        "run_bytes": run_bytes,
        "player_bytes": (whole - runs * run_bytes) / players,
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
