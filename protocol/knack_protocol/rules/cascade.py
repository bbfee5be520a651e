"""A cascade: matches go, survivors fall, new tiles enter, until nothing matches (RULES.md, section 2)."""

from typing import Final, NamedTuple

from knack_protocol.rules.board import BOARD_BYTES, PLANE_OF_SYMBOL, RIGHT, UP
from knack_protocol.rules.matching import matched, points, windows
from knack_protocol.rules.numbers import COLUMNS, MULTIPLIER_HALVES, ROWS
from knack_protocol.rules.streams import Tiles

Fills = tuple[bytes, ...]
"""What entered the eight columns in one step: symbols, the first tile that entered first."""

_BORDER: Final = 0x40
"""Marks the guards while columns are taken apart; no symbol has this bit."""
_BORDERS: Final = sum(_BORDER << RIGHT * column + UP * ROWS for column in range(COLUMNS - 1))
_BORDER_BYTE: Final = bytes([_BORDER])
_EMPTY: Final = b"\0"

_HALVES_LAST: Final = MULTIPLIER_HALVES[-1]


class Falling:
    """The tiles that fall in one level: eight endless columns, drawn from their streams as they are needed.

    `drawn[c]` counts the tiles that have fallen into column c. What was decoded but has not fallen waits in here and is
    nobody's business but the cascade's.
    """

    __slots__ = ("_batches", "_decoded", "_level", "_tiles", "drawn")

    def __init__(self, tiles: Tiles, level: int) -> None:
        self._tiles = tiles
        self._level = level
        self._decoded = [b""] * COLUMNS
        self._batches = [0] * COLUMNS
        self.drawn = [0] * COLUMNS

    def draw(self, column: int, count: int) -> bytes:
        """Return the next `count` symbols of a column, the one that falls first first."""
        start = self.drawn[column]
        self.drawn[column] = end = start + count
        drawn = self._decoded[column][start:end]
        while len(drawn) < count:
            self._decoded[column] += self._tiles.falling(self._level, column, self._batches[column])
            self._batches[column] += 1
            drawn = self._decoded[column][start:end]
        return drawn


class Resolved(NamedTuple):
    """A cascade's end: the board at rest, the points of all steps, and each step's fills."""

    planes: int
    points: int
    steps: tuple[Fills, ...]


def resolve(planes: int, falling: Falling) -> Resolved:
    """Resolve every match of a board; without one, nothing happens and there are no steps."""
    total = 0
    steps: list[Fills] = []
    while True:
        across, upright = windows(planes)
        if not (across or upright):
            return Resolved(planes, total, tuple(steps))
        halves = MULTIPLIER_HALVES[len(steps)] if len(steps) < len(MULTIPLIER_HALVES) else _HALVES_LAST
        total += points(across, upright) * halves // 2
        # Emptied cells are 0 bytes: deleting them lets every column fall, and the borders take the columns apart.
        remaining = planes ^ matched(across, upright) | _BORDERS
        columns = remaining.to_bytes(BOARD_BYTES, "little").translate(None, _EMPTY).split(_BORDER_BYTE)
        fills = []
        for column, survivors in enumerate(columns):
            if len(survivors) == ROWS:
                fills.append(b"")
            else:
                entered = falling.draw(column, ROWS - len(survivors))
                columns[column] = survivors + entered.translate(PLANE_OF_SYMBOL)
                fills.append(entered)
        steps.append(tuple(fills))
        planes = int.from_bytes(_EMPTY.join(columns), "little")
