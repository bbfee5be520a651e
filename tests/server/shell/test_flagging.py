"""Flags over HTTP: worked out beside the server, seen by the desk alone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio
from tests.support.arena import STAGE_TEXT
from tests.support.site import Hand, Site

from knack_protocol.ids import CourseName, HeatId
from knack_protocol.rules.numbers import COUNTDOWN_MS
from knack_protocol.wire.messages import Begin, Gather, Live, Prepare, Snapshot, Start, View, Watch
from knack_server.core.flags.detectors import DETECTORS
from knack_server.shell.examiner import NICENESS

pytestmark = pytest.mark.asyncio

SPRINT = CourseName("sprint")
RUN_OVER_MS = 100_000


async def played(site: Site, name: str, moves: int = 12) -> Hand:
    hand = await site.play(await site.player(name), moves)
    site.pass_ms(RUN_OVER_MS)
    await site.settled()
    return hand


Ask = Callable[..., Awaitable[httpx.Response]]


@pytest_asyncio.fixture
async def flags(site: Site) -> Ask:
    """Ask for a run's flags as a moderator."""
    headers = await site.desk()

    async def ask(run: str, query: str = "") -> httpx.Response:
        return await site.http.get(f"/api/desk/runs/{run}/flags{query}", headers=headers)

    return ask


def numbers(report: dict[str, Any]) -> dict[str, float | None]:
    return {flag["kind"]: flag["number"] for flag in report["flags"]}


async def test_a_run_is_reported_on_with_every_detector_and_all_that_a_moderator_has_to_know(
    site: Site, flags: Ask
) -> None:
    hand = await played(site, "Mia")

    report = (await flags(hand.run)).json()

    assert report["run"] == hand.run
    assert (report["moves"], report["resamples"], report["others"]) == (12, 40, 0)
    assert [flag["kind"] for flag in report["flags"]] == [detector.kind for detector in DETECTORS]
    for flag in report["flags"]:
        assert flag["causes"]
        assert set(flag["honest"]) == {"flagged", "of", "least", "most"}
        assert set(flag["seqs"]) <= set(range(1, 20))
    leak = report["flags"][0]
    assert isinstance(leak["number"], float)
    assert len(leak["seqs"]) == 10


async def test_two_hundred_resamples_come_on_demand_and_nothing_else_does(site: Site, flags: Ask) -> None:
    hand = await played(site, "Mia")
    usual, closer = [(await flags(hand.run, query)).json() for query in ("", "?resamples=200")]

    assert closer["resamples"] == 200
    assert closer["seed"] != usual["seed"]
    assert numbers(closer)["leak"] != numbers(usual)["leak"]
    assert numbers(closer)["riding"] == numbers(usual)["riding"]
    assert [(await flags(hand.run, f"?resamples={odd}")).status_code for odd in ("41", "-1", "x")] == [
        400
    ] * 3


async def test_a_run_is_held_against_the_others_and_with_the_same_players_runs(
    site: Site, flags: Ask
) -> None:
    mia = await played(site, "Mia")
    second = await site.play(mia.line, 12)
    site.pass_ms(RUN_OVER_MS)
    for name in ("Jörg", "Ömer"):
        await played(site, name)

    report = (await flags(second.run)).json()

    assert report["others"] == 2
    together = next(flag for flag in report["flags"] if flag["kind"] == "leak_all")
    assert together["facts"] == {"runs": 2, "moves": 24}


async def test_a_run_of_a_heat_is_held_against_its_heat_once_its_boards_may_be_seen(
    site: Site, flags: Ask
) -> None:
    desk = await site.desk("eve")
    solo = await played(site, "Mia")
    hands = await heat(site, desk, "Jörg", "Ömer")
    for _ in range(30):  # both make the first swap that is legal
        for hand in hands:
            await hand.move()
    during = (await flags(hands[0].run)).json()
    site.pass_ms(RUN_OVER_MS)
    await site.settled()

    report = (await flags(hands[0].run)).json()

    twin = next(flag for flag in report["flags"] if flag["kind"] == "twin")
    assert during is None
    assert report["others"] == 1
    assert (twin["facts"]["run"], twin["facts"]["swaps"]) == (hands[1].run, 30)
    assert (await flags(solo.run)).json()["others"] == 0


