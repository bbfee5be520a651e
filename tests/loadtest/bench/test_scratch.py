import json
from pathlib import Path

import pytest

from knack_loadtest.bench import scratch


def test_what_cannot_be_had_is_noted_with_its_reason_and_the_rest_is_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_folder: Path) -> None:
        raise scratch.SetUpFailed("there is no C compiler")

    done: list[str] = []
    steps = {"cc": broken, "python": lambda _folder: done.append("python")}
    monkeypatch.setattr(scratch, "_STEPS", steps)

    found = scratch.set_up(tmp_path / "peers", lambda _text: None)
    again = scratch.set_up(tmp_path / "peers", lambda _text: None)

    assert found.missing == again.missing == {"cc": "there is no C compiler"}
    assert done == ["python"]


def test_what_was_set_up_in_another_version_is_set_up_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    monkeypatch.setattr(scratch, "_STEPS", {"python": lambda _folder: done.append(1)})

    scratch.set_up(tmp_path, lambda _text: None)
    monkeypatch.setattr(scratch, "PYTHON", ("picows==9.9.9",))
    scratch.set_up(tmp_path, lambda _text: None)

    assert len(done) == 2
    assert json.loads((tmp_path / "stamp.json").read_text()) == {"python": "picows==9.9.9"}


def test_a_reason_names_no_address() -> None:
    with pytest.raises(scratch.SetUpFailed) as failure:
        scratch.run(["sh", "-c", "echo could not reach https://packages.example/simple >&2; exit 3"], Path())

    assert "://" not in str(failure.value)
    assert "could not reach" in str(failure.value)


def test_versions_are_pinned() -> None:
    assert all("==" in package for package in scratch.PYTHON)
    assert all(package.rpartition("@")[2][0].isdigit() for package in scratch.NODE)
