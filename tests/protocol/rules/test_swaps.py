from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knack_loadtest.oracle import board as plain
from knack_protocol.rules.board import Board
from knack_protocol.rules.swaps import (
    CANONICAL_ORDER,
    Direction,
    Swap,
    has_legal_swap,
    is_legal,
    is_swap,
    legal_swap_count,
    legal_swaps,
    swapped,
)

DEAD = bytes((2 * (i // 8) + i % 8) % 6 for i in range(64))
SYMBOLS = st.binary(min_size=64, max_size=64).map(lambda raw: bytes(byte % 6 for byte in raw))


@st.composite
def boards_without_a_match(draw: st.DrawFn) -> bytes:
    """A random board, or a dead one with a few cells changed: there a single swap may be the only legal one."""
    if draw(st.booleans()):
        cells = list(draw(SYMBOLS))
    else:
        cells = list(DEAD)
        for cell, symbol in draw(st.lists(st.tuples(st.integers(0, 63), st.integers(0, 5)), max_size=6)):
            cells[cell] = symbol
    while found := plain.matches(cells):
        for line in found:
            cells[line[1]] = (cells[line[1]] + 1) % 6
    return bytes(cells)


def test_a_board_has_112_swaps_in_canonical_order() -> None:
    assert len(CANONICAL_ORDER) == 112
    assert list(CANONICAL_ORDER) == sorted(CANONICAL_ORDER)
    assert CANONICAL_ORDER[:3] == ((0, Direction.RIGHT), (0, Direction.DOWN), (1, Direction.RIGHT))
    assert CANONICAL_ORDER[-1] == (62, Direction.RIGHT)


@pytest.mark.parametrize(
    ("cell", "direction"),
    [(7, 0), (63, 0), (63, 1), (56, 1), (62, 1), (64, 0), (-1, 0), (0, 2), (0, -1), (255, 255)],
)
def test_a_swap_off_the_board_is_none(cell: int, direction: int) -> None:
    assert not is_swap(cell, direction)


def test_every_other_swap_is_one() -> None:
    assert sum(is_swap(cell, direction) for cell in range(256) for direction in range(256)) == 112


@given(SYMBOLS, st.sampled_from(CANONICAL_ORDER))
def test_a_swap_exchanges_two_neighbours_and_back(symbols: bytes, swap: Swap) -> None:
    planes = Board.of(symbols).planes
    after = swapped(planes, *swap)
    assert list(Board(after).symbols) == plain.swapped(list(symbols), *swap)
    assert swapped(after, *swap) == planes
    assert is_legal(planes, *swap) is plain.is_legal(list(symbols), *swap)


@settings(max_examples=300)
@given(boards_without_a_match())
def test_the_legal_swaps_are_those_of_the_plain_engine(symbols: bytes) -> None:
    expected = list(plain.legal_swaps(list(symbols)))
    board = Board.of(symbols)
    assert list(legal_swaps(board)) == expected
    assert legal_swap_count(board.planes) == len(expected)
    assert has_legal_swap(board.planes) is bool(expected)


def test_three_of_a_symbol_are_a_legal_swap_where_one_of_them_is_a_step_off_their_line() -> None:
    # On a board that is dead in five symbols, three tiles of the sixth in every place that they can take.
    dead = [(2 * (i // 8) + i % 8) % 5 for i in range(64)]
    lines = [
        frozenset(range(cell, cell + 3 * step, step))
        for cell in range(64)
        for step in (1, 8)
        if (cell % 8 < 6 if step == 1 else cell < 48)
    ]
    displaced = {
        line - {old} | {new}
        for line in lines
        for old in line
        for swap in CANONICAL_ORDER
        for here, there in [(swap.cell, swap.cell + (8 if swap.direction else 1))]
        for old_place, new in ((here, there), (there, here))
        if old_place == old and new not in line
    }
    assert len(displaced) == 664
    for triple in combinations(range(64), 3):
        if frozenset(triple) not in lines:
            cells = [5 if cell in triple else symbol for cell, symbol in enumerate(dead)]
            assert has_legal_swap(Board.of(bytes(cells)).planes) is (frozenset(triple) in displaced), triple
