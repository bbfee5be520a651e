"""A report is made of a result or of nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.loadtest.crowd.made import made

from knack_loadtest.crowd.cli import crowd
from knack_loadtest.crowd.reports.formats import FORMATS
from knack_loadtest.crowd.reports.reading import NoResult, parse


def changed(**fields: Any) -> str:
    return json.dumps({**made(), **fields})


def without_samples() -> str:
    result = made()
    result["metrics"]["move_ack"] = {"kind": "count", "unit": "count", "value": 3}
    return json.dumps(result)


def with_lost_samples() -> str:
    result = made()
    result["metrics"]["move_ack"]["buckets"].pop()
    return json.dumps(result)


BROKEN = {
    "nothing": ("", "no JSON"),
    "half": (changed()[:5000], "no JSON"),
    "another": ('{"totals": 3}', "names no format"),
    "a list": ("[1, 2]", "names no format"),
    "older": (changed(format="crowd result 0"), "this crowd reads 'crowd result 1'"),
    "no verdict": (changed(verdict={}), "$.verdict: word is missing"),
    "a stranger": (changed(extra=1), "$: extra is not known"),
    "no number": (changed(duration_ms=float("nan")), "NaN is no number"),
    "too large": (changed().replace('"cpu_s": 6.5', '"cpu_s": 1e999'), "1e999 is no number"),
    "other kind": (without_samples(), "is a count, not a latency"),
    "lost samples": (with_lost_samples(), "do not add up"),
    "deep": ("[" * 100_000, "no JSON"),
}


@pytest.mark.parametrize(("text", "why"), BROKEN.values(), ids=list(BROKEN))
def test_what_is_no_result_is_one_clear_line(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(text)
    done = CliRunner().invoke(crowd, ["report", str(tmp_path)])

    assert done.exit_code == 2
    assert why in done.output
    assert len(done.output.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_a_folder_without_a_run_says_so(tmp_path: Path) -> None:
    done = CliRunner().invoke(crowd, ["report", str(tmp_path / "none")])

    assert done.exit_code == 2
    assert "cannot be read: No such file" in done.output


def test_a_result_of_an_older_crowd_has_the_figures_that_came_later_without_values() -> None:
    result = made()
    del result["metrics"]["visible"], result["metrics"]["acts.done"]
    read = parse(json.dumps(result))

    assert read["metrics"]["visible"]["count"] == 0
    assert read["metrics"]["acts.done"]["value"] is None
    assert [make(read)[:1] for make in FORMATS.values()]


def test_what_is_written_is_read_as_it_was() -> None:
    assert parse(json.dumps(made())) == made()


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(NoResult, match="is int, not string"):
        parse(changed(scenario={**made()["scenario"], "name": 3}))


def test_reports_are_made_anew_beside_the_result(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(json.dumps(made()))
    done = CliRunner().invoke(crowd, ["report", str(tmp_path)])

    assert done.exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"result.json", *FORMATS}
    assert done.output.splitlines() == [str(tmp_path / name) for name in FORMATS]


def test_they_can_go_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    file.write_text(json.dumps(made()))
    done = CliRunner().invoke(crowd, ["report", str(file), "--out", str(tmp_path / "out")])

    assert done.exit_code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(FORMATS)


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(json.dumps(made()))
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(crowd, ["report", str(tmp_path), "--out", str(tmp_path / "file" / "deeper")])

    assert done.exit_code == 2
    assert "nothing can be written" in done.output
