"""`knackpunkt flags`: the desk's detectors on runs from a file, for whoever wants to know what they are worth."""

from __future__ import annotations

import json
from typing import IO, Any

import click

from knack_protocol.ids import CourseName, PlayerId, RunId
from knack_protocol.rules.course import COURSES
from knack_protocol.rules.log import LogError
from knack_protocol.rules.run import Run
from knack_protocol.rules.streams import SeededTiles
from knack_server.core.flags.judging import judge
from knack_server.core.flags.leak import RESAMPLES_LIST, RESAMPLES_MAX
from knack_server.core.flags.played import Recorded
from knack_server.core.flags.traits import Traits, examine
from knack_server.shell.flagging import report_document


class _Unreadable(click.ClickException):
    """What cannot be read is the caller's mistake, like a wrong option."""

    exit_code = 2


@click.command()
@click.argument("file", type=click.File("r"))
@click.option(
    "--resamples", type=click.IntRange(1, RESAMPLES_MAX), default=RESAMPLES_LIST, show_default=True,
    help="Imagined refills a move.",
)  # fmt: skip
def flags(file: IO[str], resamples: int) -> None:
    """Say what the detectors make of the runs in FILE (- reads standard input).

    A line of FILE is a JSON object: run, player, heat, course, seed and h0 in hex, grace_ms, events in hex; player_seed
    where the tiles are the player's own. Runs of the same heat are each other's cohort, a player's runs are taken
    together. The answer has a line for each, in the same order.
    """
    runs = [_examined(document, resamples) for document in _documents(file)]
    by_player: dict[PlayerId, list[Traits]] = {}
    by_heat: dict[str, list[Traits]] = {}
    for heat, traits in runs:
        by_player.setdefault(traits.player, []).append(traits)
        by_heat.setdefault(heat, []).append(traits)
    for heat, traits in runs:
        others = [other for other in by_heat[heat] if other.player != traits.player]
        own = [other for other in by_player[traits.player] if other is not traits]
        click.echo(json.dumps(report_document(judge(traits, others, own))))


def _documents(file: IO[str]) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file if line.strip()]
    except ValueError as broken:
        raise _Unreadable(f"not readable as JSON lines: {broken}") from None


def _examined(document: dict[str, Any], resamples: int) -> tuple[str, Traits]:
    """Return the heat of a run, and its traits."""
    try:
        heat = str(document["heat"])
        player_seed = document.get("player_seed")
        tiles = SeededTiles(
            bytes.fromhex(document["seed"]), bytes.fromhex(player_seed) if player_seed else None
        )
        course = COURSES[CourseName(document["course"])]
        fresh = Run(course, tiles, bytes.fromhex(document["h0"]), document["grace_ms"])
        events = tuple(bytes.fromhex(event) for event in document["events"])
        run = Recorded(RunId(document["run"]), PlayerId(document["player"]), fresh, events)
        return heat, examine(run, resamples)
    except (KeyError, TypeError, ValueError) as broken:
        raise _Unreadable(f"not a run: {broken!r}") from None
    except LogError as wrong:
        raise _Unreadable(f"{document['run']}: {wrong}") from None
