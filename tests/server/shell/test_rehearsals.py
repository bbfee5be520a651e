"""Rehearsals over HTTP: opened by whoever has the desk, played like any event, signed apart, deleted whole."""

import json
from typing import Any

import pytest
from tests.support.site import Site, open_site

from knack_protocol.proof import bundle
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.report import Verdict
from knack_protocol.proof.verify import verify
from knack_protocol.wire.codes import CloseCode
from knack_protocol.wire.messages import Join, Reject, View, Watch
from knack_server.core.event import TITLE_LENGTH_MAX
from knack_server.core.rehearsals import LIFETIME_MS
from knack_server.shell.metrics import registry_of, render

pytestmark = pytest.mark.asyncio

PATH = "/api/desk/rehearsals"


async def opened(site: Site, desk: dict[str, str], title: str = "A try") -> str:
    answer = await site.http.post(PATH, json={"title": title}, headers=desk)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["event"])


async def test_a_moderator_opens_one_plays_in_it_and_deletes_it(site: Site) -> None:
    desk = await site.desk()
    answer = await site.http.post(PATH, json={"title": " <script>alert(1)</script> "}, headers=desk)
    document = answer.json()
    event = document["event"]
    line = await site.player("Anna", event)

    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert document == {
        "event": event,
        "title": "<script>alert(1)</script>",
        "players": 0,
        "added_at_ms": document["added_at_ms"],
        "ends_at_ms": document["added_at_ms"] + LIFETIME_MS,
    }
    assert (await site.http.get(PATH, headers=desk)).json() == {"rehearsals": [document | {"players": 1}]}
    gone = await site.http.delete(f"{PATH}/{event}", headers=desk)

    assert (gone.status_code, gone.json()) == (200, {"event": event})
    assert await line.closed() == CloseCode.SESSION_ENDED
    assert (await site.http.get(PATH, headers=desk)).json() == {"rehearsals": []}


async def test_an_event_says_of_which_kind_it_is(site: Site) -> None:
    desk = await site.desk()
    event = await opened(site, desk)

    for path in ("/api/event", "/api/desk"):
        assert (await site.http.get(path, headers=desk)).json()["kind"] == "live"
        told = (await site.http.get(f"{path}?event={event}", headers=desk)).json()
        assert (told["event"], told["kind"]) == (event, "rehearsal")


async def test_after_it_is_deleted_nothing_is_known_of_it_anywhere(site: Site) -> None:
    desk = await site.desk()
    event = await opened(site, desk)
    hand = await site.play(await site.player("Anna", event))
    site.pass_ms(100_000)
    await site.settled()
    asked = [
        *(
            f"/api/{what}?event={event}"
            for what in ("event", "standings", "bundle", "names", "key", "commitments", "join")
        ),
        *(f"/api/desk{what}?event={event}" for what in ("", "/runs", "/acts", "/contacts", "/heats")),
        *(f"/api/runs/{hand.run}/{what}" for what in ("bundle", "receipt", "receipt.svg")),
        f"/e/{event}",
        f"/e/{event}/screen",
        f"/e/{event}/desk",
    ]
    before = {path: (await site.http.get(path, headers=desk)).status_code for path in asked}
    assert set(before.values()) == {200}, before

    await site.http.delete(f"{PATH}/{event}", headers=desk)

    after = {path: (await site.http.get(path, headers=desk)).status_code for path in asked}
    assert set(after.values()) == {404}, after
    assert isinstance(await (await site.line()).hello(event=event), Reject)
    assert site.house.host.arena.floor.events.keys() == {"demo"}


async def test_what_is_published_of_it_is_signed_with_a_key_of_its_own(site: Site) -> None:
    desk = await site.desk()
    organisers = (await site.http.get("/api/key")).json()
    event = await opened(site, desk)
    hand = await site.play(await site.player("Anna", event))
    site.pass_ms(100_000)
    await site.settled()

    key = (await site.http.get(f"/api/key?event={event}")).json()
    data = (await site.http.get(f"/api/bundle?event={event}")).content
    receipt = (await site.http.get(f"/api/runs/{hand.run}/receipt")).json()["receipt"]

    assert key["key"] != organisers["key"]
    assert verify(data, Anchors(key=key["fingerprint"])).verdict is Verdict.ANCHORED
    assert verify(data, Anchors(key=organisers["fingerprint"])).verdict is Verdict.WRONG
    judged = await site.http.post("/api/desk/receipts", json={"text": receipt}, headers=desk)
    assert (judged.json()["verdict"], judged.json()["event"]) == ("valid", event)
    await site.http.delete(f"{PATH}/{event}", headers=desk)
    again = await opened(site, desk)
    assert (await site.http.get(f"/api/key?event={again}")).json()["key"] != key["key"]
    judged = await site.http.post("/api/desk/receipts", json={"text": receipt}, headers=desk)
    assert (judged.json()["verdict"], judged.json()["signed"]) == ("forged", False)


async def test_its_key_is_the_same_after_a_restart(tmp_path: Any) -> None:
    async with open_site(tmp_path) as site:
        event = await opened(site, await site.desk())
        key = (await site.http.get(f"/api/key?event={event}")).json()
    async with open_site(tmp_path) as site:
        assert (await site.http.get(f"/api/key?event={event}")).json() == key
        assert (await site.http.get(f"/api/event?event={event}")).json()["kind"] == "rehearsal"


