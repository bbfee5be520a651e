"""A small crowd against a real server, from the first connection to the last oracle."""

import asyncio
import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.support.jsonschema import faults_of

from knack_loadtest.crowd import machine
from knack_loadtest.crowd.cli import crowd
from knack_loadtest.crowd.commands.run import without_secrets
from knack_loadtest.crowd.metrics import BY_NAME
from knack_loadtest.crowd.plan import forecast, make_plan
from knack_loadtest.crowd.reports.formats import FORMATS
from knack_loadtest.crowd.scenario.reading import load
from knack_loadtest.crowd.verdict import INTERRUPTED

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

TINY = """
[scenario]
name = "tiny"
title = "Tiny"
about = "A few people for a few seconds."
duration = "16s"
ending = "abandon"

[players.quick]
count = 3
skill = "bot_limit"

[watchers.screen]
count = 1
device = "screen"

[watchers.phone]
count = 2
device = "phone"
view = "latest"

[heats.final]
players = "players.quick"
at = "7s"
lobby = "8s"

[cheats.some]
count = 1
kinds = ["early", "replayed", "climb_roles"]

[[faults]]
at = "5s"
within = "1s"
kind = "kill"
for = "100ms"

[[faults]]
at = "8s"
kind = "storm"
who = "watchers"

[expect]
thresholds = ["connect.attempts >= 9"]
"""

COMMAND = (sys.executable, "-m", "knack_loadtest.crowd", "run")
SCHEMA = files("knack_loadtest.crowd") / "schemas" / "result.schema.json"
WITHIN_S = 540
"""A run takes half a minute, and ten times that where four other processes want each core."""


def scenario(folder: Path) -> Path:
    path = folder / "tiny.toml"
    path.write_text(TINY)
    return path


def result_in(folder: Path) -> dict:
    (path,) = folder.glob("*/result.json")
    return json.loads(path.read_text())


def test_a_crowd_finds_an_honest_server_honest(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *COMMAND,
            str(scenario(tmp_path)),
            "--out",
            str(tmp_path / "runs"),
            "--workers",
            "2",
            "--ui",
            "plain",
        ],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    result = result_in(tmp_path / "runs")
    oracles = {oracle["name"]: oracle for oracle in result["oracles"]}

    assert faults_of(result, json.loads(SCHEMA.read_text())) == []
    assert set(result["metrics"]) == set(BY_NAME)
    assert {name: o["violations"] for name, o in oracles.items() if o["outcome"] == "broken"} == {}
    played, members = (result["metrics"][name]["value"] for name in ("heats.played", "heats.members"))
    unchecked = ["contacts"] if played else ["heats", "contacts"]  # a busy machine is back too late for it
    assert [name for name, o in oracles.items() if o["outcome"] == "not_checked"] == unchecked
    assert oracles["screens"]["checked"] == 4 + members  # whose phones show the heat, too
    assert oracles["heats"]["checked"] == members
    assert [mark["text"] for mark in result["marks"] if mark["kind"] == "heat"] == ["final-1 begins"] * played
    answered = sum(result["metrics"][name]["count"] for name in ("move_ack", "move_cut"))
    assert 0 < result["metrics"]["moves.achieved"]["value"] <= answered
    (killed,) = [mark["at_ms"] for mark in result["marks"] if mark["kind"] == "kill"]
    assert killed >= 5000
    assert result["metrics"]["recover.done"]["value"] >= 6  # everybody, after the kill
    assert (
        result["metrics"]["recover.snapshot"]["value"] >= 5
    )  # a server's next life begins its standings anew
    assert result["metrics"]["disconnects.unexpected"]["value"] == 0
    assert (
        sum(result["tables"]["connect_outcomes"].values()) == result["metrics"]["connect.attempts"]["value"]
    )
    assert result["thresholds"][0]["outcome"] == "met"
    assert done.returncode == result["verdict"]["exit_code"] in {0, 4}, (
        done.stdout
    )  # 4: this machine was busy
    assert result["verdict"]["word"] in done.stdout
    assert {path.name for path in next((tmp_path / "runs").iterdir()).iterdir()} >= set(FORMATS)


def test_who_is_interrupted_writes_what_was_seen(tmp_path: Path) -> None:
    async def interrupt() -> int:
        process = await asyncio.create_subprocess_exec(
            *(*COMMAND, str(scenario(tmp_path)), "--out", str(tmp_path / "runs"), "--ui", "plain"),
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        await process.stdout.readline()  # the first line comes when everybody is on the way
        os.kill(process.pid, 2)
        await process.stdout.read()
        return await process.wait()

    code = asyncio.run(asyncio.wait_for(interrupt(), WITHIN_S))
    result = result_in(tmp_path / "runs")

    assert code == INTERRUPTED == result["verdict"]["exit_code"]
    assert result["is_interrupted"]
    assert {path.name for path in next((tmp_path / "runs").iterdir()).iterdir()} >= set(FORMATS)
    assert [o["name"] for o in result["oracles"] if o["outcome"] == "broken"] == []


def test_no_report_tells_the_token_of_a_desk() -> None:
    told = ["run", "booth", "--desk-token", "t-secret", "--desk-token=t-secret", "--seed", "1"]

    assert list(without_secrets(told)) == [
        *("run", "booth", "--desk-token", "TOKEN", "--desk-token=TOKEN", "--seed", "1")
    ]


@pytest.mark.parametrize("command", [["run", "smoke"], ["verify"]])
def test_a_target_that_is_not_there_is_not_reached(command: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(crowd, [*command, "--target", "http://127.0.0.1:9", "--out", str(tmp_path)])

    assert done.exit_code == 3
    assert "cannot reach" in done.output


@pytest.mark.parametrize(
    "wrong",
    [
        ["nothing"],
        ["smoke", "--threshold", "move_akc.p99 < 1s"],
        ["smoke", "--set", "players.casual.count=x"],
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(wrong: list[str], tmp_path: Path) -> None:
    assert CliRunner().invoke(crowd, ["run", *wrong, "--out", str(tmp_path)]).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    done = CliRunner().invoke(crowd, ["verify", "--target", "http://127.0.0.1:9", "--out", str(file)])

    assert done.exit_code == 2
    assert "nothing can be written" in done.output


def test_a_plan_that_this_machine_cannot_carry_is_refused_before_the_first_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "raise_descriptors", lambda: (1024, 1024))
    asked = ["run", "smoke", "--set", "watchers.phone.count=3000", "--out", str(tmp_path)]
    done = CliRunner().invoke(crowd, asked)
    sockets = forecast(make_plan(load("smoke", {"watchers.phone.count": 3000}))).sockets

    assert done.exit_code == 3
    assert sockets > 3000
    assert f"open files: {machine.descriptors_needed(sockets)} needed, 1024 there" in done.output
    assert list(tmp_path.iterdir()) == []
