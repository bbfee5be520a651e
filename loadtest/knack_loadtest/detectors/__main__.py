"""Measure the detectors and write what was found: `python -m knack_loadtest.detectors`, four minutes of one core."""

import argparse
import sys
from pathlib import Path
from typing import Final

from knack_loadtest.detectors.document import render, render_module
from knack_loadtest.detectors.halls import CASUAL, MIXED, Crowd
from knack_loadtest.detectors.tally import Tally

_ROOT: Final = Path(__file__).parents[3]
DOCUMENT: Final = Path("docs/detectors.md")
MODULE: Final = Path("server/knack_server/core/flags/measured.py")

MIXED_HALLS: Final = 50
"""2,000 honest entries of three runs, and 100 of every cheat."""
CASUAL_HALLS: Final = 10
_CASUAL_FROM: Final = 1000
"""Casual halls are numbered from here, so that no hall plays twice."""


def main() -> None:
    """Let the halls play, then write the document and the server's figures."""
    options = argparse.ArgumentParser(prog="python -m knack_loadtest.detectors", description=main.__doc__)
    options.add_argument("--root", type=Path, default=_ROOT, help="the repository to write into")
    root: Path = options.parse_args().root
    mixed = _measured(MIXED, range(MIXED_HALLS))
    casual = _measured(CASUAL, range(_CASUAL_FROM, _CASUAL_FROM + CASUAL_HALLS))
    (root / DOCUMENT).write_text(render(mixed, casual, (MIXED_HALLS, CASUAL_HALLS)), encoding="utf-8")
    (root / MODULE).write_text(render_module(mixed, casual), encoding="utf-8")


def _measured(crowd: Crowd, numbers: range) -> Tally:
    tally = Tally()
    for number in numbers:
        tally.add_hall(crowd, number)
        sys.stderr.write(f"\rhall {number}")
    sys.stderr.write("\n")
    return tally


if __name__ == "__main__":
    main()
