"""Reactions: which tile a swap could not do without, and since when it was to be seen."""

from random import Random

import pytest
from tests.support.recorded import Recorder, any_legal

from knack_protocol.rules.board import Board
from knack_protocol.rules.matching import matched, windows
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import Swap, is_legal
from knack_server.core.flags.played import Fall, PlayedSwap
from knack_server.core.flags.reactions import entries, in_view_ms, needed_step, reactions

FELL = """
    11012345
    34545012
    45440123
    21123450
    43234501
    25345012
    14500102
    52501230
"""
"""Column 0 has lost three tiles below; the 1, 3 and 4 of its upper three rows are new, the 4 of row 2 fell first."""


def entered_by_hand(board: Board, fall: Fall) -> list[int]:
    """Let tiles carry their step through the cascade, cell by cell."""
    cells = [[(Board(fall.planes)[8 * row + column], 0) for row in range(7, -1, -1)] for column in range(8)]
    for step, fills in enumerate(fall.steps, 1):
        now = Board.of(bytes(cells[column][7 - row][0] for row in range(8) for column in range(8)))
        gone = Board(matched(*windows(now.planes)))
        for column, fill in enumerate(fills):
            kept = [
                tile for height, tile in enumerate(cells[column]) if gone[8 * (7 - height) + column] == -1
            ]
            cells[column] = kept + [(symbol, step) for symbol in fill]
    assert bytes(cells[column][7 - row][0] for row in range(8) for column in range(8)) == board.symbols
    return [cells[column][7 - row][1] for row in range(8) for column in range(8)]


def test_every_tile_is_known_by_the_step_that_brought_it() -> None:
    random = Random(3)
    steps_seen = 0
    for _ in range(20):
        recorder = Recorder(tiles=SeededTiles(random.randbytes(32))).play([500] * 20, any_legal(random))
        for swap in recorder.played().swaps:
            if swap.fall is not None:
                found = entries(swap.fall.planes, swap.fall.steps)
                by_place = [found[9 * (cell % 8) + 7 - cell // 8] for cell in range(64)]
                assert by_place == entered_by_hand(Board(swap.planes), swap.fall)
                steps_seen = max(steps_seen, len(swap.fall.steps))
    assert steps_seen >= 4


def after_the_fall(swap: Swap) -> tuple[PlayedSwap, Fall]:
    """Make a swap on that board, which one step has led to."""
    board = Board.parse(FELL)
    column = [board[cell] for cell in range(0, 64, 8)]
    before = bytearray(board.symbols)
    before[0:64:8] = bytes([*column[3:], 5, 5, 5])
    fill = bytes([column[2], column[1], column[0]])
    fall = Fall(1_000, 1_500, Board.of(bytes(before)).planes, ((fill, *[b""] * 7),))
    made = PlayedSwap(2, swap, board.planes, 5_000, 0, is_legal=True, points=30, fall=fall, opens=False)
    return made, fall


@pytest.mark.parametrize(
    ("swap", "step", "why"),
    [
        (Swap(16, 0), 1, "5 4 4 4: the new 4 of row 2 goes right to two old ones"),
        (Swap(53, 0), 0, "0 0 0 in row 6 were there before"),
        (Swap(9, 1), 0, "4 4 4 4 in row 2: three old ones would have done"),
    ],
    ids=["needs it", "elsewhere", "would do without"],
)
def test_a_swap_depends_on_a_cascade_when_it_cannot_do_without_one_of_its_tiles(
    swap: Swap, step: int, why: str
) -> None:
    made, fall = after_the_fall(swap)

    assert is_legal(made.planes, *swap), why
    assert needed_step(made, fall) == step, why


def test_a_tile_is_in_view_when_its_step_begins_to_fall() -> None:
    fall = Fall(1_000, 2_100, 0, ((b"",) * 8,) * 3)

    assert [in_view_ms(fall, step) for step in (1, 2, 3)] == [1_200, 1_500, 1_800]


def test_a_long_cascade_hurries_and_is_in_view_before_the_lock_ends() -> None:
    assert in_view_ms(Fall(1_000, 3_000, 0, ((b"",) * 8,) * 9), 9) == 3_000


@pytest.mark.parametrize(("think_ms", "median_ms", "quick"), [(-130, 170, 9), (0, 300, 0), (900, 1_200, 0)])
def test_who_swaps_as_soon_as_the_board_opens_reacts_within_one_fall(
    think_ms: int, median_ms: int, quick: int
) -> None:
    tiles = SeededTiles(b"\3" * 32)
    recorder = Recorder(tiles=tiles).play([0] + [think_ms] * 60, any_legal(Random(4)))
    found = reactions(recorder.played())

    assert found.dependent >= 10
    assert found.median_ms == median_ms
    assert found.quick == quick
    assert len(found.quickest) == 10


def test_few_dependent_swaps_have_no_median() -> None:
    found = reactions(Recorder().play([500] * 3).played())

    assert found.median_ms is None
    assert found.dependent < 10
