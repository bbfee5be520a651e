"""A server that is killed at any moment: what it acknowledged is there, and what was in play goes on."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any
from urllib.request import urlopen

import pytest
from tests.conftest import Size, Tally
from tests.support.arena import STAGE_TEXT
from tests.support.process import ServerProcess, run, serving

from knack_client import Desk, Player, Run
from knack_client.bots.policies import greedy
from knack_client.errors import Rejected, RunOver
from knack_client.mirror import Receipt
from knack_protocol.ids import RunId
from knack_protocol.rules.log import (
    ConnectionEvent,
    ConnectionKind,
    EndEvent,
    EndReason,
    Event,
    LevelEvent,
    LoggedEvent,
    decode,
)
from knack_protocol.rules.numbers import CONNECTIONS_MAX
from knack_protocol.rules.swaps import legal_swaps
from knack_server.shell.folder import DATABASE_NAME
from knack_server.store.opening import open_for_reading
from knack_server.store.queries import Queries

pytestmark = [pytest.mark.system, pytest.mark.asyncio]

SEED = 20_261_122
AT_STAKE_MS = 700
"""A kill comes at a random moment within this time after as many moves as there are players: about as long as a move locks."""

MOVES_A_RUN = 15
"""A bot begins anew after so many, long before its log has told of `CONNECTIONS_MAX` absences."""

MARK_WITHIN_MS = 1000
"""A clock's mark is never older (rules, section 6)."""

LATE_MS = 1500
"""What a busy machine may add to a mark's age, or to the time that a message takes."""

AWAY_S = 2
"""Longer than that; nobody's clock may show it."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path / "data") as started:
        yield started


class Eager(Random):
    """Waits the twentieth part of what it may before another try."""

    def random(self) -> float:
        return 0.05


class Bot:
    """Begins one climb after another, and plays as fast as the lock allows, whenever it may."""

    def __init__(self, number: int, may_play: asyncio.Event) -> None:
        self.runs: list[Run] = []
        self.moves = 0
        self._number = number
        self._random = Random(SEED + number)
        self._may_play = may_play

    @property
    def begun(self) -> list[Run]:
        """The runs whose T0 has come."""
        return [started for started in self.runs if started.is_begun]

    async def play(self, url: str) -> None:
        async with Player(url, f"Bot {self._number}", random=Eager()) as player:
            while True:
                started = await player.start("climb")
                self.runs.append(started)
                await started.begun()
                while not started.is_over and started.moves < MOVES_A_RUN:
                    await self._move(started)

    async def _move(self, started: Run) -> None:
        await started.unlocked()
        await self._may_play.wait()
        swap = self._random.choice(legal_swaps(started.board))
        try:
            await started.move(*swap)
            self.moves += 1
        except RunOver:
            await started.ended()
        except Rejected as refused:
            if not refused.may_retry:
                raise
            await asyncio.sleep(max(refused.wait_ms, 20) / 1000)


async def logs(folder: Path, runs: list[RunId]) -> dict[RunId, list[LoggedEvent]]:
    """Read the logs of runs from the store, beside a server or without one."""
    async with await open_for_reading(folder / DATABASE_NAME) as store:
        queries = Queries(store)
        found = {}
        for name in runs:
            stored = await queries.run_log(name)
            assert stored is not None, f"{name} is gone"
            found[name] = list(stored.events)
        return found


def missing(runs: list[Run], stored: dict[RunId, list[LoggedEvent]]) -> list[Any]:
    """List every receipt that the stored logs do not have, event for event and hash for hash."""
    events = {(run, event.seq): event.hash for run, log in stored.items() for event in log}
    return [
        (started.id, receipt)
        for started in runs
        for receipt in receipts(started)
        if events.get((started.id, receipt.seq)) != receipt.head
    ]


def receipts(started: Run) -> list[Receipt]:
    """What a run's player was told of its log; H0 stands before the first event."""
    return [receipt for receipt in started.receipts if receipt.seq]


def standings(server: ServerProcess, course: str = "climb") -> dict[str, Any]:
    with urlopen(f"{server.url}/api/standings?course={course}", timeout=20) as answer:
        document: dict[str, Any] = json.load(answer)
        return document


