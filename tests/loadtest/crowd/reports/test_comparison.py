"""What became worse, by how much, and whether it can be chance."""

import json
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from tests.loadtest.crowd.made import made

from knack_loadtest.crowd.cli import crowd
from knack_loadtest.crowd.histogram import Histogram
from knack_loadtest.crowd.reports import comparison, intervals
from knack_loadtest.crowd.reports.comparison import Change, compare, subject
from knack_loadtest.crowd.reports.spectrum import Spectrum, curve, points
from knack_loadtest.crowd.result import latency

TENTH = 0.1


def spectrum(values: list[int]) -> Spectrum:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return Spectrum(latency(histogram))


def drawn(seed: int, count: int, median_us: float = 10_000) -> list[int]:
    random = Random(seed)
    return [round(median_us * random.lognormvariate(0, 0.4)) for _ in range(count)]


def changes(before: list[dict], after: list[dict], *names: str) -> dict[str, Change]:
    found = compare(before, after, [subject(name) for name in names], TENTH)
    return {row.subject.name: row.change for row in found.rows}


def with_value(value: float, metric: str) -> dict:
    result = made()
    result["metrics"][metric]["value"] = value
    return result


# --- percentiles and intervals ---


@pytest.mark.parametrize("percentile", [50, 90, 99])
def test_a_percentile_is_the_one_that_the_run_itself_gave(percentile: int) -> None:
    values = drawn(3, 5000)
    histogram = Histogram()
    for value in values:
        histogram.add(value)

    assert spectrum(values).at(percentile / 100) == histogram.percentile(percentile)


def test_a_spectrum_ends_where_ten_values_are_left() -> None:
    told = spectrum(drawn(4, 1000))
    xs = points(1000)
    line = curve(told, xs)

    assert xs[0] == 1
    assert 95 < xs[-1] <= 100
    assert None not in line
    assert curve(spectrum(drawn(4, 100)), xs)[-1] is None
    assert line == sorted(line, key=float)


def test_an_interval_holds_what_it_should_as_often_as_it_says() -> None:
    """Both sides are the same server: 95 of 100 intervals have to hold no change; 85 to 100 do so unless one in 10,000."""
    holding = 0
    for seed in range(100):
        sides = [spectrum(drawn(2 * seed + side, 400)) for side in (0, 1)]
        found = intervals.ratio(*(intervals.of_percentile(side, 0.9) for side in sides), f"{seed}")
        holding += found.low <= 1 <= found.high

    assert 85 <= holding <= 100


def test_the_same_seed_gives_the_same_interval() -> None:
    draws = [intervals.of_count(40), intervals.of_part(3, 400)]

    assert intervals.ratio(*draws, "a") == intervals.ratio(*draws, "a") != intervals.ratio(*draws, "b")


def test_more_samples_make_it_narrower() -> None:
    wide, narrow = (
        intervals.ratio(intervals.of_part(count, 10 * count), intervals.of_part(count, 10 * count), "")
        for count in (10, 1000)
    )

    assert wide.high - wide.low > 5 * (narrow.high - narrow.low)


# --- one run with one ---


def test_the_same_run_is_the_same() -> None:
    assert set(
        changes([made()], [made()], "move_ack.p50", "moves.share", "move_timeout", "server.rss").values()
    ) == {Change.SAME}


def test_a_server_that_takes_twice_as_long_is_worse_and_the_other_way_round_better() -> None:
    slow, quick = made(slower=2), made()

    assert changes([quick], [slow], "move_ack.p50", "move_ack.p90") == {
        "move_ack.p50": Change.WORSE,
        "move_ack.p90": Change.WORSE,
    }
    assert changes([slow], [quick], "move_ack.p50") == {"move_ack.p50": Change.BETTER}


def test_what_may_be_chance_is_no_regression() -> None:
    before, after = with_value(3, "move_timeout"), with_value(5, "move_timeout")

    assert changes([before], [after], "move_timeout") == {"move_timeout": Change.UNCLEAR}


def test_what_happened_never_before_and_often_now_is_worse() -> None:
    assert changes([made()], [with_value(20, "feeds.unrepaired")], "feeds.unrepaired") == {
        "feeds.unrepaired": Change.WORSE
    }


def test_of_shares_what_is_missing_counts() -> None:
    before, after = with_value(0.99, "moves.share"), with_value(0.8, "moves.share")

    assert changes([before], [after], "moves.share") == {"moves.share": Change.WORSE}
    assert changes([after], [before], "moves.share") == {"moves.share": Change.BETTER}


def test_a_level_of_one_run_decides_nothing() -> None:
    assert changes([made()], [with_value(9e9, "server.rss")], "server.rss") == {"server.rss": Change.UNCLEAR}


def test_too_few_samples_say_nothing() -> None:
    assert changes([made()], [made()], "move_ack.p99.9", "recover.p50") == {
        "move_ack.p99.9": Change.UNKNOWN,
        "recover.p50": Change.UNKNOWN,
    }


# --- several runs ---


