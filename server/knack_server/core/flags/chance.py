"""Imagined tiles: as good as those of a stream and drawn from a seed that is written down, so that anybody can redo them."""

import hashlib
from typing import Final

from knack_protocol.rules.cascade import Falling
from knack_protocol.rules.numbers import SYMBOLS

_BLOCK_BYTES: Final = 1 << 15
"""About what 40 resamples of a sprint take."""

_SYMBOL_OF_BYTE: Final = bytes(byte % SYMBOLS for byte in range(256))
_REFUSED_BYTES: Final = bytes(range(256 - 256 % SYMBOLS, 256))
"""Taken modulo 6 they would make some symbols likelier than others."""


class ImaginedTiles(Falling):
    """Tiles that might have fallen: SHAKE-256 of the seed and a counter, long stretches at a time.

    All columns draw from the same stretch, because they are alike.
    """

    __slots__ = ("_at", "_counter", "_seed", "_symbols")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._counter = 0
        self._symbols = b""
        self._at = 0

    def draw(self, column: int, count: int) -> bytes:  # noqa: ARG002 - all columns are alike
        """Return `count` symbols."""
        start = self._at
        self._at = end = start + count
        if end > len(self._symbols):
            block = hashlib.shake_256(self._seed + self._counter.to_bytes(4, "big")).digest(_BLOCK_BYTES)
            self._counter += 1
            self._symbols = block.translate(_SYMBOL_OF_BYTE, _REFUSED_BYTES)
            start, self._at = 0, count
            end = count
        return self._symbols[start:end]
