"""What the rules cost: a whole move against one `hmac.digest`, and the fast engine against the plain one."""

import hmac
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from knack_loadtest.bench.figure import Figure, Work, interleaved
from knack_loadtest.oracle import board as plain
from knack_loadtest.oracle.run import PlainRun
from knack_protocol.rules.board import Board
from knack_protocol.rules.course import CLIMB, SPRINT, Course
from knack_protocol.rules.numbers import SYMBOLS
from knack_protocol.rules.run import Run, Verdict
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import has_legal_swap, legal_swaps

HMAC = "hmac.digest(32-byte key, 40 bytes, sha256)"
PLAIN = "the plain engine (knack_loadtest.oracle)"

_SEED = 20_250
_GAMES = 100
"""Runs of either course, some 90 moves in a sprint and several hundred in a climb."""
_ROUNDS = 400
_DIGESTS = 400
"""Digests a round: about as long as a run, so that both sit through the same interruptions."""
_FIRST_BOARDS = 4
_PLAIN_ROUNDS = 20
"""The plain engine takes milliseconds a move."""
_BOARDS = 200
_ASKED_TIMES = 5
_PLAIN_BOARDS = 10
_MOVE_WAIT_MS = 10
"""Between a lock's end and the next move: quick hands."""


class _DrawnAhead(SeededTiles):
    """Tiles whose first boards lie ready, as a server has them before a move needs one."""

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed)
        self._boards: dict[int, Board] = {}

    def first_board(self, level: int) -> Board:
        """Return the board, drawn when it was first asked for."""
        if level not in self._boards:
            self._boards[level] = super().first_board(level)
        return self._boards[level]


class _Game(NamedTuple):
    """A run that was played once, with random legal moves, and can be played again."""

    course: Course
    seed: bytes
    tiles: _DrawnAhead
    moves: list[tuple[int, int, int]]


def _played(course: Course, random: Random) -> _Game:
    seed = random.randbytes(32)
    tiles = _DrawnAhead(seed)
    run = Run(course, tiles, bytes(32), 0)
    moves: list[tuple[int, int, int]] = []
    while True:
        cell, direction = random.choice(legal_swaps(run.board))
        t_arr = run.lock_end_ms + _MOVE_WAIT_MS
        if run.move(t_arr, cell, direction).verdict is not Verdict.OK:
            return _Game(course, seed, tiles, moves)
        moves.append((t_arr, cell, direction))


def _apply(game: _Game) -> Work:
    """Return the whole run, move by move; what was not answered ok is not counted."""

    def work() -> int:
        # Setting up the run is not a move: its first board lies ready and the rest is a few assignments.
        move = Run(game.course, game.tiles, bytes(32), 0).move
        outcomes = [move(t_arr, cell, direction) for t_arr, cell, direction in game.moves]
        return sum(outcome.verdict is Verdict.OK for outcome in outcomes)

    return work


def _apply_plainly(game: _Game) -> Work:
    """Return the same run in the plain engine, once: drawing its first board is over before the clock starts."""
    levels = [(level.goal, level.time_ms) for level in game.course.levels]
    run = PlainRun(levels, game.seed, None, bytes(32), 0)
    return lambda: sum(run.move(*move).verdict == "ok" for move in game.moves)


def _digests() -> int:
    digest, key, message = hmac.digest, bytes(32), bytes(40)
    for _ in range(_DIGESTS):
        digest(key, message, "sha256")
    return _DIGESTS


def _first_boards(random: Random) -> Work:
    tiles = SeededTiles(random.randbytes(32))

    def work() -> int:
        for level in range(_FIRST_BOARDS):
            tiles.first_board(level)
        return _FIRST_BOARDS

    return work


def _asked(boards: Sequence[Board], times: int) -> Work:
    planes = [board.planes for board in boards] * times

    def work() -> int:
        for board in planes:
            has_legal_swap(board)
        return len(planes)

    return work


def _asked_plainly(boards: Sequence[Board]) -> Work:
    cells = [list(board.symbols) for board in boards]

    def work() -> int:
        for board in cells:
            plain.has_legal_swap(board)
        return len(cells)

    return work


def _boards_at_rest(random: Random) -> list[Board]:
    """Return boards as a deadlock check meets them: in the middle of runs, a swap left."""
    boards: list[Board] = []
    while len(boards) < _BOARDS:
        run = Run(SPRINT, SeededTiles(random.randbytes(32)), bytes(32), 0)
        for _ in range(random.randrange(60)):
            run.move(run.lock_end_ms + _MOVE_WAIT_MS, *random.choice(legal_swaps(run.board)))
        boards.append(run.board)
    return boards


def _dead_boards(random: Random) -> list[Board]:
    """Return boards without a legal swap: diagonals of all symbols, in every order of the symbols."""
    boards = []
    for _ in range(_BOARDS):
        symbols = random.sample(range(SYMBOLS), SYMBOLS)
        boards.append(
            Board.of(bytes(symbols[(2 * row + column) % SYMBOLS] for row in range(8) for column in range(8)))
        )
    assert not any(has_legal_swap(board.planes) for board in boards)
    return boards


def figures() -> Iterator[Figure]:
    """Measure; yield each figure as soon as it is known. Some five seconds."""
    random = Random(_SEED)  # noqa: S311 -- the same games every time
    games = [_played(course, random) for _ in range(_GAMES) for course in (SPRINT, CLIMB)]
    ours, digest, first = interleaved(
        _ROUNDS, [_apply(game) for game in games], [_digests], [_first_boards(random)]
    )
    yield Figure("rules.apply", ours, "us", HMAC, ours / digest)
    sprints = [game for game in games if game.course is SPRINT][:_PLAIN_ROUNDS]
    ours, theirs = interleaved(
        _PLAIN_ROUNDS, [_apply(game) for game in sprints], [_apply_plainly(game) for game in sprints]
    )
    yield Figure("rules.apply.speedup", ours, "us", PLAIN, theirs / ours)
    yield Figure("rules.first_board", first, "us", HMAC, first / digest)
    for name, boards in (("playable", _boards_at_rest(random)), ("dead", _dead_boards(random))):
        ours, theirs = interleaved(
            _PLAIN_ROUNDS,
            [_asked(boards, _ASKED_TIMES)],
            [_asked_plainly(boards[n : n + _PLAIN_BOARDS]) for n in range(0, _BOARDS, _PLAIN_BOARDS)],
        )
        yield Figure(f"rules.has_legal_swap.{name}", ours, "us", PLAIN, theirs / ours)
