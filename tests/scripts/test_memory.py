"""What a finished run costs in memory: the program that measures it, at a small size, and a ceiling for the answer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.architecture.tree import ROOT

PROGRAM = ROOT / "scripts" / "bench" / "memory.py"


@pytest.mark.system
def test_a_finished_run_takes_a_few_hundred_bytes_and_a_person_no_more_than_a_few_runs(
    tmp_path: Path,
) -> None:
    command = [sys.executable, str(PROGRAM), str(tmp_path), "800", "400"]
    measured = subprocess.run(command, text=True, capture_output=True, check=True, timeout=250)
    answer = json.loads(measured.stdout)
    print(answer)
    assert 200 < answer["run_bytes"] < 1_500
    assert 200 < answer["player_bytes"] < 3_000  # of so few, what is there once counts too
