"""WebSocket frames (RFC 6455, section 5) as a client of ours needs them: few, whole, and cheap.

The masking key is zero, so that masking changes nothing: the server unmasks all the same, and what it costs there is what
any client costs. Masking guards browsers' caches against hostile scripts, and there is neither here.
"""

from collections.abc import Iterator
from typing import Final

TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

_FIN: Final = 0x80
_MASKED: Final = 0x80
_KEY: Final = bytes(4)


class BrokenFrame(Exception):
    """The server sent what no server of this protocol sends: fragments, masked frames, or more than is allowed."""


def frame_of(opcode: int, payload: bytes) -> bytes:
    """Return one whole frame from a client."""
    length = len(payload)
    if length < 126:
        return bytes((_FIN | opcode, _MASKED | length)) + _KEY + payload
    if length < 1 << 16:
        return bytes((_FIN | opcode, _MASKED | 126)) + length.to_bytes(2, "big") + _KEY + payload
    return bytes((_FIN | opcode, _MASKED | 127)) + length.to_bytes(8, "big") + _KEY + payload


class Frames:
    """Bytes in, frames out; what is not whole yet waits for the rest."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""

    def feed(self, received: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield opcode and payload of each frame that is whole now.

        Raises:
            BrokenFrame: nothing after it can be read.
        """
        received = self._rest + received if self._rest else received
        start, end = 0, len(received)
        while (header := _header(received, start, end)) is not None:
            opcode, begin, length = header
            if length > self._longest:
                raise BrokenFrame(f"a frame of {length} bytes")
            if begin + length > end:
                break
            start = begin + length
            yield opcode, received[begin:start]
        self._rest = received[start:]


def _header(received: bytes, start: int, end: int) -> tuple[int, int, int] | None:
    """Return opcode, where the payload begins, and its length; None while that is not known yet."""
    if end - start < 2:
        return None
    first, length = received[start], received[start + 1]
    if not first & _FIN or first & 0x70 or length & _MASKED:
        raise BrokenFrame(f"a frame that begins with {first:02x} {length:02x}")
    begin = start + 2
    if length >= 126:
        wide = 2 if length == 126 else 8
        begin += wide
        if end < begin:
            return None
        length = int.from_bytes(received[begin - wide : begin], "big")
    return first & 0x0F, begin, length
