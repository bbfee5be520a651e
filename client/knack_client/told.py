"""The tiles of a run as far as the server has told them: what a mirror puts in the place of the secret streams."""

from knack_client.errors import BrokenReceipt
from knack_protocol.rules.board import Board
from knack_protocol.rules.matching import has_match
from knack_protocol.rules.numbers import COLUMNS, FIRST_BOARD_SWAPS_MIN
from knack_protocol.rules.swaps import has_legal_swap, legal_swap_count
from knack_protocol.wire.messages import Moved


class ToldTiles:
    """Tiles for `rules.run` (`rules.streams.Tiles`) out of replies; a tile that is needed and was not sent is a fault."""

    def __init__(self, board: Board, *, is_midway: bool = False) -> None:
        self._boards = [board]
        self._is_midway = is_midway
        self._fallen: list[bytearray] = [bytearray() for _ in range(COLUMNS)]
        self._shuffled: list[Board] = []

    def tell(self, moved: Moved) -> None:
        """Take the tiles out of a reply."""
        for step in moved.steps:
            for column, fill in enumerate(step):
                self._fallen[column] += fill
        if moved.shuffle is not None:
            self._shuffled.append(Board.of(moved.shuffle))
        if moved.level is not None:
            self._boards.append(Board.of(moved.level.board))

    def first_board(self, level: int) -> Board:
        """Return the level's first board: no match, and at least five legal swaps unless it was met midway."""
        if not self._boards:
            raise BrokenReceipt(f"level {level} begins, and the server sent no board for it")
        board = self._boards.pop(0)
        swaps_min, self._is_midway = 1 if self._is_midway else FIRST_BOARD_SWAPS_MIN, False
        if has_match(board.planes) or legal_swap_count(board.planes) < swaps_min:
            raise BrokenReceipt(f"no level may stand at {board!r}")
        return board

    def falling(self, level: int, column: int, batch: int) -> bytes:  # noqa: ARG002 - what is told has no batches
        """Return what was told of the column and has not fallen yet."""
        told = bytes(self._fallen[column])
        if not told:
            raise BrokenReceipt(f"level {level}: a tile falls into column {column}, and the server sent none")
        self._fallen[column].clear()
        return told

    def shuffle(self, board: Board, z: int) -> tuple[int, Board]:
        """Return the shuffled board; its attempt, not told, is put in later."""
        if not self._shuffled:
            raise BrokenReceipt(f"shuffle {z} is due, and the server sent no board for it")
        after = self._shuffled.pop(0)
        is_rescue = sorted(board.symbols) != sorted(after.symbols)
        if has_match(after.planes) or not has_legal_swap(after.planes):
            raise BrokenReceipt(f"no shuffle may make {after!r}")
        if is_rescue and legal_swap_count(after.planes) < FIRST_BOARD_SWAPS_MIN:
            raise BrokenReceipt(f"{after!r} neither has the same tiles nor opens a game anew")
        return 0, after
