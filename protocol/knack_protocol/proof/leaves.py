"""The leaf of a result and the hash of a roster (RULES.md, sections 5 and 7)."""

import hashlib
from collections.abc import Iterable
from struct import Struct
from typing import Final

from knack_protocol.ids import PlayerId, RunId
from knack_protocol.rules.hashing import lp, tagged

_ROSTER: Final = tagged("roster")
_RESULT: Final = Struct(">II")


def leaf(owner: PlayerId | RunId, score: int, event_count: int, last_hash: bytes) -> bytes:
    """Return the leaf hash of a result; `owner` is the player in a heat and the run in open play."""
    return hashlib.sha256(b"\x00" + lp(owner) + _RESULT.pack(score, event_count) + last_hash).digest()


def roster_hash(players: Iterable[PlayerId]) -> bytes:
    """Return the 32 bytes that go out when a heat's roster is frozen, before its public part exists."""
    return hashlib.sha256(_ROSTER + b"".join(lp(player) for player in sorted(players))).digest()
