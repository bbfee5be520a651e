"""Measured rates: so many of so many, and how much that can be trusted."""

from typing import NamedTuple


class Rate(NamedTuple):
    """`flagged` of `of`; the true rate lies between `least` and `most` in 95 of 100 such measurements."""

    flagged: int
    of: int
    least: float
    most: float


class Power(NamedTuple):
    """How often a kind of cheat, by the name that docs/detectors.md gives it, has a flag."""

    cheat: str
    rate: Rate