async def heat(site: Site, desk: dict[str, str], *names: str) -> list[Hand]:
    """Gather players for a heat on shared tiles, and let it begin."""

    async def post(path: str, **body: str | int) -> None:
        answer = await site.http.post(f"/api/desk/{path}", json=body, headers=desk)
        assert answer.is_success, answer.text

    await post("heats", heat="h1", course="sprint", scope="heat", reruns=0)
    await post("commitments")
    await post("heats/h1", step="open")
    lines = [await site.player(name) for name in names]
    for line in lines:
        await line.ask(Gather, HeatId("h1"))
    for step, text in (("freeze", ""), ("type", STAGE_TEXT), ("start", "")):
        await post("heats/h1", step=step, text=text)
    site.pass_ms(COUNTDOWN_MS)
    begins = [await line.next(Begin) for line in lines]
    return [
        Hand(site, line, begin, begin.commit, heat="h1") for line, begin in zip(lines, begins, strict=True)
    ]


async def test_a_run_in_play_is_reported_on_as_it_stands(site: Site, flags: Ask) -> None:
    hand = await site.play(await site.player("Mia"), 3)
    before = (await flags(hand.run)).json()
    await hand.move()
    after = (await flags(hand.run)).json()

    assert (before["moves"], after["moves"]) == (3, 4)


async def test_there_is_no_report_before_t0(site: Site, flags: Ask) -> None:
    line = await site.player("Mia")
    prepared = await line.ask(Prepare, SPRINT)
    await line.ask(Start, prepared.run, bytes(16))

    answer = await flags(prepared.run)

    assert (answer.status_code, answer.json()) == (200, None)


async def test_nobody_but_the_desk_sees_flags(site: Site, flags: Ask) -> None:
    hand = await played(site, "Mia")
    path = f"/api/desk/runs/{hand.run}/flags"

    assert (await site.http.get(path)).status_code == 401
    assert (
        await site.http.get(path, headers={"Authorization": f"Bearer {hand.line.token}"})
    ).status_code == 401
    assert (await flags("run-nobody-played")).status_code == 404
    assert (await flags(hand.run)).headers["cache-control"] == "no-store"


async def test_a_flag_changes_nothing_and_is_told_to_nobody(site: Site, flags: Ask) -> None:
    hand = await played(site, "Mia", 20)
    watcher = await site.watcher()
    await watcher.ask(Watch, SPRINT, View.TOP, 0, 0)
    await watcher.next(Snapshot)
    before = (await site.http.get("/api/standings?course=sprint")).json()
    heard = len(watcher.told)

    assert (await flags(hand.run)).json()["needs_review"]

    await site.settled()
    after = (await site.http.get("/api/standings?course=sprint")).json()
    acts = await site.http.get("/api/desk/acts", headers=await site.desk("bob"))
    assert after == before
    assert acts.json() == {"acts": []}
    assert [message for message in watcher.told[heard:] if not isinstance(message, Live)] == []


async def test_the_server_goes_on_while_flags_are_worked_out_in_a_process_that_stands_back(
    site: Site, flags: Ask
) -> None:
    hand = await played(site, "Mia")
    asked = asyncio.create_task(flags(hand.run, "?resamples=200"))
    answers = []
    while not asked.done():
        answers.append((await site.http.get("/healthz")).status_code)

    assert (await asked).status_code == 200
    assert set(answers) == {200}
    assert len(answers) > 20  # a process has to start; each of these takes a millisecond or two
    assert {process.nice() for process in psutil.Process().children() if _examines(process)} == {NICENESS}


async def test_a_process_that_was_killed_is_followed_by_another_one(site: Site, flags: Ask) -> None:
    hand = await played(site, "Mia")
    await flags(hand.run)
    for process in psutil.Process().children():
        if _examines(process):
            process.kill()
            process.wait()

    assert (await flags(hand.run, "?resamples=200")).status_code == 200


def _examines(process: psutil.Process) -> bool:
    return any("examiner" in part for part in process.cmdline())