def exported(server: ServerProcess, course: str = "climb") -> dict[str, Any]:
    """The standings as the command line reads them from the store."""
    command = run(server.folder, "export", "--format", "json", "--course", course)
    assert command.returncode == 0, command.stderr
    document: dict[str, Any] = json.loads(command.stdout)
    return document


@pytest.mark.timeout(7_200)  # at full size
async def test_every_acknowledged_move_is_found_again_however_often_the_server_is_killed(
    server: ServerProcess, size: Size, tally: Tally
) -> None:
    kills = size("kills of a server", small=3, full=200)
    players = size("players who move as fast as the lock allows", small=6, full=48)
    print(f"seed {SEED}")
    random = Random(SEED)
    may_play = asyncio.Event()
    bots = [Bot(number, may_play) for number in range(players)]
    told = 0
    async with asyncio.TaskGroup() as playing:
        tasks = [playing.create_task(bot.play(server.url)) for bot in bots]
        for kill in range(kills):
            may_play.set()
            await until_moved(bots, players)
            await asyncio.sleep(random.uniform(0, AT_STAKE_MS) / 1000)
            await asyncio.to_thread(server.kill)
            may_play.clear()

            counting = sum(not started.is_begun for bot in bots for started in bot.runs[-1:])
            runs = [started for bot in bots for started in bot.begun]
            dead = await logs(server.folder, [started.id for started in runs])
            in_play = {run_id: len(log) for run_id, log in dead.items() if may_go_on(log)}
            assert missing(runs, dead) == [], f"kill {kill}"
            await asyncio.to_thread(server.start)

            for run_id, went_on in (await first_after(server.folder, in_play)).items():
                if isinstance(went_on, EndEvent):  # its time was up when the kill came
                    assert went_on.reason is EndReason.TIME, f"{run_id} after kill {kill}"
                else:
                    assert isinstance(went_on, ConnectionEvent), f"{run_id} after kill {kill}"
                    assert went_on.kind is ConnectionKind.SERVER_AWAY, f"{run_id} after kill {kill}"
            told = sum(len(receipts(started)) for started in runs)
            print(
                f"kill {kill + 1}: {len(in_play)} runs in play went on, {counting} were in their countdown; "
                f"{told} acknowledged events found again"
            )
        may_play.set()
        for bot in bots:
            await until_moved([bot], 1)
        for task in tasks:
            task.cancel()

    runs = [started for bot in bots for started in bot.begun]
    stored = await logs(server.folder, [started.id for started in runs])
    assert missing(runs, stored) == []
    for events in stored.values():
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
    tally("acknowledged events, all found again", sum(len(receipts(started)) for started in runs))
    tally("of them acknowledged before the last kill", told)


def may_go_on(events: list[LoggedEvent]) -> bool:
    """Tell whether a run's next event says that the server was away: not when it has ended, or had too much to say."""
    written = [decode(event.payload) for event in events]
    has_ended = bool(written) and isinstance(written[-1], EndEvent)
    return not has_ended and sum(isinstance(event, ConnectionEvent) for event in written) < CONNECTIONS_MAX


async def until_moved(bots: list[Bot], count: int) -> None:
    """Wait until so many moves more have been acknowledged."""
    before = sum(bot.moves for bot in bots)
    async with asyncio.timeout(200):
        while sum(bot.moves for bot in bots) < before + count:
            await asyncio.sleep(0.01)


async def first_after(folder: Path, counts: dict[RunId, int]) -> dict[RunId, Event]:
    """Wait for the first event of each run's log beyond the count of those that were there."""
    found: dict[RunId, Event] = {}
    async with asyncio.timeout(120):
        while left := [run_id for run_id in counts if run_id not in found]:
            await asyncio.sleep(0.1)
            for run_id, log in (await logs(folder, left)).items():
                if len(log) > counts[run_id]:
                    found[run_id] = decode(log[counts[run_id]].payload)
    return found


