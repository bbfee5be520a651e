"""Ed25519: the organiser's key, its fingerprint, and every text that it signs (PROOF.md, section 4).

Where the private key lies and who may read it is the caller's care.
"""

import hashlib
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from knack_protocol.ids import EventId
from knack_protocol.rules.numbers import RULES_VERSION

FINGERPRINT_BYTES: Final = 16
"""Nobody makes a second key with the same 128 bits, and 32 digits still fit on a poster."""

_VERSION: Final = RULES_VERSION.decode()


class Signer:
    """A private key that signs; `key` is its public half, 32 bytes.

    Raises:
        ValueError: not 32 bytes.
    """

    __slots__ = ("_private", "key")

    def __init__(self, private: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self.key = self._private.public_key().public_bytes_raw()

    def sign(self, text: bytes) -> bytes:
        """Return the 64 bytes that vouch for a text."""
        return self._private.sign(text)


def is_signed(key: bytes, text: bytes, signature: bytes) -> bool:
    """Tell whether the key's owner has signed this text."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint_bytes(key: bytes) -> bytes:
    """Return the first 16 bytes of the key's SHA-256."""
    return hashlib.sha256(key).digest()[:FINGERPRINT_BYTES]


def fingerprint(key: bytes) -> str:
    """Return the 32 hex digits by which people compare keys."""
    return fingerprint_bytes(key).hex()


def grouped(digits: str) -> str:
    """Return digits in groups of four, as they stand on a poster."""
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


def results_text(
    event: EventId, heat: str, tree_size: int, root: bytes, t0_unix_ms: int, roster_hash: bytes
) -> bytes:
    """Return what is signed of results; in open play heat and roster hash are empty and T0 is 0 (RULES.md, 7)."""
    lines = (f"{event}/{heat}", str(tree_size), root.hex(), str(t0_unix_ms), roster_hash.hex())
    return _text("results", *lines)


def acts_text(event: EventId, count: int, head: bytes) -> bytes:
    """Return what is signed of the moderators' acts: how many there are and the hash that holds all."""
    return _text("acts", event, str(count), head.hex())


def bundle_text(event: EventId, kind: str, sha256: bytes) -> bytes:
    """Return what a bundle's seal signs: the hash of everything else in it."""
    return _text("bundle", event, kind, sha256.hex())


def _text(purpose: str, *lines: str) -> bytes:
    return "".join(f"{line}\n" for line in (f"{_VERSION} {purpose}", *lines)).encode()
