"""Ctrl-C: the end is clean, everybody is told, and the next start goes on where it was."""

import asyncio
import resource
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from tests.support.line import Line
from tests.support.process import ServerProcess, serving

from knack_protocol.ids import CourseName
from knack_protocol.rules.board import Board
from knack_protocol.rules.log import ConnectionEvent, ConnectionKind, decode
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.codes import CloseCode
from knack_protocol.wire.messages import Begin, Move, Moved, Prepare, Resumed, Role, Start, Welcome
from knack_server.shell.folder import DATABASE_NAME
from knack_server.store.opening import open_for_reading
from knack_server.store.queries import Queries

AWAY_S = 1
"""Which nobody's clock may show."""

pytestmark = [pytest.mark.system, pytest.mark.asyncio]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path / "data") as started:
        yield started


async def kinds(folder: Path, run: str) -> list[ConnectionKind]:
    """What a run's log says of its connection."""
    async with await open_for_reading(folder / DATABASE_NAME) as store:
        stored = await Queries(store).run_log(run)
    assert stored is not None
    events = [decode(event.payload) for event in stored.events]
    return [event.kind for event in events if isinstance(event, ConnectionEvent)]


async def test_ctrl_c_tells_everybody_to_come_back_and_the_next_start_goes_on(server: ServerProcess) -> None:
    async with (
        await Line.open(server.port) as anna,
        await Line.open(server.port) as screen,
        await Line.open(server.port, reads=False),  # a phone that has gone and does not answer the close
    ):
        await screen.hello(Role.WATCHER)
        await anna.join("Anna")
        prepared = await anna.ask(Prepare, CourseName("sprint"))
        await anna.ask(Start, prepared.run, secrets.token_bytes(16))
        begin = await anna.next(Begin)
        cell, direction = legal_swaps(Board.of(begin.board))[0]
        sent = monotonic()
        moved = await anna.ask(Move, begin.run, 1, begin.head[:8], cell, direction)
        assert isinstance(moved, Moved)

        code = await asyncio.to_thread(server.interrupt)
        ended = monotonic()

        assert (code, server.complained) == (0, [])
        assert [await line.closed() for line in (anna, screen)] == [CloseCode.RESTARTING] * 2
    assert left_in(server.folder) == [DATABASE_NAME, "lock"]
    assert await kinds(server.folder, begin.run) == []

    await asyncio.sleep(AWAY_S)
    returning = monotonic()
    await asyncio.to_thread(server.start)
    assert not [line for line in server.said if "token" in line]
    async with await Line.open(server.port) as back:
        welcome = await back.hello(token=anna.token)
        resumed = await back.next(Resumed)
        assert isinstance(welcome, Welcome)
        assert welcome.name == "Anna"
        assert (resumed.run, resumed.score, resumed.moves) == (begin.run, moved.score, 1)
        assert resumed.last is not None
        assert resumed.last.head == moved.head
        lived_ms = 1000 * (ended - sent + monotonic() - returning)
        assert moved.t_arr <= resumed.clock_ms <= moved.t_arr + lived_ms
        assert await kinds(server.folder, begin.run) == [ConnectionKind.SERVER_AWAY]


def left_in(folder: Path) -> list[str]:
    """What lies in the data folder beside the secrets."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".key")


async def test_a_service_manager_ends_it_as_cleanly(server: ServerProcess) -> None:
    async with await Line.open(server.port) as line:
        await line.hello()

        code = await asyncio.to_thread(server.interrupt, signal.SIGTERM)

        assert (code, server.complained) == (0, [])
        assert await line.closed() == CloseCode.RESTARTING


async def test_the_first_start_prints_every_address_and_the_organisers_token_once(
    server: ServerProcess,
) -> None:
    text = "".join(server.said)

    for page in ("/", "/screen", "/desk", "/verify"):
        assert f"  {server.url}{page}\n" in text
    assert f"{server.url}/verify.html" in text
    assert text.count("http://") == 5
    assert "Only this computer can join (KNACK_HOST=0.0.0.0 lets phones in)." in text
    assert text.count(server.desk_token) == 1
    assert len(server.desk_token) >= 43


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_what_lies_in_the_folder_is_for_its_owner_only(server: ServerProcess) -> None:
    modes = modes_in(server.folder)

    assert {"master.key", DATABASE_NAME, "control.sock", "lock"} <= modes.keys()
    assert {name: mode for name, mode in modes.items() if mode != 0o600} == {}
    assert server.folder.stat().st_mode & 0o777 == 0o700


async def test_a_hall_of_phones_fits_where_a_shell_allows_few_files(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with serving(tmp_path / "data") as server:
            assert resource.prlimit(server.pid, resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
