"""The distribution as somebody installs it: one wheel, outside the checkout, with every page in it."""

import os
import re
import signal
import site
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

CHECKOUT = Path(__file__).parents[2]
PAGES = ("/", "/screen", "/desk", "/contact", "/privacy", "/e/demo", "/e/demo/screen")

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin folder of an environment with the wheel, and of the checkout nothing."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    build = [
        *pip,
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(folder),
        str(CHECKOUT),
    ]
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("knackpunkt-*.whl")
    environment = folder / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    packages = Path(
        sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)})
    )
    # The libraries are the ones that are here already; a .pth below another is not followed, so that the checkout's
    # editable install stays outside.
    (packages / "libraries.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    prefix = ["--prefix", str(environment), "--no-deps", "--no-index", "--ignore-installed"]
    subprocess.run([*pip, "install", *prefix, str(wheel)], check=True)
    return environment / "bin"


@pytest.fixture(scope="module")
def address(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    settings = {"PATH": os.environ["PATH"], "KNACK_PORT": "0", "KNACK_DATA_DIR": str(elsewhere / "data")}
    server = subprocess.Popen(
        [installed / "python", installed / "knackpunkt", "serve"],
        cwd=elsewhere,
        env=settings,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    line = next(line for line in server.stdout if "Play" in line)
    yield line.split()[-1].rstrip("/")
    server.send_signal(signal.SIGINT)
    server.stdout.close()
    assert server.wait(20) == 0


def test_the_wheel_is_used_and_not_the_checkout(installed: Path) -> None:
    code = "import knack_server; print(knack_server.__file__)"
    shown = subprocess.run(
        [installed / "python", "-c", code], check=True, capture_output=True, text=True, cwd="/"
    )

    assert str(installed.parent) in shown.stdout


@pytest.mark.parametrize("page", PAGES)
def test_every_page_and_all_that_it_loads_come_from_the_wheel(address: str, page: str) -> None:
    html = _read(address + page)
    seen: set[str] = set()
    wanted = set(re.findall(r'(?:src|href)="(/web/[^"#]+)"', html))
    assert wanted

    while wanted:
        path = wanted.pop()
        seen.add(path)
        text = _read(address + path) if path.endswith((".js", ".mjs", ".css")) else ""
        if not text:
            _read(address + path, binary=True)
        folder = Path(path).parent
        for found in re.findall(r"""(?:from|import)\s*\(?["'](\.{1,2}/[^"']+)["']""", text):
            wanted |= {os.path.normpath(folder / found)} - seen
        for found in re.findall(r"""url\(["']?(\.{0,2}/[^"')#]+)""", text):
            wanted |= {os.path.normpath(folder / found)} - seen

    assert any(path.endswith(".js") for path in seen)


def _read(url: str, *, binary: bool = False) -> str:
    with urlopen(url, timeout=20) as answer:  # our own server on the loopback
        assert answer.status == 200
        body: bytes = answer.read()
        return "" if binary else body.decode()
