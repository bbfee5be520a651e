"""`knackpunkt bundle`: what the server publishes, from its data folder alone."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import click

from knack_protocol.ids import HeatId, RunId
from knack_protocol.proof.seeds import server_seed
from knack_server.cli.orders import OrderRefused
from knack_server.config import load_settings
from knack_server.core.publication import Publishers
from knack_server.shell.folder import DATABASE_NAME, MASTER_NAME, SIGNING_NAME, read_secret
from knack_server.store.opening import open_for_reading
from knack_server.store.queries import Queries

if TYPE_CHECKING:
    from knack_server.config import Settings
    from knack_server.store.queries import StoredEvent


@click.command()
@click.option("--event", "event_id", default="", help="The competition; the current one when not given.")
@click.option("--heat", "heat_id", default="", help="One heat that is over.")
@click.option("--run", "run_id", default="", help="One finished run of open play.")
@click.option("--whole", is_flag=True, help="The whole event, when it has ended.")
@click.argument("file", type=click.File("wb", lazy=True))
def bundle(event_id: str, heat_id: str, run_id: str, whole: bool, file: BinaryIO) -> None:
    """Write a bundle to FILE (- for the terminal), beside a running server or without one; by default of open play."""
    if sum((bool(heat_id), bool(run_id), whole)) > 1:
        raise click.UsageError("Choose one of --heat, --run and --whole.")
    settings = load_settings()
    data = asyncio.run(_made(settings, event_id, HeatId(heat_id), RunId(run_id), whole=whole))
    file.write(data)


async def _made(settings: Settings, named: str, heat: HeatId, run: RunId, *, whole: bool) -> bytes:
    async with await open_for_reading(settings.data_dir / DATABASE_NAME) as store:
        publishers = Publishers(
            read_secret(settings.data_dir, SIGNING_NAME),
            partial(server_seed, read_secret(settings.data_dir, MASTER_NAME)),
        )
        queries = Queries(store)
        found = await _find(queries, named)
        event, publisher = found.event, publishers.of(found.event, found.kind)
        if whole:
            everything = await queries.whole_event(event)
            if everything is None:
                raise OrderRefused(f"{event} goes on; everything is published when it has ended")
            return publisher.event(everything)
        if heat:
            played = await queries.heat(event, heat)
            if played is None:
                raise OrderRefused(f"{event} has no heat {heat} that was played and is over")
            return publisher.heat(played)
        if run:
            alone = await queries.solo_run(event, run)
            if alone is None:
                raise OrderRefused(f"{event} has no finished run {run} of open play")
            return publisher.solo_run(alone)
        opened = await queries.open_play(event)
        if opened is None:
            raise OrderRefused(f"there is no event {event}")
        return publisher.open_play(opened)


async def _find(queries: Queries, named: str) -> StoredEvent:
    for event in await queries.events():
        if event.event == named or (not named and event.is_current):
            return event
    raise OrderRefused(f"there is no event {named}")
