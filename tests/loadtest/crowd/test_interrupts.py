"""Ctrl-C at any moment: what was seen is judged and written, and nothing is left behind."""

import json
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from random import Random

import psutil
import pytest
from click.testing import CliRunner
from tests.conftest import Size
from tests.support.jsonschema import faults_of

from knack_loadtest.crowd.cli import crowd
from knack_loadtest.crowd.verdict import INTERRUPTED

pytestmark = [pytest.mark.system, pytest.mark.timeout(1800)]

SCHEMA = files("knack_loadtest.crowd") / "schemas" / "result.schema.json"
WITHIN_S = 540

SCENARIO = """
[scenario]
name = "interrupted"
title = "Interrupted"
about = "Some people, until somebody has seen enough."
duration = "60s"
ending = "abandon"

[players.quick]
count = 4
skill = "bot_limit"
arrive = { shape = "ramp", over = "6s" }

[watchers.screen]
count = 2
device = "screen"
arrive = { shape = "ramp", over = "6s" }

[cheats.some]
count = 1
kinds = ["early", "replayed"]
"""

LONGEST_S = 14.0
"""Long enough that everybody has come and has played for a while."""


def test_whenever_it_is_interrupted_there_is_a_report_and_nothing_is_left(tmp_path: Path, size: Size) -> None:
    random = Random(20_261_122)
    file = tmp_path / "interrupted.toml"
    file.write_text(SCENARIO)
    planned = CliRunner().invoke(crowd, ["plan", str(file), "--digest"]).output.strip()
    for number in range(size("interrupts", small=1, full=20)):
        workers = (1, 2, 4)[number % 3]
        after_s = random.uniform(0, LONGEST_S)
        result = interrupted(file, tmp_path / f"runs-{number}", workers, after_s)

        about = f"{workers} workers, interrupted after {after_s:.2f} s"
        assert faults_of(result, json.loads(SCHEMA.read_text())) == [], about
        assert result["is_interrupted"], about
        assert result["verdict"]["exit_code"] == INTERRUPTED, about
        assert result["plan"]["digest"] == planned, about
        assert len(result["workers"]) == workers, about
        assert [o["name"] for o in result["oracles"] if o["outcome"] == "broken"] == [], about
        outcomes, attempts = (
            result["tables"]["connect_outcomes"],
            result["metrics"]["connect.attempts"]["value"],
        )
        assert sum(outcomes.values()) == attempts, about


def interrupted(file: Path, out: Path, workers: int, after_s: float) -> dict:
    """Let a crowd begin, interrupt it after a while, and return its result; of its processes none may be left."""
    command = (sys.executable, "-m", "knack_loadtest.crowd", "run", str(file))
    options = ("--workers", str(workers), "--out", str(out), "--ui", "plain")
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the first one comes when it has begun
        try:
            process.wait(after_s)
            raise AssertionError("it ended by itself")
        except subprocess.TimeoutExpired:
            pass
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=WITHIN_S)
        assert process.returncode == INTERRUPTED, said.decode()
    gone, alive = psutil.wait_procs(children, timeout=WITHIN_S)
    assert len(gone) >= workers + 1  # the server, too
    assert alive == []
    (written,) = out.glob("*/result.json")
    result: dict = json.loads(written.read_text())
    return result


def test_a_plan_beyond_the_limit_of_files_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    limits = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024)); "
    command = limits + "sys.argv[0] = 'crowd'; runpy.run_module('knack_loadtest.crowd', run_name='__main__')"
    arguments = ("run", "smoke", "--set", "watchers.phone.count=40000", "--out", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", command, *arguments],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert done.returncode == 3, done.stderr
    assert "1024 there" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "end"])
@pytest.mark.parametrize("is_ignored", [False, True], ids=["", "in-the-background"])
def test_who_ends_it_before_anything_was_sent_leaves_nothing_running(
    tmp_path: Path, number: signal.Signals, is_ignored: bool
) -> None:
    file, out = tmp_path / "interrupted.toml", tmp_path / "runs"
    file.write_text(SCENARIO)
    command = (sys.executable, "-m", "knack_loadtest.crowd", "run", str(file), "--out", str(out))
    heeded = "trap '' INT; exec" if is_ignored else "exec"
    with subprocess.Popen(
        ["sh", "-c", f'{heeded} "$@"', "sh", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        while not list(out.glob("*/scenario.toml")):  # its own server is started next
            with suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"it ended by itself: {process.wait(0.02)}")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        _, complained = process.communicate(timeout=WITHIN_S)
    _, alive = psutil.wait_procs(children, timeout=WITHIN_S)

    assert (process.returncode, complained) == (INTERRUPTED, b"crowd: interrupted\n")
    assert alive == []
