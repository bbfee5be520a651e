"""The lock files name, pin and hash everything, and know no addresses."""

import re
import tomllib
from pathlib import Path

import pytest
from tests.architecture.tree import ROOT, named

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = [ROOT / "requirements" / f"{name}.lock" for name in ("runtime", "dev")]


def canonical(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=named)
def test_a_lock_pins_everything_the_project_asks_for_and_the_build_backend(lock: Path) -> None:
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    if lock.stem == "dev":
        asked += [line for line in PROJECT["dependency-groups"]["dev"] if isinstance(line, str)]

    assert {canonical(line) for line in asked} <= set(pins(lock))


@pytest.mark.parametrize("lock", LOCKS, ids=named)
def test_a_lock_hashes_every_line_and_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9.-]+==)", text, flags=re.MULTILINE)[1:]

    assert len(entries) == len(pins(lock))
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://|file:|--(?:extra-)?index|--find-links|^-", text, re.MULTILINE) == []


def test_players_and_developers_run_the_same_versions() -> None:
    runtime, dev = map(pins, LOCKS)

    assert {name: dev.get(name) for name in runtime} == runtime
