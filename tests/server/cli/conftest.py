"""The `knackpunkt` command, called within the tests' own process."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from tests.support.process import ServerProcess, serving

from knack_server.cli.commands import main


class Outcome(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


class Knackpunkt(Protocol):
    def __call__(self, *arguments: str, folder: Path | None = None, **settings: object) -> Outcome: ...


@pytest.fixture
def knackpunkt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Knackpunkt:
    """Run a command on a data folder, by default `data` in the test's own."""
    for name in [name for name in os.environ if name.upper().startswith("KNACK_")]:
        monkeypatch.delenv(name)

    def call(*arguments: str, folder: Path | None = None, **settings: object) -> Outcome:
        with monkeypatch.context() as there:
            for name, value in {"data_dir": folder or tmp_path / "data", "port": 0, **settings}.items():
                there.setenv(f"KNACK_{name.upper()}", str(value))
            there.setattr(sys, "argv", ["knackpunkt", *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, said.out, said.err)

    return call


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server process for the tests of a module."""
    with serving(tmp_path_factory.mktemp("data")) as server:
        yield server
