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


def _picture(text: str) -> bytes:
    """Return the dead board with the digits of a picture put over it; dots leave it as it is."""
    return bytes(
        dead if mark == "." else int(mark) for dead, mark in zip(DEAD, "".join(text.split()), strict=True)
    )


def test_a_swap_along_the_line_itself_is_seen() -> None:
    # 5 5 _ 5 in the top row, and nothing else.
    assert has_legal_swap(Board.of(DEAD).planes) is False
    board = Board.of(_picture("44.4.... " + "........ " * 7))
    assert list(legal_swaps(board)) == list(plain.legal_swaps(list(board.symbols)))
    assert has_legal_swap(board.planes)


@pytest.mark.parametrize("column", range(7))
def test_a_column_s_top_and_the_next_column_s_foot_are_no_neighbours(column: int) -> None:
    # The top of one column and the two lowest cells of the next hold the same symbol: four apart in the integer, with
    # a guard between. Whatever is legal then must be what the plain engine finds.
    cells = list(DEAD)
    cells[column] = cells[48 + column + 1] = cells[56 + column + 1] = 5
    if not plain.matches(cells):
        assert has_legal_swap(Board.of(bytes(cells)).planes) is plain.has_legal_swap(cells)
