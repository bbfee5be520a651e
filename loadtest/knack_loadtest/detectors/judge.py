"""Asking the server's own detectors, by its command: what is measured is what moderators see."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

from knack_loadtest.detectors.playing import Recording

_COMMAND: Final = (sys.executable, "-m", "knack_server.cli", "flags", "-")


class JudgeFailed(Exception):
    """The command did not answer; the text is what it said instead."""


def reports_on(runs: Sequence[Recording]) -> list[dict[str, Any]]:
    """Return `knackpunkt flags`' report on each run, in order; runs of the same heat are each other's cohort.

    Raises:
        JudgeFailed: the command failed.
    """
    lines = "\n".join(json.dumps(run.document()) for run in runs)
    answer = subprocess.run(_COMMAND, input=lines, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if answer.returncode:
        raise JudgeFailed(answer.stderr)
    return [json.loads(line) for line in answer.stdout.splitlines()]
