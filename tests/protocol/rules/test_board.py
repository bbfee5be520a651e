import pytest
from hypothesis import given
from hypothesis import strategies as st

from knack_protocol.rules.board import BOARD_BYTES, INSIDE, RIGHT, SHIFT_OF, UP, Board, planes_of, symbols_of

SYMBOLS = st.binary(min_size=64, max_size=64).map(lambda raw: bytes(byte % 6 for byte in raw))

PICTURE = """
    04340245
    25243550
    13100204
    33424453
    05325201
    43105341
    32202053
    55344541
"""


@given(SYMBOLS)
def test_planes_and_symbols_are_two_faces_of_one_board(symbols: bytes) -> None:
    assert symbols_of(planes_of(symbols)) == symbols
    board = Board.of(symbols)
    assert board.symbols == symbols
    assert [board[cell] for cell in range(64)] == list(symbols)
    assert Board.parse(board.digits) == board
    assert Board.parse(str(board)) == board
    assert eval(repr(board), {"Board": Board}) == board


@given(SYMBOLS)
def test_every_cell_has_one_bit_and_no_guard_has_any(symbols: bytes) -> None:
    planes = planes_of(symbols)
    assert planes.bit_count() == 64
    assert planes & ~INSIDE == 0
    assert planes < 1 << 8 * BOARD_BYTES


def test_up_and_right_are_shifts() -> None:
    for cell in range(64):
        if cell >= 8:
            assert SHIFT_OF[cell - 8] == SHIFT_OF[cell] + UP
        if cell % 8 < 7:
            assert SHIFT_OF[cell + 1] == SHIFT_OF[cell] + RIGHT


def test_a_board_reads_as_it_is_drawn() -> None:
    board = Board.parse(PICTURE)
    assert str(board).split() == PICTURE.split()
    assert (board[0], board[1], board[8], board[63]) == (0, 4, 2, 1)


def test_boards_are_values() -> None:
    assert Board.parse(PICTURE) == Board.parse(PICTURE)
    assert len({Board.parse(PICTURE), Board.parse(PICTURE), Board.of(bytes(64))}) == 2
    assert Board.parse(PICTURE) != Board.of(bytes(64))
    assert Board.parse(PICTURE) != PICTURE


@pytest.mark.parametrize(
    "text", ["", "0" * 63, "0" * 65, "0" * 63 + "6", "0" * 63 + "x", "0" * 63 + "²", "0" * 63 + "٣"]
)
def test_what_is_not_64_digits_from_0_to_5_is_no_board(text: str) -> None:
    with pytest.raises(ValueError, match="64 digits from 0 to 5"):
        Board.parse(text)


@pytest.mark.parametrize("symbols", [b"", bytes(63), bytes(65), bytes(63) + b"\x06", bytes(63) + b"0"])
def test_what_is_not_64_symbols_is_no_board(symbols: bytes) -> None:
    with pytest.raises(ValueError, match="64 symbols from 0 to 5"):
        Board.of(symbols)
