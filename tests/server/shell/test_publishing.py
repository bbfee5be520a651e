"""Anybody may download what is needed to check us, as soon as a run is over."""

import hashlib
import json
from pathlib import Path

import pytest
from tests.support.arena import STAGE_TEXT
from tests.support.heats import Desk
from tests.support.site import Site, open_site

from knack_protocol.ids import HeatId
from knack_protocol.proof import bundle, receipt
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.commitments import PublishedList
from knack_protocol.proof.report import NoticeKind, Verdict
from knack_protocol.proof.signing import is_signed
from knack_protocol.proof.verify import verify
from knack_protocol.wire.messages import Gather
from knack_server.shell import publishing


async def _finished(site: Site, name: str = "Anna") -> str:
    """Play a run to its end and return its id."""
    line = await site.player(name)
    hand = await site.begin(line)
    await hand.move()
    site.pass_ms(100_000)
    return hand.run


@pytest.mark.asyncio
async def test_a_finished_run_can_be_downloaded_under_the_published_key(site: Site) -> None:
    run = await _finished(site)
    key = (await site.http.get("/api/key")).json()

    answer = await site.http.get(f"/api/runs/{run}/bundle")

    published = bundle.unpack(answer.content)
    assert isinstance(published, bundle.RunBundle)
    assert published.run.run == run
    assert published.key.hex() == key["key"]
    assert key["fingerprint"] == hashlib.sha256(published.key).hexdigest()[:32]
    assert is_signed(published.key, bundle.seal_text(published), published.seal)
    assert f'filename="{run}.knack.json"' in answer.headers["Content-Disposition"]


