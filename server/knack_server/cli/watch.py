"""`knackpunkt watch`: the standings of a course, live in the terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from knack_client import Watcher
from knack_client.standings import is_running
from knack_server.cli.client import course_option, event_option, run, url_option

if TYPE_CHECKING:
    from knack_client import Standings
    from knack_client.standings import AnyRow

FRAME_S = 0.25
"""Between two pictures: the server publishes no more often."""

HIDDEN = "–"
"""Stands for a name that moderators have hidden."""


@click.command()
@url_option
@event_option
@course_option
@click.option(
    "--view",
    type=click.Choice(["top", "latest"]),
    default="top",
    show_default=True,
    help="The first 50, or the newest results.",
)
@click.option(
    "--rows", type=click.IntRange(1, 50), default=20, show_default=True, help="How many rows to show."
)
def watch(url: str, event: str, course: str, view: str, rows: int) -> None:
    """Show the standings of a course as they change, until Ctrl-C."""
    run(_watch(Watcher(url, course, view, event), rows))


async def _watch(watcher: Watcher, row_count: int) -> None:
    console = Console()
    async with watcher:
        if not console.is_terminal:
            async for standings in watcher:
                _print_lines(standings, row_count)
            return
        with Live(console=console, auto_refresh=False) as live:
            while True:
                live.update(table(watcher, row_count), refresh=True)
                if watcher.is_live:
                    await asyncio.sleep(FRAME_S)
                else:
                    await watcher.live()


def table(watcher: Watcher, row_count: int) -> Table:
    """Return the standings as a table; runs in play are marked, and so are rows that may be old."""
    standings = watcher.standings
    caption = f"version {standings.version}" if watcher.is_live else "not live: the line is down, coming back"
    shown = Table(title=f"{watcher.welcome.title} · {standings.course}", caption=caption)
    shown.add_column("rank", justify="right")
    shown.add_column("name", min_width=20)
    shown.add_column("score", justify="right")
    shown.add_column("reached at", justify="right")
    shown.add_column("")
    for row in standings.rows[:row_count]:
        playing = Text("playing", "bold green") if is_running(row) else Text("")
        # Text shows a name as it is; as markup, a player could colour the whole table
        shown.add_row(
            _rank(row), Text(row.name or HIDDEN), f"{row.score:,}", f"{row.time_ms / 1000:.1f} s", playing
        )
    return shown


def _print_lines(standings: Standings, row_count: int) -> None:
    click.echo(f"version {standings.version}")
    for row in standings.rows[:row_count]:
        playing = "  playing" if is_running(row) else ""
        click.echo(
            f"{_rank(row):>4}  {row.name or HIDDEN:<20}  {row.score:>7}  {row.time_ms / 1000:>6.1f} s{playing}"
        )


def _rank(row: AnyRow) -> str:
    return str(row.rank) if row.rank else ""
