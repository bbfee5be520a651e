"""Seeds: promised by a commitment, completed by what nobody could know then, revealed afterwards (RULES.md, 5)."""

import hashlib
import hmac
from enum import IntEnum
from typing import Final

from knack_protocol.ids import CourseName, EventId, PlayerId
from knack_protocol.rules.hashing import lp, tagged

_SEED: Final = tagged("seed")
_COMMIT: Final = tagged("commit")
_HEAT: Final = tagged("heat")
_PLAYER: Final = tagged("player")

NONCE_BYTES: Final = 16
"""What a player's device adds to its run's seed."""


class Scope(IntEnum):
    """Who shares tiles: everybody in the heat (also every solo run), or nobody but the first boards."""

    HEAT = 0
    PLAYER = 1


def server_seed(master: bytes, event: EventId, heat: str) -> bytes:
    """Return the 32 bytes that the server promises; a name is committed once under one master."""
    return hmac.digest(master, _SEED + lp(event) + lp(heat), "sha256")


def commit(
    event: EventId, heat: str, course: CourseName, scope: Scope, rules_hash: bytes, server_seed: bytes
) -> bytes:
    """Return the promise: 32 bytes that fix the server's seed without telling it."""
    return hashlib.sha256(
        _COMMIT + lp(event) + lp(heat) + lp(course) + bytes([scope]) + rules_hash + server_seed
    ).digest()


def seed(server_seed: bytes, event: EventId, heat: str, public: bytes) -> bytes:
    """Return the seed of a heat or solo run; `public` is the part that came after the promise."""
    return hmac.digest(server_seed, _HEAT + lp(event) + lp(heat) + lp(public), "sha256")


def player_seed(seed: bytes, player: PlayerId) -> bytes:
    """Return the key of a player's own tiles in a heat of scope `player`."""
    return hmac.digest(seed, _PLAYER + lp(player), "sha256")


def client_public(nonce: bytes) -> bytes:
    """Return the public part of a solo run: the 16 bytes that the player's device chose.

    Raises:
        ValueError: not 16 bytes.
    """
    if len(nonce) != NONCE_BYTES:
        raise ValueError("a device's nonce has 16 bytes")
    return b"client:" + nonce
