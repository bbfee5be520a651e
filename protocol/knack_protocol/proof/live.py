"""The live digest: once a second one hash over the chains of all runs, for everybody to keep (RULES.md, section 7)."""

import hashlib
from collections.abc import Sequence
from typing import Final

from knack_protocol.ids import EventId, HeatId
from knack_protocol.rules.hashing import lp, tagged

_LIVE: Final = tagged("live")


def live_digest(event: EventId, heat: HeatId, k: int, chains: Sequence[tuple[int, bytes]]) -> bytes:
    """Return digest number `k` over (number of events, last hash) of each run.

    In a heat the runs stand in the roster's order; in open play, with an empty `heat`, they are those in play, in byte
    order of their ids.
    """
    counted = b"".join(count.to_bytes(4, "big") + head for count, head in chains)
    head = _LIVE + lp(event) + lp(heat) + k.to_bytes(4, "big") + len(chains).to_bytes(4, "big")
    return hashlib.sha256(head + counted).digest()
