"""`crowd run`: play a scenario, judge it, write the result and its reports."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import uvloop

from knack_client.errors import KnackClientError
from knack_loadtest.crowd import live, target, verdict
from knack_loadtest.crowd.commands.options import DESK_HELP, EVENT_HELP, chosen, scenario_options
from knack_loadtest.crowd.conductor import Conductor, CrowdError
from knack_loadtest.crowd.innocence import cores
from knack_loadtest.crowd.machine import Shortage, shortages
from knack_loadtest.crowd.plan import Plan, make_plan
from knack_loadtest.crowd.reports import formats
from knack_loadtest.crowd.scenario.model import Scenario
from knack_loadtest.crowd.server import FreshServer, ServerError
from knack_loadtest.crowd.target import Target, TargetError
from knack_loadtest.crowd.thresholds import Threshold, ThresholdError, parse

TITLE_LENGTH_MAX: Final = 80
"""Characters of an event's title (protocol/README.md, chapter 14)."""

_ENDS: Final = (signal.SIGINT, signal.SIGTERM)

UNTOLD: Final = "--desk-token"
"""The option whose value is told nobody: reports are sent around."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen on the command line."""

    scenario: Scenario
    thresholds: tuple[Threshold, ...]
    target: str
    event: str
    desk_token: str
    server_pid: int | None
    workers: int
    folder: Path
    ui: str


