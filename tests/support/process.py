"""A real server process, started as `make run` starts it, that a test may interrupt, kill and start again."""

import os
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from tests.support.port import keep_port

READY_WITHIN_S = 60
GONE_WITHIN_S = 60
COMMAND = (sys.executable, "-m", "knack_server.cli")


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """Return an environment in which these settings are set and no others."""
    bare = {name: value for name, value in os.environ.items() if not name.upper().startswith("KNACK_")}
    named = {"data_dir": folder, **settings}
    return bare | {f"KNACK_{name.upper()}": str(value) for name, value in named.items()}


def run(folder: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run a `knackpunkt` command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(folder, **settings),
        text=True,
        capture_output=True,
        timeout=GONE_WITHIN_S,
        check=False,
    )


class ServerProcess:
    """`knackpunkt serve` on a data folder; the port, any free one, is its own from restart to restart until `stop`."""

    def __init__(self, folder: Path, prefix: Sequence[str] = (), **settings: object) -> None:
        self.folder = folder
        self._command = (*prefix, *COMMAND, "serve")
        self._place = keep_port()
        self.settings = {"port": self._place.getsockname()[1], **settings}
        self.desk_token = ""
        """As printed at the first start."""
        self.said: list[str] = []
        """Lines of the standard output since the last start."""
        self.complained: list[str] = []
        """Lines of the standard error output since the last start."""
        self._process: subprocess.Popen[str] | None = None
        self._readers: list[threading.Thread] = []

    @property
    def port(self) -> int:
        return int(str(self.settings["port"]))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def start(self) -> Self:
        """Start the server and wait until it has printed its addresses."""
        self.said, self.complained = [], []
        process = self._process = subprocess.Popen(
            self._command,
            env=environment(self.folder, **self.settings),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        is_open = threading.Event()
        assert process.stdout is not None
        assert process.stderr is not None
        self._readers = [
            threading.Thread(target=_keep, args=(stream, lines, is_open), daemon=True)
            for stream, lines in ((process.stdout, self.said), (process.stderr, self.complained))
        ]
        for reader in self._readers:
            reader.start()
        is_open.wait(READY_WITHIN_S)
        text = "".join(self.said)
        if not re.search(rf"Play +http://[^ ]+?:{self.port}/$", text, re.MULTILINE):
            self.kill()
            raise AssertionError(f"the server did not open:\n{text}{''.join(self.complained)}")
        token = re.search(r"desk token, shown only now: +(\S+)", text)
        if token is not None:
            self.desk_token = token[1]
        return self

    def interrupt(self, number: int = signal.SIGINT) -> int:
        """End it as Ctrl-C does; return its exit code."""
        os.kill(self.pid, number)
        return self._gone()

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        os.kill(self.pid, signal.SIGKILL)
        self._gone()

    def stop(self) -> None:
        """End it if it runs, for good."""
        if self._process is not None:
            self.interrupt()
        self._place.close()

    def limit_files(self, size_bytes: int) -> None:
        """Let no file grow beyond a size, as on a full disk; `resource.RLIM_INFINITY` makes room again."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size_bytes, hard))

    def _gone(self) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        code = process.wait(GONE_WITHIN_S)
        for reader in self._readers:
            reader.join(GONE_WITHIN_S)
        return code


@contextmanager
def serving(folder: Path, prefix: Sequence[str] = (), **settings: object) -> Iterator[ServerProcess]:
    """Run a server for as long as the context lasts; `prefix` is the command that starts it somewhere else."""
    server = ServerProcess(folder, prefix, **settings)
    try:
        yield server.start()
    finally:
        server.stop()


def _keep(stream: IO[str], lines: list[str], is_open: threading.Event) -> None:
    """Read all that is said, so that no pipe ever fills; the greeting's last line, or the end, sets `is_open`."""
    with stream:
        for line in stream:
            lines.append(line)
            if "Ctrl-C" in line:
                is_open.set()
    is_open.set()
