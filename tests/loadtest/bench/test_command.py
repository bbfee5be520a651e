"""Every figure of the real server at its smallest, without peers: that it is measured, and that what is measured is right."""

import json
from pathlib import Path

import pytest

from knack_loadtest.bench import command
from knack_loadtest.bench.report import BEGIN, END

FIGURES = {
    "fanout": ["fanout", "fanout"],
    "idle": ["idle"],
    "move": ["move", "window"],
    "ack": ["ack"],
    "slow": ["slow", "slow"],
    "storm": ["storm"],
    "ranks": ["ranks", "ranks", "ranks"],
    "records": ["records"],
    "bytes": ["bytes", "bytes"],
}
"""What each prints."""


def test_every_figure_is_here() -> None:
    assert list(FIGURES) == list(command.REALTIME)


@pytest.mark.system
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_measured_and_right_at_its_smallest(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"{BEGIN}\n{END}\n")

    command.main([name, "--small", "--rounds", "1", "--write", str(document)])

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["figure"] for row in rows] == FIGURES[name]
    assert [row["wrong"] for row in rows] == [[]] * len(rows)
    assert all(row["ours"] for row in rows)
    assert document.read_text().count(f"| *{FIGURES[name][0]}*: ") == FIGURES[name].count(FIGURES[name][0])


def test_a_figure_that_is_wrong_makes_the_command_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_stage: object) -> object:
        raise OSError("no socket is left")

    monkeypatch.setitem(command.REALTIME, "idle", broken)  # type: ignore[arg-type]  # it is a dict

    with pytest.raises(SystemExit, match="1"):
        command.main(["idle"])
    assert json.loads(capsys.readouterr().out)["wrong"] == ["no socket is left"]


def test_when_the_time_is_over_a_figure_is_not_begun(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["idle", "--limit-s", "-1"])

    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert row["ours"] is None
    assert row["note"] == "not measured: the time was over"
