"""`crowd verify`: the smallest crowd, for an hour before the doors open and for every change."""

from pathlib import Path

import click

from knack_loadtest.crowd.commands.options import DESK_HELP, EVENT_HELP
from knack_loadtest.crowd.commands.run import run

SCENARIO = "smoke"


@click.command()
@click.option("--target", "url", default="", help="Whom to test; else a fresh server.")
@click.option("--event", default="", help=EVENT_HELP)
@click.option("--desk-token", default="", envvar="CROWD_DESK_TOKEN", help=DESK_HELP)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where the run's folder goes; `runs` when not given."
)
@click.pass_context
def verify(context: click.Context, url: str, event: str, desk_token: str, out: Path | None) -> None:
    """Let ten players, two screens and one of each cheat say whether a server is right: the scenario smoke."""
    context.invoke(run, name=SCENARIO, url=url, event=event, desk_token=desk_token, out=out, workers="1")