async def test_a_kill_costs_nobody_time_and_changes_no_standing_by_a_byte(server: ServerProcess) -> None:
    async with (
        Player(server.url, "Ada", random=Eager()) as ada,
        Player(server.url, "Grace", random=Eager()) as grace,
    ):
        runs = [await ada.start("sprint"), await grace.start("sprint")]
        for started in runs:
            await started.begun()
        for _ in range(2):
            for started in runs:
                await started.unlocked()
                await started.move(*legal_swaps(started.board)[0])
        before = await asyncio.to_thread(standings, server, "sprint")

        clocks, looked = [started.clock_ms for started in runs], monotonic()
        await asyncio.to_thread(server.kill)
        killing_ms = 1000 * (monotonic() - looked)
        assert (await asyncio.to_thread(exported, server, "sprint"))["rows"] == before["rows"]
        await asyncio.sleep(AWAY_S)
        await asyncio.to_thread(server.start)
        after = await asyncio.to_thread(standings, server, "sprint")
        for started in runs:
            await started.unlocked()

        assert (after["rows"], after["sha256"]) == (before["rows"], before["sha256"])
        assert after["epoch"] != before["epoch"]
        assert [row[6] for row in after["rows"]] == [1, 1]
        stored = await logs(server.folder, [started.id for started in runs])
        for started, clock_ms in zip(runs, clocks, strict=True):
            went_on = decode(stored[started.id][2].payload)
            assert isinstance(went_on, ConnectionEvent)
            assert went_on.kind is ConnectionKind.SERVER_AWAY
            assert clock_ms - MARK_WITHIN_MS - LATE_MS <= went_on.t <= clock_ms + killing_ms + LATE_MS
            score = started.score
            outcome = await started.move(*legal_swaps(started.board)[0])
            assert started.score == score + outcome.points
        assert ada.connections == grace.connections == 2
    assert server.complained == []


async def test_a_kill_in_a_countdown_between_two_levels_and_in_a_heat_loses_no_acknowledged_move(
    server: ServerProcess, tally: Tally
) -> None:
    async with (
        Player(server.url, "Ada", random=Eager()) as climber,
        Player(server.url, "Grace", random=Eager()) as starter,
        Player(server.url, "Hedy", random=Eager()) as racer,
        Desk(server.url, server.desk_token) as desk,
    ):
        await desk.prepare_heat("h1", "sprint")
        await desk.publish_commitments()
        await desk.step_heat("h1", "open")
        await racer.gather("h1")
        for step, text in (("freeze", ""), ("type", STAGE_TEXT), ("start", "")):
            await desk.step_heat("h1", step, text)
        climb, race = await climber.start("climb"), await racer.called("h1")
        async with asyncio.TaskGroup() as playing:
            is_up = playing.create_task(until_the_next_level(climb))
            racing = playing.create_task(race_along(race))
            await is_up
            sprint = await starter.start("sprint")
            await asyncio.to_thread(server.kill)
            racing.cancel()
        print(f"in its countdown: {not sprint.is_begun}, {climb.locked_ms} ms before the next level")
        assert race.moves > 0

        played = [climb, race]
        dead = await logs(server.folder, [started.id for started in (*played, sprint)])
        assert missing(played, dead) == []
        assert dead[sprint.id] == []
        kinds = [type(decode(event.payload)) for event in dead[climb.id]]
        assert kinds.count(LevelEvent) == 1
        await asyncio.to_thread(server.start)

        await sprint.begun()
        for started in (sprint, climb):
            moves = started.moves
            while started.moves == moves:
                await started.unlocked()
                assert not started.is_over
                with suppress(Rejected):
                    await started.move(*legal_swaps(started.board)[0])
        assert climb.level == 1
        alive = await logs(server.folder, [started.id for started in (*played, sprint)])
        assert missing([*played, sprint], alive) == []
        for started in played:
            assert alive[started.id][: len(dead[started.id])] == dead[started.id]
        tally(
            "acknowledged events, all found again",
            sum(len(receipts(started)) for started in (*played, sprint)),
        )
        (heat,) = await desk.heats()
        assert (heat["phase"], heat["interrupted"]) in {("waiting", True), ("running", True)}
    assert server.complained == []


async def until_the_next_level(climb: Run) -> None:
    """Play until a move opens the next level, which begins a moment later."""
    random = Random(SEED)
    await climb.begun()
    while climb.level == 0:
        await climb.unlocked()
        assert not climb.is_over, "a minute is enough for a thousand points"
        swap = greedy(climb.board, random)
        assert swap is not None
        with suppress(Rejected):  # too early, on a line whose length changes
            await climb.move(*swap)


async def race_along(race: Run) -> None:
    """Play whenever a lock has ended, until the server is gone."""
    await race.begun()
    while not race.is_over:
        await race.unlocked()
        with suppress(Rejected):
            await race.move(*legal_swaps(race.board)[0])
