"""Streams of bytes from a seed, one draw at a time (RULES.md, sections 3 and 5)."""

import hashlib
import hmac
from collections.abc import Iterator


def sha(message: bytes) -> bytes:
    """Return the SHA-256."""
    return hashlib.sha256(message).digest()


def mac(key: bytes, message: bytes) -> bytes:
    """Return the HMAC-SHA-256."""
    return hmac.new(key, message, hashlib.sha256).digest()


def u(width: int, number: int) -> bytes:
    """Return an unsigned big-endian integer of `width` bytes."""
    return number.to_bytes(width, "big")


def lp(text: str | bytes) -> bytes:
    """Return a text behind its length."""
    encoded = text.encode("utf-8") if isinstance(text, str) else text
    return u(2, len(encoded)) + encoded


def stream(key: bytes, label: str, a: int, b: int) -> Iterator[int]:
    """Yield the bytes of a stream, for ever."""
    n = 0
    while True:
        yield from mac(key, b"m3/1|stream\x00" + lp(label) + u(4, a) + u(4, b) + u(4, n))
        n += 1


def below(n: int, source: Iterator[int]) -> int:
    """Return the next number below n, all equally likely."""
    limit = 256 - 256 % n
    while True:
        byte = next(source)
        if byte < limit:
            return byte % n
