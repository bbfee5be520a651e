"""`knackpunkt play`: a bot plays a run, and the terminal shows it."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import click
from rich.columns import Columns
from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from knack_client import Player
from knack_client.bots.playing import play as play_run
from knack_client.bots.skills import SKILLS, Skill
from knack_client.errors import Rejected
from knack_protocol.rules.numbers import CELLS, COLUMNS
from knack_protocol.rules.run import Verdict
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import View
from knack_server.cli.client import course_option, event_option, run, url_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from knack_client import Run
    from knack_client.feed import Feed
    from knack_protocol.rules.board import Board
    from knack_protocol.rules.run import Outcome
    from knack_protocol.rules.swaps import Swap
    from knack_protocol.wire.messages import Ended

SYMBOLS = (
    ("●", "bright_red"),
    ("◆", "bright_blue"),
    ("▲", "bright_green"),
    ("■", "bright_yellow"),
    ("★", "bright_magenta"),
    ("✚", "bright_white"),
)
"""A shape and a colour for each symbol: told apart without colours, too."""

FRAME_S = 0.1
"""Between two pictures: time and score run smoothly, and a slow terminal keeps up."""

REASONS = ("the time is over", "the course is done", "abandoned for another run", "voided by a moderator")
"""Why a run ended, by the code of its END."""


@click.command()
@click.option(
    "--bot",
    type=click.Choice(list(SKILLS)),
    default="skilled",
    show_default=True,
    help="Who plays. " + " ".join(f"{skill.name}: {skill.meaning}." for skill in SKILLS.values()),
)
@course_option
@click.option(
    "--heat",
    metavar="HEAT",
    help="Gather in the open lobby of this heat and play it, instead of a run alone.",
)
@click.option("--name", help="The player's name; made from the skill if not given.")
@click.option("--seed", type=int, help="Makes the bot's choices repeatable; the tiles never are.")
@url_option
@event_option
def play(
    bot: str, course: str, heat: str | None, name: str | None, seed: int | None, url: str, event: str
) -> None:
    """Let a bot play a run on a server, and show it; every receipt is checked on the way."""
    random = Random(seed)  # noqa: S311 - a bot's choices are no secret
    run(_play(Sitting(SKILLS[bot], course, heat, random, url, event), name))


class Sitting(NamedTuple):
    """Who plays what, and where."""

    skill: Skill
    course: str
    heat: str | None
    random: Random
    url: str
    event: str


async def _play(sitting: Sitting, name: str | None) -> None:
    try:
        await _play_as(name or f"Bot {sitting.skill.name}", sitting)
    except Rejected as rejected:
        if rejected.code is not RejectCode.NAME_TAKEN:
            raise
        if name is not None:
            raise click.UsageError(f"The name is taken; {rejected.detail!r} is free.") from rejected
        await _play_as(rejected.detail, sitting)


async def _play_as(name: str, sitting: Sitting) -> None:
    console, skill, random = Console(), sitting.skill, sitting.random
    async with Player(sitting.url, name, sitting.event) as player:
        if sitting.heat is None:
            run = await player.start(sitting.course)
        else:
            await player.gather(sitting.heat)
            click.echo(f"{player.name} waits for heat {sitting.heat} to be started")
            run = await player.called(sitting.heat)
        if console.is_terminal:
            ended = await _show(console, player, run, skill, random)
        else:
            click.echo(f"{player.name} plays {run.listing} in {player.welcome.title}: {run.id}")
            ended = await play_run(run, skill, random, _line_printer(run))
        click.echo(_summary(run, ended))


async def _show(console: Console, player: Player, run: Run, skill: Skill, random: Random) -> Ended:
    feed = await player.watch(run.listing, View.OWN)
    with Live(console=console, auto_refresh=False) as live:
        playing = asyncio.create_task(play_run(run, skill, random))
        try:
            while not playing.done():
                live.update(picture(player, run, feed, skill), refresh=True)
                await asyncio.wait([playing], timeout=FRAME_S)
        finally:
            playing.cancel()
        live.update(picture(player, run, feed, skill), refresh=True)
    return await playing


def picture(player: Player, run: Run, feed: Feed, skill: Skill) -> RenderableType:
    """Return what the terminal shows of a run at this moment."""
    title = Text(f"{player.name} · {run.listing} · {skill.name}")
    if not player.is_live:
        title.append(" · the line is down, coming back", "bold red")
    elif run.is_waiting:
        title.append(" · the server was away; the heat goes on for all at once", "bold red")
    elif not player.is_recording:
        title.append(" · the server cannot record at the moment", "bold red")
    if not run.is_begun:
        seconds = max(-run.clock_ms, 0) / 1000
        return Panel(
            Text(f"begins in {seconds:.1f} s; the server has promised {_short(run.commit)}"), title=title
        )
    return Panel(Columns([board_text(run.board), _figures(player, run, feed)], padding=(0, 3)), title=title)


def board_text(board: Board) -> Text:
    """Return eight rows of coloured symbols."""
    text = Text()
    for cell in range(CELLS):
        shape, colour = SYMBOLS[board[cell]]
        text.append(shape, colour)
        text.append("\n" if cell % COLUMNS == COLUMNS - 1 else " ")
    text.rstrip()
    return text


def _figures(player: Player, run: Run, feed: Feed) -> Table:
    standing = feed.standings.of(player.id)
    figures = Table.grid(padding=(0, 2))
    figures.add_column(style="dim")
    figures.add_column(min_width=24)
    figures.add_row("score", Text(f"{run.score:,}", "bold"))
    figures.add_row("rank", str(standing.rank) if standing else "–")
    figures.add_row("time", f"{run.remaining_ms / 1000:.1f} s" if not run.is_over else "over")
    if run.goal:
        figures.add_row("level", str(run.level + 1))
        figures.add_row(
            "goal", ProgressBar(total=run.goal, completed=min(run.level_points, run.goal), width=24)
        )
        figures.add_row("", f"{run.level_points:,} of {run.goal:,}")
    figures.add_row("moves", str(run.moves))
    figures.add_row("line", f"{run.grace_ms} ms credited")
    figures.add_row("chain", f"{_short(run.receipts[-1].head)} · {_checked(run)}")
    return figures


def _line_printer(run: Run) -> Callable[[Swap, Outcome], None]:
    def print_move(swap: Swap, outcome: Outcome) -> None:
        what = f"+{outcome.points}" if outcome.verdict is Verdict.OK else "illegal"
        click.echo(
            f"{outcome.t_eff / 1000:7.2f} s  level {run.level + 1:<2}  cell {swap.cell:>2} "
            f"{'down' if swap.direction else 'right':<5}  {what:>7}  score {outcome.score:>6}"
        )

    return print_move


def _summary(run: Run, ended: Ended) -> str:
    standing = f"rank {ended.rank}" if ended.rank else "no standing"
    return (
        f"{REASONS[ended.reason]}: {ended.score} points in {ended.moves} moves, {standing}; {_checked(run)}"
    )


def _checked(run: Run) -> str:
    checked = sum(receipt.is_checked for receipt in run.receipts)
    return f"{checked} of {len(run.receipts)} receipts checked"


def _short(digest: bytes | None) -> str:
    return digest.hex()[:16] if digest else "nothing"
