"""Policies choose legal swaps, the same ones again for the same seed, and the better ones are better."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knack_client.bots import policies
from knack_client.bots.policies import Policy
from knack_protocol.rules.board import Board
from knack_protocol.rules.cascade import Falling, resolve
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import has_legal_swap, is_legal, is_swap, legal_swaps, swapped

POLICIES = [policies.at_random, policies.at_a_glance, policies.greedy, policies.expected]

DEAD = Board.parse("01234501 23450123 45012345 01234501 23450123 45012345 01234501 23450123")

ONE_LINE_OF_FOUR = Board.parse("""
    01234501
    23450123
    45012345
    01204501
    23120123
    45012345
    01224501
    23450123
""")


def boards() -> st.SearchStrategy[Board]:
    return st.binary(min_size=32, max_size=32).map(lambda key: SeededTiles(key).first_board(0))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
@given(board=boards(), seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_a_policy_chooses_a_legal_swap_and_the_same_one_again(
    policy: Policy, board: Board, seed: int
) -> None:
    swap = policy(board, Random(seed))
    assert swap is not None
    assert is_legal(board.planes, *swap)
    assert policy(board, Random(seed)) == swap


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
def test_a_policy_has_nothing_to_say_about_a_dead_board(policy: Policy) -> None:
    assert policy(DEAD, Random(1)) is None


@given(board=boards(), seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_a_slip_is_a_swap_that_exists_and_is_not_legal(board: Board, seed: int) -> None:
    swap = policies.illegal(board, Random(seed))
    assert is_swap(*swap)
    assert not is_legal(board.planes, *swap)


@given(board=boards(), seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_greed_sees_the_most_points_of_all(board: Board, seed: int) -> None:
    swap = policies.greedy(board, Random(seed))
    assert swap is not None
    assert policies.points_at_sight(board, swap) == max(
        policies.points_at_sight(board, other) for other in legal_swaps(board)
    )


def test_points_at_sight_are_those_of_the_first_step() -> None:
    for swap in legal_swaps(ONE_LINE_OF_FOUR):
        first = resolve(swapped(ONE_LINE_OF_FOUR.planes, *swap), Falling(SeededTiles(b"\0" * 32), 0))
        if len(first.steps) == 1:
            assert policies.points_at_sight(ONE_LINE_OF_FOUR, swap) == first.points


def test_chance_decides_among_equals() -> None:
    board = SeededTiles(b"\3" * 32).first_board(0)
    best = {
        swap
        for swap in legal_swaps(board)
        if policies.points_at_sight(board, swap)
        == max(policies.points_at_sight(board, other) for other in legal_swaps(board))
    }
    assert len(best) > 1
    assert {policies.greedy(board, Random(seed)) for seed in range(200)} == best


def test_expected_points_are_at_least_what_is_seen_at_once() -> None:
    board = SeededTiles(b"\3" * 32).first_board(0)
    for swap in legal_swaps(board):
        assert policies.expected_points(board, swap, Random(1)) >= policies.points_at_sight(board, swap)


def score_of(policy: Policy, games: int, moves: int) -> int:
    """Play many short games on fixed tiles, and return all points."""
    total = 0
    for game in range(games):
        tiles = SeededTiles(game.to_bytes(32, "big"))
        board, falling, random = tiles.first_board(0), Falling(tiles, 0), Random(game)
        for _ in range(moves):
            swap = policy(board, random)
            assert swap is not None
            resolved = resolve(swapped(board.planes, *swap), falling)
            total += resolved.points
            board = Board(resolved.planes)
            if not has_legal_swap(board.planes):
                break
    return total


def test_who_looks_further_scores_more() -> None:
    by_chance, at_a_glance, greedily, by_expectation = (score_of(policy, 40, 20) for policy in POLICIES)
    assert by_chance < at_a_glance < greedily < by_expectation
