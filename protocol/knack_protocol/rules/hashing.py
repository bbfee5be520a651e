"""How everything that is hashed begins, and how texts of any length are told apart (RULES.md, notation)."""

from typing import Final

from knack_protocol.rules.numbers import RULES_VERSION

TEXT_BYTES_MAX: Final = 0xFFFF


def tagged(purpose: str) -> bytes:
    """Return what leads every byte string hashed for one purpose: `m3/1|purpose` and a zero byte."""
    return RULES_VERSION + b"|" + purpose.encode("ascii") + b"\0"


def lp(text: str | bytes) -> bytes:
    """Return a text (as UTF-8) or bytes behind their length, u16.

    Raises:
        ValueError: longer than 65,535 bytes.
    """
    encoded = text.encode() if isinstance(text, str) else text
    if len(encoded) > TEXT_BYTES_MAX:
        raise ValueError("a text that is hashed has at most 65535 bytes")
    return len(encoded).to_bytes(2, "big") + encoded
