"""The end of an event over HTTP: ordered at the desk, told to everybody, and everything published."""

from pathlib import Path
from typing import Any

import pytest
from tests.support.heats import Desk
from tests.support.site import Site, open_site

from knack_protocol.ids import CourseName
from knack_protocol.proof import bundle
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.commitments import PublishedList
from knack_protocol.proof.report import Verdict
from knack_protocol.proof.verify import verify
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Closed, Prepare, Reject

pytestmark = pytest.mark.asyncio


async def _desk(site: Site) -> Desk:
    return Desk(site, await site.desk())


async def _end(desk: Desk) -> dict[str, Any]:
    answer = await desk.post("event", step="end")
    assert answer.status_code == 200, answer.text
    ended: dict[str, Any] = answer.json()
    return ended


async def test_only_a_desk_token_ends_an_event(site: Site) -> None:
    assert (await site.http.post("/api/desk/event", json={"step": "end"})).status_code == 401
    assert (await site.http.get("/api/event")).json()["ended_at_ms"] is None


async def test_another_step_or_another_event_is_refused(site: Site) -> None:
    desk = await _desk(site)

    assert (await desk.post("event", step="stop")).json()["error"] == "step"
    assert (await desk.post("event?event=nowhere", step="end")).status_code == 404


async def test_an_ended_event_says_so_everywhere(site: Site) -> None:
    desk = await _desk(site)
    line = await site.player("Anna")

    ended = await _end(desk)

    assert (ended["event"], ended["title"]) == ("demo", "Knackpunkt")
    assert (await line.next(Closed)).at_unix_ms == ended["ended_at_ms"]
    for path in ("/api/event", "/api/desk"):
        assert (await site.http.get(path, headers=desk.headers)).json()["ended_at_ms"] == ended["ended_at_ms"]
    refused = await line.ask(Prepare, CourseName("sprint"))
    assert isinstance(refused, Reject)
    assert refused.code == RejectCode.CLOSED_EVENT
    assert (await desk.post("event", step="end")).json()["error"] == "ended"
    assert (await desk.post("heats", heat="h1", course="sprint")).json()["error"] == "ended"


async def test_while_something_goes_on_the_desk_is_told_what(site: Site) -> None:
    desk = await _desk(site)
    await desk.begin("Anna")

    answer = await desk.post("event", step="end")

    assert answer.status_code == 409
    refused = answer.json()
    assert (refused["error"], refused["runs"], refused["heats"]) == ("in_play", 1, ["h1"])
    assert (
        refused["message"]
        == "The event goes on: 1 run is in play; heat h1 must be played, closed or voided first."
    )


async def test_a_lobby_is_closed_again_and_the_event_may_end(site: Site) -> None:
    desk = await _desk(site)
    await desk.promise()
    assert (await desk.step("open"))["may_close"] is True
    assert (await desk.post("event", step="end")).status_code == 409
    closed = await desk.step("close")
    assert (closed["may_close"], closed["may_open"], closed["phase"]) == (False, True, "prepared")

    await _end(desk)

    assert (await desk.get("heats"))["heats"][0]["may_open"] is False


async def test_the_whole_event_is_published_when_it_is_over_and_passes_the_check(site: Site) -> None:
    desk = await _desk(site)
    hands = await desk.begin("Anna", "Berta")
    for hand in hands:
        await hand.move()
    await desk.end_heat()
    solo = await site.play(hands[0].line, 2)
    site.pass_ms(100_000)
    await site.settled()
    early = await site.http.get("/api/event/bundle")
    assert (early.status_code, early.json()["error"]) == (409, "event_not_ended")
    await _end(desk)

    answer = await site.http.get("/api/event/bundle")

    assert 'filename="demo.knack.json"' in answer.headers["Content-Disposition"]
    listed = (await site.http.get("/api/commitments")).json()
    published = PublishedList(listed["text"], bytes.fromhex(listed["signature"]))
    report = verify(answer.content, Anchors(listed["fingerprint"], published))
    assert report.verdict is Verdict.ANCHORED, report.wrong
    whole = bundle.unpack(answer.content)
    assert isinstance(whole, bundle.EventBundle)
    assert [heat.heat for heat in whole.heats] == ["h1"]
    assert [run.run for run in whole.open.runs] == [solo.run]
    assert [unused.heat for unused in whole.unused_heats] == ["h1-r1"]


async def test_the_event_lists_its_heats_and_which_are_published(site: Site) -> None:
    desk = await _desk(site)
    assert (await site.http.get("/api/event")).json()["heats"] == []
    await desk.begin("Anna")
    await desk.end_heat()

    played, rerun = (await site.http.get("/api/event")).json()["heats"]

    assert played == {
        "heat": "h1", "course": "sprint", "phase": "over", "voided": False, "interrupted": False, "bundle": True,
    }  # fmt: skip
    assert (rerun["heat"], rerun["phase"], rerun["bundle"]) == ("h1-r1", "prepared", False)


async def test_an_ended_event_stays_so_and_stays_published(tmp_path: Path) -> None:
    async with open_site(tmp_path) as site:
        await site.play(await site.player("Anna"))
        site.pass_ms(100_000)
        await _end(await _desk(site))
        first = (await site.http.get("/api/event/bundle")).content
    async with open_site(tmp_path) as site:
        line = await site.watcher()

        assert (await line.next(Closed)).at_unix_ms > 0
        assert (await site.http.get("/api/event/bundle")).content == first
