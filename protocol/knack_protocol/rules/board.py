"""The board: 64 symbols in one integer of six interleaved bit planes, with a pleasant face on top.

Each cell is one byte of the integer, with bit `s` set when it holds symbol `s`; six of the eight bits are in use, so
that "the same symbol" is a plain `&` for all symbols of all cells at once. Cells stand column by column, each column
from the bottom to the top, and above each column lies an empty guard cell:

    bits of cell (row, column) = 8 · (9 · column + 7 - row)      UP = 8 bits      RIGHT = 72 bits

An empty cell equals nothing, so shifts up or down need no edge masks, and a column reads as tiles fall: survivors
first, new tiles behind them. A byte a cell (instead of the six bits it needs) makes the integer convertible to and
from `bytes` in one call, where gravity is `translate` and `split` (see `cascade`).
"""

from typing import Final

from knack_protocol.rules.numbers import CELLS, COLUMNS, ROWS, SYMBOLS

CELL_BITS: Final = 8
UP: Final = CELL_BITS
RIGHT: Final = CELL_BITS * (ROWS + 1)
BOARD_BYTES: Final = COLUMNS * (ROWS + 1) - 1
"""71: every column with its guard cell, but for the last guard, which nothing lies beyond."""

SHIFT_OF: Final = tuple(
    CELL_BITS * ((ROWS + 1) * (i % COLUMNS) + ROWS - 1 - i // COLUMNS) for i in range(CELLS)
)
"""The lowest bit of cell `i` = 8 · row + column."""

INSIDE: Final = sum(0xFF << shift for shift in SHIFT_OF)
"""Every bit of every cell, none of the guards."""

PLANE_OF_SYMBOL: Final = bytes([*(1 << s for s in range(SYMBOLS)), *bytes(256 - SYMBOLS)])
"""`bytes.translate` table: symbol to the byte of its cell."""
SYMBOL_OF_PLANE: Final = bytes({1 << s: s for s in range(SYMBOLS)}.get(b, 0) for b in range(256))
"""`bytes.translate` table: byte of a cell to its symbol."""

# `ORDER.translate(board)` reads byte ORDER[k] of `board` for every k: any rearrangement in one call, as long as the
# table that is asked for has its 256 entries.
_ROW_MAJOR: Final = bytes(shift // CELL_BITS for shift in SHIFT_OF)
_LAYOUT: Final = bytes(
    CELLS if place % (ROWS + 1) == ROWS else COLUMNS * (ROWS - 1 - place % (ROWS + 1)) + place // (ROWS + 1)
    for place in range(BOARD_BYTES)
)
_PADDING_OF_LAYOUT: Final = bytes(256 - BOARD_BYTES)
_PADDING_OF_CELLS: Final = bytes(256 - CELLS)

_DIGITS: Final = frozenset("012345")


def planes_of(symbols: bytes) -> int:
    """Return the integer of 64 symbols 0..5, row by row from the top."""
    return int.from_bytes(_LAYOUT.translate(symbols.translate(PLANE_OF_SYMBOL) + _PADDING_OF_CELLS), "little")


def symbols_of(planes: int) -> bytes:
    """Return the 64 symbols of a full board, row by row from the top."""
    return _ROW_MAJOR.translate(
        planes.to_bytes(BOARD_BYTES, "little").translate(SYMBOL_OF_PLANE) + _PADDING_OF_LAYOUT
    )


class Board:
    """64 cells, each with one of six symbols; immutable, equal by value.

    `Board.parse` reads digits, `Board.of` symbols; `board[i]` is the symbol of cell i = 8 · row + column, row 0 on
    top; `str(board)` shows eight rows. `planes` is the integer that `matching`, `swaps` and `cascade` work on.
    """

    __slots__ = ("planes",)

    planes: Final[int]

    def __init__(self, planes: int) -> None:
        self.planes = planes

    @classmethod
    def of(cls, symbols: bytes) -> "Board":
        """Return the board of 64 symbols 0..5, row by row from the top.

        Raises:
            ValueError: not 64, or not all of them symbols.
        """
        if len(symbols) != CELLS or max(symbols) >= SYMBOLS:
            raise ValueError("a board has 64 symbols from 0 to 5")
        return cls(planes_of(symbols))

    @classmethod
    def parse(cls, text: str) -> "Board":
        """Return the board of 64 digits 0..5, row by row from the top; white space is allowed anywhere.

        Raises:
            ValueError: not 64 digits, or others than 0..5.
        """
        digits = "".join(text.split())
        if len(digits) != CELLS or not _DIGITS.issuperset(digits):
            raise ValueError("a board has 64 digits from 0 to 5")
        return cls(planes_of(bytes(map(int, digits))))

    @property
    def symbols(self) -> bytes:
        """The 64 symbols 0..5, row by row from the top."""
        return symbols_of(self.planes)

    @property
    def digits(self) -> str:
        """The 64 symbols as digits, row by row from the top."""
        return "".join(map(str, self.symbols))

    def __getitem__(self, cell: int) -> int:
        return (self.planes >> SHIFT_OF[cell] & 0xFF).bit_length() - 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Board) and self.planes == other.planes

    def __hash__(self) -> int:
        return hash(self.planes)

    def __str__(self) -> str:
        digits = self.digits
        return "\n".join(digits[start : start + COLUMNS] for start in range(0, CELLS, COLUMNS))

    def __repr__(self) -> str:
        return f"Board.parse({' '.join(str(self).split())!r})"
