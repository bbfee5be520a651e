"""All reports in one table, and how they get into a run's folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from knack_loadtest.crowd.reports import sheets
from knack_loadtest.crowd.reports.html.page import report
from knack_loadtest.crowd.reports.junit import junit
from knack_loadtest.crowd.reports.markdown import markdown
from knack_loadtest.crowd.reports.wording import Document

FORMATS: Final[dict[str, Callable[[Document], str]]] = {
    "report.html": report,
    "report.md": markdown,
    "junit.xml": junit,
    "summary.csv": sheets.summary,
    "timeline.csv": sheets.timeline,
}
"""Each report's file name, and what makes it of a result."""


def write(result: Document, folder: Path) -> list[Path]:
    """Write every report into a folder, over what stood there; returns the files, the one to open first.

    Raises:
        OSError: nothing can be written there.
    """
    made = []
    for name, make in FORMATS.items():
        path = folder / name
        path.write_bytes(make(result).encode())
        made.append(path)
    return made
