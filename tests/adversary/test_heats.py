"""Rows 5, 10, 17, 22 and 24 of the threat table where they are about heats: who plays, when, and what is known before.

A cheat and an honest twin in the same heat, over real sockets. What the bundle says afterwards is checked as a stranger
would; each proof is held against a server with the hole that it looks for.
"""

from typing import Any

import pytest
from sqlalchemy import true
from tests.support.arena import STAGE_TEXT
from tests.support.heats import Desk
from tests.support.line import Line
from tests.support.site import Hand, Site

from knack_protocol.ids import CourseName, HeatId, RunId
from knack_protocol.proof import bundle
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.bundle import HeatBundle
from knack_protocol.proof.commitments import PublishedList
from knack_protocol.proof.report import Verdict
from knack_protocol.proof.verify import verify
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.limits import COUNTDOWN_MS
from knack_protocol.wire.messages import (
    Begin,
    Done,
    Gather,
    Heat,
    Join,
    Joined,
    Leave,
    Move,
    Moved,
    Prepare,
    Reject,
    Resumed,
    Scatter,
    Start,
)
from knack_server.core import heat, heats, lobby
from knack_server.core.moves import Moves
from knack_server.store import played

pytestmark = pytest.mark.asyncio

H1 = HeatId("h1")


def code(reply: Any) -> int:
    assert isinstance(reply, Reject), reply
    return reply.code


async def in_lobby(site: Site, *names: str) -> tuple[Desk, list[Line]]:
    """People in the open lobby of h1."""
    desk = Desk(site, await site.desk())
    await desk.promise()
    await desk.step("open")
    lines = [await site.player(name) for name in names]
    for line in lines:
        assert isinstance(await line.ask(Gather, H1), Done)
    return desk, lines


async def freeze(desk: Desk) -> None:
    await desk.step("freeze")
    await desk.step("type", STAGE_TEXT)


async def begun(site: Site, line: Line) -> Hand:
    begin = await line.next(Begin)
    return Hand(site, line, begin, begin.commit, H1)


def own_run(line: Line) -> RunId:
    """The run that a member was told of when the roster was frozen."""
    return next(told.run for told in line.heard if isinstance(told, Heat) and told.run)


async def published(site: Site, desk: Desk) -> HeatBundle:
    """End the heat and check what is published of it."""
    await desk.end_heat()
    listed = (await site.http.get("/api/commitments")).json()
    anchors = Anchors(
        listed["fingerprint"], PublishedList(listed["text"], bytes.fromhex(listed["signature"]))
    )
    answer = await site.http.get("/api/heats/h1/bundle")
    assert answer.status_code == 200, answer.text
    report = verify(answer.content, anchors)
    assert report.verdict is Verdict.ANCHORED, report.wrong
    found = bundle.unpack(answer.content)
    assert isinstance(found, HeatBundle)
    return found


# --- who plays ---


async def push_in(site: Site) -> None:
    """Come after the roster was frozen, and try every door."""
    desk, (twin,) = await in_lobby(site, "Anna")
    await freeze(desk)
    cheat = await site.player("Mallory")
    assert code(await cheat.ask(Gather, H1)) == RejectCode.HEAT_CLOSED
    await desk.step("start")
    assert code(await cheat.ask(Gather, H1)) == RejectCode.HEAT_CLOSED
    site.pass_ms(COUNTDOWN_MS)
    hand = await begun(site, twin)
    assert code(await cheat.ask(Gather, H1)) == RejectCode.HEAT_CLOSED
    for run in (hand.run, own_run(twin)):
        assert code(await cheat.ask(Move, *hand.fields(*hand.swap()))) == RejectCode.NOT_YOUR_RUN
        assert code(await cheat.ask(Start, run, bytes(16))) == RejectCode.NOT_YOUR_RUN
    assert code(await cheat.ask(Prepare, CourseName("h1"))) == RejectCode.UNKNOWN_COURSE
    await hand.move()

    assert not [told for told in cheat.heard if isinstance(told, Begin | Resumed)]
    found = await published(site, desk)
    assert found.heat.roster == (hand.player,)
    assert [row.score for row in found.heat.standings] == [hand.score]


async def test_who_comes_after_the_freeze_is_in_no_heat(ring_of_heats: Site) -> None:
    await push_in(ring_of_heats)


