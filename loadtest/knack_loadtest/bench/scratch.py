"""Sets the peers up in a folder outside the repository: pinned versions, through the ordinary clients, nothing installed.

Python's come by pip into an environment, Node's by npm into a folder, the C loop by cc, and Debian's packages are
downloaded by apt-get and unpacked, not installed. Where a client looks for its packages is its own business. What cannot
be had is noted with its reason, and the figures that need it say so.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from knack_loadtest.bench.contenders import PEERS, Scratch

PYTHON: Final = (
    "aiosqlite==0.22.1",
    "asyncpg==0.32.0",
    "hiredis==3.5.0",
    "httptools==0.9.0",
    "picows==2.3.1",
    "redis==8.1.0",
    "socketify==0.0.31",
    "starlette==1.10.0",
    "uvicorn==0.54.0",
    "uvloop==0.23.0",
    "websockets==17.4",
)

NODE: Final = (
    "@colyseus/core@0.18.17",
    "@colyseus/schema@5.0.34",
    "@colyseus/ws-transport@0.18.4",
    "ws@8.23.0",
)
"""Colyseus in its parts: the package `colyseus` asks for a transport that the registry does not have."""

REDIS: Final = (
    "redis-server",
    "redis-tools",
    "libhiredis0.14",
    "libjemalloc2",
    "liblua5.1-0",
    "liblzf1",
    "lua-bitop",
    "lua-cjson",
)
"""In the version of the system's release: Redis 7.0 on Debian 12."""

POSTGRES: Final = ("postgresql-15", "postgresql-client-15")

_STEP_WITHIN_S: Final = 300
_ADDRESS: Final = re.compile(r"\S*(?:://|^/|(?<=\s)/)\S*")
"""Addresses and paths: where a client looks is nobody's business."""

_REASON_LENGTH_MAX: Final = 300
_STAMP: Final = "stamp.json"
_POSTGRES_SYSTEM: Final = Path("/usr/lib/postgresql")


class SetUpFailed(Exception):
    """A part of the scratch environment cannot be had."""


def set_up(folder: Path, say: Callable[[str], None]) -> Scratch:
    """Set up what is not there yet in the versions named above, and return it with what is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    missing: dict[str, str] = {}
    for name, step in _STEPS.items():
        wanted = _wanted(name)
        if _done(folder).get(name) == wanted:
            continue
        say(f"setting up {name} …")
        try:
            step(folder)
        except SetUpFailed as failure:
            missing[name] = str(failure)
            say(f"  {name} is missing: {failure}")
        else:
            (folder / _STAMP).write_text(json.dumps({**_done(folder), name: wanted}))
    return Scratch(folder, missing)


def versions() -> str:
    """Return what the peers are, in one line."""
    parts = [*PYTHON, *NODE, "Redis and PostgreSQL of the system's release"]
    return ", ".join(part.replace("==", " ") for part in parts)


def _python(folder: Path) -> None:
    run([sys.executable, "-m", "venv", "--clear", str(folder / "venv")], folder)
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run(
        [*pip, "install", "--only-binary", ":all:", *(each for each in PYTHON if "socketify" not in each)],
        folder,
    )
    run([*pip, "install", *(each for each in PYTHON if "socketify" in each)], folder)


def _node(folder: Path) -> None:
    if shutil.which("npm") is None:
        raise SetUpFailed("npm is not installed")
    place = folder / "node"
    place.mkdir(exist_ok=True)
    (place / "package.json").write_text('{"name": "peers", "version": "1.0.0", "private": true}\n')
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error")
    run(["npm", "install", *quiet, "--save-exact", *NODE], place)


def _cc(folder: Path) -> None:
    if shutil.which("cc") is None:
        raise SetUpFailed("there is no C compiler")
    run(["cc", "-O2", "-o", str(folder / "bare"), str(PEERS / "bare.c")], folder)


def _redis(folder: Path) -> None:
    _debian(folder, REDIS)


def _postgres(folder: Path) -> None:
    if _POSTGRES_SYSTEM.is_dir() and any(_POSTGRES_SYSTEM.glob("*/bin/initdb")):
        return
    _debian(folder, POSTGRES)


def _debian(folder: Path, packages: Sequence[str]) -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise SetUpFailed("this system has no apt-get")
    place = folder / "packages"
    place.mkdir(exist_ok=True)
    for old in place.glob("*.deb"):
        old.unlink()
    run(["apt-get", "download", "--quiet", *packages], place)
    for package in sorted(place.glob("*.deb")):
        run(["dpkg", "--extract", str(package), str(folder / "debian")], place)


_STEPS: Final[Mapping[str, Callable[[Path], None]]] = {
    "cc": _cc,
    "python": _python,
    "node": _node,
    "redis": _redis,
    "postgres": _postgres,
}


def _wanted(name: str) -> str:
    if name == "cc":
        return (PEERS / "bare.c").read_text(encoding="utf-8")
    return " ".join({"python": PYTHON, "node": NODE, "redis": REDIS, "postgres": POSTGRES}[name])


def _done(folder: Path) -> dict[str, str]:
    try:
        done: dict[str, str] = json.loads((folder / _STAMP).read_text())
    except FileNotFoundError:
        return {}
    return done


def run(command: Sequence[str], folder: Path) -> None:
    """Run one of a set-up's commands.

    Raises:
        SetUpFailed: it failed; what it said last is the reason, without the addresses in it.
    """
    try:
        ended = subprocess.run(  # noqa: S603 - the commands above
            command, cwd=folder, capture_output=True, text=True, timeout=_STEP_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise SetUpFailed(str(failure)) from None
    if ended.returncode:
        said = _ADDRESS.sub("…", " ".join((ended.stderr or ended.stdout).split()))
        raise SetUpFailed(f"{Path(command[0]).name} failed: {said[-_REASON_LENGTH_MAX:]}")
