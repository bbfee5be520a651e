"""Lock riding: swaps that arrive in the very moment in which the board opens."""

from typing import Final

from knack_server.core.flags.played import Played
from knack_server.core.flags.share import Share

WITHIN_MS: Final = 50
"""After the lock's end, or up to 150 ms before it; less than a hand's own unsteadiness."""


def riding(played: Played) -> Share:
    """Count the swaps within 50 ms of their lock's end, of all but those that open a level."""
    followed = [swap for swap in played.swaps if not swap.opens]
    riders = tuple(swap.seq for swap in followed if swap.think_ms <= WITHIN_MS)
    return Share(riders, len(followed))
