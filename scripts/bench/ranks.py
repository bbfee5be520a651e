"""Ranks in our standings: `ranks.py PLAYERS`. Each line on the standard input is a round, and gets a line of JSON.

A round updates a player and asks for the new rank, asks for the top 100, and for five neighbours on either side of a player;
times are µs apiece. After each, ranks and the top are held against a sort.

Between two questions for the top there are updates, as an event has them, because standings that do not change can be kept:
a thousand moves a second and four publications leave 250 of anybody. `top_changed_us` is what the top takes when somebody
in it has moved before every question.
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
TOP_COUNT = 100
UPDATES_A_TOP = 250
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
    event = Event(standings, players, runs, results, draw)
    gc.collect()
    gc.freeze()
    for _ in sys.stdin:
        changes = event.changes(UPDATES)
        begun = time.perf_counter()
        for number, score, time_ms in changes:
            standings.put(runs[number], players[number], score, time_ms)
            standings.rank(players[number])
        update = time.perf_counter() - begun
        tops = [event.top_after(event.changes(UPDATES_A_TOP)) for _ in range(TOPS)]
        changed = [event.top_after([event.change_at_the_top()]) for _ in range(TOPS)]
        asked = [players[number] for number, _, _ in changes[:AROUNDS]]
        begun = time.perf_counter()
        for player in asked:
            standings.window(player, 5)
        around = time.perf_counter() - begun
        say(
            {
                "update_us": update / UPDATES * 1e6,
                "top_us": sum(tops) / TOPS * 1e6,
                "top_changed_us": sum(changed) / TOPS * 1e6,
                "updates_a_top": UPDATES_A_TOP,
                "around_us": around / AROUNDS * 1e6,
                "wrong": event.wrong(),
            }
        )


class Event:
    """Players whose results change, and what a sort says of them."""

    def __init__(
        self,
        standings: Standings,
        players: list[PlayerId],
        runs: list[RunId],
        results: list[tuple[int, int]],
        draw: random.Random,
    ) -> None:
        self.standings = standings
        self.players = players
        self.runs = runs
        self.results = results
        self.draw = draw
        self.numbers = {player: number for number, player in enumerate(players)}

    def changes(self, count: int) -> list[tuple[int, int, int]]:
        """Draw so many players, each with new points and time, and note them."""
        drawn = [
            (
                self.draw.randrange(len(self.players)),
                self.draw.randrange(1, SCORE_MAX),
                self.draw.randrange(TIME_MAX_MS),
            )
            for _ in range(count)
        ]
        for number, score, time_ms in drawn:
            self.results[number] = score, time_ms
        return drawn

    def change_at_the_top(self) -> tuple[int, int, int]:
        """Let somebody of the top be a little slower."""
        moved = self.standings.top(TOP_COUNT)[self.draw.randrange(TOP_COUNT)]
        number = self.numbers[moved.player]
        self.results[number] = moved.score, moved.time_ms + 1
        return number, *self.results[number]

    def top_after(self, changes: list[tuple[int, int, int]]) -> float:
        """Return the seconds that the top takes after these changes, which are not counted."""
        for number, score, time_ms in changes:
            self.standings.put(self.runs[number], self.players[number], score, time_ms)
        begun = time.perf_counter()
        self.standings.top(TOP_COUNT)
        return time.perf_counter() - begun

    def wrong(self) -> int:
        """Count ranks, and places of the top, that are not what sorting says."""
        order = sorted(
            (-score, time_ms, player)
            for (score, time_ms), player in zip(self.results, self.players, strict=True)
        )
        top = [(-one.score, one.time_ms, one.player) for one in self.standings.top(TOP_COUNT)]
        found = sum(mine != sorts for mine, sorts in zip(top, order[:TOP_COUNT], strict=True))
        for _ in range(CHECKED):
            number = self.draw.randrange(len(self.players))
            score, time_ms = self.results[number]
            found += self.standings.rank(self.players[number]) != 1 + bisect_left(order, (-score, time_ms))
        return found


def say(answer: dict[str, float]) -> None:
    """Answer a line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
