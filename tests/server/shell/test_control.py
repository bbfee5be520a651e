"""The organiser's way into a running server: who may use it, and what it makes of nonsense."""

import asyncio
import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.support.site import Site, open_site

from knack_server.shell import control
from knack_server.shell.control import LINE_BYTES_MAX, SOCKET_NAME, ControlError, ask

asynchronous = pytest.mark.asyncio
at_the_door = pytest.mark.asyncio(loop_scope="module")


async def order(site: Site, name: str, **arguments: str) -> Any:
    """Ask as the command line does: from elsewhere, while the server runs."""
    return await asyncio.to_thread(ask, site.house.settings.data_dir, name, arguments)


async def say(site: Site, line: bytes) -> Any:
    reader, writer = await asyncio.open_unix_connection(site.house.settings.data_dir / SOCKET_NAME)
    writer.write(line)
    writer.write_eof()
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    return json.loads(answer)


@asynchronous
async def test_an_order_is_carried_out_by_the_running_server(site: Site) -> None:
    assert await order(site, "event-add", event="fair", title="The fair") == {"event": "fair"}

    assert (await site.http.get("/e/fair")).status_code == 200


@asynchronous
async def test_only_the_owner_of_the_folder_can_reach_it(site: Site) -> None:
    path = site.house.settings.data_dir / SOCKET_NAME

    assert await asyncio.to_thread(lambda: path.stat().st_mode & 0o777) == 0o600


@at_the_door
@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"",
        b"{\n",
        b"\xff\n",
        b"[]\n",
        b"7\n",
        b"{}\n",
        b'{"order": "desk-list"}\n',
        b'{"order": "desk-list", "arguments": []}\n',
        b'{"order": "desk-list", "arguments": {"name": "x"}}\n',
        b'{"order": "desk-add", "arguments": {}}\n',
        b'{"order": "desk-add", "arguments": {"name": 7}}\n',
        b'{"order": "event-add", "arguments": {"event": 7, "title": "x"}}\n',
        b'{"order": ["desk-add"], "arguments": {}}\n',
        b'{"order": "' + b"x" * LINE_BYTES_MAX + b'", "arguments": {}}\n',
    ],
)
async def test_what_is_no_order_is_answered_and_changes_nothing(door: Site, line: bytes) -> None:
    assert await say(door, line) == {"error": "that is not an order"}

    assert await order(door, "desk-list") == {"names": []}


@asynchronous
async def test_an_unknown_order_is_named(site: Site) -> None:
    assert await order(site, "obey") == {"error": "unknown order obey"}


@asynchronous
async def test_who_goes_away_before_the_answer_disturbs_nobody(site: Site) -> None:
    for _ in range(10):
        _reader, writer = await asyncio.open_unix_connection(site.house.settings.data_dir / SOCKET_NAME)
        writer.write(b'{"order": "desk-list", "arguments": {}}\n')
        writer.transport.abort()

    assert await order(site, "desk-list") == {"names": []}


@asynchronous
async def test_who_says_nothing_is_sent_away(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ANSWER_WITHIN_S", 0.05)
    reader, writer = await asyncio.open_unix_connection(site.house.settings.data_dir / SOCKET_NAME)

    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()

    assert json.loads(answer) == {"error": "that is not an order"}


@asynchronous
async def test_a_path_of_any_length_will_do(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a" * 100] * 3)
    async with open_site(folder) as site:
        assert await order(site, "desk-list") == {"names": []}


@asynchronous
async def test_a_server_that_left_is_not_asked_any_more(tmp_path: Path) -> None:
    async with open_site(tmp_path):
        pass

    assert not (tmp_path / SOCKET_NAME).exists()
    assert ask(tmp_path, "desk-list", {}) is None


@asynchronous
async def test_what_a_killed_server_leaves_behind_is_nobody_and_makes_room(tmp_path: Path) -> None:
    left_behind = socket.socket(socket.AF_UNIX)
    left_behind.bind(str(tmp_path / SOCKET_NAME))
    left_behind.close()
    assert ask(tmp_path, "desk-list", {}) is None

    async with open_site(tmp_path) as site:
        assert await order(site, "desk-list") == {"names": []}


def test_a_folder_that_is_not_there_has_no_server(tmp_path: Path) -> None:
    assert ask(tmp_path / "nowhere", "desk-list", {}) is None


@pytest.mark.parametrize("answer", [b"", b"half", None], ids=["hangs up", "breaks off", "is silent"])
def test_a_server_that_does_not_answer_is_told_of_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes | None
) -> None:
    monkeypatch.setattr(control, "ANSWER_WITHIN_S", 0.1)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / SOCKET_NAME))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            while answer is None and connection.recv(4096):
                pass
            if answer is not None:
                connection.recv(4096)
                connection.sendall(answer)

    server = threading.Thread(target=serve)
    server.start()
    with pytest.raises(ControlError) as caught:
        ask(tmp_path, "desk-list", {})
    server.join()
    listener.close()

    assert str(caught.value).startswith(f"the server on {tmp_path} does not answer")
    assert "\n" not in str(caught.value)
