"""What a machine lacks is one line with the command that installs it, or installed on the spot if that is allowed."""

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "need.py"


@pytest.fixture
def need(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("need", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "need", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a shell and `env`, and nothing else."""
    for name in ("sh", "env"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put(folder: Path, name: str, *lines: str) -> None:
    script = folder / name
    script.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    script.chmod(0o755)


def test_a_machine_with_everything_hears_nothing(
    need: ModuleType, programs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(programs, "node", "echo v20.1.0")
    put(programs, "chromium")

    assert need.main(["node", "chromium"]) == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("programs")
def test_everything_that_is_missing_is_named_at_once_with_its_cure(
    need: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    assert need.main(["node", "chromium"]) == 1
    assert capfd.readouterr().err.splitlines() == [
        "knackpunkt: the JavaScript tests need Node 20 or newer; install it with: sudo apt-get install nodejs",
        "knackpunkt: the browser tests need Chromium; install it with: sudo apt-get install chromium",
    ]


def test_a_program_that_is_too_old_is_named_with_its_version(
    need: ModuleType, programs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(programs, "node", "echo v18.20.4")

    assert need.main(["node"]) == 1
    assert "Node 20 or newer (found v18.20.4);" in capfd.readouterr().err


@pytest.mark.parametrize("user", [0, 1000])
def test_chromium_is_installed_when_that_needs_no_password(
    need: ModuleType, programs: Path, monkeypatch: pytest.MonkeyPatch, user: int
) -> None:
    monkeypatch.setattr(need.os, "geteuid", lambda: user)
    put(programs, "apt-get", f'[ "$1" = install ] && echo "#!/bin/sh" > {programs}/chromium && /bin/chmod +x {programs}/chromium')  # fmt: skip
    put(programs, "sudo", '[ "$1" = -n ] && shift && exec "$@"')
    put(programs, "true")

    assert need.main(["chromium"]) == 0


def test_nothing_is_installed_when_a_password_would_be_asked_for(
    need: ModuleType, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(need.os, "geteuid", lambda: 1000)
    put(programs, "apt-get", f"echo asked > {programs}/asked")
    put(programs, "sudo", "exit 1")

    assert need.main(["chromium"]) == 1
    assert not (programs / "asked").exists()
