"""Chance that can be repeated: every person draws from a source of their own for each purpose.

So person 731 does the same whatever the number of workers, and whoever draws once more for one purpose changes nothing
that is drawn for another.
"""

import hashlib
from random import Random


def chance(seed: int, *purpose: object) -> Random:
    """Return the source of chance for a purpose, such as `chance(42, "players.casual", 731, "moves")`."""
    text = "\x1f".join(map(str, (seed, *purpose)))
    return Random(hashlib.sha256(text.encode()).digest())  # noqa: S311 - repeatable on purpose, hides nothing