@pytest.mark.asyncio
async def test_open_play_can_be_downloaded_whole_with_the_names_beside_it(site: Site) -> None:
    run = await _finished(site)

    published = bundle.unpack((await site.http.get("/api/bundle")).content)
    beside = await site.http.get("/api/names")
    names = beside.json()

    assert isinstance(published, bundle.OpenBundle)
    assert [one.run for one in published.open.runs] == [run]
    assert names["players"] == [{"player": published.open.runs[0].player, "name": "Anna"}]
    canonical = json.dumps(names, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert beside.text == canonical


@pytest.mark.asyncio
async def test_a_run_in_play_is_not_published(site: Site) -> None:
    hand = await site.begin(await site.player("Anna"))

    for what in ("bundle", "receipt", "receipt.svg"):
        assert (await site.http.get(f"/api/runs/{hand.run}/{what}")).status_code == 409
        assert (await site.http.get(f"/api/runs/run-nowhere/{what}")).status_code == 404


@pytest.mark.asyncio
async def test_a_receipt_says_how_the_run_ended_and_is_drawn_as_a_code(site: Site) -> None:
    run = await _finished(site)
    standing = (await site.http.get("/api/standings")).json()["rows"][0]

    text = (await site.http.get(f"/api/runs/{run}/receipt")).json()["receipt"]
    code = await site.http.get(f"/api/runs/{run}/receipt.svg")

    said = receipt.parse(text)
    assert (said.run, said.player, said.score) == (run, standing[2], standing[4])
    assert site.house.publishers.organisers.is_genuine(text)
    assert code.headers["Content-Type"].startswith("image/svg+xml")


@pytest.mark.asyncio
async def test_a_crowd_that_asks_at_once_is_answered_from_one_making(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _finished(site)
    made = []
    make = type(site.house.publishers.organisers).open_play
    monkeypatch.setattr(
        type(site.house.publishers.organisers),
        "open_play",
        lambda self, played: made.append(1) or make(self, played),
    )

    first = await site.http.get("/api/bundle")
    assert (await site.http.get("/api/bundle")).content == first.content
    assert len(made) == 1
    site.pass_ms(6000)
    await site.http.get("/api/bundle")
    assert len(made) == 2


@pytest.mark.asyncio
async def test_after_an_act_nobody_is_given_a_bundle_from_before_it(site: Site) -> None:
    run = await _finished(site)
    desk = Desk(site, await site.desk())
    for what in ("/api/bundle", f"/api/runs/{run}/bundle"):
        before = bundle.unpack((await site.http.get(what)).content)
        await desk.post("acts", kind="void", target=run, reason="because")
        after = bundle.unpack((await site.http.get(what)).content)

        assert len(after.acts.list) == len(before.acts.list) + 1


@pytest.mark.asyncio
async def test_of_large_bundles_few_are_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "KEPT_BYTES_MAX", 1)
    run = await _finished(site)

    first = await site.http.get("/api/bundle")
    await site.http.get(f"/api/runs/{run}/bundle")

    assert (await site.http.get("/api/bundle")).content == first.content


# --- heats ---


async def _listed(site: Site) -> Anchors:
    """What was published before the heats."""
    listed = (await site.http.get("/api/commitments")).json()
    return Anchors(listed["fingerprint"], PublishedList(listed["text"], bytes.fromhex(listed["signature"])))


@pytest.mark.asyncio
async def test_a_heat_can_be_downloaded_when_it_is_over_and_passes_the_check(site: Site) -> None:
    desk = Desk(site, await site.desk())
    hands = await desk.begin("Anna", "Berta")
    for hand in hands:
        await hand.move()
    await desk.end_heat()

    answer = await site.http.get("/api/heats/h1/bundle")

    report = verify(answer.content, await _listed(site))
    assert report.verdict is Verdict.ANCHORED, report.wrong
    published = bundle.unpack(answer.content)
    assert isinstance(published, bundle.HeatBundle)
    assert {row.run for row in published.heat.standings} == {hand.run for hand in hands}
    assert 'filename="demo-h1.knack.json"' in answer.headers["Content-Disposition"]


@pytest.mark.asyncio
async def test_nothing_is_revealed_of_a_heat_before_it_is_over(site: Site) -> None:
    desk = Desk(site, await site.desk())

    async def answer(heat: str = "h1") -> tuple[int, str]:
        got = await site.http.get(f"/api/heats/{heat}/bundle")
        return got.status_code, got.json()["error"]

    assert await answer() == (404, "unknown_heat")
    await desk.promise()
    assert await answer() == (409, "heat_not_over")
    await desk.step("open")
    line = await site.player("Anna")
    await line.ask(Gather, HeatId("h1"))
    for step in ("freeze", "type", "start"):
        await desk.step(step, STAGE_TEXT if step == "type" else "")
        assert await answer() == (409, "heat_not_over")
    site.pass_ms(3000)
    await site.settled()
    assert await answer() == (409, "heat_not_over")
    site.pass_ms(100_000)
    await site.settled()
    assert (await site.http.get("/api/heats/h1/bundle")).status_code == 200
    assert await answer("h1-r1") == (409, "heat_not_over")
    assert await answer("h9") == (404, "unknown_heat")


@pytest.mark.asyncio
async def test_a_heat_that_was_voided_in_its_lobby_is_not_published_alone(site: Site) -> None:
    desk = Desk(site, await site.desk())
    await desk.promise()
    await desk.step("open")
    await desk.post("acts", kind="void_heat", target="h1", reason="the light went out")

    answer = await site.http.get("/api/heats/h1/bundle")

    assert (answer.status_code, answer.json()["error"]) == (409, "never_played")


@pytest.mark.asyncio
async def test_who_asks_for_a_run_of_a_heat_is_shown_to_the_heat(site: Site) -> None:
    desk = Desk(site, await site.desk())
    (hand,) = await desk.begin("Anna")

    for _ in range(2):
        answer = await site.http.get(f"/api/runs/{hand.run}/bundle")
        assert (answer.status_code, answer.json()["error"]) == (409, "published_with_heat")
        assert (answer.json()["heat"], answer.json()["bundle"]) == ("h1", "/api/heats/h1/bundle?event=demo")
        await desk.end_heat()
    assert (await site.http.get(answer.json()["bundle"])).status_code == 200


@pytest.mark.asyncio
async def test_a_heat_that_the_server_did_not_live_through_is_published_and_says_so(tmp_path: Path) -> None:
    async with open_site(tmp_path) as site:
        desk = Desk(site, await site.desk())
        hands = await desk.begin("Anna", "Berta")
        await hands[0].move()
        site.pass_ms(20_000)
        await site.settled()
        tokens = [hand.line.token for hand in hands]
    async with open_site(tmp_path) as site:
        back = await site.line()
        await back.hello(token=tokens[0])
        site.pass_ms(10_000)
        site.pass_ms(100_000)
        await site.settled()
        listed = (await site.http.get("/api/event")).json()["heats"][0]
        assert (listed["interrupted"], listed["bundle"]) == (True, True)

        report = verify((await site.http.get("/api/heats/h1/bundle")).content, await _listed(site))

    assert report.verdict is Verdict.ANCHORED, report.wrong
    assert NoticeKind.AWAY in [
        notice.kind for notice in report.notices
    ]  # beside digests that a leap of time left out
