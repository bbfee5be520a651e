"""Ranks in our standings: `ranks.py PLAYERS`. Each line on the standard input is a round, and gets a line of JSON.

A round updates a player and asks for the new rank, asks for the top 100, and for five neighbours on either side of a player;
times are µs apiece. Before the first one and after each, ranks are held against a sort.
"""

import gc
import json
import random
import sys
import time
from bisect import bisect_left

from knack_protocol.ids import PlayerId, RunId
from knack_server.core.standings import Standing, Standings

UPDATES = 20_000
TOPS = 500
AROUNDS = 5_000
CHECKED = 200
SCORE_MAX = 60_000
TIME_MAX_MS = 90_000


def main() -> None:
    """Fill, then answer."""
    count = int(sys.argv[1])
    draw = random.Random(count)  # noqa: S311 - the same players every time
    players = [PlayerId(f"p-{number:016x}") for number in range(count)]
    runs = [RunId(f"run-{number:016x}") for number in range(count)]
    results = [(draw.randrange(1, SCORE_MAX), draw.randrange(TIME_MAX_MS)) for _ in players]
    standings = Standings()
    begun = time.perf_counter()
    standings.fill(
        Standing(run, player, *result) for run, player, result in zip(runs, players, results, strict=True)
    )
    say({"fill_s": time.perf_counter() - begun})
    gc.collect()
    gc.freeze()
    for _ in sys.stdin:
        chosen = [draw.randrange(count) for _ in range(UPDATES)]
        changes = [(draw.randrange(1, SCORE_MAX), draw.randrange(TIME_MAX_MS)) for _ in chosen]
        begun = time.perf_counter()
        for number, (score, time_ms) in zip(chosen, changes, strict=True):
            standings.put(runs[number], players[number], score, time_ms)
            standings.rank(players[number])
        update = time.perf_counter() - begun
        for number, change in zip(chosen, changes, strict=True):
            results[number] = change
        begun = time.perf_counter()
        for _ in range(TOPS):
            standings.page(0, 100)
        top = time.perf_counter() - begun
        begun = time.perf_counter()
        for number in chosen[:AROUNDS]:
            standings.window(players[number], 5)
        around = time.perf_counter() - begun
        say(
            {
                "update_us": update / UPDATES * 1e6,
                "top_us": top / TOPS * 1e6,
                "around_us": around / AROUNDS * 1e6,
                "wrong": wrong(standings, players, results, draw),
            }
        )


def wrong(
    standings: Standings, players: list[PlayerId], results: list[tuple[int, int]], draw: random.Random
) -> int:
    """Count ranks that are not what sorting says."""
    order = sorted((-score, time_ms) for score, time_ms in results)
    found = 0
    for _ in range(CHECKED):
        number = draw.randrange(len(players))
        score, time_ms = results[number]
        found += standings.rank(players[number]) != 1 + bisect_left(order, (-score, time_ms))
    return found


def say(answer: dict[str, float]) -> None:
    """Answer a line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