async def test_another_event_and_its_bundle_stay_the_same_to_the_byte(site: Site) -> None:
    desk = await site.desk()
    await site.play(await site.player("Anna"), moves=2)
    for passing_ms in (100_000, 2000, 2000):  # the last one is after the digest that covers the run's end
        site.pass_ms(passing_ms)
        await site.settled()
    asked = ("/api/standings", "/api/bundle", "/api/names", "/api/desk/acts", "/api/desk/runs")
    before = {path: (await site.http.get(path, headers=desk)).content for path in asked}

    event = await opened(site, desk)
    hand = await site.play(await site.player("Anna", event))
    body = {"first_name": "A", "last_name": "B", "email": "a@b.example", "concern": "Hello", "website": ""}
    asked_for = await site.http.post(f"/api/contact?event={event}", json={"form": "f", **body})
    assert asked_for.status_code == 201
    act = {"kind": "void", "target": hand.run, "text": "", "reason": "a try"}
    assert (await site.http.post(f"/api/desk/acts?event={event}", json=act, headers=desk)).status_code == 201
    await site.http.delete(f"{PATH}/{event}", headers=desk)
    site.pass_ms(6000)  # no bundle from before is handed out again

    after = {path: (await site.http.get(path, headers=desk)).content for path in asked}
    assert after == before


async def test_a_second_one_is_refused_and_the_first_is_named(site: Site) -> None:
    desk = await site.desk()
    event = await opened(site, desk)

    refused = await site.http.post(PATH, json={}, headers=desk)

    assert refused.status_code == 409
    assert (refused.json()["error"], refused.json()["events"]) == ("rehearsal_exists", [event])
    assert event in refused.json()["message"]


@pytest.mark.parametrize(
    "title", ["", "   ", "x" * (TITLE_LENGTH_MAX + 1), "a\nb", "a\x1b[31m", "\u202e"], ids=repr
)
async def test_a_title_that_no_screen_can_show_is_refused(site: Site, title: str) -> None:
    refused = await site.http.post(PATH, json={"title": title}, headers=await site.desk())

    assert (refused.status_code, refused.json()["error"]) == (400, "title")


async def test_without_a_title_it_is_called_what_it_is(site: Site) -> None:
    answer = await site.http.post(PATH, json={}, headers=await site.desk())

    assert answer.json()["title"] == "Rehearsal"


async def test_what_was_made_of_it_is_kept_no_longer(site: Site) -> None:
    desk = await site.desk()
    event = await opened(site, desk)
    await site.play(await site.player("Anna", event))
    site.pass_ms(100_000)
    await site.settled()
    publishing = site.house.host.arena.rehearsals.when_gone.__self__  # type: ignore[attr-defined]
    await site.http.get("/api/bundle")
    await site.http.get(f"/api/bundle?event={event}")
    assert {what[1] for what in publishing._kept} == {"demo", event}

    await site.http.delete(f"{PATH}/{event}", headers=desk)

    assert {what[1] for what in publishing._kept} == {"demo"}


async def test_metrics_know_no_rehearsal_and_no_counter_goes_back(site: Site) -> None:
    desk = await site.desk()
    names = ("knack_moves_total", "knack_rejects_total", "knack_commit_facts_count")

    def counted() -> dict[str, float]:
        lines = render(registry_of(site.house.host)).decode().splitlines()
        return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith(names)}

    event = await opened(site, desk)
    await site.play(await site.player("Anna", event))
    before, text = counted(), render(registry_of(site.house.host)).decode()
    await site.http.delete(f"{PATH}/{event}", headers=desk)

    assert event not in text
    assert 'knack_feed_version{course="sprint",event="demo"}' in text
    assert 'knack_moves_total{verdict="ok"} 1.0' in text
    assert "knack_runs_in_play 1.0" in text
    assert all(counted()[name] >= value for name, value in before.items())
    assert "knack_runs_in_play 0.0" in render(registry_of(site.house.host)).decode()


async def test_somebody_who_joins_while_it_is_deleted_is_in_or_away_and_nothing_else_breaks(
    site: Site,
) -> None:
    desk = await site.desk()
    for attempt in range(5):
        event = await opened(site, desk)
        lines = [await site.watcher(event=event) for _ in range(3)]
        for line in lines:
            await line.send(Watch, "sprint", View.TOP, 0, 0)
        joining = [await site.line() for _ in range(3)]
        for number, line in enumerate(joining):
            await line.hello(event=event)
            await line.send(Join, f"Anna {attempt} {number}")
        gone = await site.http.delete(f"{PATH}/{event}", headers=desk)
        assert gone.status_code == 200
        for line in (*lines, *joining):
            assert await line.closed() == CloseCode.SESSION_ENDED
    assert site.house.host.arena.floor.events.keys() == {"demo"}
    await site.play(await site.player("Berta"))
    rows = json.loads((await site.http.get("/api/standings")).content)["rows"]
    assert len(rows) == 1


async def test_a_bundle_is_a_rehearsals_own(site: Site) -> None:
    event = await opened(site, await site.desk())
    await site.play(await site.player("Anna"))
    site.pass_ms(100_000)
    await site.settled()

    published = bundle.unpack((await site.http.get(f"/api/bundle?event={event}")).content)

    assert isinstance(published, bundle.OpenBundle)
    assert (published.event, published.open.runs) == (event, ())
