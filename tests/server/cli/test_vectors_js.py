"""`knackpunkt vectors check --js`: the browser's engine, run by Node, says what the Python engine says."""

import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from knack_loadtest.oracle.vectors import expectation
from knack_protocol.rules.swaps import CANONICAL_ORDER, legal_swaps
from knack_protocol.rules.vectors import run_of_vector
from knack_server.cli.vectors import vectors

VECTORS = Path(__file__).parents[3] / "protocol/vectors/rules"


def check(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(vectors, ["check", *options, str(folder)])


def test_both_engines_pass_every_vector_in_the_same_words() -> None:
    result = check(VECTORS, "--js")

    assert result.stdout == check(VECTORS).stdout
    assert result.exit_code == 0


def test_one_that_fails_is_told_and_the_others_are_checked_all_the_same(tmp_path: Path) -> None:
    shutil.copy(VECTORS / "grace.json", tmp_path)
    document = json.loads((VECTORS / "edge-0.json").read_text())
    document["expect"]["score"] += 1
    (tmp_path / "edge-0.json").write_text(json.dumps(document))
    (tmp_path / "empty.json").write_text("{}")
    result = check(tmp_path, "--js")
    first, second, third, last = result.stdout.splitlines()

    assert first == "edge-0.json: failed: score: expected 1011, found 1010"
    assert second.startswith("empty.json: failed: not a vector: ")
    assert [third, last] == ["grace.json: passed", "1 passed, 2 failed"]
    assert result.exit_code == 1


def refused(folder: Path) -> str:
    result = check(folder, "--js")
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


def test_without_node_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert "node is missing" in refused(VECTORS)


def test_a_folder_that_is_not_there_exits_2(tmp_path: Path) -> None:
    assert "no such folder" in refused(tmp_path / "nowhere")


def test_a_file_that_is_not_json_exits_2(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_bytes(b"{")

    assert "broken.json: not readable as JSON" in refused(tmp_path)


def a_random_run(seed: int) -> dict[str, Any]:
    """A run of mostly legal swaps at all kinds of times, with what the plain engine says about it."""
    chance = Random(seed)
    goals = [0] if chance.random() < 0.5 else [chance.choice([60, 400]), 700, 0]
    document: dict[str, Any] = {
        "name": f"random {seed}",
        "why": "no two engines may differ anywhere",
        "event": "fair-2",
        "heat": f"h-{seed}",
        "player": chance.choice(["p1", "p-0123456789abcdefghij"]),
        "scope": chance.choice(["heat", "player"]),
        "server_seed": chance.randbytes(32).hex(),
        "public": (b"client:" + chance.randbytes(16)).hex(),
        "rules_hash": chance.randbytes(32).hex(),
        "t0_unix_ms": chance.randrange(2**50),
        "course_name": "any",
        "course": [{"goal": goal, "time_ms": 30_000} for goal in goals],
        "grace_ms": chance.choice([0, 37, 250]),
        "inputs": [],
    }
    run = run_of_vector(document)
    for _ in range(60):
        legal = chance.random() < 0.8
        swap = chance.choice(legal_swaps(run.board) if legal else CANONICAL_ORDER)
        late = chance.choice([-400, -100, 0, 30, 600, 1500])
        sent = {"t_arr": max(run.lock_end_ms + late, 0), "i": swap.cell, "d": swap.direction}
        document["inputs"].append(sent)
        run.move(*sent.values())
    return document | {"expect": expectation(document)}


def test_random_runs_come_out_as_the_plain_engine_plays_them(tmp_path: Path) -> None:
    seeds = range(40)
    for seed in seeds:
        (tmp_path / f"{seed:02}.json").write_text(json.dumps(a_random_run(seed)))

    assert check(tmp_path, "--js").stdout.splitlines()[-1] == f"{len(seeds)} passed, 0 failed"
