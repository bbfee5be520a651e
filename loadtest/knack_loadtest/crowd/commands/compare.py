"""`crowd compare`: a gate against becoming slower."""

from collections.abc import Iterable, Sequence
from math import inf
from pathlib import Path
from statistics import median
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from knack_loadtest.crowd.reports import markdown, reading
from knack_loadtest.crowd.reports.comparison import (
    USUAL,
    Change,
    Comparison,
    ComparisonError,
    Row,
    compare,
    differences,
    subject,
)
from knack_loadtest.crowd.units import shown
from knack_loadtest.crowd.verdict import FAILED, USAGE

SIGNS: Final = {
    Change.WORSE: "✗ worse",
    Change.BETTER: "✓ better",
    Change.SAME: "= same",
    Change.UNCLEAR: "? may be chance",
    Change.UNKNOWN: "– n/a",
}
HEADS: Final = ("figure", "before", "after", "change", "95 %", "")


@click.command("compare")
@click.argument("runs", metavar="RUN_A RUN_B", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A run to compare with, at least three times; then RUNS are those that are judged, at least three, too.",
)
@click.option("--tolerance", default="10%", show_default=True, help="How much worse a figure may become.")
@click.option(
    "--metric",
    "names",
    multiple=True,
    help="Only this figure, such as move_ack.p99; again for another.",
)
@click.option("--anyway", is_flag=True, help="Compare although other things were played.")
@click.option("--markdown", "is_markdown", is_flag=True, help="Write a table for a pull request.")
@click.pass_context
def compare_runs(
    context: click.Context,
    runs: tuple[Path, ...],
    against: tuple[Path, ...],
    tolerance: str,
    names: tuple[str, ...],
    anyway: bool,
    is_markdown: bool,
) -> None:
    """Say whether RUN_B is worse than RUN_A: exit 6 when it is, by more than the tolerance and not by chance; else 0.

    A run is its folder or its result.json. Several runs say more than one: --against A1 --against A2 --against A3 B1 B2 B3.
    """
    if not against and len(runs) != 2:
        raise click.UsageError("name two runs, or those to compare with by --against")
    before, after = (against, runs) if against else (runs[:1], runs[1:])
    try:
        subjects = [subject(name) for name in names or USUAL]
        told = [[reading.read(path) for path in side] for side in (before, after)]
        _same(told[0] + told[1], is_anyway=anyway)
        found = compare(told[0], told[1], subjects, _share(tolerance))
    except (reading.NoResult, ComparisonError) as wrong:
        click.echo(f"crowd: {wrong}", err=True)
        context.exit(USAGE)
    if is_markdown:
        click.echo(as_markdown(found, tolerance))
    else:
        _print(found, tolerance)
    context.exit(FAILED if found.is_worse else 0)


def as_markdown(found: Comparison, tolerance: str) -> str:
    """Write a comparison for a pull request."""
    rows = [[f"`{row.subject.name}`", *map(markdown.text, _cells(row)[1:])] for row in found.rows]
    notes = "".join(f"- {markdown.text(note)}\n" for note in found.notes)
    return f"## {_headline(found, tolerance)}\n\n{markdown.table(HEADS, rows)}" + (
        f"\n{notes}" if notes else ""
    )


def _print(found: Comparison, tolerance: str) -> None:
    table = Table(box=None)
    for head in HEADS:
        table.add_column(head, justify="right" if head in HEADS[1:-1] else "left")
    for row in found.rows:
        table.add_row(*_cells(row))
    console = Console(highlight=False)
    console.print(table)
    for note in found.notes:
        console.print(f"note: {note}", markup=False)
    console.print(_headline(found, tolerance), markup=False)


def _headline(found: Comparison, tolerance: str) -> str:
    worse = [row.subject.name for row in found.rows if row.change is Change.WORSE]
    if worse:
        return f"Worse by more than {tolerance}: {', '.join(worse)}"
    return f"Nothing became worse by more than {tolerance}"


def _cells(row: Row) -> Sequence[str]:
    before, after = (_side(values, row.subject.metric.unit) for values in (row.before, row.after))
    interval = f"{_percent(row.interval.low)} … {_percent(row.interval.high)}" if row.interval else ""
    change = _percent(row.factor) if row.factor is not None else ""
    return row.subject.name, before, after, change, interval, SIGNS[row.change]


def _side(values: Sequence[float], unit: str) -> str:
    if not values:
        return "n/a"
    middle = shown(median(values), unit)
    return (
        f"{middle} ({shown(min(values), unit)} … {shown(max(values), unit)})" if len(values) > 1 else middle
    )


def _percent(factor: float) -> str:
    """Write how much worse a factor is: `+12%` is worse, `-12%` is better."""
    if factor == inf:
        return "from none"
    change = (factor - 1) * 100
    return f"{change:+,.0f}%" if abs(change) < 1000 else f"{factor:,.3g} times"


def _same(results: Iterable[dict[str, Any]], *, is_anyway: bool) -> None:
    first, *others = results
    found = sorted({text for other in others for text in differences(first, other)})
    if not found:
        return
    if not is_anyway:
        raise ComparisonError(
            f"other things were played ({'; '.join(found)}); --anyway compares them all the same"
        )
    for text in found:
        click.echo(f"note: {text}", err=True)


def _share(text: str) -> float:
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / 100
    except ValueError:
        share = -1
    if not text.strip().endswith("%") or not 0 <= share <= 100:
        raise ComparisonError(f"--tolerance must be a share such as 10%, not {text}")
    return share
