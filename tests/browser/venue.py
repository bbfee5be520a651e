"""A server process of its own, started as `make run` starts it, that a test may kill and start again."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue
from urllib.request import Request, urlopen

READY_WITHIN_S = 30
TITLE = "Stadtfest Digital"


class Venue:
    """`knackpunkt serve` on a free port with a data folder of its own; the port stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.desk_token = ""
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it has printed that it is open."""
        settings = {
            "KNACK_HOST": "127.0.0.1",
            "KNACK_PORT": str(self.port),
            "KNACK_DATA_DIR": str(self._folder),
            "KNACK_DEMO_TITLE": TITLE,
            "KNACK_PUBLISH_INTERVAL_MS": "100",
        }
        env = {key: value for key, value in os.environ.items() if not key.startswith("KNACK_")} | settings
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from knack_server.cli import main; main()", "serve"],
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._read_greeting()

    def kill(self) -> None:
        """End the process in the middle of whatever it does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """End the process as Ctrl-C does; does nothing when it has ended."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        self._wait()

    def void(self, run: str) -> None:
        """Take a run out of the standings, as a moderator does at the desk."""
        act = {"kind": "void", "target": run, "text": "", "reason": "browser test"}
        request = Request(
            f"{self.url}/api/desk/acts",
            data=json.dumps(act).encode(),
            headers={"Authorization": f"Bearer {self.desk_token}", "Content-Type": "application/json"},
        )
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 201

    def _read_greeting(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        lines: Queue[str] = Queue()
        threading.Thread(target=_pump, args=(self._process.stdout, lines), daemon=True).start()
        said = []
        while not (said and "Ctrl-C" in said[-1]):
            line = lines.get(timeout=READY_WITHIN_S)
            assert line, f"the server did not open:\n{''.join(said)}"
            said.append(line)
        text = "".join(said)
        self.port = int(re.findall(r"http://127\.0\.0\.1:(\d+)/\n", text)[0])
        token = re.search(r"desk token, shown only now:\s+(\S+)", text)
        if token:
            self.desk_token = token[1]

    def _wait(self) -> None:
        assert self._process is not None
        self._process.wait(timeout=READY_WITHIN_S)
        self._process = None


def _pump(stream, lines: Queue[str]) -> None:
    """Read all that the server says, so that its pipe never fills; an empty line at its end."""
    with stream:
        for line in stream:
            lines.put(line)
    lines.put("")
