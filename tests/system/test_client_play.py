"""The Python client against a real server process: crowds of bots, a server that dies, moderators, the terminal."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tests.browser.venue import Venue

from knack_client import Desk, Player, Run, Watcher
from knack_client.api import Api
from knack_client.bots.playing import play
from knack_client.bots.skills import SKILLS
from knack_client.errors import Replaced
from knack_protocol.rules.log import EndReason
from knack_protocol.rules.run import Verdict

pytestmark = [pytest.mark.system, pytest.mark.asyncio]


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    venue = Venue(tmp_path / "data").start()
    yield venue
    venue.stop()


async def play_moves(run: Run, count: int, seed: int) -> int:
    """Play so many legal moves as fast as the lock allows, and return what they made: points, and bonuses of levels."""
    random, fast, points = Random(seed), SKILLS["fast"], 0
    for _ in range(count):
        await run.unlocked()
        swap = fast.choose(run.board, random)
        assert swap is not None
        outcome = await run.move(*swap)
        assert outcome.verdict is Verdict.OK
        points += outcome.points + (outcome.level.bonus if outcome.level is not None else 0)
    return points


async def same_rows(venue: Venue, watcher: Watcher) -> None:
    """Hold what a watcher shows, at the version at which the server says it, against what the server says."""
    said = await Api(venue.url).get("/api/standings", course=watcher.standings.course)
    shown = await watcher.reached(said["epoch"], said["version"])
    assert (shown.epoch, shown.version) == (said["epoch"], said["version"])
    assert [list(row) for row in shown.rows] == said["rows"]


async def test_bots_play_at_once_and_a_watcher_ends_with_the_servers_rows(venue: Venue) -> None:
    async def bot(number: int) -> Run:
        async with Player(venue.url, f"Bot {number}") as player:
            run = await player.start("climb")
            await run.begun()
            await play_moves(run, 8, seed=number)
            await player.start("climb")  # which ends the first one at once
            assert (await run.ended()).reason == EndReason.ABANDONED
            return run

    async with Watcher(venue.url, "climb") as watcher:
        runs = await asyncio.gather(*(bot(number) for number in range(1, 7)))
        await watcher.reached(*max(run.shown_by for run in runs))
        await same_rows(venue, watcher)

    rows = {row.run: row for row in watcher.standings.rows}
    for run in runs:
        assert rows[run.id].score == run.score > 0
        assert len(run.receipts) == 10  # H0, eight moves, the end
        assert all(receipt.is_checked for receipt in run.receipts)


async def test_a_server_that_dies_takes_nothing_with_it_that_it_had_acknowledged(venue: Venue) -> None:
    async with (
        Player(venue.url, "Ada") as ada,
        Player(venue.url, "Grace") as grace,
        Watcher(venue.url, "climb") as watcher,
    ):
        runs = [await player.start("climb") for player in (ada, grace)]
        for run in runs:
            await run.begun()
        await asyncio.gather(*(play_moves(run, 4, seed) for seed, run in enumerate(runs)))
        before = [run.score for run in runs]

        await asyncio.to_thread(venue.kill)
        await asyncio.to_thread(venue.start)
        points = await asyncio.gather(*(play_moves(run, 4, seed) for seed, run in enumerate(runs)))

        for run, score, gained in zip(runs, before, points, strict=True):
            assert run.score == score + gained
        assert ada.connections == grace.connections == 2
        assert [run.moves for run in runs] == [8, 8]
        # Only the resume's own word could not be recomputed: it counts events whose times the server alone knows.
        assert [sum(not receipt.is_checked for receipt in run.receipts) for run in runs] == [1, 1]
        await watcher.reached(*max(run.shown_by for run in runs))
        await same_rows(venue, watcher)


async def test_a_countdown_that_the_server_does_not_live_through_costs_its_player_nothing(
    venue: Venue,
) -> None:
    async with Player(venue.url, "Ada") as player:
        run = await player.start("sprint")
        await asyncio.to_thread(venue.kill)
        await asyncio.sleep(3)  # T0 comes and goes
        await asyncio.to_thread(venue.start)
        await run.begun()
        assert run.remaining_ms > 85_000
        points = await play_moves(run, 3, seed=1)
    assert run.score == points
    assert [receipt.is_checked for receipt in run.receipts] == [False, True, True, True]


async def test_a_player_goes_on_in_another_process_and_the_first_one_stays_away(venue: Venue) -> None:
    async with Player(venue.url, "Ada") as first:
        run = await first.start("sprint")
        await run.begun()
        await play_moves(run, 3, seed=1)
        async with Player(venue.url, "", token=first.token) as second:
            found = second.run
            assert found is not None
            assert (found.id, found.score, found.board, found.moves) == (run.id, run.score, run.board, 3)
            await play_moves(found, 2, seed=2)
            assert second.name == "Ada"
            with pytest.raises(Replaced):
                await run.ended()


async def test_moderators_void_and_restore_and_hide_and_every_watcher_sees_it(venue: Venue) -> None:
    async with (
        Player(venue.url, "Ada") as ada,
        Watcher(venue.url, "sprint") as watcher,
        Desk(venue.url, venue.desk_token) as desk,
    ):
        run = await ada.start("sprint")
        await run.begun()
        await play_moves(run, 3, seed=1)
        live = await desk.watch("sprint")
        await live.reached(*run.shown_by)
        assert live.standings.rows[0].run == run.id

        hidden = await desk.hide_name(ada.id, "a test")
        assert await shown_names(watcher, lambda names: names == [""]) == [""]
        await desk.undo(hidden["number"], "a test is over")
        assert await shown_names(watcher, lambda names: names == ["Ada"]) == ["Ada"]
        await desk.replace_name(ada.id, "Guest", "a test")
        assert await shown_names(watcher, lambda names: names != ["Ada"]) == ["Guest"]

        await desk.void(run.id, "a test")
        assert (await run.ended()).reason == EndReason.VOIDED
        assert await shown_names(watcher, lambda names: not names) == []
        await desk.restore(run.id, "a test is over")
        assert await shown_names(watcher, bool) == ["Guest"]

        assert [act["kind"] for act in await desk.acts()] == [
            "restore",
            "void",
            "replace_name",
            "undo",
            "hide_name",
        ]
        document = await desk.run(run.id)
        assert [event["seq"] for event in document["events"]] == list(range(1, len(document["events"]) + 1))
        assert document["replay"]["moves"][-1]["board"] == run.board.digits
        assert (await desk.runs("sprint", "ada"))["total"] == 1
        assert all(receipt.is_checked for receipt in run.receipts)


async def shown_names(watcher: Watcher, is_there) -> list[str]:
    async with asyncio.timeout(60):
        async for standings in watcher:
            names = [row.name for row in standings.rows]
            if is_there(names):
                return names
    raise AssertionError("a watcher never ends")


async def knackpunkt(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from knack_server.cli import main; main()",
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


async def test_the_terminal_shows_a_bot_and_the_standings_line_by_line(venue: Venue) -> None:
    watching = await knackpunkt("watch", "--url", venue.url)
    playing = await knackpunkt("play", "--url", venue.url, "--bot", "fast", "--seed", "1")
    assert playing.stdout is not None
    assert watching.stdout is not None
    async with asyncio.timeout(60):
        assert b"Bot fast plays sprint" in await playing.stdout.readline()
        for _ in range(3):
            assert b"score" in await playing.stdout.readline()
        while b"Bot fast" not in await watching.stdout.readline():
            pass
        for process in (playing, watching):
            process.send_signal(signal.SIGINT)
            await process.communicate()
            assert process.returncode == 130


@pytest.mark.slow
async def test_whole_sprints_of_every_skill_end_in_time_with_every_receipt_checked(venue: Venue) -> None:
    async def bot(name: str) -> Run:
        async with Player(venue.url, f"Bot {name}") as player:
            run = await player.start("sprint")
            ended = await play(run, SKILLS[name], Random(1))
            assert (ended.reason, ended.score, ended.moves) == (EndReason.TIME, run.score, run.moves)
            return run

    async with Watcher(venue.url, "sprint") as watcher:
        runs = await asyncio.gather(*map(bot, SKILLS))
        await watcher.reached(*max(run.shown_by for run in runs))
        await same_rows(venue, watcher)
    assert all(receipt.is_checked for run in runs for receipt in run.receipts)
