import pytest
from hypothesis import given
from hypothesis import strategies as st

from knack_loadtest.oracle import board as plain
from knack_protocol.rules.board import INSIDE, SHIFT_OF, Board
from knack_protocol.rules.matching import has_match, matched, points, windows

# Few symbols make long lines, many make none.
CROWDED = st.integers(1, 6).flatmap(
    lambda symbols: st.binary(min_size=64, max_size=64).map(lambda raw: bytes(byte % symbols for byte in raw))
)


@given(CROWDED)
def test_matches_and_their_points_are_those_of_the_plain_engine(symbols: bytes) -> None:
    planes = Board.of(symbols).planes
    lines = plain.matches(list(symbols))
    found = windows(planes)
    assert has_match(planes) is bool(lines)
    assert points(*found) == sum(5 * len(line) * (len(line) - 1) for line in lines)
    assert matched(*found) == sum(
        1 << SHIFT_OF[cell] + symbols[cell] for cell in {c for line in lines for c in line}
    )


@pytest.mark.parametrize(("length", "paid"), [(3, 30), (4, 60), (5, 100), (6, 150), (7, 210), (8, 280)])
@pytest.mark.parametrize("step", [1, 8])
def test_a_line_pays_by_its_length_across_and_upright(length: int, paid: int, step: int) -> None:
    quiet = [(2 * (i // 8) + i % 8) % 5 for i in range(64)]
    for cell in range(0, length * step, step):
        quiet[cell] = 5
    assert points(*windows(Board.of(bytes(quiet)).planes)) == paid


def test_a_cell_in_two_lines_pays_in_both_and_goes_once() -> None:
    quiet = [(2 * (i // 8) + i % 8) % 5 for i in range(64)]
    for cell in (0, 1, 2, 8, 16):
        quiet[cell] = 5
    found = windows(Board.of(bytes(quiet)).planes)
    assert points(*found) == 60
    assert matched(*found).bit_count() == 5


def test_no_line_reaches_over_an_edge() -> None:
    quiet = [(2 * (i // 8) + i % 8) % 5 for i in range(64)]
    for cell in (6, 7, 8, 9, 48, 56, 1):  # row ends and beginnings; a column's foot and the next one's head
        quiet[cell] = 5
    planes = Board.of(bytes(quiet)).planes
    assert not has_match(planes)
    assert not has_match(INSIDE & planes)
