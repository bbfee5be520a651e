"""`crowd list` and `crowd explain`: what there is, and what a figure means exactly."""

from collections.abc import Callable
from typing import Final

import click

from knack_loadtest.crowd.faults import TABLE as FAULTS
from knack_loadtest.crowd.metrics import BY_NAME, METRICS, STATISTICS, Kind
from knack_loadtest.crowd.networks.profiles import TABLE as NETWORKS
from knack_loadtest.crowd.oracles.table import TABLE as ORACLES
from knack_loadtest.crowd.people.attempts import TABLE as ATTEMPTS
from knack_loadtest.crowd.people.concerns import TABLE as CONCERNS
from knack_loadtest.crowd.scenario.reading import load, shipped
from knack_loadtest.crowd.shapes import SHAPES
from knack_loadtest.crowd.skills import TABLE as SKILLS

Rows = list[tuple[str, str]]

LISTS: Final[dict[str, Callable[[], Rows]]] = {
    "scenarios": lambda: [(name, load(name).frame.about) for name in shipped()],
    "metrics": lambda: [
        (metric.name, metric.meaning.partition(". ")[0].rstrip(".") + ".") for metric in METRICS
    ],
    "oracles": lambda: [(oracle.name, f"{oracle.title}.") for oracle in ORACLES],
    "cheats": lambda: [(row.kind, f"{row.tries}: {row.expected}") for row in ATTEMPTS],
    "skills": lambda: [(row.skill.name, row.skill.meaning) for row in SKILLS],
    "shapes": lambda: [
        (name, (shape.__doc__ or "").partition("\n")[0]) for name, (shape, _) in SHAPES.items()
    ],
    "networks": lambda: [(profile.name, profile.meaning) for profile in NETWORKS],
    "faults": lambda: [(row.kind, row.meaning) for row in FAULTS],
    "payloads": lambda: [(row.kind, row.meaning) for row in CONCERNS],
}
"""What can be listed."""


@click.command("list")
@click.argument("what", type=click.Choice(list(LISTS)), default="scenarios")
def list_words(what: str) -> None:
    """List scenarios, or WHAT else there is."""
    rows = LISTS[what]()
    width = max(len(name) for name, _ in rows)
    for name, meaning in rows:
        click.echo(f"{name:<{width}}  {meaning}")


@click.command()
@click.argument("metric")
def explain(metric: str) -> None:
    """Say exactly what the figure METRIC is."""
    found = BY_NAME.get(metric)
    if found is None:
        raise click.UsageError(f"there is no figure {metric}; `crowd list metrics` shows all")
    click.echo(f"{found.name}: a {found.kind.value}, in {found.unit}\n{found.meaning}")
    if found.kind is Kind.LATENCY:
        click.echo(
            f"A threshold names one of {', '.join(f'{metric}.{statistic}' for statistic in STATISTICS)}."
        )
