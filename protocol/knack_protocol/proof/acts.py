"""The chain over an event's moderators' acts, so that none can be taken out, changed or put in later unnoticed.

Who acted and why stands beside it, never in it: a person can be erased, and the chain stays.
"""

import hashlib
from typing import Final

from knack_protocol.ids import EventId
from knack_protocol.rules.hashing import lp, tagged

_ACTS: Final = tagged("acts")
_ACT: Final = tagged("act")


def first_head(event: EventId) -> bytes:
    """Return the chain's hash before the first act."""
    return hashlib.sha256(_ACTS + lp(event)).digest()


def next_head(head: bytes, number: int, at_unix_ms: int, kind: str, target: str) -> bytes:
    """Return the chain's hash after act `number` (from 1)."""
    act = number.to_bytes(4, "big") + at_unix_ms.to_bytes(8, "big") + lp(kind) + lp(target)
    return hashlib.sha256(_ACT + head + act).digest()
