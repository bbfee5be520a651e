"""Matches: maximal lines of three or more equal symbols, and what they pay (RULES.md, sections 1 and 2).

A *window* is three equal symbols side by side; a match of length L holds L - 2 of them. Windows are what shifted
integers find, all symbols and cells at once, and points can be counted from them without looking for lines.
"""

from typing import Final

from knack_protocol.rules.board import RIGHT, UP
from knack_protocol.rules.numbers import MATCH_POINTS_FACTOR

POINTS_OF_WINDOW: Final = MATCH_POINTS_FACTOR * 6
"""30: a match of length L pays 5·L·(L-1) = 30·(windows) + 10·(windows of five) + 10·(windows of six) + …"""
POINTS_OF_LONG_WINDOW: Final = MATCH_POINTS_FACTOR * 2


def windows(planes: int) -> tuple[int, int]:
    """Return the lowest or leftmost cells of every three equal symbols: those across, those upright."""
    return planes & planes >> RIGHT & planes >> 2 * RIGHT, planes & planes >> UP & planes >> 2 * UP


def has_match(planes: int) -> bool:
    """Tell whether any three equal symbols stand side by side."""
    return bool(planes & planes >> UP & planes >> 2 * UP or planes & planes >> RIGHT & planes >> 2 * RIGHT)


def matched(across: int, upright: int) -> int:
    """Return the cells in those windows, each with the one bit that its symbol has."""
    return across | across << RIGHT | across << 2 * RIGHT | upright | upright << UP | upright << 2 * UP


def points(across: int, upright: int) -> int:
    """Return Σ 5·L·(L-1) over the matches that those windows make up, before the step's multiplier."""
    count = across.bit_count() + upright.bit_count()
    if count < 3:  # too few for a line of five
        return POINTS_OF_WINDOW * count
    return POINTS_OF_WINDOW * count + POINTS_OF_LONG_WINDOW * (_long(across, RIGHT) + _long(upright, UP))


def _long(starts: int, shift: int) -> int:
    """Count the windows of five, of six, … up to eight equal symbols in the windows of three."""
    count = 0
    longer = starts & starts >> shift & starts >> 2 * shift
    while longer:
        count += longer.bit_count()
        longer &= longer >> shift
    return count
