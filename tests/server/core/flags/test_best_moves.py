"""Best moves: what pays most at sight, where there is a choice at all."""

from random import Random

from tests.support.recorded import Recorder, any_legal

from knack_client.bots.policies import greedy, points_at_sight
from knack_protocol.rules.board import Board
from knack_protocol.rules.swaps import Swap, legal_swaps
from knack_server.core.flags.best_moves import best_moves


def best_at_sight(board: Board) -> Swap:
    swap = greedy(board, Random(1))
    assert swap is not None
    return swap


def worst_at_sight(board: Board) -> Swap:
    return min(legal_swaps(board), key=lambda swap: points_at_sight(board, swap))


def test_who_always_takes_the_best_has_a_full_share_and_leaves_nothing() -> None:
    found = best_moves(Recorder().play([600] * 40, best_at_sight).played())

    assert found.best.rate == 1
    assert found.regret == 0
    assert 5 < found.best.total < 40  # boards on which all pays the same are no choice


def test_who_always_takes_the_least_has_none_and_leaves_points_lying() -> None:
    found = best_moves(Recorder().play([600] * 40, worst_at_sight).played())

    assert found.best.rate == 0
    assert found.regret >= 30


def test_a_best_swap_within_half_a_second_is_a_quick_one() -> None:
    quick = best_moves(Recorder().play([600] + [499] * 30, best_at_sight).played())
    slow = best_moves(Recorder().play([600] + [500] * 30, best_at_sight).played())

    assert quick.quick.seqs == quick.best.seqs[1:]  # the first one had a countdown
    assert slow.quick.rate == 0


def test_a_swap_is_plain_when_no_other_is_as_good_at_sight() -> None:
    played = Recorder().play([600] * 30, any_legal(Random(2))).played()
    found = best_moves(played)

    for swap in played.legal:
        worths = sorted(
            points_at_sight(Board(swap.planes), other) for other in legal_swaps(Board(swap.planes))
        )
        alone = worths[-1:] != worths[-2:-1]
        worth = points_at_sight(Board(swap.planes), swap.swap)
        assert (swap.seq in found.plain) == (alone and worth == worths[-1])


def test_a_run_without_moves_has_no_share() -> None:
    found = best_moves(Recorder().played())

    assert (found.best.rate, found.quick.rate, found.regret) == (0, 0, 0)
    assert found.plain == frozenset()
