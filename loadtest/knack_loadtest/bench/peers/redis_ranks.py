"""Ranks in a Redis sorted set through redis-py and hiredis: `redis_ranks.py SOCKET PLAYERS`.

Each line on the standard input is a round: update a player and ask for the new rank, ask for the top 100, and for five
neighbours on either side of a player; one by one, and 50 in a pipeline. Times are µs apiece.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import hiredis  # type: ignore[import-not-found]  # so that it fails when redis-py would parse by itself
import redis  # type: ignore[import-not-found]

PIPELINED = 50
UPDATES = 4_000
TOPS = 200
AROUNDS = 2_000
SCORE_MAX = 60_000
TIME_MAX_MS = 90_000
KEY = "standings"

assert hiredis.__version__


def value(draw: random.Random) -> int:
    """Draw points and time as one number, which a double holds exactly."""
    return draw.randrange(1, SCORE_MAX) * 100_000 + TIME_MAX_MS - draw.randrange(TIME_MAX_MS)


def apiece(count: int, work: Callable[[], None]) -> float:
    """Return the wall time of one of so many, in µs."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) / count * 1e6


class Questions:
    """What a round asks for."""

    def __init__(self, db: Any, chosen: list[str], values: list[int]) -> None:
        self.db = db
        self.chosen = chosen
        self.values = values

    def updates(self) -> None:
        """Update a player, and ask for the new rank."""
        for player, number in zip(self.chosen, self.values, strict=True):
            self.db.zadd(KEY, {player: number})
            self.db.zrevrank(KEY, player)

    def piped_updates(self) -> None:
        """The same, many in a pipeline."""
        for start in range(0, len(self.chosen), PIPELINED):
            pipe, some = self.db.pipeline(transaction=False), slice(start, start + PIPELINED)
            for player, number in zip(self.chosen[some], self.values[some], strict=True):
                pipe.zadd(KEY, {player: number})
                pipe.zrevrank(KEY, player)
            pipe.execute()

    def tops(self) -> None:
        """Ask for the top 100."""
        for _ in range(TOPS):
            self.db.zrevrange(KEY, 0, 99, withscores=True)

    def piped_tops(self) -> None:
        """The same, many in a pipeline."""
        for _ in range(0, TOPS, PIPELINED):
            pipe = self.db.pipeline(transaction=False)
            for _ in range(PIPELINED):
                pipe.zrevrange(KEY, 0, 99, withscores=True)
            pipe.execute()

    def arounds(self) -> None:
        """Ask for a player's neighbours."""
        for player in self.chosen[:AROUNDS]:
            place = self.db.zrevrank(KEY, player)
            self.db.zrevrange(KEY, max(place - 5, 0), place + 5, withscores=True)

    def piped_arounds(self) -> None:
        """The same, many in a pipeline, which is sent twice: first for the places."""
        for start in range(0, AROUNDS, PIPELINED):
            pipe = self.db.pipeline(transaction=False)
            for player in self.chosen[start : start + PIPELINED]:
                pipe.zrevrank(KEY, player)
            for place in pipe.execute():
                pipe.zrevrange(KEY, max(place - 5, 0), place + 5, withscores=True)
            pipe.execute()


def main() -> None:
    """Fill, then answer."""
    db = redis.Redis(unix_socket_path=sys.argv[1])
    count = int(sys.argv[2])
    draw = random.Random(count)  # noqa: S311 - the same players every time
    players = [f"p-{number:016x}" for number in range(count)]
    begun = time.perf_counter()
    for start in range(0, count, 10_000):
        db.zadd(KEY, {player: value(draw) for player in players[start : start + 10_000]})
    say({"fill_s": time.perf_counter() - begun})
    for _ in sys.stdin:
        chosen = [players[draw.randrange(count)] for _ in range(UPDATES)]
        asked = Questions(db, chosen, [value(draw) for _ in chosen])
        say(
            {
                "update_us": apiece(UPDATES, asked.updates),
                "update_piped_us": apiece(UPDATES, asked.piped_updates),
                "top_us": apiece(TOPS, asked.tops),
                "top_piped_us": apiece(TOPS, asked.piped_tops),
                "around_us": apiece(AROUNDS, asked.arounds),
                "around_piped_us": apiece(AROUNDS, asked.piped_arounds),
            }
        )


def say(answer: dict[str, float]) -> None:
    """Answer a line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


main()
