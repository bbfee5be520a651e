"""Just enough of WebSocket for a client that counts: a handshake, masked frames out, frames in (RFC 6455)."""

from base64 import b64encode
from typing import Final, NamedTuple

CONTINUATION: Final = 0
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

_KEY = b64encode(bytes(16)).decode()
_MASK = bytes(4)
"""A mask of zeros is a mask: what is sent can be read as it is, and masking costs nothing."""

_HEAD_END = b"\r\n\r\n"


class Frame(NamedTuple):
    """One frame from a server; messages of several frames are not put together."""

    opcode: int
    payload: bytes


class NotAccepted(Exception):
    """A server answered the handshake with something else than 101."""


def handshake(port: int, path: str, subprotocol: str, *, offers_deflate: bool) -> bytes:
    """Return the request that opens a WebSocket; `subprotocol` empty offers none."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {_KEY}",
        "Sec-WebSocket-Version: 13",
    ]
    if subprotocol:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    if offers_deflate:
        lines.append("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
    return "\r\n".join([*lines, "", ""]).encode()


def accepted(answer: bytes) -> bytes | None:
    """Return what follows the head of the server's 101, or None while the head is not whole.

    Raises:
        NotAccepted: it was not a 101.
    """
    head, end, rest = answer.partition(_HEAD_END)
    if not end:
        return None
    status = head.split(b"\r\n", 1)[0]
    if status.split(b" ")[1:2] != [b"101"]:
        raise NotAccepted(head.decode("latin-1"))
    return rest


def masked(opcode: int, payload: bytes) -> bytes:
    """Return a whole client frame of less than 64 KiB."""
    length = len(payload)
    if length < 126:
        return bytes((0x80 | opcode, 0x80 | length)) + _MASK + payload
    return bytes((0x80 | opcode, 0xFE)) + length.to_bytes(2, "big") + _MASK + payload


def cut(stream: bytes) -> tuple[list[Frame], bytes]:
    """Cut a server's bytes into whole frames; what is left over begins the next one."""
    frames: list[Frame] = []
    start, end = 0, len(stream)
    while end - start >= 2:
        length, head = stream[start + 1], 2
        if length == 126:
            length, head = int.from_bytes(stream[start + 2 : start + 4], "big"), 4
        elif length == 127:
            length, head = int.from_bytes(stream[start + 2 : start + 10], "big"), 10
        if end - start < head or end - start < head + length:
            break
        frames.append(Frame(stream[start] & 0x0F, stream[start + head : start + head + length]))
        start += head + length
    return frames, stream[start:]
