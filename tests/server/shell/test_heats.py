"""Heats over HTTP: the desk steers them, and everybody may have the signed list."""

from typing import Any

import pytest
from tests.support.arena import STAGE_TEXT
from tests.support.heats import Desk
from tests.support.line import Line
from tests.support.site import Hand, Site

from knack_protocol.ids import HeatId
from knack_protocol.proof import commitments, receipt
from knack_protocol.wire.limits import RESUME_EVERY_MS
from knack_protocol.wire.messages import Gather, Heat, HeatPhase, Resumed, Welcome

pytestmark = pytest.mark.asyncio

ROUTES = [
    ("GET", "/api/desk/heats"),
    ("POST", "/api/desk/heats"),
    ("POST", "/api/desk/heats/h1"),
    ("POST", "/api/desk/commitments"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_only_a_desk_token_opens(site: Site, method: str, path: str) -> None:
    answer = await site.http.request(method, path, json={})
    assert answer.status_code == 401


async def _desk(site: Site) -> Desk:
    return Desk(site, await site.desk())


async def _begun(site: Site, desk: Desk, scope: str = "player") -> tuple[Line, Hand]:
    (hand,) = await desk.begin("Anna", scope=scope)
    return hand.line, hand


async def test_the_list_is_signed_with_the_key_that_everybody_can_ask_for(site: Site) -> None:
    before = (await site.http.get("/api/commitments")).json()
    assert (before["text"], before["signature"]) == (None, None)
    await (await _desk(site)).promise()

    listed = (await site.http.get("/api/commitments")).json()
    assert listed["key"] == (await site.http.get("/api/key")).json()["key"]
    assert commitments.is_genuine(
        listed["text"], bytes.fromhex(listed["key"]), bytes.fromhex(listed["signature"])
    )
    assert list(commitments.parse(listed["event"], listed["text"])) == ["h1", "h1-r1"]


async def test_a_heat_is_steered_step_by_step_and_says_where_it_stands(site: Site) -> None:
    desk = await _desk(site)
    await _begun(site, desk)

    running = (await desk.get("heats"))["heats"][0]
    assert (running["phase"], running["voided"], running["interrupted"]) == ("running", False, False)
    assert [(member["name"], member["is_here"]) for member in running["members"]] == [("Anna", True)]
    assert running["public"] == f"stage:{STAGE_TEXT}"
    assert len(running["roster_hash"]) == 64
    standings = (await site.http.get("/api/standings?course=h1")).json()
    assert standings["heat"]["phase"] == "running"
    assert (await site.http.get("/api/standings?course=sprint")).json()["heat"] is None


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("heats", {"heat": "h2", "course": "sprint", "scope": "all"}, "scope"),
        ("heats", {"heat": "h2", "course": "sprint", "reruns": "2"}, "heat_reruns"),
        ("heats", {"heat": "h2", "course": "sprint"}, "published"),
        ("commitments", {}, "published"),
        ("heats/h9", {"step": "open"}, "unknown_heat"),
        ("heats/h1", {"step": "jump"}, "step"),
        ("heats/h1", {"step": "start"}, "wrong_phase"),
        ("heats/h1-r1", {"step": "open"}, "void_first"),
    ],
)
async def test_what_cannot_be_is_refused_in_a_word_and_a_sentence(
    site: Site, path: str, body: dict[str, Any], error: str
) -> None:
    desk = await _desk(site)
    await desk.promise()

    answer = await desk.post(path, **body)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["message"].endswith(".")


async def test_a_network_text_is_refused_with_a_clear_message(site: Site) -> None:
    desk = await _desk(site)
    await desk.promise()
    await desk.step("open")
    line = await site.player("Anna")
    await line.ask(Gather, HeatId("h1"))
    await desk.step("freeze")

    answer = await desk.post("heats/h1", step="type", text="drand:" + "0" * 64)
    assert answer.json()["error"] == "drand"
    assert "reserved" in answer.json()["message"]


@pytest.mark.parametrize(("scope", "hidden"), [("heat", True), ("player", False)])
async def test_boards_of_a_heat_with_shared_tiles_stay_hidden_while_it_runs(
    site: Site, scope: str, hidden: bool
) -> None:
    desk = await _desk(site)
    _, hand = await _begun(site, desk, scope)
    await hand.move()

    shown = await desk.get(f"runs/{hand.run}")
    assert shown["hidden"] is hidden
    assert (shown["replay"]["levels"] == []) is hidden
    site.pass_ms(100_000)
    await site.settled()
    shown = await desk.get(f"runs/{hand.run}")
    assert shown["hidden"] is False
    assert len(shown["replay"]["moves"]) == 1


async def test_the_runs_of_a_heat_are_listed_under_its_name(site: Site) -> None:
    desk = await _desk(site)
    _, hand = await _begun(site, desk)

    assert [row[0] for row in (await desk.get("runs?course=h1"))["rows"]] == [hand.run]
    assert (await desk.get("runs?course=sprint"))["rows"] == []


async def test_a_run_of_a_heat_has_a_receipt_that_names_the_heat(site: Site) -> None:
    desk = await _desk(site)
    _, hand = await _begun(site, desk)
    await hand.move()
    site.pass_ms(100_000)
    await site.settled()

    text = (await site.http.get(f"/api/runs/{hand.run}/receipt")).json()["receipt"]
    assert receipt.parse(text).heat == "h1"
    assert (await desk.post("receipts", text=text)).json()["verdict"] == "valid"
    assert (await site.http.get(f"/api/runs/{hand.run}/bundle")).status_code == 409
    await desk.post("acts", kind="void_heat", target="h1", reason="the light went out")
    assert (await desk.post("receipts", text=text)).json()["verdict"] == "voided"


async def test_open_play_is_published_without_the_runs_of_heats(site: Site) -> None:
    desk = await _desk(site)
    line, _ = await _begun(site, desk)
    site.pass_ms(100_000)
    await site.play(line, 1)
    site.pass_ms(100_000)
    await site.settled()

    bundle = (await site.http.get("/api/bundle")).json()
    assert len(bundle["open"]["runs"]) == 1


async def test_who_comes_back_hears_of_the_heat_before_their_run_in_it(site: Site) -> None:
    desk = await _desk(site)
    line, hand = await _begun(site, desk)
    token = line.token
    await line.hang_up()
    site.pass_ms(RESUME_EVERY_MS)

    back = await site.line()
    await back.hello(token=token)
    resumed = await back.next(Resumed)

    kinds = [type(message) for message in back.heard]
    assert resumed.run == hand.run
    assert kinds.index(Welcome) < kinds.index(Heat) < kinds.index(Resumed)


async def test_a_void_and_its_rerun_are_told_to_everybody(site: Site) -> None:
    desk = await _desk(site)
    line, _ = await _begun(site, desk)
    await desk.post("acts", kind="void_heat", target="h1", reason="the light went out")
    await site.settled()
    assert (await desk.get("heats"))["heats"][0]["voided"] is True
    assert (await desk.get("heats"))["heats"][1]["may_open"] is True
    await desk.step("open", heat="h1-r1")
    await line.ask(Gather, HeatId("h1-r1"))

    told = [message for message in line.told if isinstance(message, Heat)]
    assert HeatPhase.VOIDED in {message.phase for message in told}
    assert told[-1].heat == "h1-r1"
