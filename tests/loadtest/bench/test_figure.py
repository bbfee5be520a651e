import json

from knack_loadtest.bench.figure import Figure, interleaved


def test_a_figure_is_one_line_of_json() -> None:
    line = Figure("rules.apply", 10.62345, "us", "hmac.digest", 7.8446).line()
    assert json.loads(line) == {
        "bench": "rules.apply",
        "value": 10.623,
        "unit": "us",
        "against": "hmac.digest",
        "ratio": 7.84,
    }
    assert "\n" not in line


def test_kinds_of_work_take_turns_and_their_choices_too() -> None:
    done: list[str] = []

    def work(name: str, pieces: int) -> int:
        done.append(name)
        return pieces

    costs = interleaved(3, [lambda: work("a", 1), lambda: work("b", 1)], [lambda: work("c", 1000)])
    assert done == ["a", "c", "b", "c", "a", "c"]
    assert costs[0] > costs[1] > 0
