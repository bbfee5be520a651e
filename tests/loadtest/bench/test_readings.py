import json
from collections.abc import Callable

from knack_loadtest.bench.readings import Reading, Round, Row, alternating, reading, short, wrong_of


def rounds_of(*values: float) -> list[Round]:
    return [Round(value) for value in values]


def row(ours: float, theirs: float, limit: float, **more: object) -> Row:
    readings = [Reading(value, value, value, 1) for value in (ours, theirs)]
    return Row("fanout", "a frame", "µs", readings[0], "C", readings[1], limit=limit)._replace(**more)  # type: ignore[arg-type]


def test_a_reading_is_the_median_of_its_rounds_with_their_ends() -> None:
    assert reading(rounds_of(9, 1, 3, 2, 8)) == Reading(3, 1, 9, 5)


def test_a_round_whose_client_was_too_busy_is_left_out() -> None:
    assert reading([Round(1), Round(100, client_share=0.95), Round(3)]) == Reading(2, 1, 3, 2)
    assert reading([Round(100, client_share=0.95)]) is None


def test_contenders_take_turns() -> None:
    done: list[str] = []

    def work(name: str) -> Callable[[], Round]:
        return lambda: done.append(name) or Round(len(done))  # type: ignore[func-returns-value]

    rounds = alternating(2, {"a": work("a"), "b": work("b")})

    assert done == ["a", "b", "a", "b"]
    assert rounds == {"a": rounds_of(1, 3), "b": rounds_of(2, 4)}


def test_a_round_with_a_busy_client_is_taken_again_twice_at_the_most() -> None:
    shares = iter([0.95, 0.2, 0.99, 0.99, 0.99])

    rounds = alternating(2, {"a": lambda: Round(1, next(shares))})

    assert [each.client_share for each in rounds["a"]] == [0.95, 0.2, 0.99, 0.99, 0.99]


def test_a_ratio_is_ours_by_theirs_and_an_aim_is_reached_from_its_own_side() -> None:
    assert row(13, 10, 1.3).ratio == 1.3
    assert row(13, 10, 1.3).is_reached is True
    assert row(14, 10, 1.3).is_reached is False
    assert row(200, 10, 20, is_more_better=True).is_reached is True
    assert row(199, 10, 20, is_more_better=True).is_reached is False


def test_what_is_wrong_has_no_ratio_and_reaches_nothing() -> None:
    assert row(1, 10, 1.3, wrong=("1 gap",)).ratio is None
    assert row(1, 10, 1.3, wrong=("1 gap",)).is_reached is None
    assert row(1, 10, 1.3)._replace(theirs=None).is_reached is None


def test_what_was_wrong_in_any_round_is_named_once() -> None:
    assert wrong_of([Round(1, wrong=("gap",)), Round(1)], [Round(1, wrong=("gap", "late"))]) == (
        "gap",
        "late",
    )


def test_a_row_is_one_line_of_json_with_its_ratio() -> None:
    line = row(13, 10, 1.3).line()

    assert "\n" not in line
    assert json.loads(line)["ratio"] == 1.3
    assert json.loads(line)["ours"] == {"median": 13, "low": 13, "high": 13, "rounds": 1}


def test_numbers_are_written_with_the_digits_that_mean_something() -> None:
    assert [short(value) for value in (0.123, 12.34, 123.4, 12345.6)] == ["0.12", "12.3", "123", "12,346"]
