"""Programs of the bench, each in a process of its own and on a core of its own: servers, and clients that count."""

import json
import os
import re
import select
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final, NamedTuple, Self

from knack_loadtest.bench import machine

READY_WITHIN_S: Final = 60
ANSWER_WITHIN_S: Final = 240
_GONE_WITHIN_S: Final = 15
_SAID_MAX: Final = 200
"""Lines of a program that are kept, for telling why it failed."""
_SAID_SHOWN: Final = 6
_ENDING_WITHIN_S: Final = 1
"""Between the end of a program's output and its own."""


class ProgramFailed(Exception):
    """A program did not start, or could not do what it was told."""


class Server:
    """A server on the server's core, from its being ready until `stop`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        ready: str = r"^ready (\d+)$",
        folder: Path | None = None,
    ) -> None:
        """Start it, and wait until a line of its output matches `ready`, whose first group is its port.

        Raises:
            ProgramFailed: it did not become ready.
        """
        self.name = name
        self.said: list[str] = []
        self._process = subprocess.Popen(  # noqa: S603 - programs of ours and of the scratch environment
            command,
            env=dict(environment),
            cwd=folder,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        os.sched_setaffinity(self._process.pid, {machine.SERVER_CORE})
        self._is_ready = threading.Event()
        self._ready = re.compile(ready)
        self.port = 0
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()
        if not self._is_ready.wait(READY_WITHIN_S) or not self.port:
            self.stop()
            raise ProgramFailed(f"{name} did not start: {' '.join(self.said)[-500:]}")

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def ending(self) -> str:
        """How it ended, with its last words, to be put behind what failed; empty while it goes on."""
        code = self._process.poll()
        return "" if code is None else f"; {self.name} ended with {code}: {_one_line(self.said)}"

    @property
    def cpu_s(self) -> float:
        """CPU seconds so far, children and threads included."""
        return machine.cpu_s(self.pid)

    @property
    def resident_bytes(self) -> int:
        """Resident memory now, children included."""
        return machine.resident_bytes(self.pid)

    @property
    def kept_bytes(self) -> int:
        """Resident memory, and what the kernel keeps for readers who have not taken it."""
        return self.resident_bytes + machine.unsent_bytes(self.port)

    def stop(self) -> None:
        """End it and what it has started."""
        members = list(machine.family(self.pid)) if self._process.poll() is None else []
        self._process.terminate()
        try:
            self._process.wait(_GONE_WITHIN_S)
        except subprocess.TimeoutExpired:
            for member in members:
                _kill(member)
            self._process.wait()
        self._reader.join(_GONE_WITHIN_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self.said.append(line)
                del self.said[:-_SAID_MAX]
                found = self._ready.search(line)
                if found and not self.port:
                    self.port = int(found[1])
                    self._is_ready.set()
        self._is_ready.set()


class Work(NamedTuple):
    """What a command to a client came to, and what it has cost the server meanwhile."""

    answer: dict[str, Any]
    server_cpu_s: float

    @property
    def wall_s(self) -> float:
        """How long it took."""
        return float(self.answer["wall_s"])

    @property
    def client_share(self) -> float:
        """How much of its core the client used."""
        return float(self.answer["cpu_share"])


class Client:
    """A client on the client's core; `do` has it work, and waits."""

    def __init__(
        self, server: Server, dialect: str, *, offers_deflate: bool = False, seed: int = 0, niceness: int = 0
    ) -> None:
        self._server = server
        self._errors = TemporaryFile()  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(
            [sys.executable, "-m", "knack_loadtest.bench.client"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        os.sched_setaffinity(self._process.pid, {machine.CLIENT_CORE})
        os.setpriority(os.PRIO_PROCESS, self._process.pid, os.getpriority(os.PRIO_PROCESS, 0) + niceness)
        self._write(port=server.port, dialect=dialect, offers_deflate=offers_deflate, seed=seed)

    def do(self, command: str, **fields: Any) -> Work:
        """Have a command done, and return its answer and the server's CPU seconds meanwhile.

        Raises:
            ProgramFailed: it could not be done.
        """
        before = self._server.cpu_s
        self.begin(command, **fields)
        answer = self.finish()
        return Work(answer, self._server.cpu_s - before)

    def begin(self, command: str, **fields: Any) -> None:
        """Have a command begun; `finish` waits for it."""
        self._write(do=command, **fields)

    def finish(self) -> dict[str, Any]:
        """Wait for the command that was begun, and return its answer.

        Raises:
            ProgramFailed: it could not be done.
        """
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], ANSWER_WITHIN_S)
        line = self._process.stdout.readline() if ready else b""
        if not line:
            ending = _ending(f"the client of {self._server.name}", self._process, self._errors)
            raise ProgramFailed(f"{ending}{self._server.ending}")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise ProgramFailed(f"{self._server.name}: {answer['failed']}{self._server.ending}")
        return answer

    def stop(self) -> None:
        """End it; its connections end with it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_GONE_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def _write(self, **fields: Any) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended: `finish` says how
            self._process.stdin.write(json.dumps(fields).encode() + b"\n")
            self._process.stdin.flush()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return


def _ending(name: str, process: "subprocess.Popen[bytes]", errors: IO[bytes]) -> str:
    """Tell how a program ended that owes an answer, in its own last words; or that it is silent."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(_ENDING_WITHIN_S)
    if process.returncode is None:
        return f"{name} did not answer"
    errors.seek(0)
    words = errors.read().decode(errors="replace").splitlines()
    return f"{name} ended with {process.returncode}: {_one_line(words)}"


def _one_line(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines[-_SAID_SHOWN:]).split())


class Program:
    """A program that measures itself: each line that it is sent is a round, and gets a line of JSON."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], cores: frozenset[int]
    ) -> None:
        """Start it, and wait until it has said `ready`.

        Raises:
            ProgramFailed: it did not.
        """
        self._name = name
        self._errors = TemporaryFile()  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(  # noqa: S603 - programs of ours, run by an interpreter of the scratch environment
            command,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        os.sched_setaffinity(self._process.pid, cores)
        self._answer()

    def ask(self) -> dict[str, Any]:
        """Have a round done and return what it came to.

        Raises:
            ProgramFailed: it could not be done.
        """
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended: `_answer` says how
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()
        return self._answer()

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.terminate()
        self._process.wait(_GONE_WITHIN_S)
        self._process.stdout.close()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], ANSWER_WITHIN_S)
        line = self._process.stdout.readline() if ready else b""
        if not line:
            ending = _ending(self._name, self._process, self._errors)
            self.stop()
            raise ProgramFailed(ending)
        answer: dict[str, Any] = json.loads(line)
        return answer
