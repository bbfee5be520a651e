"""`summary.csv` and `timeline.csv`: for spreadsheets (RFC 4180), with numbers in the units that their rows or headings name.

A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV Injection); numbers are numbers.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from knack_loadtest.crowd.metrics import Kind
from knack_loadtest.crowd.reports import wording
from knack_loadtest.crowd.reports.outside import clean
from knack_loadtest.crowd.reports.wording import Document

Cell = str | int | float | None

HEAD: Final = ("part", "name", "statistic", "value", "unit", "outcome", "limit")

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def summary(result: Document) -> str:
    """Make `summary.csv`: a row for the run, each threshold, check, oracle, figure and count of a table."""
    return _written(HEAD, _rows(result))


def timeline(result: Document) -> str:
    """Make `timeline.csv`: a row a second; an empty field is n/a."""
    told = result["timeline"]
    return _written([column["name"] for column in told["columns"]], told["rows"])


def _rows(result: Document) -> Iterator[Sequence[Cell]]:
    scenario, verdict = result["scenario"], result["verdict"]
    yield "run", "scenario", "", scenario["name"], "", "", None
    yield "run", "seed", "", scenario["seed"], "", "", None
    yield "run", "plan", "", result["plan"]["digest"], "", "", None
    yield "run", "began", "", result["began_unix_ms"], "unix ms", "", None
    yield "run", "duration", "", result["duration_ms"], "ms", "", None
    yield "run", "verdict", "", verdict["word"], "", "", None
    yield "run", "exit code", "", verdict["exit_code"], "", "", None
    for row in result["thresholds"]:
        limit = f"{row['operator']} {row['limit']:g}"
        yield "threshold", row["metric"], row["statistic"], row["value"], row["unit"], row["outcome"], limit
    for row in result["innocence"]["checks"]:
        yield "generator", row["name"], "", row["value"], row["unit"], row["outcome"], f"<= {row['limit']:g}"
    for row in result["oracles"]:
        yield "oracle", row["name"], "checked", row["checked"], row["unit"], row["outcome"], None
        yield "oracle", row["name"], "violations", row["violation_count"], "count", row["outcome"], None
        for entry in row["violations"]:
            yield "violation", row["name"], "", wording.violation(entry), "", row["outcome"], None
    for name, figure in result["metrics"].items():
        yield from _figure(name, figure)
    for name, table in result["tables"].items():
        if isinstance(table, dict):
            for word, count in table.items():
                yield "table", name, word, count, "count", "", None


def _figure(name: str, figure: Document) -> Iterator[Sequence[Cell]]:
    if figure["kind"] != Kind.LATENCY.value:
        yield "figure", name, "", figure["value"], figure["unit"], "", None
        return
    yield "figure", name, "count", figure["count"], "count", "", None
    for statistic in ("min", "mean"):
        yield "figure", name, statistic, figure[statistic], figure["unit"], "", None
    for statistic, value in figure["percentiles"].items():
        yield "figure", name, statistic, value, figure["unit"], "", None
    yield "figure", name, "max", figure["max"], figure["unit"], "", None


def _written(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(map(_harmless, head))
    for row in rows:
        writer.writerow(map(_harmless, row))
    return out.getvalue()


def _harmless(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    text = clean(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text
