"""`crowd replay`: play a recorded run again, by the same plan and with the recorded moves."""

import json
from pathlib import Path
from typing import Any

import click

from knack_loadtest.crowd.commands.run import run
from knack_loadtest.crowd.plan import make_plan
from knack_loadtest.crowd.scenario.reading import ScenarioError, load

RECORDED = "scenario.recorded"


@click.command()
@click.argument("recorded", metavar="RUNDIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--target", "url", default="", help="Whom to test; else a fresh server.")
@click.option("--event", default="", help="Which event of the target; its current one when not given.")
@click.option(
    "--desk-token", default="", envvar="CROWD_DESK_TOKEN", help="A moderator's token at the target."
)
@click.option("--workers", default="auto", help="How many processes; `auto`: half of this machine's cores.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where the run's folder goes; `runs` when not given."
)
@click.option("--ui", type=click.Choice(["auto", "live", "plain", "none"]), default="auto", show_default=True)
@click.pass_context
def replay(context: click.Context, /, recorded: Path, **options: Any) -> None:
    """Play the run in RUNDIR again: the same people, moments, networks and faults, and the recorded moves.

    Each move is made when it arrived then. A server draws its own seeds, so boards differ: a recorded swap is made where the
    board allows it, and else the person chooses by the recorded skill.
    """
    scenario = recorded / "scenario.toml"
    overrides, digest = _told(recorded / "result.json")
    overrides[RECORDED] = str(recorded.resolve())
    try:
        plan = make_plan(load(str(scenario), overrides))
    except ScenarioError as wrong:
        raise click.UsageError(str(wrong)) from None
    if plan.digest != digest:
        raise click.UsageError(
            f"{recorded} was recorded by another version of crowd, which made another plan"
        )
    if not list(recorded.glob("runs-*.ndjson")):
        raise click.UsageError(f"{recorded} holds no recorded moves (runs-*.ndjson)")
    settings = tuple(f"{name}={json.dumps(value)}" for name, value in overrides.items())
    context.invoke(run, name=str(scenario), settings=settings, **options)


def _told(path: Path) -> tuple[dict[str, Any], str]:
    """Return what was set beside the scenario, and the plan's digest."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        overrides, digest = dict(result["scenario"]["overrides"]), str(result["plan"]["digest"])
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise click.UsageError(f"{path} is no result of a run: {wrong!r}") from None
    overrides.pop(RECORDED, None)  # the replay of a replay plays what that one recorded
    return overrides, digest
