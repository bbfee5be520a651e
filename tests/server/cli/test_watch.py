"""`knackpunkt watch`: live standings, as a table and line by line."""

import asyncio

import pytest
from click.testing import CliRunner
from rich.console import Console
from tests.client_py.fake_server import Line, NoWait, serving

from knack_client import Watcher
from knack_client.errors import Replaced
from knack_protocol.ids import PlayerId, RunId
from knack_protocol.wire.messages import Delta, NumberedRow, RowState, Snapshot, Watch, Watching
from knack_server.cli import watch as cli
from knack_server.cli.watch import watch

ROWS = [
    NumberedRow(0, RunId("run-1"), PlayerId("p-1"), "[red]Ada[/red]", 12_345, 61_500, RowState.RUNNING),
    NumberedRow(1, RunId("run-2"), PlayerId("p-2"), "", 900, 5_000, 0),
]


def drawn(renderable: object) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


def test_a_server_that_is_not_there_is_one_line_and_exit_2() -> None:
    result = CliRunner().invoke(watch, ["--url", "http://127.0.0.1:9"])
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1


async def show(line: Line) -> None:
    await line.welcome(PlayerId(""))
    command = await line.expect(Watch)
    await line.send(Watching(command.req, 1, 7, 3), Snapshot(1, 7, 3, 0, 0, ROWS))


@pytest.mark.asyncio
async def test_line_by_line_it_prints_every_change(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = asyncio.Event()
    lines: list[str] = []

    def note(line: str) -> None:
        lines.append(line)
        printed.set()

    monkeypatch.setattr(cli.click, "echo", note)

    async def script(line: Line) -> None:
        await show(line)
        await printed.wait()
        await line.send(Delta(1, 3, 1, 0, 0, [], [], [0]))
        await line.close(4500)

    async with serving(script) as url:
        with pytest.raises(Replaced):
            await cli._watch(Watcher(url, "sprint"), 20)
    assert lines[0] == "version 3"
    assert lines[1] == "   1  [red]Ada[/red]          12345    61.5 s  playing"
    assert lines[2] == "   2  –                         900     5.0 s"


@pytest.mark.asyncio
async def test_the_table_shows_names_as_they_are_and_says_when_it_is_not_live() -> None:
    cut = asyncio.Event()

    async def script(line: Line) -> None:
        await show(line)
        await cut.wait()
        await line.close(4000)

    coming = asyncio.Event()

    async def later(line: Line) -> None:
        coming.set()
        await line.welcome(PlayerId(""))
        await line.expect(Watch)
        await line.close(4500)

    async with serving(script, later) as url, Watcher(url, "sprint", random=NoWait()) as watcher:
        await watcher.reached(7, 3)
        table = drawn(cli.table(watcher, 20))
        assert drawn(cli.table(watcher, 1)).count("│ ") < table.count("│ ")
        cut.set()
        await coming.wait()
        old = drawn(cli.table(watcher, 20))
        with pytest.raises(Replaced):
            await watcher.live()

    assert "Demo · sprint" in table
    for shown in ("[red]Ada[/red]", "12,345", "61.5 s", "playing", "–", "version 3"):
        assert shown in table
    assert "not live" in old
    assert "12,345" in old