class Refused(Exception):
    """The run cannot begin; with the exit code that says so."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


@click.command()
@scenario_options
@click.option(
    "--target", "url", default="", help="Whom to test, such as http://127.0.0.1:8000; else a fresh server."
)
@click.option("--event", default="", help=EVENT_HELP)
@click.option("--desk-token", default="", envvar="CROWD_DESK_TOKEN", help=DESK_HELP)
@click.option(
    "--server-pid", type=int, help="The target's process, if it runs on this machine, to measure it."
)
@click.option("--workers", default="auto", help="How many processes; `auto`: half of this machine's cores.")
@click.option(
    "--threshold", "thresholds", multiple=True, help="Another threshold, such as 'visible.p99 < 400ms'."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where the run's folder goes; `runs` when not given."
)
@click.option("--ui", type=click.Choice(["auto", "live", "plain", "none"]), default="auto", show_default=True)
def run(
    url: str,
    event: str,
    desk_token: str,
    server_pid: int | None,
    workers: str,
    thresholds: tuple[str, ...],
    out: Path | None,
    ui: str,
    **scenario: Any,
) -> None:
    """Play SCENARIO against a server, and prove that what everybody saw was true.

    SCENARIO is one that comes with crowd (`crowd list scenarios`) or a TOML file.
    """
    played = chosen(**scenario)
    try:
        expected = tuple(map(parse, (*played.expect.thresholds, *thresholds)))
    except ThresholdError as wrong:
        raise click.UsageError(str(wrong)) from None
    count = max(cores() // 2, 1) if workers == "auto" else _whole(workers)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    folder = (out or Path("runs")) / f"{stamp}-{played.frame.name}-{played.frame.seed}"
    choices = Choices(played, expected, url, event, desk_token, server_pid, count, folder, ui)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            result = runner.run(play(choices))
    except Refused as refused:
        click.echo(f"crowd: {refused}", err=True)
        sys.exit(refused.code)
    except (CrowdError, KnackClientError, ServerError) as failed:
        click.echo(f"crowd: {failed}", err=True)
        sys.exit(verdict.CRASHED)
    except asyncio.CancelledError:  # before the first connection, or when all was written already
        click.echo("crowd: interrupted", err=True)
        sys.exit(verdict.INTERRUPTED)
    click.echo(live.farewell(result, folder))
    sys.exit(result["verdict"]["exit_code"])


async def play(choices: Choices) -> dict[str, Any]:
    """Play, write `result.json` and the reports that are made of it, and return it.

    Raises:
        Refused: it cannot begin.
        CrowdError: the tester itself failed.
        CancelledError: somebody ended it before the first connection, or after all was written.
    """
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in one"
    with _ended_by(task.cancel):
        return await _prepared(choices)


async def _prepared(choices: Choices) -> dict[str, Any]:
    plan = make_plan(choices.scenario)
    lacking = shortages(plan)
    if lacking:
        raise Refused(
            "this machine cannot carry the plan:\n" + "\n".join(map(_told, lacking)), verdict.UNREACHABLE
        )
    try:
        choices.folder.mkdir(parents=True, exist_ok=True)
        (choices.folder / "scenario.toml").write_text(choices.scenario.text, encoding="utf-8")
    except OSError as error:
        raise Refused(
            f"nothing can be written to {choices.folder}: {error.strerror}", verdict.USAGE
        ) from error
    async with _server(choices) as server:
        return await _conducted(choices, plan, server)


async def _conducted(choices: Choices, plan: Plan, server: FreshServer | None) -> dict[str, Any]:
    url = server.url if server is not None else choices.target
    desk_token = server.desk_token if server is not None else choices.desk_token
    title = f"crowd {choices.scenario.frame.name}"[:TITLE_LENGTH_MAX]
    try:
        async with target.visited(url, choices.event, desk_token, title, _warn) as found:
            return await _played(choices, plan, server, found, desk_token)
    except TargetError as error:
        raise Refused(str(error), verdict.UNREACHABLE) from error


async def _played(
    choices: Choices, plan: Plan, server: FreshServer | None, found: Target, desk_token: str
) -> dict[str, Any]:
    unknown = [course for course in plan.scenario.courses if course not in found.courses]
    if unknown:
        raise Refused(f"{found.address.http} has no course {', '.join(unknown)}", verdict.USAGE)
    display = live.display(choices.ui)
    conductor = Conductor(
        plan,
        found,
        choices.thresholds,
        choices.folder,
        choices.workers,
        desk_token,
        server,
        server.pid if server is not None else choices.server_pid,
        ("crowd", *without_secrets(sys.argv[1:])),
        on_second=display.show,
    )
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in one"
    with _ended_by(conductor.interrupt, task.cancel):
        with display:
            result = await conductor.run()
        _write(result, choices.folder)
    return result


@contextmanager
def _ended_by(act: Callable[[], object], afterwards: Callable[[], object] | None = None) -> Iterator[None]:
    """Let Ctrl-C, and whoever ends processes, do this in the block, and that after it.

    Handlers of the loop's own, because who starts a program in the background may have it ignore Ctrl-C from the beginning.
    """
    loop = asyncio.get_running_loop()
    for number in _ENDS:
        loop.add_signal_handler(number, act)
    try:
        yield
    finally:
        for number in _ENDS:
            if afterwards is None:
                loop.remove_signal_handler(number)
            else:
                loop.add_signal_handler(number, afterwards)


def _write(result: dict[str, Any], folder: Path) -> None:
    """Write a result and its reports, while Ctrl-C still is the conductor's: it must not take them away."""
    text = json.dumps(result, ensure_ascii=False, indent=1)
    (folder / "result.json").write_text(text + "\n", encoding="utf-8")
    formats.write(result, folder)


def without_secrets(arguments: Sequence[str]) -> Iterator[str]:
    """Yield a command's arguments as a result tells them: the desk's token is left to who plays it again."""
    is_secret = False
    for argument in arguments:
        yield "TOKEN" if is_secret else f"{UNTOLD}=TOKEN" if argument.startswith(f"{UNTOLD}=") else argument
        is_secret = argument == UNTOLD


@asynccontextmanager
async def _server(choices: Choices) -> AsyncIterator[FreshServer | None]:
    """Our own server on a throwaway folder, unless there is a target."""
    if choices.target:
        yield None
        return
    with TemporaryDirectory(prefix="crowd-") as folder:
        server = FreshServer(Path(folder))
        try:
            await server.start()
            yield server
        finally:
            await server.stop()


def _warn(text: str) -> None:
    click.echo(f"crowd: {text}", err=True)


def _told(shortage: Shortage) -> str:
    return f"  {shortage.what}: {shortage.needed} needed, {shortage.there} there. {shortage.remedy}"


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 64:
        raise click.UsageError("--workers must be auto or 1 to 64")
    return int(text)
