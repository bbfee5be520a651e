from hypothesis import given
from hypothesis import strategies as st

from knack_loadtest.oracle import board as plain
from knack_loadtest.oracle.chance import stream
from knack_protocol.rules.board import Board
from knack_protocol.rules.cascade import Falling, resolve
from knack_protocol.rules.streams import SeededTiles

# Few symbols make a full board of crossing lines, which falls for many steps.
CROWDED = st.integers(2, 6).flatmap(
    lambda symbols: st.binary(min_size=64, max_size=64).map(lambda raw: bytes(byte % symbols for byte in raw))
)


class Planted:
    """Tiles that fall as they are written down, column by column."""

    def __init__(self, *columns: str) -> None:
        self._columns = [bytes(map(int, column)) for column in columns]

    def first_board(self, level: int) -> Board:
        raise NotImplementedError

    def falling(self, level: int, column: int, batch: int) -> bytes:
        return self._columns[column][batch : batch + 1]

    def shuffle(self, board: Board, z: int) -> tuple[int, Board]:
        raise NotImplementedError


@given(CROWDED, st.binary(min_size=32, max_size=32))
def test_a_cascade_runs_as_in_the_plain_engine(symbols: bytes, seed: bytes) -> None:
    falling = Falling(SeededTiles(seed), 1)
    resolved = resolve(Board.of(symbols).planes, falling)
    cells, points, fills = plain.resolve(
        list(symbols), [stream(seed, "col", column, 1) for column in range(8)]
    )
    assert list(Board(resolved.planes).symbols) == cells
    assert resolved.points == sum(points)
    assert [[list(column) for column in step] for step in resolved.steps] == fills
    assert falling.drawn == [sum(len(step[column]) for step in fills) for column in range(8)]


def test_a_board_at_rest_stays_and_draws_nothing() -> None:
    dead = Board.parse("01234501 23450123 45012345" * 2 + "01234501 23450123")
    falling = Falling(Planted(*[""] * 8), 0)
    assert resolve(dead.planes, falling) == (dead.planes, 0, ())
    assert falling.drawn == [0] * 8


def test_survivors_fall_in_order_and_new_tiles_enter_behind_them() -> None:
    before = Board.parse("01234501 23450123 45012345 01234501 23450123 45012345 55534501 23450123")
    falling = Falling(Planted("0", "1", "4", *[""] * 5), 0)
    resolved = resolve(before.planes, falling)
    assert str(Board(resolved.planes)).split() == [
        "01434501",
        "01250123",
        "23412345",
        "45034501",
        "01250123",
        "23412345",
        "45034501",
        "23450123",
    ]
    assert (resolved.points, resolved.steps) == (30, ((b"\0", b"\1", b"\4", b"", b"", b"", b"", b""),))
