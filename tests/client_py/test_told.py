"""Told tiles hand over what the server sent, and name what it did not send."""

from dataclasses import replace

import pytest
from tests.client_py.dealer import Dealer

from knack_client.errors import BrokenReceipt
from knack_client.told import ToldTiles
from knack_protocol.rules.board import Board
from knack_protocol.rules.streams import SeededTiles

OPENING = SeededTiles(b"\1" * 32).first_board(0)
DEAD = Board.parse("01234501 23450123 45012345 01234501 23450123 45012345 01234501 23450123")


def test_the_first_board_is_the_one_that_was_told_and_is_given_once() -> None:
    tiles = ToldTiles(OPENING)
    assert tiles.first_board(0) == OPENING
    with pytest.raises(BrokenReceipt, match="level 1"):
        tiles.first_board(1)


def test_a_board_that_no_level_may_open_with_is_refused() -> None:
    with pytest.raises(BrokenReceipt):
        ToldTiles(DEAD).first_board(0)


def test_a_board_met_midway_needs_one_swap_only_and_the_next_level_five_again() -> None:
    lone = next(
        board
        for n in range(10_000)
        if (board := SeededTiles(n.to_bytes(32, "big")).shuffle(DEAD, 0)[1])
        and ToldTiles(board, is_midway=True).first_board(3) == board
        and not opens(board)
    )
    with pytest.raises(BrokenReceipt):
        ToldTiles(lone).first_board(3)
    with pytest.raises(BrokenReceipt):
        ToldTiles(DEAD, is_midway=True).first_board(3)


def opens(board: Board) -> bool:
    try:
        ToldTiles(board).first_board(0)
    except BrokenReceipt:
        return False
    return True


def test_tiles_fall_in_the_order_in_which_they_were_told_and_no_others() -> None:
    dealer = Dealer()
    moved = dealer.moved(dealer.good_swap)
    tiles = ToldTiles(OPENING)
    tiles.tell(moved)
    for column in range(8):
        told = b"".join(step[column] for step in moved.steps)
        if told:
            assert tiles.falling(0, column, 0) == told
        with pytest.raises(BrokenReceipt, match=f"column {column}"):
            tiles.falling(0, column, 1)


def test_a_shuffle_that_was_not_told_is_missed() -> None:
    with pytest.raises(BrokenReceipt, match="shuffle 2"):
        ToldTiles(OPENING).shuffle(DEAD, 2)


def told_shuffle(board: Board) -> ToldTiles:
    dealer = Dealer()
    tiles = ToldTiles(OPENING)
    tiles.tell(replace(dealer.moved(dealer.bad_swap), shuffle=board.symbols))
    return tiles


def test_a_shuffle_of_the_same_tiles_or_a_rescue_is_taken() -> None:
    same = SeededTiles(b"\2" * 32).shuffle(DEAD, 0)[1]
    assert told_shuffle(same).shuffle(DEAD, 0)[1] == same
    assert told_shuffle(OPENING).shuffle(DEAD, 0)[1] == OPENING


@pytest.mark.parametrize("board", [DEAD, Board.parse("000" + DEAD.digits[3:])], ids=["dead", "with a match"])
def test_a_shuffle_into_what_nobody_can_play_is_refused(board: Board) -> None:
    with pytest.raises(BrokenReceipt):
        told_shuffle(board).shuffle(DEAD, 0)
