"""What the organiser orders: moderators and events."""

from typing import Any

import pytest
from tests.support.site import Site

from knack_server.core.event import TITLE_LENGTH_MAX
from knack_server.shell import orders as orders_module
from knack_server.shell.orders import NAME_LENGTH_MAX, Orders
from knack_server.store import writer as writer_module
from knack_server.store.errors import StoreUnwritable
from knack_server.store.opening import Store

pytestmark = pytest.mark.asyncio
at_the_door = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def orders(site: Site) -> Orders:
    return site.house.orders


async def test_a_moderators_token_is_told_once_and_kept_as_a_hash(site: Site, orders: Orders) -> None:
    token = (await orders.obey("desk-add", {"name": " Ada Lovelace "}))["token"]

    assert await orders.obey("desk-list", {}) == {"names": ["Ada Lovelace"]}
    assert len(token) >= 43
    for file in site.house.settings.data_dir.iterdir():
        assert not file.is_file() or token.encode() not in file.read_bytes(), file


async def test_a_name_has_one_token_at_a_time(orders: Orders) -> None:
    first = (await orders.desk_add("ada"))["token"]

    assert await orders.desk_add("ada") == {"error": "ada has a token already; revoke it first"}
    assert await orders.desk_revoke("ada") == {}
    assert await orders.desk_revoke("ada") == {"error": "ada has no token"}
    assert (await orders.desk_add("ada"))["token"] != first


@pytest.mark.parametrize("name", ["", "  ", "x" * (NAME_LENGTH_MAX + 1), "a\nb", "a\x1b[31m", "\u202e"])
@at_the_door
async def test_a_name_that_cannot_stand_beside_an_act_is_refused(door: Site, name: str) -> None:
    assert "visible characters" in (await door.house.orders.desk_add(name))["error"]
    assert await door.house.orders.desk_list() == {"names": []}


async def test_events_stand_beside_one_another_and_one_is_current(site: Site, orders: Orders) -> None:
    assert await orders.obey("event-add", {"event": "fair", "title": " The fair "}) == {"event": "fair"}
    assert await orders.event_list() == {
        "events": [
            {"event": "demo", "title": "Knackpunkt", "kind": "live", "current": True, "ended": False},
            {"event": "fair", "title": "The fair", "kind": "live", "current": False, "ended": False},
        ]
    }

    assert await orders.obey("event-use", {"event": "fair"}) == {}

    assert [event["current"] for event in (await orders.event_list())["events"]] == [False, True]
    assert (await site.http.get("/api/event")).json()["event"] == "fair"
    assert (await site.watcher()).welcome.event == "fair"


@pytest.mark.parametrize(
    ("event", "title", "error"),
    [
        ("Fair", "x", "an event's id is 1 to 32 of a-z, 0-9 and -"),
        ("", "x", "an event's id is 1 to 32 of a-z, 0-9 and -"),
        ("a/b", "x", "an event's id is 1 to 32 of a-z, 0-9 and -"),
        ("a" * 33, "x", "an event's id is 1 to 32 of a-z, 0-9 and -"),
        ("demo", "x", "there is an event demo already"),
        ("fair", " ", "a title has 1 to 80 visible characters"),
        ("fair", "x" * (TITLE_LENGTH_MAX + 1), "a title has 1 to 80 visible characters"),
        ("fair", "two\nlines", "a title has 1 to 80 visible characters"),
    ],
)
@at_the_door
async def test_an_event_that_cannot_be_is_refused(door: Site, event: str, title: str, error: str) -> None:
    assert await door.house.orders.event_add(event, title) == {"error": error}
    assert len((await door.house.orders.event_list())["events"]) == 1


async def test_an_event_that_is_not_there_cannot_be_made_current(orders: Orders) -> None:
    assert await orders.event_use("fair") == {"error": "there is no event fair"}


async def test_an_event_is_ended_when_nobody_plays_in_it(site: Site, orders: Orders) -> None:
    line = await site.player("Anna")
    await site.begin(line)
    assert await orders.event_end("demo") == {"error": "The event goes on: 1 run is in play."}
    site.pass_ms(100_000)

    assert await orders.obey("event-end", {"event": "demo"}) == {}

    assert (await orders.event_list())["events"][0]["ended"] is True
    assert await orders.event_end("demo") == {"error": "The event has ended already."}
    assert await orders.event_end("fair") == {"error": "there is no event fair"}


async def test_while_the_disk_is_full_the_organiser_is_told(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise StoreUnwritable("the disk is full")

    monkeypatch.setattr(writer_module, "RETRY_S", 0.01)
    with monkeypatch.context() as there_is_no_room:
        there_is_no_room.setattr(orders_module, "RECORD_WITHIN_S", 0.05)
        there_is_no_room.setattr(Store, "write", full)
        answer = await orders.obey("event-add", {"event": "fair", "title": "The fair"})

    assert "cannot be recorded at the moment" in answer["error"]
    assert "fair" in [event["event"] for event in (await orders.obey("event-list", {}))["events"]]