async def test_a_lobby_that_stays_open_after_the_freeze_is_found_out(
    ring_of_heats: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always_open(self: Any, peer: Any, command: Gather, now: Any) -> None:
        self.change(peer.event, peer.event.heats[command.heat], peer.player, is_in=True, now=now)
        self._floor.send(peer, Done(command.req))

    monkeypatch.setattr(lobby.Lobby, "gather", always_open)

    with pytest.raises(AssertionError):
        await push_in(ring_of_heats)


async def take_two_places(site: Site) -> None:
    """Gather with a second device, leave and come under another name, and give up in the middle for a second try."""
    desk, (twin, cheat) = await in_lobby(site, "Anna", "Mallory")
    site.pass_ms(2000)
    second = await site.line()
    await second.hello(token=cheat.token)
    assert isinstance(await second.ask(Gather, H1), Done)
    await cheat.closed()
    assert len((await desk.get("heats"))["heats"][0]["members"]) == 2
    await freeze(desk)
    assert code(await second.ask(Scatter)) == RejectCode.HEAT_CLOSED
    await desk.step("start")
    site.pass_ms(COUNTDOWN_MS)
    honest, hand = await begun(site, twin), await begun(site, second)
    await honest.move()
    await hand.move()
    score = hand.score

    assert isinstance(await second.ask(Leave), Done)
    assert isinstance(await second.ask(Join, "Trent"), Joined)
    assert code(await second.ask(Gather, H1)) == RejectCode.HEAT_CLOSED
    assert code(await second.ask(Move, *hand.fields(*hand.swap()))) == RejectCode.NOT_YOUR_RUN

    found = await published(site, desk)
    assert found.heat.roster == tuple(sorted((honest.player, hand.player)))
    assert {row.player: row.score for row in found.heat.standings} == {
        honest.player: honest.score,
        hand.player: score,
    }


async def test_one_person_has_one_place_in_a_heat(ring_of_heats: Site) -> None:
    await take_two_places(ring_of_heats)


async def test_a_run_that_anybody_may_go_on_with_is_found_out(
    ring_of_heats: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Moves, "move", _anybodys_move)

    with pytest.raises(AssertionError):
        await take_two_places(ring_of_heats)


def _anybodys_move(self: Moves, peer: Any, command: Move, now: Any) -> Any:
    entry = peer.event.runs[command.run]
    outcome = entry.play.live_run().move(entry.play.clock_ms(now), command.cell, command.direction)
    return self._answer(peer, entry.play, command, outcome, now)


# --- when ---


async def jump_the_gun(site: Site) -> None:
    """Move with the run's id before T0, as often as the rate allows; listen for anything that tells of a board."""
    desk, (twin, cheat) = await in_lobby(site, "Anna", "Mallory")
    await freeze(desk)
    frames = [(seq, bytes(8), cell, direction) for seq in (0, 1) for cell, direction in ((0, 0), (9, 1))]
    assert {code(await cheat.ask(Move, own_run(cheat), *frame)) for frame in frames} == {
        RejectCode.OUT_OF_ORDER
    }
    await desk.step("start")
    site.pass_ms(COUNTDOWN_MS - 1000)
    assert {code(await cheat.ask(Move, own_run(cheat), *frame)) for frame in frames} == {
        RejectCode.OUT_OF_ORDER
    }
    assert not [told for told in (*cheat.heard, *twin.heard) if isinstance(told, Begin | Resumed | Moved)]
    answer = await site.http.get(f"/api/desk/runs/{own_run(cheat)}", headers=desk.headers)
    assert answer.json()["replay"] == {"levels": [], "moves": []}
    site.pass_ms(1000)
    honest, hand = await begun(site, twin), await begun(site, cheat)
    for one in (honest, hand):
        await one.move()

    found = await published(site, desk)
    assert {row.player: row.score for row in found.heat.standings} == {
        honest.player: honest.score,
        hand.player: hand.score,
    }


async def test_nobody_moves_or_sees_a_board_before_t0(ring_of_heats: Site) -> None:
    await jump_the_gun(ring_of_heats)


async def test_a_server_that_deals_in_the_countdown_is_found_out(
    ring_of_heats: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heats, "COUNTDOWN_MS", 0)

    with pytest.raises(AssertionError):
        await jump_the_gun(ring_of_heats)


# --- what is known before ---

ASKED = (
    "/api/heats/h1/bundle",
    "/api/event/bundle",
    "/api/bundle",
    "/api/event",
    "/api/commitments",
    "/api/names",
    "/api/standings?course=h1",
    "/api/desk/heats",
    "/api/desk/runs?course=h1",
)


async def ask_for_the_seed(site: Site) -> None:
    """Ask, with a moderator's token even, for whatever could hold the seed that others still play on."""
    desk, (twin, cheat) = await in_lobby(site, "Anna", "Mallory")
    seed = site.house.host.arena.floor.tile_source.server_seed("demo", "h1").hex()
    runs: list[RunId] = []

    async def told() -> list[str]:
        paths = [*ASKED, *(f"/api/runs/{run}/{what}" for run in runs for what in ("bundle", "receipt"))]
        paths += [f"/api/desk/runs/{run}" for run in runs]
        answers = [await site.http.get(path, headers=desk.headers) for path in paths]
        return [path for path, answer in zip(paths, answers, strict=True) if seed in answer.text]

    assert await told() == []
    await freeze(desk)
    assert await told() == []
    runs = [own_run(twin), own_run(cheat)]
    await desk.step("start")
    assert await told() == []
    site.pass_ms(COUNTDOWN_MS)
    honest, hand = await begun(site, twin), await begun(site, cheat)
    assert await told() == []
    await honest.move()
    await desk.post("acts", kind="void", target=hand.run, reason="the cheat gives up first")
    assert await told() == []

    await published(site, desk)
    assert await told() == ["/api/heats/h1/bundle"]


async def test_the_seed_of_a_heat_is_told_to_nobody_before_its_last_run_has_ended(
    ring_of_heats: Site,
) -> None:
    await ask_for_the_seed(ring_of_heats)


async def test_a_server_that_publishes_a_heat_with_its_first_end_is_found_out(
    ring_of_heats: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heat.Heat, "was_played", property(lambda self: bool(self.ends)))
    monkeypatch.setattr(played, "_WAS_PLAYED", true())  # the store would not give such a heat out either

    with pytest.raises(AssertionError):
        await ask_for_the_seed(ring_of_heats)


async def choose_a_seed(site: Site) -> None:
    """Try, as an organiser, to pick among texts, reruns and heats."""
    desk, (twin,) = await in_lobby(site, "Anna")

    async def refused(heat: str, step: str, text: str = "") -> str:
        answer = await desk.post(f"heats/{heat}", step=step, text=text)
        assert answer.status_code == 400, answer.text
        word: str = answer.json()["error"]
        return word

    assert await refused("h1", "type", STAGE_TEXT) == "wrong_phase"
    assert await refused("h1-r1", "open") == "void_first"
    await freeze(desk)
    for text in (STAGE_TEXT[::-1], "another text, that the organiser likes better, and long enough"):
        assert await refused("h1", "type", text) == "wrong_phase"
    for step in ("open", "close", "freeze"):
        assert await refused("h1", step) == "wrong_phase"
    assert (await desk.post("heats", heat="h2", course="sprint")).json()["error"] == "published"
    await desk.step("start")
    site.pass_ms(COUNTDOWN_MS)
    await (await begun(site, twin)).move()
    assert await refused("h1-r1", "open") == "void_first"

    found = await published(site, desk)
    assert found.heat.public == f"stage:{STAGE_TEXT}".encode()
    assert await refused("h1", "open") == "wrong_phase"


async def test_an_organiser_tries_neither_texts_nor_reruns_out(ring_of_heats: Site) -> None:
    await choose_a_seed(ring_of_heats)


async def test_a_desk_that_lets_texts_be_tried_out_is_found_out(
    ring_of_heats: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_once = heats.Heats._type

    def type_again(self: Any, event: Any, one: Any, text: str, now: Any) -> Any:
        one.public = b""
        return type_once(self, event, one, text, now)

    monkeypatch.setattr(heats.Heats, "_type", type_again)
    site = ring_of_heats
    arena_heats = site.house.host.arena.heats
    arena_heats._steps = {**arena_heats._steps, heats.HeatStep.TYPE: arena_heats._type}  # type: ignore[dict-item]

    with pytest.raises(AssertionError):
        await choose_a_seed(site)
