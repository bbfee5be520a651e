"""Row 10 of the threat table: somebody disconnects to think, or begins again and again until the board is a good one.

How a lost line is logged, and that a run goes on to its end without its player, is proved in
tests/server/core/test_sessions.py and tests/server/shell/test_host.py.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.adversary import Contender, open_ring, race
from tests.support.adversary_referee import judge, results, standings
from tests.support.site import Site

from knack_protocol.ids import CourseName
from knack_protocol.rules.log import ConnectionEvent, ConnectionKind, EndReason
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.limits import COUNTDOWN_MS, RESUME_EVERY_MS
from knack_protocol.wire.messages import Join, Joined, Leave, Prepare, Prepared, Reject, Start, Started
from knack_server.core.runs import Runs

pytestmark = pytest.mark.asyncio

AWAY_MS = 5000
CONNECTIONS_MAX = 60


async def dropping(cheat: Contender) -> AsyncIterator[int]:
    """Play a second, go away to think, come back to the same board, and go on."""
    async for due_ms in cheat.honest():
        if due_ms > cheat.moment(1000) and not cheat.line.is_closed and cheat.clock_ms < AWAY_MS:
            yield cheat.moment(1000)
            board = cheat.hand.mirror.run.board
            await cheat.hang_up()
            yield cheat.moment(1000 + AWAY_MS)
            resumed = await cheat.come_back()
            assert resumed.run == cheat.run
            assert resumed.board == board.symbols
            assert resumed.clock_ms == cheat.clock_ms == 1000 + AWAY_MS
        yield max(due_ms, cheat.moment(cheat.clock_ms))


async def drop_to_think(site: Site) -> None:
    twin, cheat = await Contender.enter(site, "Anna", "Mallory")

    await race(site, twin.honest(), dropping(cheat))

    judged = await judge(site, cheat.run)
    kinds = [event.kind for event in judged.events if isinstance(event, ConnectionEvent)]
    assert kinds == [ConnectionKind.LOST, ConnectionKind.RESUMED]
    assert judged.score == cheat.score < twin.score == (await judge(site, twin.run)).score
    site.pass_ms(10_000)
    assert {event.t for event in (await judge(site, cheat.run)).events if hasattr(event, "reason")} == {
        90_000
    }


async def test_disconnecting_to_think_gains_nothing_because_the_clock_runs_on(ring: Site) -> None:
    await drop_to_think(ring)


async def test_coming_back_seventy_times_gains_nothing_and_fills_no_log(ring: Site) -> None:
    twin, cheat = await Contender.enter(ring, "Anna", "Mallory")
    for _ in range(70):
        ring.pass_ms(RESUME_EVERY_MS)
        await cheat.come_back()  # the older connection is replaced
        if cheat.opens_ms <= cheat.clock_ms:
            await cheat.try_move()
            await twin.try_move()

    await race(ring, twin.honest(), cheat.honest())

    judged = await judge(ring, cheat.run)
    assert len([event for event in judged.events if isinstance(event, ConnectionEvent)]) == CONNECTIONS_MAX
    assert judged.score == cheat.score == twin.score


async def test_a_new_login_in_the_middle_of_a_run_does_not_bring_it_back(ring: Site) -> None:
    """Who leaves and joins anew is somebody else, with a run of their own and no time won for the old one."""
    twin, cheat = await Contender.enter(ring, "Anna", "Mallory")
    await race(ring, twin.honest(moves_max=3), cheat.honest(moves_max=3))
    line = cheat.line
    await line.ask(Leave)

    assert (await line.ask(Join, "Mallory")).code == RejectCode.NAME_TAKEN
    assert isinstance(await line.ask(Join, "Mallory again"), Joined)
    reply = await line.ask(Start, cheat.run, bytes(16))

    assert reply.code == RejectCode.NOT_YOUR_RUN
    ring.pass_ms(95_000)
    judged = await judge(ring, cheat.run)
    assert (judged.events[-1].reason, judged.events[-1].t) == (EndReason.TIME, 90_000)
    assert judged.score == cheat.score == twin.score


async def begin_again_and_again(site: Site) -> None:
    """Look at each board and begin anew until one is liked, in an event of two runs a player."""
    twin, cheat = await Contender.enter(site, "Anna", "Mallory")
    await race(site, twin.honest(moves_max=2), cheat.honest(moves_max=2))
    first = cheat.run
    (cheat,) = await Contender.begin(site, cheat.line)

    reply = await cheat.line.ask(Prepare, CourseName("sprint"))

    assert isinstance(reply, Reject)
    assert reply.code == RejectCode.NO_RUNS_LEFT
    abandoned = await judge(site, first)
    assert (abandoned.events[-1].reason, abandoned.score) == (EndReason.ABANDONED, twin.score)
    assert [row[4] for row in await standings(site)] == [twin.score, twin.score]


async def test_beginning_again_until_the_board_is_good_uses_runs_up_and_each_of_them_counts(
    tmp_path: Path,
) -> None:
    async with open_ring(tmp_path, runs_max=2) as site:
        await begin_again_and_again(site)


async def test_preparing_again_shows_no_other_seed_and_starting_twice_takes_no_other_nonce(
    ring: Site,
) -> None:
    line = await ring.player("Mallory")
    promises = [await line.ask(Prepare, CourseName("sprint")) for _ in range(5)]
    assert all(isinstance(promise, Prepared) for promise in promises)
    assert len({(promise.run, promise.commit) for promise in promises}) == 1

    started = [await line.ask(Start, promises[0].run, bytes([number] * 16)) for number in range(3)]

    assert isinstance(started[0], Started)
    assert [reply.code for reply in started[1:]] == [RejectCode.ALREADY_STARTED] * 2
    before = await results(ring)
    other = await line.ask(Prepare, CourseName("climb"))
    assert (await line.ask(Start, other.run, bytes(16))).code == RejectCode.TOO_SOON
    assert (await results(ring))["log"] == before["log"]
    ring.pass_ms(COUNTDOWN_MS)


_LOST, _BACK = Runs.player_lost, Runs.player_back


def stops_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock of a run stand while its player is away."""
    since: dict[Any, int] = {}

    def lost(self: Runs, player: Any, now: Any) -> None:
        _LOST(self, player, now)
        since[player] = now.ms

    def back(self: Runs, player: Any, now: Any, *, replaced: bool) -> None:
        player.play.zero_ms += now.ms - since.pop(player, now.ms)
        _BACK(self, player, now, replaced=replaced)

    monkeypatch.setattr(Runs, "player_lost", lost)
    monkeypatch.setattr(Runs, "player_back", back)


def forgets_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count only the runs that were played to their end."""
    counted = Runs.note_start

    def note_start(self: Runs, entry: Any) -> None:
        counted(self, entry)
        entry.player.runs_started_count -= 1

    monkeypatch.setattr(Runs, "note_start", note_start)


@pytest.mark.parametrize(
    ("weaken", "attack"),
    [(stops_the_clock, drop_to_think), (forgets_runs, begin_again_and_again)],
    ids=["a clock that waits", "runs that do not count"],
)
async def test_a_server_that_lets_somebody_stop_or_begin_again_is_found_out(
    weaken: Callable[[pytest.MonkeyPatch], None],
    attack: Callable[[Site], Awaitable[None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weaken(monkeypatch)

    async with open_ring(tmp_path, runs_max=2) as site:
        with pytest.raises(AssertionError):
            await attack(site)
