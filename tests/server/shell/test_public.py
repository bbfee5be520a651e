"""What anybody may ask over HTTP."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.site import Site, open_site

from knack_client.standings import Standings
from knack_protocol.ids import CourseName, EventId
from knack_protocol.rules.course import COURSES, rules_hash
from knack_protocol.wire.messages import Snapshot, View, Watch
from knack_server.shell.public import _PER_FORM, BODY_BYTES_MAX, BUCKETS_MAX, Buckets
from knack_server.store import writer as writer_module
from knack_server.store.errors import StoreUnwritable
from knack_server.store.export import as_json, listing
from knack_server.store.opening import Store
from knack_server.store.queries import Queries

pytestmark = pytest.mark.asyncio

at_the_door = pytest.mark.asyncio(loop_scope="module")

SPRINT = CourseName("sprint")

VISITOR = {
    "form": "f-1",
    "first_name": "Inge",
    "last_name": "Müller",
    "email": "inge@example.org",
    "concern": "The tram stop\nhas no light.",
    "website": "",
}


async def get(site: Site, path: str, **query: str) -> Any:
    answer = await site.http.get(path, params=query)
    assert answer.status_code == 200, answer
    return answer.json()


async def send(site: Site, **changed: Any) -> httpx.Response:
    return await site.http.post("/api/contact", json=VISITOR | changed)


async def kept(site: Site) -> list[Any]:
    return list((await Queries(site.house.store).contacts_page()).rows)


# --- the event ---


async def test_the_server_says_that_it_lives_and_whether_players_are_welcome(site: Site) -> None:
    assert await get(site, "/healthz") == {"status": "ok"}
    assert await get(site, "/ready") == {"recording": True, "staying": True}

    site.house.host.recording(False)

    assert (await site.http.get("/healthz")).status_code == 200
    assert (await site.http.get("/ready")).status_code == 503


async def test_the_rules_are_the_bytes_that_the_hash_is_of(site: Site) -> None:
    answer = await site.http.get("/rules.json")

    assert hashlib.sha256(answer.content).digest() == rules_hash()
    assert answer.headers["content-type"] == "application/json"
    assert (await site.watcher()).welcome.rules_hash == rules_hash()  # type: ignore[union-attr]


async def test_the_event_is_described_with_the_levels_of_its_courses(site: Site) -> None:
    await site.house.orders.event_add("fair", "The fair")

    described = await get(site, "/api/event")
    other = await get(site, "/api/event", event="fair")

    assert (described["event"], described["title"], described["retention_days"]) == (
        "demo",
        "Knackpunkt",
        180,
    )
    assert (other["event"], other["title"]) == ("fair", "The fair")
    assert [(course["name"], len(course["levels"])) for course in described["courses"]] == [
        (course.name, len(course.levels)) for course in COURSES.values()
    ]
    assert described["courses"][0]["levels"] == [{"goal": 0, "time_ms": 90_000}]


async def test_while_the_disk_is_full_a_page_can_still_open_and_say_so(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise StoreUnwritable("the disk is full")

    monkeypatch.setattr(writer_module, "RETRY_S", 0.01)
    with monkeypatch.context() as there_is_no_room:
        there_is_no_room.setattr(Store, "write", full)
        adding = asyncio.create_task(site.house.orders.event_add("fair", "The fair"))
        while site.house.host.arena.floor.recording:
            await asyncio.sleep(0)

        answer = await site.http.get("/api/event")

        assert (answer.status_code, answer.json()["ended_at_ms"]) == (200, None)
    assert await adding == {"event": "fair"}


@pytest.mark.parametrize(
    "address",
    [
        "/api/event?event=nowhere",
        "/api/standings?event=nowhere",
        "/api/standings?course=marathon",
        "/api/join?event=nowhere",
        "/api/join.svg?event=nowhere",
        "/api/event?event=%00",
        "/api/standings?course=%F0%9F%98%80",
    ],
)
@at_the_door
async def test_what_is_not_there_is_not_found(door: Site, address: str) -> None:
    assert (await door.http.get(address)).status_code == 404


# --- standings ---


async def test_standings_are_the_rows_of_the_screen_with_their_hash_and_version(site: Site) -> None:
    anna, bob = await site.player("Anna"), await site.player("Bob")
    for line, moves in ((anna, 3), (bob, 1)):
        await site.play(line, moves)
    site.pass_ms(1000)
    screen = await site.watcher()
    await screen.ask(Watch, SPRINT, View.TOP, 0, 0)
    snapshot = await screen.next(Snapshot)

    standings = await get(site, "/api/standings")

    shown = Standings(SPRINT, View.TOP).after(snapshot)
    assert shown is not None
    assert standings["rows"] == [list(row) for row in shown.rows]
    assert (standings["event"], standings["course"]) == ("demo", "sprint")
    assert (standings["epoch"], standings["version"]) == (snapshot.epoch, snapshot.version)
    assert standings["sha256"] == sha256(standings["rows"])
    assert [row[1] for row in standings["rows"]] == [1, 2]


def sha256(rows: Any) -> str:
    """The hash as the contract words it, made from the answer alone."""
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


async def test_standings_are_those_of_the_export_and_of_the_server_after_a_restart(tmp_path: Path) -> None:
    async with open_site(tmp_path) as site:
        rude = await site.play(await site.player("Rüde"), 2)
        bot = await site.play(await site.player("Bøt"), 3)
        await site.play(await site.player("中文"), 1)
        finished = await site.player("Done")
        await site.play(finished, 1)
        site.pass_ms(90_000)
        await site.play(finished, 2)
        ada = await site.desk()
        for kind, target in (("hide_name", rude.player), ("void", bot.run)):
            act = {"kind": kind, "target": target, "text": "", "reason": "because"}
            assert (await site.http.post("/api/desk/acts", headers=ada, json=act)).status_code == 201
        before = await get(site, "/api/standings")
        exported = json.loads(as_json(await listing(site.house.store, EventId("demo"), SPRINT)))
    async with open_site(tmp_path) as site:
        after = await get(site, "/api/standings")

    assert {row[3] for row in before["rows"]} == {"", "中文", "Done"}
    assert exported == {name: before[name] for name in ("event", "course", "sha256", "rows")}
    assert after["rows"] == before["rows"]
    assert after["sha256"] == before["sha256"] == sha256(before["rows"])
    assert after["epoch"] != before["epoch"]


async def test_events_share_neither_standings_nor_names(site: Site) -> None:
    await site.house.orders.event_add("fair", "The fair")
    here, there = await site.player("Anna"), await site.player("Anna", event="fair")
    await site.play(here, 1)
    await site.play(there, 2)

    demo, fair = [await get(site, "/api/standings", event=event) for event in ("demo", "fair")]

    assert len(demo["rows"]) == len(fair["rows"]) == 1
    assert demo["rows"][0][0] != fair["rows"][0][0]
    assert demo["rows"] == (await get(site, "/api/standings"))["rows"]


async def test_courses_are_ranked_apart(site: Site) -> None:
    await site.play(await site.player("Anna"), 1, "climb")

    assert (await get(site, "/api/standings", course="sprint"))["rows"] == []
    assert len((await get(site, "/api/standings", course="climb"))["rows"]) == 1


# --- joining ---


async def test_bound_to_this_computer_there_is_no_address_for_phones(site: Site) -> None:
    assert await get(site, "/api/join") == {"url": None}
    assert (await site.http.get("/api/join.svg")).status_code == 404


async def test_phones_are_given_the_public_address_and_a_picture_of_it(tmp_path: Path) -> None:
    async with open_site(tmp_path, public_url="https://knack.example") as site:
        await site.house.orders.event_add("fair", "The fair")
        picture = await site.http.get("/api/join.svg")

        assert await get(site, "/api/join") == {"url": "https://knack.example"}
        assert await get(site, "/api/join", event="fair") == {"url": "https://knack.example/e/fair"}
        assert picture.headers["content-type"] == "image/svg+xml"
        assert picture.content.startswith(b"<?xml")
        assert picture.content != (await site.http.get("/api/join.svg?event=fair")).content


# --- the contact form ---


async def test_a_request_is_kept_before_the_visitor_is_thanked(site: Site) -> None:
    form = await get(site, "/api/contact")

    answer = await send(site, form=form["form"])

    assert form["retention_days"] == 180
    assert answer.status_code == 201
    (stored,) = await kept(site)
    assert stored.contact == answer.json()["id"]
    assert (stored.event, stored.first_name, stored.last_name) == ("demo", "Inge", "Müller")
    assert (stored.email, stored.concern) == ("inge@example.org", "The tram stop\nhas no light.")


async def test_every_wrong_field_is_named_at_once_and_nothing_is_kept(site: Site) -> None:
    answer = await send(site, first_name=" ", last_name="x" * 81, email="inge@", concern="\x07", form=None)
    nothing = await site.http.post("/api/contact", json={})

    assert answer.status_code == nothing.status_code == 400
    assert answer.json() == {
        "errors": {
            "first_name": "required",
            "last_name": "too_long",
            "email": "email",
            "concern": "characters",
        }
    }
    assert set(nothing.json()["errors"].values()) == {"required"}
    assert await kept(site) == []


@pytest.mark.parametrize("wrong", [None, 7, True, [], {}, ["Inge"], {"a": "b"}])
@at_the_door
async def test_a_field_of_another_type_is_an_error_of_that_field(door: Site, wrong: Any) -> None:
    answer = await send(door, first_name=wrong)

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"first_name"}


async def test_what_a_program_fills_in_is_thanked_for_and_kept_nowhere(site: Site) -> None:
    answer = await send(site, website="https://spam.example")

    assert answer.status_code == 201
    assert answer.json()["id"].startswith("c-")
    assert await kept(site) == []


async def test_a_form_is_taken_three_times_in_ten_minutes(site: Site) -> None:
    assert [(await send(site)).status_code for _ in range(3)] == [201] * 3

    refused = await send(site)
    wait_ms = refused.json()["wait_ms"]

    assert refused.status_code == 429
    assert 0 < wait_ms <= 200_000
    assert refused.headers["retry-after"] == str(-(-wait_ms // 1000))
    assert (await send(site, form="f-2")).status_code == 201
    site.pass_ms(wait_ms)
    assert (await send(site)).status_code == 201
    assert len(await kept(site)) == 5


async def test_a_form_with_mistakes_is_not_counted(site: Site) -> None:
    for _ in range(5):
        assert (await send(site, email="inge")).status_code == 400

    assert (await send(site)).status_code == 201


async def test_a_script_with_ever_new_forms_is_stopped_by_its_address(site: Site) -> None:
    answers = [await send(site, form=f"f-{number}", website="x") for number in range(61)]

    assert [answer.status_code for answer in answers] == [201] * 60 + [429]


async def test_a_request_belongs_to_the_event_whose_page_sent_it(site: Site) -> None:
    await site.house.orders.event_add("fair", "The fair")

    await site.http.post("/api/contact?event=fair", json=VISITOR)
    unknown = await site.http.post("/api/contact?event=nowhere", json=VISITOR)

    assert [request.event for request in await kept(site)] == ["fair"]
    assert unknown.status_code == 404


async def test_while_nothing_can_be_recorded_nobody_is_thanked(site: Site) -> None:
    site.house.host.recording(False)

    answer = await send(site)

    assert answer.status_code == 503
    assert answer.json() == {"wait_ms": 1000}
    assert await kept(site) == []


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
@at_the_door
async def test_a_form_on_another_page_is_refused(door: Site, origin: str) -> None:
    answer = await door.http.post("/api/contact", json=VISITOR, headers={"Origin": origin})

    assert answer.status_code == 403
    assert await kept(door) == []


async def test_our_own_page_may_send_it(site: Site) -> None:
    own = f"http://127.0.0.1:{site.port}"

    assert (await site.http.post("/api/contact", json=VISITOR, headers={"Origin": own})).status_code == 201


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/jsonp"],
)
@at_the_door
async def test_what_a_foreign_form_can_send_is_not_json(door: Site, kind: str) -> None:
    answer = await door.http.post("/api/contact", content=json.dumps(VISITOR), headers={"Content-Type": kind})

    assert answer.status_code == 415


async def test_json_may_say_its_charset(site: Site) -> None:
    kind = {"Content-Type": "application/json; charset=utf-8"}

    assert (
        await site.http.post("/api/contact", content=json.dumps(VISITOR), headers=kind)
    ).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"9" * 60_000,
        b"[]",
        b'"text"',
        b"null",
        b"NaN",
    ],
    ids=[
        "nothing",
        "half",
        "no UTF-8",
        "deep",
        "deep objects",
        "long number",
        "array",
        "text",
        "null",
        "NaN",
    ],
)
@at_the_door
async def test_a_body_that_is_no_object_is_refused(door: Site, body: bytes) -> None:
    answer = await door.http.post("/api/contact", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert (await get(door, "/healthz")) == {"status": "ok"}


async def test_half_a_character_is_an_error_and_not_a_fault(site: Site) -> None:
    body = json.dumps(VISITOR | {"first_name": "\ud800", "form": "\ud800"})

    answer = await site.http.post("/api/contact", content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()) == (400, {"errors": {"first_name": "characters"}})


async def test_a_body_above_the_limit_is_refused_before_it_is_whole(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(
        b"POST /api/contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000000000\r\n\r\n"
    )

    writer.write(b" " * (BODY_BYTES_MAX + 1))
    async with asyncio.timeout(60):
        status = await reader.readline()
    writer.close()

    assert status[:13] == b"HTTP/1.1 413 "


async def test_a_body_of_exactly_the_limit_is_read(site: Site) -> None:
    body = json.dumps(VISITOR).encode().ljust(BODY_BYTES_MAX)

    answer = await site.http.post("/api/contact", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 201


async def test_a_buckets_memory_is_bounded_and_forgets_the_oldest() -> None:
    buckets = Buckets(_PER_FORM)
    for _ in range(4):
        buckets.take("first", 0)
    assert buckets.take("first", 0) > 0

    for number in range(BUCKETS_MAX):
        buckets.take(str(number), 0)

    assert buckets.take("first", 0) == 0
