import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from knack_server.cli.vectors import vectors

VECTORS = Path(__file__).parents[3] / "protocol/vectors/rules"


def check(folder: Path) -> Result:
    return CliRunner().invoke(vectors, ["check", str(folder)])


def test_a_line_for_every_file_and_then_the_count() -> None:
    result = check(VECTORS)
    names = sorted(path.name for path in VECTORS.glob("*.json"))
    assert result.stdout.splitlines() == [f"{name}: passed" for name in names] + [
        f"{len(names)} passed, 0 failed"
    ]
    assert result.exit_code == 0


def test_one_that_fails_is_told_and_the_others_are_checked_all_the_same(tmp_path: Path) -> None:
    shutil.copy(VECTORS / "grace.json", tmp_path)
    document = json.loads((VECTORS / "edge-0.json").read_text())
    document["expect"]["score"] += 1
    (tmp_path / "edge-0.json").write_text(json.dumps(document))
    (tmp_path / "empty.json").write_text("{}")
    result = check(tmp_path)
    assert result.stdout.splitlines() == [
        "edge-0.json: failed: score: expected 1011, found 1010",
        "empty.json: failed: not a vector: KeyError: 'expect'",
        "grace.json: passed",
        "1 passed, 2 failed",
    ]
    assert result.exit_code == 1


def refused(folder: Path) -> str:
    result = check(folder)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


def test_a_folder_that_is_not_there_exits_2(tmp_path: Path) -> None:
    assert "no such folder" in refused(tmp_path / "nowhere")


def test_a_folder_without_vectors_exits_2(tmp_path: Path) -> None:
    assert "holds no *.json file" in refused(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_not_json_exits_2_before_anything_is_checked(tmp_path: Path, content: bytes) -> None:
    shutil.copy(VECTORS / "grace.json", tmp_path)
    (tmp_path / "broken.json").write_bytes(content)
    assert "broken.json: not readable as JSON" in refused(tmp_path)
