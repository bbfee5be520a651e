"""What somebody who knows the seed sees: the tiles that will fall, whichever swap he tries."""

from knack_protocol.rules.board import Board
from knack_protocol.rules.cascade import Falling, resolve
from knack_protocol.rules.numbers import COLUMNS
from knack_protocol.rules.run import Outcome
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import Swap, swapped


class KnownTiles(SeededTiles):
    """The tiles of a seed, each block of them drawn once."""

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed)
        self._drawn: dict[tuple[int, int, int], bytes] = {}

    def falling(self, level: int, column: int, batch: int) -> bytes:
        """Return the symbols of one block of the column's stream."""
        key = level, column, batch
        if key not in self._drawn:
            self._drawn[key] = super().falling(level, column, batch)
        return self._drawn[key]


class Tide:
    """How far the columns of a level have fallen, and what falls next."""

    def __init__(self, tiles: KnownTiles) -> None:
        self._tiles = tiles
        self._level = 0
        self._drawn = [0] * COLUMNS

    def moved(self, outcome: Outcome) -> None:
        """Take in what a move has used up."""
        if outcome.level is not None:
            self._level, self._drawn = outcome.level.level, [0] * COLUMNS
            return
        for fills in outcome.steps:
            for column, fill in enumerate(fills):
                self._drawn[column] += len(fill)

    def falling(self) -> Falling:
        """Return the tiles from here on; drawing them changes nothing for anybody else."""
        falling = Falling(self._tiles, self._level)
        falling.drawn = list(self._drawn)
        return falling


def foreseen_points(board: Board, swap: Swap, tide: Tide) -> int:
    """Return what a swap is going to pay, its whole cascade included."""
    return resolve(swapped(board.planes, *swap), tide.falling()).points
