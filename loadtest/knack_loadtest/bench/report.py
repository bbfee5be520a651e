"""What was measured as a table of Markdown, and the part of docs/performance.md that a measurement writes anew."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from knack_loadtest.bench.readings import Row

BEGIN: Final = "<!-- measured: written by `make bench-peers`, not by hand -->"
END: Final = "<!-- end of what was measured -->"

_HEAD: Final = (
    "| figure | ours | against | theirs | ratio | wanted | |",
    "|---|---|---|---|---|---|---|",
)


class NoPlace(Exception):
    """The document has no place for the table."""


def table(rows: Sequence[Row]) -> str:
    """Write the rows as a table, and under it what has to be known about them."""
    notes: list[str] = []
    lines = [*_HEAD, *(_line(row, notes) for row in rows)]
    listed = [f"{number}. {note}" for number, note in enumerate(notes, 1)]
    return "\n".join([*lines, "", *listed])


def placed(document: str, part: str) -> str:
    """Return the document with the part between its two marks replaced.

    Raises:
        NoPlace: it has no such marks.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoPlace(f"it has no line {BEGIN!r} with {END!r} after it")
    return f"{before}{BEGIN}\n\n{part}\n\n{END}{after}"


def write_into(path: Path, part: str) -> None:
    """Write the part into a document.

    Raises:
        NoPlace: the document has no place for it.
    """
    path.write_text(placed(path.read_text(encoding="utf-8"), part), encoding="utf-8")


def _line(row: Row, notes: list[str]) -> str:
    if row.wrong:
        result, ratio = "**WRONG**", "–"
        note = f"WRONG: {'; '.join(row.wrong)}"
    else:
        result = {True: "reached", False: "**not reached**", None: "–"}[row.is_reached]
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else "–"
        note = row.note
    mark = ""
    if note:
        if note not in notes:
            notes.append(note)
        mark = f" ({notes.index(note) + 1})"
    ours = f"{row.ours.text()} {row.unit}" if row.ours else "–"
    theirs = row.theirs.text() if row.theirs else "–"
    cells = (f"*{row.figure}*: {row.what}", ours, row.against, theirs, ratio, row.aim or "–", result + mark)
    return f"| {' | '.join(cells)} |"
