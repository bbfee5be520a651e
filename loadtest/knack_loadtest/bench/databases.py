"""Databases of our own for as long as a figure lasts: on a socket in a folder that is gone afterwards, reachable by nobody else."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from knack_loadtest.bench import machine
from knack_loadtest.bench.contenders import Missing, Scratch, environment
from knack_loadtest.bench.process import ProgramFailed
from knack_loadtest.bench.stage import Stage

_READY_WITHIN_S: Final = 30
_GONE_WITHIN_S: Final = 15
_SOCKET_PATH_MAX: Final = 90
"""Bytes of the path of a UNIX socket, with its name."""


@contextmanager
def redis_server(stage: Stage) -> Iterator[tuple[Path, Scratch]]:
    """Run Redis as it comes, on a socket and on the server's core, and give the socket's path.

    Raises:
        Missing: it could not be set up.
        ProgramFailed: it did not start.
    """
    scratch = _needed(stage, "redis", "python")
    folder = _short_folder(stage)
    address = folder / "r"
    libraries = scratch.folder / "debian" / "usr" / "lib" / f"{os.uname().machine}-linux-gnu"
    process = subprocess.Popen(  # noqa: S603 - unpacked into the scratch environment
        [str(scratch.redis), "--port", "0", "--unixsocket", str(address), "--save", "", "--dir", str(folder)],
        env=environment() | {"LD_LIBRARY_PATH": str(libraries)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.sched_setaffinity(process.pid, {machine.SERVER_CORE})
    try:
        _wait(address, process)
        yield address, scratch
    finally:
        process.terminate()
        process.wait(_GONE_WITHIN_S)


@contextmanager
def postgres_server(stage: Stage, cores: frozenset[int]) -> Iterator[tuple[Path, Scratch]]:
    """Run PostgreSQL as it comes, on a socket, and give the socket's folder; its own user runs it, because root may not.

    Raises:
        Missing: it could not be set up.
        ProgramFailed: it did not start.
    """
    scratch = _needed(stage, "postgres", "python")
    folder = _short_folder(stage)
    is_root = os.geteuid() == 0
    if is_root:
        owner = _postgres_user()
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        for above in folder.parents:
            if not above.stat().st_mode & 0o001:
                raise Missing(f"PostgreSQL's user may not enter {above.name or above}")
    user = "postgres" if is_root else None
    binaries = scratch.postgres
    made = subprocess.run(  # noqa: S603 - the system's or the scratch environment's
        [
            str(binaries / "initdb"),
            *("--pgdata", str(folder / "db"), "--username", "bench", "--auth", "trust"),
        ],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        user=user,
    )
    if made.returncode:
        raise ProgramFailed(f"initdb: {made.stderr.strip()[-300:]}")
    process = subprocess.Popen(  # noqa: S603 - as above
        [str(binaries / "postgres"), "-D", str(folder / "db"), "-k", str(folder), "-c", "listen_addresses="],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        user=user,
    )
    os.sched_setaffinity(process.pid, cores)
    try:
        _wait(folder / ".s.PGSQL.5432", process)
        _wait_until_open(binaries, folder, process)
        yield folder, scratch
    finally:
        process.terminate()
        process.wait(_GONE_WITHIN_S)


def _needed(stage: Stage, *needs: str) -> Scratch:
    if stage.scratch is None:
        raise Missing("`make bench-peers` sets the peers up")
    for need in needs:
        if need in stage.scratch.missing:
            raise Missing(stage.scratch.missing[need])
    return stage.scratch


def _short_folder(stage: Stage) -> Path:
    folder = stage.new_folder()
    if len(str(folder)) > _SOCKET_PATH_MAX:
        raise Missing("the folder's path is too long for a UNIX socket")
    return folder


def _postgres_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise Missing("there is no user postgres, and root may not run PostgreSQL") from None


def _wait(path: Path, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _READY_WITHIN_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise ProgramFailed(f"{Path(str(process.args[0])).name} did not start")  # type: ignore[index]
        time.sleep(0.02)


def _wait_until_open(binaries: Path, folder: Path, process: "subprocess.Popen[bytes]") -> None:
    asking = (
        str(binaries / "pg_isready") if (binaries / "pg_isready").exists() else shutil.which("pg_isready")
    )
    end = time.monotonic() + _READY_WITHIN_S
    while asking and subprocess.run([asking, "-h", str(folder), "-q"], check=False).returncode:  # noqa: S603
        if process.poll() is not None or time.monotonic() > end:
            raise ProgramFailed("PostgreSQL did not open")
        time.sleep(0.05)
