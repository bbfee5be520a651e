"""Where tiles come from: byte streams keyed by a seed, and the seam through which they enter a run (RULES.md, 3).

`Tiles` is that seam. A run asks it for first boards, for the tiles that fall into a column, and for a shuffled board,
and has no other source of chance: a test that plants different tiles behind it has changed all of a run's luck.
"""

import hmac
from collections.abc import Iterator
from itertools import count
from struct import Struct
from typing import Final, Protocol

from knack_protocol.rules.board import Board, planes_of
from knack_protocol.rules.hashing import lp, tagged
from knack_protocol.rules.matching import has_match
from knack_protocol.rules.numbers import (
    CELLS,
    FIRST_BOARD_SWAPS_MIN,
    SHUFFLE_ATTEMPTS,
    SYMBOLS,
)
from knack_protocol.rules.swaps import has_legal_swap, legal_swap_count

_STREAM: Final = tagged("stream")
_INIT: Final = _STREAM + lp("init")
_COL: Final = _STREAM + lp("col")
_SHUF: Final = _STREAM + lp("shuf")
_RESCUE: Final = _STREAM + lp("rescue")
_PLACE: Final = Struct(">III").pack

_SYMBOL_OF_BYTE: Final = bytes(byte % SYMBOLS for byte in range(256))
_REFUSED_BYTES: Final = bytes(range(256 - 256 % SYMBOLS, 256))
"""252..255: taken modulo 6 they would make some symbols likelier than others."""
_LIMITS: Final = tuple(256 - 256 % (i + 1) for i in range(CELLS))
"""Bytes from here on are refused when a shuffle draws one of i + 1 cells."""


class Tiles(Protocol):
    """All the chance of a run."""

    def first_board(self, level: int) -> Board:
        """Return the board that a level (from 0) starts with: no match, at least five legal swaps."""
        ...

    def falling(self, level: int, column: int, batch: int) -> bytes:
        """Return the next symbols, some 30 but at least one, that fall into a column in this level; batches count from 0."""
        ...

    def shuffle(self, board: Board, z: int) -> tuple[int, Board]:
        """Return what a run's z-th shuffle (from 0) makes of a dead board, and the attempt that made it."""
        ...


class SeededTiles:
    """The tiles of a seed, as everybody can recompute them once it is revealed.

    With a `player_seed` (scope `player`) only the first boards are the heat's; everything else is the player's own.
    """

    __slots__ = ("_player_seed", "_seed")

    def __init__(self, seed: bytes, player_seed: bytes | None = None) -> None:
        self._seed = seed
        self._player_seed = player_seed or seed

    def first_board(self, level: int) -> Board:
        """Return the level's first board; 12 attempts on average, some 80 µs."""
        return next(
            Board(planes)
            for attempt in count()
            if _opens(planes := _drawn_planes(self._seed, _INIT, attempt, level))
        )

    def falling(self, level: int, column: int, batch: int) -> bytes:
        """Return the symbols of one block of the column's stream, 31.5 on average."""
        return _symbols(_block(self._player_seed, _COL, column, level, batch))

    def shuffle(self, board: Board, z: int) -> tuple[int, Board]:
        """Return the first acceptable exchange of the board's tiles, or after 1,000 attempts a rescue board."""
        symbols = board.symbols
        for attempt in range(SHUFFLE_ATTEMPTS):
            planes = planes_of(_exchanged(symbols, _bytes(self._player_seed, _SHUF, z, attempt)))
            if not has_match(planes) and has_legal_swap(planes):
                return attempt, Board(planes)
        attempt, board = self.rescue(z)
        return SHUFFLE_ATTEMPTS + attempt, board

    def rescue(self, z: int) -> tuple[int, Board]:
        """Return the board for tiles that no shuffle could revive, and the attempt (from 0) that drew it."""
        return next(
            (attempt, Board(planes))
            for attempt in count()
            if _opens(planes := _drawn_planes(self._player_seed, _RESCUE, z, attempt))
        )


def _opens(planes: int) -> bool:
    return not has_match(planes) and legal_swap_count(planes) >= FIRST_BOARD_SWAPS_MIN


def _block(key: bytes, label: bytes, a: int, b: int, n: int) -> bytes:
    return hmac.digest(key, label + _PLACE(a, b, n), "sha256")


def _bytes(key: bytes, label: bytes, a: int, b: int) -> Iterator[int]:
    for n in count():
        yield from _block(key, label, a, b, n)


def _symbols(block: bytes) -> bytes:
    """Return `below(6)` of a whole block at once."""
    return block.translate(_SYMBOL_OF_BYTE, _REFUSED_BYTES)


def _drawn_planes(key: bytes, label: bytes, a: int, b: int) -> int:
    """Return the board of a stream's first 64 symbols; mostly its first three blocks."""
    symbols = b""
    for n in count():
        symbols += _symbols(_block(key, label, a, b, n))
        if len(symbols) >= CELLS:
            break
    return planes_of(symbols[:CELLS])


def _exchanged(symbols: bytes, stream: Iterator[int]) -> bytes:
    """Return the symbols after the exchanges of Fisher and Yates, from the last cell to the second."""
    tiles = bytearray(symbols)
    for i in range(CELLS - 1, 0, -1):
        limit = _LIMITS[i]
        byte = next(stream)
        while byte >= limit:
            byte = next(stream)
        j = byte % (i + 1)
        tiles[i], tiles[j] = tiles[j], tiles[i]
    return bytes(tiles)
