"""Reactions to tiles that have just fallen: nobody acts on what he has not had time to see.

A swap *depends* on the last cascade when every three in line that it makes hold a tile which that cascade brought in.
The time from that tile's coming into view to the swap's arrival, less the grace, is the reaction. A simple reaction to
light takes people 190 to 250 ms; finding a swap on a board of 64 and making it takes longer.
"""

from collections.abc import Iterator
from statistics import median
from typing import Final, NamedTuple

from knack_protocol.rules.board import BOARD_BYTES, CELL_BITS, RIGHT, UP
from knack_protocol.rules.cascade import Fills
from knack_protocol.rules.matching import matched, windows
from knack_protocol.rules.numbers import COLUMNS, LOCK_STEP_MS, LOCK_SWAP_MS, ROWS
from knack_protocol.rules.swaps import SHIFTS_OF_SWAP
from knack_server.core.flags.played import Fall, Played, PlayedSwap

QUICK_MS: Final = 200
"""No faster than a simple reaction to light, without any search."""
DEPENDENT_MIN: Final = 10
"""Dependent swaps below which their median says too little."""

_COLUMN_PLACES: Final = ROWS + 1
_RIGHT_PLACES: Final = RIGHT // CELL_BITS
_UP_PLACES: Final = UP // CELL_BITS


class Reactions(NamedTuple):
    """The dependent swaps of a run: how many, how many within 200 ms, their median; `quickest` names up to ten, quickest first."""

    dependent: int
    quick: int
    median_ms: int | None
    quickest: tuple[int, ...]


def reactions(played: Played) -> Reactions:
    """Measure the dependent swaps of a run; `median_ms` is None below ten."""
    times = sorted(_times(played))
    dependent = [ms for ms, _ in times]
    return Reactions(
        len(times),
        sum(ms < QUICK_MS for ms in dependent),
        round(median(dependent)) if len(times) >= DEPENDENT_MIN else None,
        tuple(seq for _, seq in times[:10]),
    )


def _times(played: Played) -> Iterator[tuple[int, int]]:
    for swap in played.legal:
        if swap.fall is not None and (step := needed_step(swap, swap.fall)):
            yield swap.fair_ms - in_view_ms(swap.fall, step), swap.seq


def in_view_ms(fall: Fall, step: int) -> int:
    """Return when the tiles of a cascade's step (from 1) came into view, ms of the run's clock."""
    return min(fall.t_eff + LOCK_SWAP_MS + LOCK_STEP_MS * (step - 1), fall.lock_end_ms)


def needed_step(swap: PlayedSwap, fall: Fall) -> int:
    """Return the last step whose tiles a swap could not do without, 0 when it could do without the whole cascade."""
    entered = entries(fall.planes, fall.steps)
    here, there = (shift // CELL_BITS for shift in SHIFTS_OF_SWAP[swap.swap])
    entered[here], entered[there] = entered[there], entered[here]
    across, upright = windows(swap.after)
    return min(
        max(entered[place], entered[place + apart], entered[place + 2 * apart])
        for starts, apart in ((across, _RIGHT_PLACES), (upright, _UP_PLACES))
        for place in _places(starts)
    )


def entries(planes: int, steps: tuple[Fills, ...]) -> bytearray:
    """Return for each place of the board at rest in which step its tile entered, 0 for those that were there before.

    A place is a byte of `Board.planes`: columns from the left, each from the bottom, with a guard between two.
    """
    columns = [bytearray(ROWS) for _ in range(COLUMNS)]
    symbols = planes.to_bytes(BOARD_BYTES, "little")
    boards = [symbols[start : start + ROWS] for start in range(0, BOARD_BYTES, _COLUMN_PLACES)]
    for step, fills in enumerate(steps, 1):
        planes = int.from_bytes(b"\0".join(boards), "little")
        removed = matched(*windows(planes)).to_bytes(BOARD_BYTES, "little")
        for column, fill in enumerate(fills):
            if fill:
                gone = removed[column * _COLUMN_PLACES :][:ROWS]
                columns[column] = _kept(columns[column], gone) + bytes([step] * len(fill))
                boards[column] = bytes(_kept(boards[column], gone)) + bytes(1 << symbol for symbol in fill)
    return bytearray(b"\0".join(columns))


def _kept(column: bytes | bytearray, gone: bytes) -> bytearray:
    return bytearray(tile for tile, is_gone in zip(column, gone, strict=True) if not is_gone)


def _places(mask: int) -> list[int]:
    return [place for place, byte in enumerate(mask.to_bytes(BOARD_BYTES, "little")) if byte]
