"""`crowd doctor`: what this machine can carry, and how far it is to the target."""

import asyncio
import time
from statistics import median

import click

from knack_client.api import Api
from knack_loadtest.crowd import machine
from knack_loadtest.crowd.innocence import cores, raise_descriptors
from knack_loadtest.crowd.target import TargetError, find
from knack_loadtest.crowd.units import shown_us
from knack_loadtest.crowd.verdict import UNREACHABLE

ROUNDS = 20
"""Requests whose median is told; the first pays for the connection as every one does."""

LOOPS = 50
"""Timers whose lateness is looked at: half a second."""


@click.command()
@click.option("--target", "url", default="", help="A server to look at, too.")
@click.option("--event", default="", help="Which event of it.")
@click.pass_context
def doctor(context: click.Context, url: str, event: str) -> None:
    """Say what this machine can carry: open files, ports, cores, and how punctual it is."""
    for name, value in findings():
        click.echo(f"{name:<28}{value}")
    if url:
        try:
            for name, value in asyncio.run(_of_target(url, event)):
                click.echo(f"{name:<28}{value}")
        except TargetError as error:
            click.echo(f"crowd: {error}", err=True)
            context.exit(UNREACHABLE)


def findings() -> list[tuple[str, str]]:
    """Return what there is to say about this machine."""
    soft, hard = raise_descriptors()
    ports, waits, backlog = machine.ports(), machine.time_waits(), machine.backlog()
    lag_us = asyncio.run(_loop_lag_us())
    return [
        ("cores", f"{cores()}"),
        (
            "open files",
            f"{soft} (at most {hard}): {max(soft - machine.SPARE_DESCRIPTORS, 0)} sockets a process",
        ),
        (
            "ports of a source address",
            f"{ports}: {ports * machine.SOURCES_COUNT} sockets from {machine.SOURCES_COUNT}",
        ),
        ("connections in TIME_WAIT", "unknown" if waits is None else f"{waits}"),
        ("backlog of the kernel", "unknown" if backlog is None else f"{backlog} connections at once"),
        (
            "timers are late by",
            f"{shown_us(lag_us)} (p98 of {LOOPS}; above 5 ms, figures of a run are not valid)",
        ),
    ]


async def _loop_lag_us() -> float:
    loop = asyncio.get_running_loop()
    lags = []
    for _ in range(LOOPS):
        due = loop.time() + 0.01
        await asyncio.sleep(0.01)
        lags.append((loop.time() - due) * 1_000_000)
    return sorted(lags)[-2]


async def _of_target(url: str, event: str) -> list[tuple[str, str]]:
    found = await find(url, event)
    api = Api(found.address.http, found.event)
    took_us = []
    for _ in range(ROUNDS):
        since = time.perf_counter()
        await api.get("/healthz")
        took_us.append((time.perf_counter() - since) * 1_000_000)
    return [
        ("target", f"{found.address.http}, version {found.version}"),
        ("its event", f"{found.event} ({found.title}){', a rehearsal' if found.is_rehearsal else ''}"),
        ("a request takes", f"{shown_us(median(took_us))} (median of {ROUNDS})"),
    ]
