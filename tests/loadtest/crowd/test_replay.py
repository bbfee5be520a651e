"""Replays: a recorded run is played again by the same people, and what is no recorded run is not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from knack_loadtest.crowd.cli import crowd
from knack_loadtest.crowd.plan import make_plan
from knack_loadtest.crowd.records import read_folder
from knack_loadtest.crowd.scenario.reading import load

COMMAND = (sys.executable, "-m", "knack_loadtest.crowd")
WITHIN_S = 540
"""Two runs take half a minute, and ten times that where four other processes want each core."""

SHORT = """
[scenario]
name = "short"
title = "Short"
about = "A few people for a few seconds."
duration = "7s"
ending = "abandon"

[players.quick]
count = 3
skill = "bot_limit"

[watchers.screen]
count = 1
device = "screen"
"""


def result_in(folder: Path) -> dict:
    (path,) = folder.glob("*/result.json")
    return json.loads(path.read_text())


def scenario(folder: Path) -> Path:
    path = folder / "short.toml"
    path.write_text(SHORT)
    return path


@pytest.mark.system
@pytest.mark.timeout(1200)
def test_a_recorded_run_is_played_again_by_the_same_people(tmp_path: Path) -> None:
    play = [
        *COMMAND,
        "run",
        str(scenario(tmp_path)),
        "--seed",
        "5",
        "--ui",
        "none",
        "--out",
        str(tmp_path / "first"),
    ]
    subprocess.run(play, capture_output=True, timeout=WITHIN_S, check=False)
    first = result_in(tmp_path / "first")
    (folder,) = (tmp_path / "first").iterdir()
    again = [*COMMAND, "replay", str(folder), "--ui", "none", "--out", str(tmp_path / "again")]
    subprocess.run(again, capture_output=True, timeout=WITHIN_S, check=False)
    second = result_in(tmp_path / "again")
    (other,) = (tmp_path / "again").iterdir()
    recorded, replayed = (
        {record.person: len(record.moves) for record in read_folder(played)} for played in (folder, other)
    )
    metrics = second["metrics"]
    made = metrics["replay.same"]["value"] + metrics["replay.other"]["value"]

    assert second["plan"]["digest"] == first["plan"]["digest"]
    assert set(replayed) == set(recorded)
    assert all(0 < replayed[person] <= moves for person, moves in recorded.items())
    assert made >= metrics["moves.achieved"]["value"] > 0
    assert first["metrics"]["replay.other"]["value"] == 0
    assert [oracle["name"] for oracle in second["oracles"] if oracle["outcome"] == "broken"] == []


@pytest.mark.parametrize("lacks", ["result.json", "scenario.toml", "runs-0.ndjson"])
def test_what_is_no_recorded_run_cannot_be_played_again(lacks: str, tmp_path: Path) -> None:
    plan = make_plan(load(str(scenario(tmp_path))))
    told = {"scenario": {"overrides": {}}, "plan": {"digest": plan.digest}}
    files = {"result.json": json.dumps(told), "scenario.toml": SHORT, "runs-0.ndjson": ""}
    folder = tmp_path / "run"
    folder.mkdir()
    for name in files.keys() - {lacks}:
        (folder / name).write_text(files[name])
    done = CliRunner().invoke(crowd, ["replay", str(folder), "--out", str(tmp_path / "runs")])

    assert done.exit_code == 2
    assert not (tmp_path / "runs").exists()


def test_a_run_of_another_plan_is_not_played_again(tmp_path: Path) -> None:
    told = {"scenario": {"overrides": {"scenario.seed": 4}}, "plan": {"digest": "0" * 64}}
    (tmp_path / "result.json").write_text(json.dumps(told))
    (tmp_path / "scenario.toml").write_text(SHORT)
    (tmp_path / "runs-0.ndjson").write_text("")
    done = CliRunner().invoke(crowd, ["replay", str(tmp_path)])

    assert done.exit_code == 2
    assert "another plan" in done.output
