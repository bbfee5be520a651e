"""How a run shows itself while it lasts: a table that redraws in a terminal, else one line every five seconds."""

import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from knack_loadtest.crowd.conductor import Conductor
from knack_loadtest.crowd.gathering import COLUMNS
from knack_loadtest.crowd.histogram import Histogram
from knack_loadtest.crowd.units import shown_us

LINE_EVERY_S: Final = 5
HEADLINES: Final = 3
"""Facts that are told at the end; the result has all."""


class Display(Protocol):
    """Shows a run."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End."""

    def show(self, conductor: Conductor) -> None:
        """Show how it stands; called each second."""


class Silent:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    def show(self, conductor: Conductor) -> None:
        """Show nothing."""


class Plain(Silent):
    """Prints a line every five seconds."""

    def __init__(self) -> None:
        self._printed_s = -LINE_EVERY_S

    def show(self, conductor: Conductor) -> None:
        """Print a line when it is time."""
        second = int(conductor.elapsed_s)
        if second - self._printed_s >= LINE_EVERY_S:
            self._printed_s = second
            click.echo("  ".join(f"{name} {value}" for name, value in shown(conductor)))


class Redrawn(Silent):
    """Redraws a table."""

    def __init__(self) -> None:
        self._live = Live(console=Console(stderr=True), refresh_per_second=2, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, conductor: Conductor) -> None:
        """Redraw."""
        frame = conductor.plan.scenario.frame
        table = Table(title=f"{frame.title} ({frame.name})", show_header=False, min_width=60)
        for name, value in shown(conductor):
            table.add_row(name, value)
        self._live.update(table)


def display(ui: str) -> Display:
    """Return the display that fits: `auto` redraws in a terminal."""
    if ui == "none":
        return Silent()
    if ui == "live" or (ui == "auto" and sys.stderr.isatty()):
        return Redrawn()
    return Plain()


def shown(conductor: Conductor) -> list[tuple[str, str]]:
    """Return what a display tells: names and values."""
    gathering = conductor.gathering
    total, counts = gathering.total, gathering.total.counts
    told = (number for number, second in gathering.seconds.items() if number > 0 and second.reports)
    last = max(told, default=0)
    row = dict(zip((name for name, _ in COLUMNS), gathering.row(last), strict=True)) if last else {}
    duration_s = conductor.plan.scenario.frame.duration_ms / 1000
    wrong = sum(gathering.violation_counts.values())
    outcomes = total.tables["connect_outcomes"]
    return [
        ("phase", f"{conductor.phase} {conductor.elapsed_s:.0f}/{duration_s:.0f} s"),
        ("sockets", f"{row.get('sockets', 0)} of {len(conductor.plan.people)}"),
        ("playing", str(row.get("playing", 0))),
        ("moves/s", str(row.get("moves_per_s", 0))),
        (
            "ack p50/p99",
            f"{_at(total.histograms.get('move_ack'), 50)}/{_at(total.histograms.get('move_ack'), 99)}",
        ),
        ("visible p99", _at(total.histograms.get("visible"), 99)),
        ("deltas/s", str(row.get("deltas_per_s", 0))),
        ("connected", f"{outcomes['ready']}/{counts['connect.attempts']}"),
        ("gaps", str(counts["feeds.gap"])),
        ("cheats", f"{counts['cheats.attempts']} tried, {counts['cheats.missed']} missed"),
        ("wrong", str(wrong)),
        (
            "generator",
            f"{row.get('worker_cpu', 0):.0%} of a core, lag {shown_us(row.get('loop_lag_max_us'))}",
        ),
    ]


def farewell(result: dict[str, Any], folder: Path) -> str:
    """Return what is said at the end: the verdict, the worst facts, where the report is."""
    verdict = result["verdict"]
    lines = [f"{verdict['word']}  {result['scenario']['name']}, seed {result['scenario']['seed']}"]
    lines += [f"  {fact['text']}" for fact in verdict["facts"][:HEADLINES]]
    held = [oracle for oracle in result["oracles"] if oracle["outcome"] == "held"]
    lines.append(f"  {len(held)} of {len(result['oracles'])} oracles held.")
    ack = result["metrics"]["move_ack"]
    percentiles = ack["percentiles"]
    lines.append(
        f"  {ack['count']} moves, answered within {shown_us(percentiles['p50'])} (p50), {shown_us(percentiles['p99'])} (p99), "
        f"{shown_us(ack['max'])} (max)."
    )
    lines.append(
        f"  {folder / 'report.html'} (beside it the same for programs: result.json, junit.xml, CSV, Markdown)"
    )
    return "\n".join(lines)


def _at(histogram: Histogram | None, percentile: float) -> str:
    return shown_us(histogram.percentile(percentile) if histogram is not None else None)
