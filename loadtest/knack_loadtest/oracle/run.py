"""A run, judged and logged line by line as the rules are written (RULES.md, sections 4, 6 and 7)."""

from dataclasses import dataclass, field

from knack_loadtest.oracle.board import (
    Cells,
    first_board,
    has_legal_swap,
    is_legal,
    resolve,
    shuffled,
    swapped,
)
from knack_loadtest.oracle.chance import sha, stream, u


@dataclass
class Reply:
    """What the rules answer to one move; `verdict` is the word of a vector file."""

    verdict: str
    steps: int = 0
    points: int = 0
    score: int = 0
    fills: list[list[list[int]]] = field(default_factory=list)
    board: Cells = field(default_factory=list)


class PlainRun:
    """A run of a course: `levels` are pairs of goal and time in ms.

    `events` are the bytes logged so far, `hashes` the chain from H0 on.
    """

    def __init__(
        self, levels: list[tuple[int, int]], seed: bytes, player_seed: bytes | None, h0: bytes, grace_ms: int
    ) -> None:
        self.levels = levels
        self.seed = seed
        self.falling_seed = seed if player_seed is None else player_seed
        self.grace_ms = grace_ms
        self.events: list[bytes] = []
        self.hashes = [h0]
        self.boards: list[Cells] = []
        self.score = 0
        self.moves = 0
        self.shuffles = 0
        self.connections = 0
        self.lock_end = 0
        self.ended = False
        self.begin_level(0, 0)

    def begin_level(self, level: int, start: int) -> None:
        """Put up a level's first board, with its own column streams."""
        self.level = level
        self.start = start
        self.goal, self.time_ms = self.levels[level]
        self.level_points = 0
        self.cells = first_board(self.seed, level)[1]
        self.boards.append(self.cells)
        self.columns = [stream(self.falling_seed, "col", column, level) for column in range(8)]
        self.drawn = [0] * 8

    def move(self, t_arr: int, i: int, d: int) -> Reply:
        """Answer a swap that arrived at `t_arr`."""
        deadline = self.start + self.time_ms
        t_eff = max(t_arr - self.grace_ms, self.lock_end, 0)
        if self.ended:
            return Reply("over")
        if t_eff >= deadline:
            self.end(deadline, 0)
            return Reply("late")
        if t_arr - self.grace_ms < self.lock_end - 150:
            return Reply("early")
        if not is_legal(self.cells, i, d):
            self.write(u(1, 2), u(4, t_arr) + u(4, t_eff) + u(1, i) + u(1, d))
            self.lock_end = t_eff + 300
            return Reply("illegal")

        self.cells, step_points, fills = resolve(swapped(self.cells, i, d), self.columns)
        for step in fills:
            for column in range(8):
                self.drawn[column] += len(step[column])
        steps, points = len(fills), sum(step_points)
        self.moves += 1
        self.score += points
        self.level_points += points
        self.write(
            u(1, 1),
            u(4, t_arr)
            + u(4, t_eff)
            + u(1, i)
            + u(1, d)
            + u(2, steps)
            + u(4, points)
            + u(4, self.score)
            + self.board8(),
        )
        self.lock_end = t_eff + min(200 + 300 * steps, 2000)
        if self.goal > 0 and self.level_points >= self.goal:
            self.level_done(t_eff, deadline)
        elif not has_legal_swap(self.cells):
            z = self.shuffles
            attempt, self.cells = shuffled(self.falling_seed, self.cells, z)
            self.shuffles += 1
            self.write(u(1, 3), u(4, z) + u(4, attempt) + self.board8())
        return Reply("ok", steps, points, self.score, fills, self.cells)

    def level_done(self, t_eff: int, deadline: int) -> None:
        """Pay the bonus; then the next level, or the end of the course."""
        bonus = 10 * ((deadline - t_eff) // 1000)
        self.score += bonus
        if self.level + 1 == len(self.levels):
            self.end(t_eff, 1)
            return
        self.lock_end += 1500
        self.begin_level(self.level + 1, self.lock_end)
        self.write(
            u(1, 6), u(4, self.start) + u(1, self.level) + u(4, bonus) + u(4, self.score) + self.board8()
        )

    def connection(self, t: int, kind: int) -> None:
        """Log a change of the player's connection."""
        if not self.ended and t <= self.start + self.time_ms and self.connections < 60:
            self.connections += 1
            self.write(u(1, 4), u(4, t) + u(1, kind))

    def expire(self) -> None:
        """Close the run at its level's deadline, if it is still open."""
        if not self.ended:
            self.end(self.start + self.time_ms, 0)

    def end(self, t: int, reason: int) -> None:
        """Write END."""
        self.ended = True
        self.write(u(1, 5), u(4, t) + u(1, reason) + u(4, self.score) + u(4, self.moves))

    def board8(self) -> bytes:
        """Return the eight bytes that pin the board."""
        drawn = b"".join(u(4, count) for count in self.drawn)
        return sha(b"m3/1|board\x00" + bytes(self.cells) + drawn + u(4, self.shuffles))[:8]

    def write(self, kind: bytes, rest: bytes) -> None:
        """Append an event with the next number, and the chain's next hash."""
        event = kind + u(4, len(self.events) + 1) + rest
        self.events.append(event)
        self.hashes.append(sha(b"m3/1|ev\x00" + self.hashes[-1] + event))
