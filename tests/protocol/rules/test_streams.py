import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knack_loadtest.oracle import board as plain
from knack_loadtest.oracle.chance import below, stream
from knack_protocol.rules.board import Board
from knack_protocol.rules.cascade import Falling
from knack_protocol.rules.matching import has_match
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import has_legal_swap, legal_swap_count

CHANCE = json.loads((Path(__file__).parents[3] / "protocol/vectors/rules/parts/chance.json").read_text())
SEED = bytes.fromhex(CHANCE["seed"])
PLAYER_SEED = bytes.fromhex(CHANCE["player_seed"])
TILES = {"heat": SeededTiles(SEED), "player": SeededTiles(SEED, PLAYER_SEED)}


@pytest.mark.parametrize("scope", ["heat", "player"])
@pytest.mark.parametrize("expected", CHANCE["first_boards"])
def test_first_boards_are_the_heat_s_in_either_scope(expected: dict[str, object], scope: str) -> None:
    board = TILES[scope].first_board(expected["level"])
    assert board.digits == expected["board"]
    assert legal_swap_count(board.planes) == expected["legal_swaps"]
    assert plain.first_board(SEED, expected["level"])[0] == expected["attempt"]


@pytest.mark.parametrize("expected", CHANCE["columns"])
def test_columns_fall_as_the_vector_says(expected: dict[str, object]) -> None:
    falling = Falling(TILES[expected["scope"]], expected["level"])
    symbols = expected["symbols"]
    drawn = b"".join(falling.draw(expected["column"], count) for count in [1, 3, 0, 8, len(symbols) - 12])
    assert "".join(map(str, drawn)) == symbols
    assert falling.drawn[expected["column"]] == len(symbols)
    assert sum(falling.drawn) == len(symbols)


@pytest.mark.parametrize("expected", CHANCE["shuffles"])
def test_shuffles_and_the_rescue_come_out_as_the_vector_says(expected: dict[str, object]) -> None:
    attempt, board = TILES["heat"].shuffle(Board.parse(expected["board"]), expected["z"])
    assert (attempt, board.digits) == (expected["attempt"], expected["shuffled"])


@settings(max_examples=10, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.integers(0, 0xFFFFFFFF))
def test_seeded_tiles_are_those_of_the_plain_engine(seed: bytes, player_seed: bytes, z: int) -> None:
    tiles = SeededTiles(seed, player_seed)
    assert list(tiles.first_board(2).symbols) == plain.first_board(seed, 2)[1]
    source = stream(player_seed, "col", 6, 2)
    falling = Falling(tiles, 2)
    assert list(falling.draw(6, 150)) == [below(6, source) for _ in range(150)]
    dead = Board.parse(CHANCE["shuffles"][0]["board"])
    attempt, board = tiles.shuffle(dead, z)
    assert (attempt, list(board.symbols)) == plain.shuffled(player_seed, list(dead.symbols), z)
    assert sorted(board.symbols) == sorted(dead.symbols)
    assert not has_match(board.planes)
    assert has_legal_swap(board.planes)
    attempt, board = tiles.rescue(z)
    assert (attempt, list(board.symbols)) == plain.rescue(player_seed, z)
