"""`crowd find-limit`: trials that a test makes up, and one that is really played."""

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.support.jsonschema import faults_of

from knack_loadtest.crowd.cli import crowd
from knack_loadtest.crowd.commands import find_limit
from knack_loadtest.crowd.machine import Shortage

SCHEMA = files("knack_loadtest.crowd") / "schemas" / "limit.schema.json"

SCENARIO = """
[scenario]
name = "some"
title = "Some"
about = "Some people."
duration = "4s"
ending = "abandon"

[players.many]
count = 3
skill = "casual"

[players.few]
count = 1
skill = "afk"

[watchers.screen]
count = 2
device = "screen"
"""

PERCENTILES = {"percentiles": {"p50": 900, "p99": None}}


def result(word: str, *, is_interrupted: bool = False) -> dict[str, Any]:
    """As much of a result as a search looks at."""
    facts = [
        {"weight": "notice", "about": "run", "text": "By the way."},
        {"weight": "failed", "about": "x", "text": f"It was {word}."},
    ]
    figures = {name: {"value": 1.5} for name in find_limit.FIGURES}
    return {
        "verdict": {"word": word, "facts": facts},
        "is_interrupted": is_interrupted,
        "metrics": figures | dict.fromkeys(find_limit.LATENCIES, PERCENTILES),
    }


class Played:
    """Plays trials as a test says, and keeps what was asked for."""

    def __init__(self, comes: Callable[[int], dict[str, Any] | None], code: int = 1) -> None:
        self.comes = comes
        self.code = code
        self.asked: list[Sequence[str]] = []

    def __call__(self, arguments: Sequence[str]) -> int:
        self.asked.append(arguments)
        counts = dict(part.split("=") for part in arguments if "count=" in part)
        came = self.comes(int(counts["players.many.count"]) + int(counts["players.few.count"]))
        if came is None:
            return self.code
        folder = Path(arguments[list(arguments).index("--out") + 1]) / "run"
        folder.mkdir(parents=True)
        (folder / "result.json").write_text(json.dumps(came))
        return 0


def search(
    folder: Path, monkeypatch: pytest.MonkeyPatch, played: Played, *options: str
) -> tuple[Result, dict[str, Any]]:
    """Search with made trials; returns what was said and what was written."""
    file = folder / "some.toml"
    file.write_text(SCENARIO)
    monkeypatch.setattr(find_limit, "play", played)
    arguments = [
        "find-limit",
        str(file),
        "--from",
        "10",
        "--to",
        "100",
        "--out",
        str(folder / "runs"),
        *options,
    ]
    done = CliRunner().invoke(crowd, arguments)
    (written,) = (folder / "runs").glob("*/limit.json")
    document = json.loads(written.read_text())
    assert faults_of(document, json.loads(SCHEMA.read_text())) == []
    return done, document


def carries(most: int, otherwise: str = "FAILED") -> Played:
    return Played(lambda load: result("PASSED" if load <= most else otherwise))


def test_the_highest_load_that_holds_is_found_and_written_with_all_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = carries(42)
    done, document = search(tmp_path, monkeypatch, played, "--threshold", "sockets > 1", "--seed", "5")

    assert done.exit_code == 0
    assert (document["edge"], document["holds"], document["breaks"]) == ("between", 42, 43)
    assert "42 players hold, 43 do not: the server's limit." in done.output
    assert len(document["steps"]) == len(played.asked)
    assert document["steps"][0] == {
        "load": 10,
        "word": "PASSED",
        "facts": ["It was PASSED."],
        "figures": dict.fromkeys(find_limit.FIGURES, 1.5)
        | {"move_ack.p50": 900, "move_ack.p99": None, "visible.p50": 900, "visible.p99": None},
        "run": "10-1/run",
    }
    for step in document["steps"]:
        assert list((tmp_path / "runs").glob(f"*/{step['run']}/result.json"))


def test_a_trial_is_told_what_the_search_was_told_and_how_many_people_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = carries(100)
    options = ("--threshold", "sockets > 1", "--threshold", "sockets < 9", "--seed", "5", "--scale", "2")
    search(tmp_path, monkeypatch, played, *options, "--to", "10")

    (arguments, _) = played.asked
    told = " ".join(arguments)
    assert "--seed 5" in told
    assert "--threshold sockets > 1 --threshold sockets < 9" in told
    assert "--scale" not in told
    assert "--set players.many.count=7 --set players.few.count=3 --set watchers.screen.count=4" in told
    assert "--workers" not in told  # what was not typed is a trial's own affair


