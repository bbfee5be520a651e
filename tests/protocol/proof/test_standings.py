from knack_protocol.ids import PlayerId, RunId
from knack_protocol.proof.standings import Result, rows, sum_rows


def result(player: str, score: int, time_ms: int, run: str = "r") -> Result:
    return Result(PlayerId(player), RunId(run), score, time_ms)


def shown(*results: Result) -> list[tuple[int, str, int, int]]:
    return [(row.rank, row.player, row.score, row.time_ms) for row in rows(results)]


def test_more_points_come_first_and_then_the_earlier_one() -> None:
    assert shown(result("a", 10, 9), result("b", 20, 9), result("c", 20, 8)) == [
        (1, "c", 20, 8),
        (2, "b", 20, 9),
        (3, "a", 10, 9),
    ]


def test_equals_share_a_rank_and_are_listed_by_player() -> None:
    tied = [result("d", 5, 5), result("b", 20, 8), result("c", 20, 8), result("a", 30, 1)]
    assert [(rank, player) for rank, player, _, _ in shown(*tied)] == [
        (1, "a"),
        (2, "b"),
        (2, "c"),
        (4, "d"),
    ]


def test_a_player_stands_with_the_best_run_and_its_own_time() -> None:
    runs = [
        result("a", 20, 9, "r1"),
        result("a", 30, 50, "r2"),
        result("a", 30, 40, "r4"),
        result("a", 30, 40, "r3"),
    ]
    (row,) = rows(runs)
    assert (row.run, row.score, row.time_ms) == ("r3", 30, 40)


def test_nothing_scored_is_no_standing() -> None:
    assert shown(result("a", 0, 0)) == []


def sums(*heats: list[Result]) -> list[tuple[int, str, int, int]]:
    return [(row.rank, row.player, row.score, row.time_ms) for row in sum_rows(heats, 90_000)]


def test_sums_add_scores_and_times_and_a_missed_heat_counts_its_full_time() -> None:
    first = [result("a", 100, 80_000), result("b", 60, 70_000), result("c", 0, 0)]
    second = [result("b", 40, 20_000), result("a", 0, 0)]
    assert sums(first, second) == [(1, "b", 100, 90_000), (2, "a", 100, 170_000)]


def test_equal_sums_share_a_rank() -> None:
    assert [row[:2] for row in sums([result("b", 5, 1), result("a", 5, 1), result("c", 4, 1)])] == [
        (1, "a"),
        (1, "b"),
        (3, "c"),
    ]


def test_no_heat_has_no_sum() -> None:
    assert sums() == []
