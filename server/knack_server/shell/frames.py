"""Frames of a WebSocket, where they have only one meaning (RFC 6455, 5.2): whole ones, unfragmented, without extensions.

Everything else, what is broken included, is for websockets' Sans-I/O core to judge.
"""

from __future__ import annotations

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # the C one where there is one

from knack_protocol.wire.limits import COMMAND_BYTES_MAX

BINARY, PING, PONG = 0x82, 0x89, 0x8A
"""First bytes: FIN set, no extension, and the kind."""

_KINDS = frozenset({BINARY, PING, PONG})

CONTROL_BYTES_MAX = 125
"""Of a ping or pong (RFC 6455, 5.5)."""

_LONGER = 126
"""Stands for a length in the next two bytes; what is longer than those can say is none of ours."""


def plain_frame(data: bytes, start: int) -> tuple[int, bytes, int] | None:
    """Read the client's frame that begins at `start`: its first byte, its payload, where it ends.

    None where no whole frame of a kind above begins there, or one longer than a command may be.
    """
    if len(data) - start < 6:
        return None
    first, length, body = data[start], data[start + 1] - 0x80, start + 6
    if length == _LONGER and first == BINARY:
        length, body = int.from_bytes(data[start + 2 : start + 4], "big"), start + 8
    elif not 0 <= length <= CONTROL_BYTES_MAX or first not in _KINDS:
        return None  # not masked, too long, a text, a piece, a close, or broken
    end = body + length
    if length > COMMAND_BYTES_MAX or end > len(data):
        return None
    return first, apply_mask(data[body:end], data[body - 4 : body]), end


def control_frame(first: int, payload: bytes) -> bytes:
    """Return a server's ping or pong."""
    assert len(payload) <= CONTROL_BYTES_MAX
    return bytes((first, len(payload))) + payload


def frame_of(payload: bytes) -> bytes:
    """Return a server's binary frame; the same bytes are right for every connection."""
    length = len(payload)
    if length < 126:
        return b"\x82" + length.to_bytes(1, "big") + payload
    if length < 1 << 16:
        return b"\x82\x7e" + length.to_bytes(2, "big") + payload
    return b"\x82\x7f" + length.to_bytes(8, "big") + payload
