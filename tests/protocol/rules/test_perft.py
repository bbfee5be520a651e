"""Every way to play a few moves, counted: a wrong rule anywhere below shows in these numbers."""

import json
from pathlib import Path

import pytest

from knack_loadtest.oracle import board as plain
from knack_loadtest.oracle.chance import below, stream
from knack_protocol.rules.board import Board
from knack_protocol.rules.cascade import Falling, resolve
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import legal_swaps, swapped

CHANCE = json.loads((Path(__file__).parents[3] / "protocol/vectors/rules/parts/chance.json").read_text())
SEED = bytes.fromhex(CHANCE["seed"])
FIRST_BOARD = CHANCE["first_boards"][0]["board"]

# Depth: ways to play so many moves, and the points of all of their last moves. From the board of RULES.md, section 9.
GOLDEN = {1: (9, 435), 2: (97, 6_285), 3: (1_180, 81_870), 4: (15_267, 1_076_150)}


def perft(planes: int, drawn: list[int], depth: int) -> tuple[int, int]:
    """Count the ways to play `depth` moves, and the points of their last moves."""
    ways = points = 0
    for swap in legal_swaps(Board(planes)):
        falling = Falling(SeededTiles(SEED), 0)
        for column, count in enumerate(drawn):
            falling.draw(column, count)
        after = resolve(swapped(planes, *swap), falling)
        deeper = (1, after.points) if depth == 1 else perft(after.planes, falling.drawn, depth - 1)
        ways, points = ways + deeper[0], points + deeper[1]
    return ways, points


def plain_perft(cells: plain.Cells, drawn: list[int], depth: int) -> tuple[int, int]:
    """Count the same with the plain engine."""
    ways = points = 0
    for i, d in plain.legal_swaps(cells):
        columns = [stream(SEED, "col", column, 0) for column in range(8)]
        for column, count in zip(columns, drawn, strict=True):
            for _ in range(count):
                below(6, column)
        after, paid, fills = plain.resolve(plain.swapped(cells, i, d), columns)
        fallen = [count + sum(len(step[c]) for step in fills) for c, count in enumerate(drawn)]
        deeper = (1, sum(paid)) if depth == 1 else plain_perft(after, fallen, depth - 1)
        ways, points = ways + deeper[0], points + deeper[1]
    return ways, points


@pytest.mark.parametrize("depth", GOLDEN)
def test_the_ways_to_play_are_as_many_as_ever(depth: int) -> None:
    assert perft(Board.parse(FIRST_BOARD).planes, [0] * 8, depth) == GOLDEN[depth]


@pytest.mark.parametrize("depth", [1, 2])
def test_the_plain_engine_counts_as_many(depth: int) -> None:
    assert plain_perft([int(digit) for digit in FIRST_BOARD], [0] * 8, depth) == GOLDEN[depth]
