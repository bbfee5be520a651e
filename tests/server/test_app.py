"""The composition root: what stands when the house is open, and how it is left."""

import asyncio
import resource
from pathlib import Path
from typing import Any

import pytest
import uvloop
from tests.support.site import open_site

from knack_protocol.ids import CourseName, EventId
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Prepare
from knack_server import app
from knack_server.config import Settings
from knack_server.core.facts import EventAdded, EventMadeCurrent
from knack_server.shell.folder import MASTER_NAME, FolderError
from knack_server.store.errors import StoreCorrupt, StoreUnwritable
from knack_server.store.opening import Store
from knack_server.store.writer import Writer


def open_and_close(folder: Path, **given: Any) -> tuple[list[str], str | None]:
    """Open a house; return the titles of its events and the current one."""

    async def look() -> tuple[list[str], str | None]:
        async with app.open_house(Settings(data_dir=folder, **given)) as house:
            floor = house.host.arena.floor
            return [event.title for event in floor.events.values()], floor.current

    return run(look())


def run(what: Any) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(what)


def test_the_first_start_makes_the_event_that_is_set_and_later_ones_keep_it(tmp_path: Path) -> None:
    assert open_and_close(tmp_path, demo_event="fest", demo_title="City fest") == (["City fest"], "fest")

    assert open_and_close(tmp_path, demo_event="other", demo_title="Other") == (["City fest"], "fest")


def test_a_limit_of_runs_is_the_events_own(tmp_path: Path) -> None:
    async def play_twice() -> Any:
        async with open_site(tmp_path, runs_max=1) as site:
            anna = await site.player("Anna")
            await site.play(anna, 1)
            return await anna.ask(Prepare, CourseName("sprint"))

    assert run(play_twice()).code == RejectCode.NO_RUNS_LEFT


def test_a_folder_holds_one_house(tmp_path: Path) -> None:
    async def open_twice() -> None:
        settings = Settings(data_dir=tmp_path)
        async with app.open_house(settings):
            with pytest.raises(FolderError, match="another server"):
                async with app.open_house(settings):
                    pass

    run(open_twice())


def test_another_folders_seed_is_found_out_before_a_run_goes_on_with_it(tmp_path: Path) -> None:
    async def play() -> None:
        async with open_site(tmp_path / "data") as site:
            await site.play(await site.player("Anna"), 2)

    run(play())
    open_and_close(tmp_path / "other")
    (tmp_path / "other" / MASTER_NAME).replace(tmp_path / "data" / MASTER_NAME)

    with pytest.raises(StoreCorrupt, match="a run in play cannot be played again") as caught:
        open_and_close(tmp_path / "data")
    assert "\n" not in str(caught.value)


def test_what_could_not_be_recorded_until_the_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise StoreUnwritable("the disk is full")

    async def leave_with_a_full_disk() -> None:
        async with app.open_house(Settings(data_dir=tmp_path)) as house:
            monkeypatch.setattr(Store, "write", full)
            house.host.arena.floor.record(EventMadeCurrent(EventId("demo")))

    monkeypatch.setattr(Writer.close, "__defaults__", (0.05,))
    with pytest.raises(StoreUnwritable, match="1 submissions were not recorded: the disk is full"):
        run(leave_with_a_full_disk())


def test_a_fact_that_cannot_be_ends_the_process_before_anything_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    acknowledged: list[bool] = []
    codes: list[int] = []

    async def contradict() -> None:
        async with app.open_house(Settings(data_dir=tmp_path)) as house:
            floor = house.host.arena.floor
            floor.record(EventAdded(EventId("demo"), "again", 0, None))
            doing = asyncio.create_task(house.host.do(lambda _now: (None, house.host.arena.salvage())))
            doing.add_done_callback(lambda task: acknowledged.append(not task.cancelled()))
            async with asyncio.timeout(60):
                while not codes:
                    await asyncio.sleep(0)
            doing.cancel()

    monkeypatch.setattr(app.os, "_exit", codes.append)
    with pytest.raises(Exception, match="UNIQUE constraint failed"):
        run(contradict())

    assert codes == [70]
    assert acknowledged == [False]
    assert "store_broken" in capsys.readouterr().out


def greeting(tmp_path: Path, token: str | None = None, room: int = 20_000, **given: Any) -> str:
    return app._greeting(Settings(data_dir=tmp_path, **given), 8000, token, room)


def test_the_greeting_names_the_pages_and_the_token_once(tmp_path: Path) -> None:
    text = greeting(tmp_path, "t0ken")

    assert "  Play    http://127.0.0.1:8000/\n" in text
    assert "  Screen  http://127.0.0.1:8000/screen\n" in text
    assert "  Desk    http://127.0.0.1:8000/desk\n" in text
    assert "The organiser's desk token, shown only now:  t0ken\n" in text
    assert "Only this computer can join" in text
    assert "token" not in greeting(tmp_path)


def test_open_to_the_network_the_greeting_names_every_address_phones_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        app, "reachable_urls", lambda host, port: [f"http://10.0.0.{n}:{port}" for n in (1, 2)]
    )

    text = greeting(tmp_path, host="0.0.0.0")

    assert "  Phones reach it at\n    http://10.0.0.1:8000/\n    http://10.0.0.2:8000/\n" in text
    assert "http://127.0.0.1:8000/screen" in text


def test_a_public_address_is_the_one_that_phones_are_told(tmp_path: Path) -> None:
    text = greeting(tmp_path, public_url="https://knack.example")

    assert "  Phones reach it at\n    https://knack.example/\n" in text


def test_how_many_may_come_is_said_and_why_it_is_fewer_than_was_set(tmp_path: Path) -> None:
    assert "  There is room for 20,000 connections.\n" in greeting(tmp_path)
    assert "  There is room for 744 connections, as the system allows no more open files.\n" in greeting(
        tmp_path, room=744
    )


@pytest.mark.parametrize(
    ("files", "set_to", "room"),
    [
        (1_000, 20_000, 744),
        (100_000, 20_000, 20_000),
        (1_000, 500, 500),
        (64, 20_000, 1),
        (resource.RLIM_INFINITY, 20_000, 20_000),
    ],
)
def test_no_more_are_let_in_than_there_are_files_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int, set_to: int, room: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))

    assert app._ceilings(Settings(data_dir=tmp_path, connections_max=set_to)).connections_max == room


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_the_address_for_metrics_is_taken_only_when_it_is_set_and_free(tmp_path: Path, host: str) -> None:
    assert app.bind_metrics(Settings(data_dir=tmp_path)) is None
    bound = app.bind_metrics(Settings(data_dir=tmp_path, metrics=f"{host}:0"))
    assert bound is not None
    with bound:
        port = bound.getsockname()[1]

        with pytest.raises(app.PortError, match=f"port {port}: Address already in use"):
            app.bind_metrics(Settings(data_dir=tmp_path, metrics=f"{host}:{port}"))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_an_address_is_taken_before_anything_is_built(tmp_path: Path, host: str) -> None:
    with app.bind(Settings(data_dir=tmp_path / "data", host=host, port=0)) as bound:
        port = bound.getsockname()[1]

        with pytest.raises(
            app.PortError, match=f"cannot listen on {host} port {port}: Address already in use"
        ):
            app.bind(Settings(data_dir=tmp_path / "data", host=host, port=port))

    assert not (tmp_path / "data").exists()
