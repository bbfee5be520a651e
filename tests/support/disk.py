"""A disk of its own for a server, of some MiB, that a test fills to the last byte.

It is a tmpfs in a mount namespace, which an ordinary user may make where the system allows it. A child process holds the
namespace, so the disk outlives every server that was killed on it; the server is started inside (`prefix`), and a test
looks in through `/proc`.
"""

import errno
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOLD = 'mount -t tmpfs -o size="$2",mode=700 tmpfs "$1" && echo mounted && exec cat'
"""Mounts, says so, and then waits for the end of its input."""

PIECE_BYTES = 1 << 16


class Unmountable(Exception):
    """This system lets nobody mount a disk of their own; the text is what it said."""


class SmallDisk:
    """A disk at `mountpoint`, as those see it who are started with `prefix`."""

    def __init__(self, mountpoint: Path, pid: int) -> None:
        self.mountpoint = mountpoint
        self.prefix = (
            "nsenter",
            *("--target", str(pid)),
            *("--user", "--mount", "--preserve-credentials"),
            f"--wdns={Path.cwd()}",
        )
        self._seen = Path(f"/proc/{pid}/root{mountpoint}")
        self._ballast = self._seen / "ballast"

    def fill(self) -> None:
        """Leave no byte free."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (PIECE_BYTES, 1):
                try:
                    while ballast.write(bytes(size)):
                        pass
                except OSError as refused:
                    if refused.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        """Make room again."""
        self._ballast.unlink()

    @property
    def free_bytes(self) -> int:
        return shutil.disk_usage(self._seen).free

    def copy(self, files: str, to: Path) -> Path:
        """Copy files of the disk, by their pattern, into a new folder: SQLite follows the link in `/proc` and would not find them."""
        to.mkdir()
        for file in self._seen.glob(files):
            shutil.copy(file, to)
        return to


@contextmanager
def small_disk(mountpoint: Path, size_bytes: int) -> Iterator[SmallDisk]:
    """Mount an empty disk for as long as the context lasts; raises `Unmountable`."""
    mountpoint.mkdir()
    command = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", HOLD, "sh")
    try:
        holder = subprocess.Popen(
            [*command, str(mountpoint), str(size_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError as missing:
        raise Unmountable(str(missing)) from missing
    with holder:
        assert holder.stdout is not None
        assert holder.stderr is not None
        if holder.stdout.readline() != "mounted\n":
            raise Unmountable(holder.stderr.read())
        yield SmallDisk(mountpoint, holder.pid)
