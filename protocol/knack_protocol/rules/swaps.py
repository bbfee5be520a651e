"""Swaps of two neighbours: which exist, which are legal, whether any is left (RULES.md, section 1)."""

from enum import IntEnum
from typing import Final, NamedTuple

from knack_protocol.rules.board import BOARD_BYTES, INSIDE, RIGHT, SHIFT_OF, UP, Board
from knack_protocol.rules.matching import has_match
from knack_protocol.rules.numbers import CELLS, COLUMNS, ROWS


class Direction(IntEnum):
    """Where the neighbour of a swap's cell stands."""

    RIGHT = 0
    DOWN = 1


class Swap(NamedTuple):
    """Exchange `cell` (0..63) with the neighbour on its right (direction 0) or below (direction 1)."""

    cell: int
    direction: int


CANONICAL_ORDER: Final = tuple(
    Swap(cell, direction)
    for cell in range(CELLS)
    for direction in Direction
    if (cell % COLUMNS < COLUMNS - 1 if direction is Direction.RIGHT else cell // COLUMNS < ROWS - 1)
)
"""All 112 swaps of a board: cells ascending, right before down."""

SHIFTS_OF_SWAP: Final = {
    swap: (SHIFT_OF[swap.cell], SHIFT_OF[swap.cell + (COLUMNS if swap.direction else 1)])
    for swap in CANONICAL_ORDER
}
"""The lowest bits of the two cells that a swap exchanges."""

_PLACE_OF_CELL: Final = tuple(shift // 8 for shift in SHIFT_OF)


def is_swap(cell: int, direction: int) -> bool:
    """Tell whether such a swap exists at all; one off the board is malformed, not illegal."""
    return (cell, direction) in SHIFTS_OF_SWAP


def swapped(planes: int, cell: int, direction: int) -> int:
    """Return the board after exchanging the two cells of an existing swap, matched or not."""
    here, there = SHIFTS_OF_SWAP[cell, direction]  # type: ignore[index]  # a tuple equals its named tuple
    differing = (planes >> here ^ planes >> there) & 0xFF
    return planes ^ (differing << here | differing << there)


def is_legal(planes: int, cell: int, direction: int) -> bool:
    """Tell whether an existing swap exchanges different symbols and leaves a match."""
    after = swapped(planes, cell, direction)
    return after != planes and has_match(after)


def has_legal_swap(planes: int) -> bool:
    """Tell whether a board without a match has a legal swap; about a microsecond, less when one is soon found.

    A cell can be *completed* by symbol s when two cells in line with it hold s: both on one side, or one on each. It is
    completed by a swap when a third s stands next to it outside that pair. For all symbols and cells at once.
    """
    below, above = planes << UP, planes >> UP  # in the place of a cell: what lies below it, above it
    left, right = planes << RIGHT, planes >> RIGHT
    two_below, two_above = below & below << UP, above & above >> UP
    between = below & above
    if (between | two_below | two_above) & (left | right):
        return True
    two_left, two_right = left & left << RIGHT, right & right >> RIGHT
    amid = left & right
    if (amid | two_left | two_right) & (below | above):
        return True
    # The third one comes along the line itself: s s _ s. Guards lie between two columns, hence the mask.
    return bool(((two_below | two_above) & between | (two_left | two_right) & amid) & INSIDE)


def legal_swap_masks(planes: int) -> tuple[int, int]:
    """Return the cells of a board without a match that may be swapped to the right, and downwards.

    A cell is set when its byte is not 0, whichever bits.
    """
    below, above = planes << UP, planes >> UP
    left, right = planes << RIGHT, planes >> RIGHT
    two_below, two_above = below & below << UP, above & above >> UP
    two_left, two_right = left & left << RIGHT, right & right >> RIGHT
    column = below & above | two_below | two_above
    row = left & right | two_left | two_right
    # The left tile moves right, or the right one left.
    across = (planes & (column | two_right) >> RIGHT | right & (column | two_left)) & INSIDE
    # The upper tile moves down, or the lower one up.
    down = (planes & (row | two_below) << UP | below & (row | two_above)) & INSIDE & INSIDE << UP
    return across, down


def legal_swap_count(planes: int) -> int:
    """Count the legal swaps of a board without a match, 0..112."""
    across, down = legal_swap_masks(planes)
    return 2 * BOARD_BYTES - (
        across.to_bytes(BOARD_BYTES, "little").count(0) + down.to_bytes(BOARD_BYTES, "little").count(0)
    )


def legal_swaps(board: Board) -> tuple[Swap, ...]:
    """Return the legal swaps of a board without a match, in canonical order."""
    across, down = (mask.to_bytes(BOARD_BYTES, "little") for mask in legal_swap_masks(board.planes))
    return tuple(
        swap for swap in CANONICAL_ORDER if (down if swap.direction else across)[_PLACE_OF_CELL[swap.cell]]
    )