def test_watchers_or_one_group_may_be_varied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played = Played(lambda load: result("PASSED"))
    search(tmp_path, monkeypatch, played, "--vary", "players.few", "--repeats", "1", "--to", "10")

    assert "players.few.count=10" in played.asked[0]
    assert "players.many.count=3" in played.asked[0]


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        ("FAILED", 6, "Not even 10 players hold: the server's limit."),
        ("INVALID", 4, "Not even 10 players hold: the generator's limit, not the server's."),
    ],
)
def test_a_lowest_load_that_does_not_hold_is_no_success(
    word: str, code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, document = search(tmp_path, monkeypatch, carries(1, word))

    assert done.exit_code == code
    assert said in done.output
    assert (document["holds"], document["breaks"]) == (None, 10)


def test_a_generator_that_gives_up_first_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done, document = search(tmp_path, monkeypatch, carries(50, "INVALID"))

    assert done.exit_code == 0
    assert document["limited_by"] == "generator"
    assert "the generator's limit, not the server's" in done.output


def test_what_is_wrong_stops_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done, document = search(tmp_path, monkeypatch, carries(60, "WRONG"))

    assert done.exit_code == 5
    assert [step["word"] for step in document["steps"]] == ["PASSED", "WRONG"]
    assert document["ended_by"] == "wrong"


def test_who_interrupts_keeps_what_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = iter([result("PASSED"), result("FAILED"), result("PASSED", is_interrupted=True)])
    done, document = search(tmp_path, monkeypatch, Played(lambda _load: next(outcomes)))

    assert done.exit_code == 130
    assert [step["word"] for step in document["steps"]] == ["PASSED", "FAILED"]
    assert (document["ended_by"], document["holds"], document["breaks"]) == ("interrupted", 10, 100)


def test_no_trial_begins_that_would_end_too_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = iter(range(0, 10_000, 2))
    monkeypatch.setattr(find_limit.time, "monotonic_ns", lambda: next(minutes) * 60_000_000_000)
    done, document = search(tmp_path, monkeypatch, carries(42), "--time-limit", "30m")

    assert done.exit_code == 0
    assert document["ended_by"] == "time"
    assert 1 <= len(document["steps"]) < 8
    assert "Time was up" in done.output


def test_a_load_that_this_machine_cannot_carry_is_not_tried_and_is_the_generators_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shortages(plan: Any) -> list[Shortage]:
        return [Shortage("open files", 236, 99, "Raise it.")] if plan.counts["players"] > 36 else []

    monkeypatch.setattr(find_limit, "shortages", shortages)
    played = carries(1000)
    _, document = search(tmp_path, monkeypatch, played)

    assert (document["holds"], document["limited_by"]) == (36, "generator")
    (step, *_) = [step for step in document["steps"] if step["word"] == "INVALID"]
    assert step["facts"] == ["This machine has 99 open files, and it takes 236: Raise it."]
    assert step["run"] is None
    assert not any("players.many.count=75" in arguments for arguments in played.asked)


def test_a_trial_that_cannot_be_played_ends_the_search_with_its_own_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, document = search(tmp_path, monkeypatch, Played(lambda _load: None, code=3))

    assert done.exit_code == 3
    assert (document["ended_by"], document["steps"]) == ("error", [])


@pytest.mark.parametrize(
    "wrong",
    [
        ["--vary", "dragons"],
        ["--from", "9", "--to", "8"],
        ["--repeats", "2"],
        ["--time-limit", "soon"],
        ["--from", "0"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_a_usage_error(wrong: list[str], tmp_path: Path) -> None:
    arguments = ["find-limit", "smoke", "--from", "1", "--to", "9", *wrong, "--out", str(tmp_path)]

    assert CliRunner().invoke(crowd, arguments).exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.system
@pytest.mark.timeout(600)
def test_a_trial_is_a_real_run(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_text(SCENARIO)
    options = ["--from", "2", "--to", "2", "--repeats", "1", "--workers", "1", "--ui", "none"]
    done = CliRunner().invoke(crowd, ["find-limit", str(file), *options, "--out", str(tmp_path / "runs")])
    (written,) = (tmp_path / "runs").glob("*/limit.json")
    document = json.loads(written.read_text())
    (step,) = document["steps"]
    played = json.loads((written.parent / step["run"] / "result.json").read_text())

    assert faults_of(document, json.loads(SCHEMA.read_text())) == []
    assert played["plan"]["people"]["players"] == 2
    assert step["word"] == played["verdict"]["word"] != "WRONG"
    is_held = step["word"] == "PASSED"  # INVALID on a machine that does other things
    assert (document["holds"], document["edge"]) == ((2, "above") if is_held else (None, "below"))
    assert done.exit_code == (0 if is_held else 4)
