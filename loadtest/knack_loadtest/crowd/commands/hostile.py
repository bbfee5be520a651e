"""`crowd hostile`: attack a server on this machine in every way there is, while honest people play."""

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from ipaddress import ip_address
from pathlib import Path
from socket import gaierror
from tempfile import TemporaryDirectory
from typing import Any

import click
import uvloop
from rich.console import Console
from rich.table import Table

from knack_client.address import Address
from knack_client.errors import KnackClientError
from knack_loadtest.crowd import verdict
from knack_loadtest.crowd.commands.run import Refused
from knack_loadtest.crowd.hostile.attacks import PACKS, ROOM
from knack_loadtest.crowd.hostile.siege import besiege
from knack_loadtest.crowd.innocence import raise_descriptors
from knack_loadtest.crowd.server import FreshServer, ServerError
from knack_loadtest.crowd.target import Target, TargetError, find


@click.command()
@click.argument("packs", metavar="[PACK]…", nargs=-1, type=click.Choice(["all", *PACKS]))
@click.option("--target", "url", default="", help="A server on this machine; else a fresh one.")
@click.option("--event", default="", help="Which event of the target; its current one when not given.")
@click.option("--server-pid", type=int, help="The target's process, to measure its memory.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where the result's folder goes; `runs` when not given."
)
def hostile(packs: tuple[str, ...], url: str, event: str, server_pid: int | None, out: Path | None) -> None:
    """Attack a server's edge with some packs, or all, and see what it answers and how honest people fare.

    Only servers on this machine are attacked. Every attack is bounded in count and time.
    """
    chosen = PACKS if not packs or "all" in packs else tuple(pack for pack in PACKS if pack in packs)
    folder = (out or Path("runs")) / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-hostile"
    raise_descriptors()
    console = Console(highlight=False)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            result = runner.run(_siege(chosen, url, event, server_pid, console))
    except Refused as refused:
        click.echo(f"crowd: {refused}", err=True)
        sys.exit(refused.code)
    except (KnackClientError, ServerError) as failed:
        click.echo(f"crowd: {failed}", err=True)
        sys.exit(verdict.CRASHED)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, ensure_ascii=False, indent=1)
    (folder / "hostile.json").write_text(text + "\n", encoding="utf-8")
    _tell(console, result)
    console.print(f"  {folder / 'hostile.json'}")
    sys.exit(result["verdict"]["exit_code"])


async def _siege(
    packs: tuple[str, ...], url: str, event: str, pid: int | None, console: Console
) -> dict[str, Any]:
    if url and not await _is_loopback(url):
        raise Refused(f"{url} is not on this machine: only loopback is attacked", verdict.UNREACHABLE)
    async with AsyncExitStack() as doors:
        server = None
        if not url:
            folder = doors.enter_context(TemporaryDirectory(prefix="crowd-"))
            server = FreshServer(Path(folder), address_connections_max=ROOM)
            doors.push_async_callback(server.stop)
            await server.start()
            url, pid = server.url, server.pid
        target = await _found(url, event)
        return await besiege(
            target,
            packs,
            pid,
            is_ours=server is not None,
            on_pack=lambda pack: console.print(f"attacking: {pack}"),
        )


async def _found(url: str, event: str) -> Target:
    try:
        return await find(url, event)
    except TargetError as error:
        raise Refused(str(error), verdict.UNREACHABLE) from error


async def _is_loopback(url: str) -> bool:
    try:
        address = Address.parse(url)
    except ValueError as wrong:
        raise Refused(str(wrong), verdict.UNREACHABLE) from None
    host, _, port = address.http.partition("://")[2].rstrip("/").rpartition(":")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), port)
    except gaierror as failed:
        raise Refused(f"there is no host {host}: {failed}", verdict.UNREACHABLE) from failed
    return all(ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found)


def _tell(console: Console, result: dict[str, Any]) -> None:
    table = Table("attack", "what it tries", "times", "expected", "got", "", box=None)
    for row in result["attacks"]:
        got = ", ".join(f"{word} × {count}" for word, count in row["got"].items())
        mark = "[green]✓[/green]" if row["is_right"] else "[red]✗ WRONG[/red]"
        table.add_row(row["attack"], row["tries"], str(row["times"]), " or ".join(row["expected"]), got, mark)
    console.print(table)
    if result["left_out"]:
        console.print(
            f"left out, because only a fresh server's answer is known: {', '.join(result['left_out'])}"
        )
    people = Table("honest people", "replies", "p50", "p95", "longest", box=None)
    for phase in result["honest"]:
        times = (
            f"{phase[name]} ms" if phase[name] is not None else "n/a"
            for name in ("p50_ms", "p95_ms", "max_ms")
        )
        people.add_row(f"during {phase['pack']}" if phase["pack"] else "alone", str(phase["replies"]), *times)
    console.print(people)
    server = result["server"]
    if server["rss_peak_bytes"]:
        start, peak = server["rss_start_bytes"] / 1024**2, server["rss_peak_bytes"] / 1024**2
        console.print(f"the server held {start:.0f} MiB before and {peak:.0f} MiB at its highest")
    told = result["verdict"]
    console.print(f"[bold]{told['word']}[/bold]")
    for fact in told["facts"]:
        console.print(f"  {fact['text']}")
