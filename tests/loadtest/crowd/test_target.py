"""What a crowd may be let loose on: a server that is near, or a rehearsal, and one of its own where it has the desk."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support import process
from tests.support.process import ServerProcess, serving

from knack_loadtest.crowd import target
from knack_loadtest.crowd.target import Target, TargetError, find, visited

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("target") / "data") as running:
        yield running
        assert running.complained == []


def rehearsals(server: ServerProcess) -> list[str]:
    request = urllib.request.Request(
        f"{server.url}/api/desk/rehearsals", headers={"Authorization": f"Bearer {server.desk_token}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return [told["event"] for told in json.load(answer)["rehearsals"]]


class Visit:
    """A visit, and what was seen in it."""

    def __init__(self, server: ServerProcess, event: str = "", token: str | None = None) -> None:
        self.server = server
        self.event = event
        self.token = server.desk_token if token is None else token
        self.warned: list[str] = []
        self.found: Target | None = None
        self.during: list[str] = []

    async def made(self, inside: Any = None) -> "Visit":
        context = visited(self.server.url, self.event, self.token, "crowd test", self.warned.append)
        async with context as self.found:
            self.during = rehearsals(self.server)
            if inside is not None:
                await inside()
        return self


def test_with_the_desk_it_opens_a_rehearsal_and_deletes_it(server: ServerProcess) -> None:
    visit = asyncio.run(Visit(server).made())

    assert visit.found is not None
    assert visit.during == [visit.found.event]
    assert (visit.found.title, visit.found.is_rehearsal, visit.found.is_own) == ("crowd test", True, True)
    assert rehearsals(server) == visit.warned == []


@pytest.mark.parametrize("failure", [ValueError, asyncio.CancelledError, KeyboardInterrupt])
def test_it_is_deleted_after_a_failure_and_after_ctrl_c_too(
    server: ServerProcess, failure: type[BaseException]
) -> None:
    async def fail() -> None:
        raise failure

    visit = Visit(server)
    with pytest.raises(failure):
        asyncio.run(visit.made(fail))

    assert len(visit.during) == 1
    assert rehearsals(server) == visit.warned == []


@pytest.mark.parametrize(("event", "token"), [("demo", None), ("", "")], ids=["a named event", "no desk"])
def test_otherwise_it_plays_where_everybody_does_if_that_is_near(
    server: ServerProcess, event: str, token: str | None
) -> None:
    visit = asyncio.run(Visit(server, event, token).made())

    assert visit.found is not None
    assert (visit.found.event, visit.found.is_own, visit.during) == ("demo", False, [])


def test_one_that_was_left_behind_is_named_and_can_be_played_in_and_deleted_by_hand(
    server: ServerProcess,
) -> None:
    event = process.run(server.folder, "event", "rehearse").stdout.strip().removeprefix("/e/")

    with pytest.raises(TargetError, match=rf"opens no rehearsal: .*{event}"):
        asyncio.run(Visit(server).made())
    visit = asyncio.run(Visit(server, event).made())

    assert visit.found is not None
    assert (visit.found.is_rehearsal, visit.found.is_own) == (True, False)
    assert rehearsals(server) == [event], "it was not this crowd's to delete"
    assert process.run(server.folder, "event", "delete", event, "--yes").returncode == 0


def test_a_wrong_token_opens_nothing(server: ServerProcess) -> None:
    with pytest.raises(TargetError, match=r"opens no rehearsal: .*token"):
        asyncio.run(Visit(server, token="wrong").made())


def test_a_stranger_is_left_alone_unless_its_event_is_a_rehearsal(
    server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_far(_address: object) -> bool:
        return False

    monkeypatch.setattr(target, "_is_near", is_far)
    for event in ("", "demo"):
        with pytest.raises(TargetError, match="only servers that agree may be tested"):
            asyncio.run(find(server.url, event))
    visit = asyncio.run(Visit(server).made())
    assert visit.found is not None
    assert (visit.found.is_near, visit.found.is_rehearsal) == (False, True)


@pytest.mark.parametrize(
    ("address", "is_near"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("192.168.7.7", True),
        ("fe80::1%eth0", True),
        ("::ffff:192.168.7.7", True),
        ("93.184.216.34", False),
        ("::ffff:93.184.216.34", False),
        ("2606:2800:220:1::1", False),
        ("0.0.0.0", False),
    ],
    ids=str,
)
def test_near_is_what_the_world_cannot_reach(address: str, is_near: bool) -> None:
    assert target._is_near_address(address) is is_near


def test_who_cannot_delete_says_what_was_left_behind_and_how_it_goes(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:

        async def end() -> None:
            await asyncio.to_thread(server.kill)

        visit = asyncio.run(Visit(server).made(end))

    (event,) = visit.during
    (warned,) = visit.warned
    assert f"knackpunkt event delete {event}" in warned
    assert f"{event}  crowd test  (rehearsal)" in process.run(server.folder, "event", "list").stdout


def test_who_is_not_there_is_not_reached() -> None:
    async def visit() -> None:
        async with visited("http://127.0.0.1:9", "", "token", "x", pytest.fail):
            pytest.fail("there is nobody")

    with pytest.raises(TargetError, match="cannot reach"):
        asyncio.run(visit())
    with pytest.raises(TargetError):
        asyncio.run(find("ftp://127.0.0.1", ""))
