"""A process beside the server that examines runs, one at a time, and stands back while it does.

It is this module, run as a program: runs come in on its standard input, what was measured goes out on the other side, and
it ends when its input does, however the server may have ended. Between the two travel pickles; both ends are ours.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import weakref
from typing import IO, TYPE_CHECKING, Final

from knack_protocol.rules.log import LogError
from knack_server.core.flags.traits import Traits, examine

if TYPE_CHECKING:
    from knack_server.core.flags.played import Recorded

NICENESS: Final = 10
"""A move of anybody goes before a look at a replay."""

END_WITHIN_S: Final = 5
"""Longer than any run takes to be examined."""


class ExaminerGone(Exception):
    """The process ended in the middle of its work."""


class Examiner:
    """The process, started when it is first asked for; ask from threads, since answers are waited for."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[[subprocess.Popen[bytes]], Examiner] | None = None

    def examine(self, recorded: Recorded, resamples: int) -> Traits:
        """Have a run examined.

        Raises:
            LogError: the log is not what a run under these rules writes.
            ExaminerGone: the process ended, and another one did so too.
        """
        with self._turn:
            was_there = self._process is not None
            try:
                answer = self._ask(recorded, resamples)
            except ExaminerGone:
                if not was_there:  # a fresh one: it is this run that it cannot bear
                    raise
                answer = self._ask(recorded, resamples)
        if isinstance(answer, LogError):
            raise answer
        return answer

    def rest(self) -> None:
        """Let the process go unless it is at work; it comes back when it is asked."""
        if self._turn.acquire(blocking=False):
            self._stop()
            self._turn.release()

    def _ask(self, recorded: Recorded, resamples: int) -> Traits | LogError:
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump((recorded, resamples), process.stdin)
            process.stdin.flush()
            answer = pickle.load(process.stdout)  # noqa: S301 - our own process
        except (OSError, EOFError, pickle.UnpicklingError) as gone:
            self._stop()
            raise ExaminerGone("the process that examines runs has ended") from gone
        assert isinstance(answer, Traits | LogError)
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            (sys.executable, "-m", "knack_server.shell.examiner"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._process = process
        self._end = weakref.finalize(self, _end, process)
        return process

    def _stop(self) -> None:
        self._process = None
        if self._end is not None:
            self._end()


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        try:
            pipe.close()
        except OSError:  # what was still to be written cannot be
            continue
    try:
        process.wait(END_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _work(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until there are no more questions."""
    while True:
        try:
            recorded, resamples = pickle.load(questions)  # noqa: S301 - our own server
        except EOFError:
            return
        answer: Traits | LogError
        try:
            answer = examine(recorded, resamples)
        except LogError as wrong:
            answer = wrong
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which lets us go
    os.nice(NICENESS)
    _work(sys.stdin.buffer, sys.stdout.buffer)
