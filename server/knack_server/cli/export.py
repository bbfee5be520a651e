"""`knackpunkt export`: the standings, from the store alone."""

from __future__ import annotations

import asyncio

import click

from knack_protocol.ids import CourseName, EventId
from knack_server.config import load_settings
from knack_server.shell.folder import DATABASE_NAME
from knack_server.store.export import as_csv, as_json, listing
from knack_server.store.opening import open_for_reading


@click.command()
@click.option("--event", "event_id", default=None, help="The competition; the current one when not given.")
@click.option(
    "--course",
    default="sprint",
    show_default=True,
    help="A course, a heat, or the sum over heats: heats, or heats- and a course.",
)
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
def export(event_id: str | None, course: str, form: str) -> None:
    """Print the standings of a course, a heat or all heats, beside a running server or without one."""
    settings = load_settings()

    async def read() -> str:
        async with await open_for_reading(settings.data_dir / DATABASE_NAME) as store:
            listed = await listing(store, EventId(event_id) if event_id else None, CourseName(course))
            return as_csv(listed) if form == "csv" else as_json(listed)

    click.echo(asyncio.run(read()), nl=False)
