"""`crowd plan`: what a scenario will ask of server and generator, without a single connection."""

from typing import Any

import click
from rich.console import Console
from rich.table import Table

from knack_loadtest.crowd.commands.options import chosen, scenario_options
from knack_loadtest.crowd.machine import descriptors_needed, ports, shortages
from knack_loadtest.crowd.plan import Plan, curve, forecast, make_plan

BAR = 40
"""Characters of the longest bar."""


@click.command()
@scenario_options
@click.option("--digest", "digest_only", is_flag=True, help="Print the plan's digest and nothing else.")
def plan(digest_only: bool, **scenario: Any) -> None:
    """Show who will come to SCENARIO, when, and what that needs; no traffic.

    The same seed gives the same digest, for any number of workers and on any machine.
    """
    made = make_plan(chosen(**scenario))
    if digest_only:
        click.echo(made.digest)
        return
    console = Console(highlight=False)
    console.print(f"[bold]{made.scenario.frame.title}[/bold] ({made.scenario.frame.name}, seed {made.seed})")
    console.print(made.scenario.frame.about)
    console.print(_people(made))
    if made.scenario.heats:
        console.print(_heats(made))
    console.print(_needs(made))
    _arrivals(console, made)
    console.print(f"plan {made.digest}")


def _people(made: Plan) -> Table:
    table = Table("group", "people", "first comes", "last comes", box=None)
    for group in made.scenario.groups:
        moments = [person.arrive_ms for person in made.people if person.group == group]
        if moments:
            first, last = (f"{moment / 1000:.1f} s" for moment in (min(moments), max(moments)))
            table.add_row(group.name, str(len(moments)), first, last)
    return table


def _heats(made: Plan) -> Table:
    table = Table("heats", "players", "opened at", "late", "lose the line", box=None)
    for heats in made.scenario.heats:
        seats = [seat for person in made.people for seat in person.seats if seat.heats == heats]
        losing = sum(bool(seat.loses_line) and not seat.is_late for seat in seats)
        late = sum(seat.is_late for seat in seats)
        opened = f"{heats.at_ms / 1000:.1f} s"
        for heat in heats.promised:
            told = opened if heat == heats.ids[0] else "later"
            table.add_row(heat, str(made.expected(heats)), told, str(late), str(losing))
    return table


def _needs(made: Plan) -> Table:
    load = forecast(made)
    table = Table("at its highest", "", box=None)
    table.add_row("sockets", f"{load.sockets}")
    table.add_row("moves", f"{load.moves_per_s:.0f}/s")
    table.add_row("deltas", f"{load.deltas_per_s:.0f}/s")
    table.add_row("open files", f"{descriptors_needed(load.sockets)} a process at most")
    table.add_row("ports", f"{load.sockets} of {ports()} of each source address")
    for shortage in shortages(made):
        table.add_row(f"too few {shortage.what}", f"{shortage.needed} needed, {shortage.there} there")
    return table


def _arrivals(console: Console, made: Plan) -> None:
    points = curve(made.people, made.scenario.frame.duration_ms)
    most = max((people for _, people in points), default=0) or 1
    console.print("people who have come:")
    for at_ms, people in points:
        console.print(f"{at_ms / 1000:7.1f} s {'█' * round(BAR * people / most)} {people}")