def test_of_several_runs_every_one_has_to_be_worse() -> None:
    before = [with_value(value, "server.rss") for value in (100, 101, 102)]
    after = [with_value(value, "server.rss") for value in (120, 130, 125)]
    mixed = [with_value(value, "server.rss") for value in (101, 130, 125)]

    assert changes(before, after, "server.rss") == {"server.rss": Change.WORSE}
    assert changes(before, mixed, "server.rss") == {"server.rss": Change.UNCLEAR}
    assert changes(after, before, "server.rss") == {"server.rss": Change.BETTER}


def test_of_what_grows_more_is_better() -> None:
    before = [with_value(value, "moves.per_s") for value in (100, 101, 102)]
    after = [with_value(value, "moves.per_s") for value in (50, 51, 52)]

    assert changes(before, after, "moves.per_s") == {"moves.per_s": Change.WORSE}


@pytest.mark.parametrize(("before", "after"), [(2, 2), (1, 3), (3, 2)])
def test_two_runs_a_side_say_nothing(before: int, after: int) -> None:
    with pytest.raises(comparison.ComparisonError, match="at least 3"):
        changes([made()] * before, [made()] * after, "server.rss")


# --- the command ---


@pytest.fixture
def asked(tmp_path: Path) -> "Asked":
    return Asked(tmp_path)


class Asked:
    """Runs in folders, and the command over them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, name: str, result: dict) -> str:
        folder = self._folder / name
        folder.mkdir()
        (folder / "result.json").write_text(json.dumps(result))
        return str(folder)

    def compare(self, *arguments: str) -> Result:
        return CliRunner().invoke(crowd, ["compare", *arguments])


def test_a_gate_lets_through_what_did_not_become_worse(asked: Asked) -> None:
    done = asked.compare(asked.run("a", made()), asked.run("b", made(seed=1)))

    assert done.exit_code == 0, done.output
    assert "Nothing became worse by more than 10%" in done.output


def test_a_gate_stops_what_became_slower(asked: Asked) -> None:
    done = asked.compare(asked.run("a", made()), asked.run("b", made(slower=3)), "--metric", "move_ack.p50")

    assert done.exit_code == 6, done.output
    assert "Worse by more than 10%: move_ack.p50" in done.output


def test_a_larger_tolerance_lets_it_through(asked: Asked) -> None:
    runs = (asked.run("a", made()), asked.run("b", made(slower=3)))

    assert asked.compare(*runs, "--tolerance", "500%").exit_code == 0


def test_other_plans_are_not_compared_unless_it_is_wanted(asked: Asked) -> None:
    other = made(slower=3)
    other["plan"]["digest"] = "0" * 64
    other["scenario"]["name"] = "booth"
    runs = (asked.run("a", made()), asked.run("b", other))
    refused, anyway = asked.compare(*runs), asked.compare(*runs, "--anyway")

    assert refused.exit_code == 2
    assert "scenario: smoke and booth" in refused.output
    assert "plan: " in refused.output
    assert anyway.exit_code == 6
    assert "note: scenario: smoke and booth" in anyway.output


def test_what_was_interrupted_is_another_thing(asked: Asked) -> None:
    done = asked.compare(asked.run("a", made()), asked.run("b", {**made(), "is_interrupted": True}))

    assert done.exit_code == 2
    assert "was interrupted" in done.output


def test_a_run_that_was_not_measured_well_is_said(asked: Asked) -> None:
    invalid = made()
    invalid["verdict"]["word"] = "INVALID"
    done = asked.compare(asked.run("a", made()), asked.run("b", invalid))

    assert done.exit_code == 0
    assert "after: the run was INVALID" in done.output


def test_a_table_for_a_pull_request(asked: Asked) -> None:
    done = asked.compare(asked.run("a", made()), asked.run("b", made(slower=3)), "--markdown")
    lines = done.output.splitlines()

    assert done.exit_code == 6
    assert lines[0].startswith("## Worse by more than 10%: move_ack.p50")
    assert {line.count("|") - line.count("\\|") for line in lines if line.startswith("|")} == {7}


def test_several_runs_show_their_spread(asked: Asked) -> None:
    before = [asked.run(f"a{seed}", made()) for seed in range(3)]
    after = [asked.run(f"b{seed}", made(slower=1 + seed)) for seed in range(3)]
    against = [word for folder in before for word in ("--against", folder)]
    done = asked.compare(*against, *after, "--metric", "move_ack.p50", "--markdown")

    assert done.exit_code == 0, done.output
    assert "…" in done.output
    assert "may be chance" in done.output


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (["--metric", "move_akc.p99"], "there is no figure move_akc.p99"),
        (["--metric", "move_ack"], "is a latency: name one of move_ack.p50"),
        (["--tolerance", "10"], "must be a share such as 10%"),
        (["--tolerance", "-1%"], "must be a share such as 10%"),
    ],
    ids=["no figure", "no percentile", "no share", "less than none"],
)
def test_what_cannot_be_meant_is_a_usage_error(asked: Asked, wrong: list[str], why: str) -> None:
    done = asked.compare(asked.run("a", made()), asked.run("b", made()), *wrong)

    assert done.exit_code == 2
    assert why in done.output


def test_it_takes_two(asked: Asked) -> None:
    assert asked.compare(asked.run("a", made())).exit_code == 2
    assert asked.compare(asked.run("b", made()), "none").exit_code == 2
