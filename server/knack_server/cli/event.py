"""`knackpunkt event`: competitions beside one another."""

from __future__ import annotations

import click

from knack_server.cli.orders import order
from knack_server.shell.rehearsals import DEFAULT_TITLE


@click.group()
def event() -> None:
    """Add competitions, choose the current one, and end them; rehearse, and leave nothing behind."""


@event.command("add")
@click.argument("event_id", metavar="EVENT")
@click.option("--title", required=True, help="What screens and pages call it.")
def add(event_id: str, title: str) -> None:
    """Open the competition EVENT (a-z, 0-9, -); its pages are below /e/EVENT."""
    order("event-add", event=event_id, title=title)
    click.echo(f"/e/{event_id}")


@event.command("list")
def list_events() -> None:
    """List the competitions; a star marks the current one."""
    for row in order("event-list")["events"]:
        kind = f"  ({row['kind']})" if row["kind"] != "live" else ""
        ended = "  (ended)" if row["ended"] else ""
        click.echo(f"{'*' if row['current'] else ' '} {row['event']}  {row['title']}{kind}{ended}")


@event.command("use")
@click.argument("event_id", metavar="EVENT")
def use(event_id: str) -> None:
    """Make EVENT the one that / shows."""
    order("event-use", event=event_id)
    click.echo(f"/ shows {event_id} now.")


@event.command("end")
@click.argument("event_id", metavar="EVENT")
@click.option("--yes", is_flag=True, help="Do not ask.")
def end(event_id: str, yes: bool) -> None:
    """End EVENT for good: nobody joins or plays any more, every seed is revealed, and the whole is published."""
    if not yes:
        click.confirm(f"End {event_id} for good?", abort=True)
    order("event-end", event=event_id)
    click.echo(f"{event_id} has ended; /api/event/bundle?event={event_id} is the whole of it.")


@event.command("rehearse")
@click.option("--title", default=DEFAULT_TITLE, show_default=True, help="What its screens and pages call it.")
def rehearse(title: str) -> None:
    """Open a rehearsal, with players, standings and keys of its own; only whoever is told its address gets there.

    There is one at a time, and after six hours it is deleted by itself.
    """
    click.echo(f"/e/{order('event-rehearse', title=title)['event']}")


@event.command("delete")
@click.argument("event_id", metavar="EVENT")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(event_id: str, yes: bool) -> None:
    """Delete the rehearsal EVENT whole; what is played in earnest is never deleted."""
    if not yes:
        click.confirm(f"Delete {event_id} with everything that was played in it?", abort=True)
    order("event-delete", event=event_id)
    click.echo(f"{event_id} is gone.")
