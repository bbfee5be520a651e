"""`bytes`: what a subscriber of the board gets in a ten-minute event, beside the same rows as whole JSON, and with deflate.

The event is played by the real server on a clock that a program sets forward (`scripts/bench/recorded_event.py`). Whatever
the subscriber gets beside the board, such as the live digests that a proof needs, is named and not counted: nobody who
sends JSON would send it.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from knack_loadtest.bench.contenders import environment
from knack_loadtest.bench.process import ProgramFailed
from knack_loadtest.bench.readings import Reading, Row
from knack_loadtest.bench.stage import Stage

PROGRAM: Final = Path(__file__).parents[4] / "scripts" / "bench" / "recorded_event.py"

_WITHIN_S: Final = 300
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - where files are memory; each event gets a folder of its own
_KIB: Final = 1024


def measure(stage: Stage) -> Iterator[Row]:
    """Play the event once; sizes have no spread."""
    seconds, players = stage.size(small=5, full=600), stage.size(small=3, full=120)
    is_memory = os.access(_MEMORY, os.W_OK)
    folder = (
        Path(mkdtemp(dir=_MEMORY)) if is_memory else stage.new_folder()
    )  # the disk is not what is measured
    try:
        run = subprocess.run(  # noqa: S603 - a program of ours
            [sys.executable, str(PROGRAM), str(folder), str(seconds), str(players)],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=_WITHIN_S,
            check=False,
        )
    finally:
        shutil.rmtree(folder)
    if run.returncode:
        raise ProgramFailed(f"the event: {run.stderr.strip()[-300:]}")
    found = json.loads(run.stdout)
    note = (
        f"{found['moves']:,} moves of {players} players, {found['frames']:,} frames; "
        f"live digests and the like beside it: {found['other'] / _KIB:.0f} KiB"
    )
    what = f"what a subscriber of the board gets in {seconds / 60:g} minutes"
    row = Row("bytes", what, "KiB", _kib(found["ours"]), "", note=note)
    for kind, label, aim, limit in (
        ("json", "full JSON", "a sixth", 1 / 6),
        ("deflated", "full JSON with deflate", "half", 1 / 2),
    ):
        yield row._replace(against=label, theirs=_kib(found[kind]), aim=aim, limit=limit)


def _kib(size: int) -> Reading:
    return Reading(size / _KIB, size / _KIB, size / _KIB, 1)
