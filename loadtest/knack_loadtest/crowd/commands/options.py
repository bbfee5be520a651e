"""The options that every command with a scenario has, and the scenario that comes of them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from knack_loadtest.crowd.scenario import reading
from knack_loadtest.crowd.scenario.model import Scenario
from knack_loadtest.crowd.scenario.reading import ScenarioError

EVENT_HELP = "Which event of the target; when not given, with a desk token a rehearsal of its own, else the current event."
DESK_HELP = "A moderator's token at the target; it opens a rehearsal, which is deleted whole afterwards."

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.argument("name", metavar="SCENARIO"),
    click.option("--seed", type=int, help="What chance is drawn from."),
    click.option("--duration", help="How long people come, such as 5m."),
    click.option("--scale", type=float, help="Multiply how many people there are of each group."),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        help="Set a key, such as players.casual.count=400.",
    ),
)


def scenario_options(command: F) -> F:
    """Give a command the argument SCENARIO and the options that change it."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen(
    name: str, seed: int | None, duration: str | None, scale: float | None, settings: tuple[str, ...]
) -> Scenario:
    """Return the scenario with what was set on the command line.

    Raises:
        click.UsageError: there is none, or it is wrong.
    """
    try:
        overrides = dict(map(reading.override, settings))
        if seed is not None:
            overrides["scenario.seed"] = seed
        if duration is not None:
            overrides["scenario.duration"] = duration
        scenario = reading.load(name, overrides)
        if scale is not None:
            counts = {
                f"{group.name}.count": max(round(group.count * scale), min(group.count, 1))
                for group in scenario.groups
            }
            scenario = reading.load(name, {**overrides, **counts})
    except ScenarioError as wrong:
        raise click.UsageError(str(wrong)) from None
    return scenario
