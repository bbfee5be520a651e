"""The ids that travel through the whole house, as types of their own.

A run's id handed over where a player's belongs is an error that a type checker finds. All ids are 1 to 32 of
`a-z 0-9 -` (rules, section 4).
"""

from typing import NewType

EventId = NewType("EventId", str)
"""A competition: one city festival, one fair."""

PlayerId = NewType("PlayerId", str)
"""A person in one event; random, says nothing about the person."""

RunId = NewType("RunId", str)
"""One player's play of one course; a solo run's id begins with `run-`."""

HeatId = NewType("HeatId", str)
"""Many runs of one course from the same start; empty for open play where a heat may stand."""

CourseName = NewType("CourseName", str)
"""`sprint` or `climb`."""

ID_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
ID_LENGTH_MAX = 32
"""Characters; long enough for `run-` and 20 random characters, short enough for every hash's length prefix."""


def is_id(text: str) -> bool:
    """Tell whether `text` may be the id of an event, heat, run or player (rules, section 4)."""
    return 1 <= len(text) <= ID_LENGTH_MAX and ID_ALPHABET.issuperset(text)
