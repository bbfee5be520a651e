"""A server of our own, as a process on a throwaway folder: started, measured, stopped, started again, exported from.

The tester never imports the server; this is the command that an organiser types.
"""

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

COMMAND: Final = (sys.executable, "-m", "knack_server.cli")
OPEN_WITHIN_S: Final = 60
GONE_WITHIN_S: Final = 60

_ADDRESS: Final = re.compile(r"Play +(http://[^ ]+?:\d+)/$", re.MULTILINE)
_TOKEN: Final = re.compile(r"desk token, shown only now: +(\S+)")


class ServerError(Exception):
    """Our server did not do what it was told; the text says what it said."""


class FreshServer:
    """`knackpunkt serve` on a folder; port and token stay over restarts."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.url = ""
        self.desk_token = ""
        self._settings = {"port": 0, "data_dir": folder, **settings}
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._said = ""

    @property
    def pid(self) -> int | None:
        """The process; None while there is none."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start it and wait until it is open.

        Raises:
            ServerError: it is not.
        """
        self._said = ""
        self._process = await asyncio.create_subprocess_exec(
            *COMMAND,
            "serve",
            env=self._environment(),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours; the server outlives it until we are done
        )
        is_open = asyncio.Event()
        self._reading = asyncio.create_task(self._read(self._process, is_open))
        with suppress(TimeoutError):
            await asyncio.wait_for(is_open.wait(), OPEN_WITHIN_S)
        address = _ADDRESS.search(self._said)
        if address is None:
            await self.stop()
            raise ServerError(f"our server did not open:\n{self._said}")
        self.url = address[1].replace("localhost", "127.0.0.1")
        self._settings["port"] = self.url.rpartition(":")[2]
        token = _TOKEN.search(self._said)
        self.desk_token = token[1] if token else self.desk_token

    async def stop(self) -> None:
        """End it as whoever supervises it does; if it does not go, make it."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), GONE_WITHIN_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._reading is not None:
            await self._reading

    async def kill(self) -> None:
        """Take it away in the middle of whatever it does."""
        process, self._process = self._process, None
        assert process is not None, "it was started"
        assert self._reading is not None, "it was started"
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await self._reading

    def suspend(self) -> None:
        """Let it stand still until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    async def export(self, event: str, course: str) -> dict[str, Any]:
        """Return the standings as `knackpunkt export` gives them, from the store alone.

        Raises:
            ServerError: it does not.
        """
        arguments = ("export", "--event", event, "--course", course, "--format", "json")
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *arguments, env=self._environment(), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
        out, complaint = await process.communicate()
        if process.returncode:
            raise ServerError(f"knackpunkt export: {complaint.decode(errors='replace').strip()}")
        return dict(json.loads(out))

    def _environment(self) -> dict[str, str]:
        bare = {name: value for name, value in os.environ.items() if not name.upper().startswith("KNACK_")}
        return bare | {f"KNACK_{name.upper()}": str(value) for name, value in self._settings.items()}

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            if self._process is not None:
                self._process.send_signal(number)

    async def _read(self, process: Process, is_open: asyncio.Event) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self._said += line.decode(errors="replace")
            if b"Ctrl-C" in line:
                is_open.set()
        is_open.set()


class Usage:
    """What a server's process uses: memory now and at its highest, processor time since the beginning."""

    def __init__(self, pid: int | None) -> None:
        self.pid = pid
        self.rss_start = 0
        self.rss_now: int | None = None
        self.rss_peak = 0
        self.cpu_s = 0.0
        self._process = psutil.Process(pid) if pid is not None else None
        self._cpu_before_s = 0.0
        if self._process is not None:
            self._cpu_before_s = -sum(self._process.cpu_times()[:2])
            self.rss_start = self._process.memory_info().rss

    @property
    def grown_bytes(self) -> int | None:
        """By how much memory at its highest exceeds that at the start; None where it was not measured."""
        return self.rss_peak - self.rss_start if self.rss_peak else None

    def follow(self, pid: int | None) -> None:
        """Go on with the process that has taken the place of the one before; what that one used stays counted."""
        if pid is not None:
            self._cpu_before_s = self.cpu_s
            self._process = psutil.Process(pid)

    def note(self) -> float | None:
        """Look; returns the share of a core since the last look, None without a process."""
        if self._process is None:
            return None
        try:
            self.rss_now = self._process.memory_info().rss
            self.rss_peak = max(self.rss_peak, self.rss_now)
            self.cpu_s = self._cpu_before_s + sum(self._process.cpu_times()[:2])
            return self._process.cpu_percent() / 100
        except psutil.Error:  # it was stopped or killed; `follow` says which one has taken its place
            return None
