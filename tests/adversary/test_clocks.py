"""Row 25 of the threat table: the wall clock is set, or the server's loop stands still for a moment.

All of it on a server whose clocks stand still between a test's steps: a stall is time that passes while nobody reads what
lies in the kernel. Before a run that is in play is marked as disturbed there have to be heats.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.adversary import Contender, race, reply_to, until
from tests.support.adversary_referee import EARLY_MS, judge
from tests.support.arena import World
from tests.support.line import BINARY, PONG, masked_frame
from tests.support.site import Hand, Site, StillClock, open_site

from knack_protocol.ids import CourseName, EventId
from knack_protocol.wire import codec
from knack_protocol.wire.codec import encode
from knack_protocol.wire.limits import COUNTDOWN_MS, COUNTDOWN_PING_EVERY_MS, COUNTDOWN_PONGS_MIN
from knack_protocol.wire.messages import Begin, Ended, Move, Moved, Prepare, Resumed, Start, Started
from knack_server.core.instant import Instant
from knack_server.core.play import Play
from knack_server.shell import host

HOUR_MS = 3_600_000
STALL_MS = 300
"""As long as a full garbage collection or a slow disk may take away the loop."""

STALLS = 3
"""One after another, while a single command is read."""

STALLED = 3
"""Which ping of a countdown the stall meets."""

IDLE_MS = 60_000
"""A run's last half minute is long enough."""

# --- the wall clock ---


async def stepping(clock: StillClock, cheat: Contender, by_ms: int) -> AsyncIterator[int]:
    """Set the wall clock forth or back before every move."""
    async for due_ms in cheat.honest():
        yield due_ms
        clock.stepped_ms += by_ms


async def step_the_wall_clock(site: Site, by_ms: int) -> None:
    """Play a run while the wall clock steps, and one in which it stands; both have to be the same."""
    assert isinstance(site.clock, StillClock)
    (twin,) = await Contender.enter(site, "Anna")
    site.pass_ms(IDLE_MS)
    await race(site, twin.honest())
    site.pass_ms(10_000)
    (stepped,) = await Contender.enter(site, "Berta")
    site.pass_ms(IDLE_MS)

    await race(site, stepping(site.clock, stepped, by_ms))
    site.pass_ms(10_000)

    assert [timed(move) for move in stepped.replies] == [timed(move) for move in twin.replies]
    ended = [(told.t, told.score) for told in [await player.line.next(Ended) for player in (twin, stepped)]]
    assert ended == [(90_000, twin.score)] * 2
    for player in (twin, stepped):
        assert (await judge(site, player.run)).score == twin.score > 0


def timed(move: Moved) -> tuple[int, ...]:
    return move.verdict, move.t_arr, move.t_eff, move.lock_end, move.score


@pytest.mark.asyncio
@pytest.mark.parametrize("by_ms", [HOUR_MS, -HOUR_MS])
async def test_a_wall_clock_set_by_an_hour_changes_no_verdict(by_ms: int, ring: Site) -> None:
    await step_the_wall_clock(ring, by_ms)


@pytest.mark.parametrize("by_ms", [HOUR_MS, -HOUR_MS, 0])
def test_a_wall_clock_set_while_the_server_is_away_changes_no_runs_clock(by_ms: int) -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    hand.move()
    world.pass_ms(10_200)

    after = world.restarted(after_ms=2000 + by_ms)
    again = after.phone()
    again.hello(token=phone.token)

    resumed = again.last(Resumed)
    assert (resumed.run, resumed.clock_ms) == (hand.run, 9_600)  # the last mark before the end
    after.pass_ms(80_440)
    assert again.last(Ended).t == 90_000


@pytest.mark.asyncio
async def test_a_server_that_goes_by_the_wall_clock_is_found_out(
    ring: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Play, "clock_ms", lambda self, now: now.unix_ms - self.t0_unix_ms)

    with pytest.raises(AssertionError):
        await step_the_wall_clock(ring, 60_000)


# --- the loop ---


def stall(site: Site) -> None:
    """Take the loop away from everybody for a while, as a long garbage collection does: time passes, and nothing else."""
    site.clock.ahead_ms += STALL_MS


def push(hand: Hand, swap: tuple[int, int]) -> int:
    """Give a move to the kernel without the loop's help; return its request."""
    req = next(hand.line._reqs)
    frame = masked_frame(BINARY, encode(Move(req, *hand.fields(*swap))))
    assert hand.line._socket.send(frame) == len(frame)
    return req


async def meet(site: Site, *names: str) -> list[Hand]:
    """Begin a run each."""
    return [await site.begin(await site.player(name)) for name in names]


def clock_of(hand: Hand) -> int:
    assert hand._entry.play is not None
    return hand._entry.play.clock_ms(hand.site.clock.now())


async def moved(hand: Hand, req: int, swap: tuple[int, int]) -> Moved:
    reply = await reply_to(hand.line, req)
    assert isinstance(reply, Moved), reply
    hand.mirror.moved(reply, *swap)
    return reply


@pytest.mark.asyncio
async def test_a_stall_costs_who_waits_in_it_no_more_than_itself_and_nobody_else_anything(
    tmp_path: Path,
) -> None:
    """Three players: one moved before the stall, one in it while the board was locked, one in it with an open board."""
    async with open_site(tmp_path, clock=StillClock) as site:
        before, locked, waiting = hands = await meet(site, "Anna", "Berta", "Clara")
        await before.move()
        await locked.move()
        locked_until = locked.mirror.run.lock_end_ms
        site.pass_ms(max(locked_until - EARLY_MS // 2 - clock_of(locked), 0))

        swaps = [tuple(hand.swap()) for hand in (locked, waiting)]
        sent_ms = [clock_of(hand) for hand in (locked, waiting)]
        requests = [push(hand, swap) for hand, swap in zip((locked, waiting), swaps, strict=True)]
        stall(site)
        replies = [
            await moved(hand, req, swap)
            for hand, req, swap in zip((locked, waiting), requests, swaps, strict=True)
        ]

        for sent, reply in zip(sent_ms, replies, strict=True):
            assert reply.t_arr == sent + STALL_MS
        assert replies[0].t_eff == max(replies[0].t_arr - locked.mirror.run.grace_ms, locked_until)
        # a part of the stall was hidden by the lock
        assert replies[0].t_eff - locked_until <= STALL_MS - EARLY_MS // 2
        for hand in hands:
            await hand.move()  # and everybody's chain goes on


@pytest.mark.asyncio
async def test_a_stall_over_t0_begins_nobodys_run_early_and_takes_no_more_than_itself(tmp_path: Path) -> None:
    async with open_site(tmp_path, clock=StillClock) as site:
        line = await site.player("Anna")
        promise = await line.ask(Prepare, CourseName("sprint"))
        started = await line.ask(Start, promise.run, bytes(16))
        assert isinstance(started, Started)
        site.pass_ms(COUNTDOWN_MS - STALL_MS // 2)
        stall(site)
        site.pass_ms(0)
        hand = Hand(site, line, await line.next(Begin), promise.commit)

        assert clock_of(hand) == STALL_MS // 2
        assert hand.mirror.run.grace_ms == 0
        await hand.move()


@pytest.mark.asyncio
async def test_a_stall_in_the_countdown_credits_nobody_for_a_slow_line(tmp_path: Path) -> None:
    async with open_site(tmp_path, clock=StillClock) as site:
        line = await site.player("Anna")
        promise = await line.ask(Prepare, CourseName("sprint"))
        await line.ask(Start, promise.run, bytes(16))
        play = site.house.host.arena.floor.events[EventId("demo")].runs[promise.run].play
        assert play is not None
        for number in range(COUNTDOWN_PONGS_MIN):
            await line.pinged(number)
            if number == STALLED:  # the answer lies in the kernel, and nobody comes for it
                line._socket.send(masked_frame(PONG, line.pings[-1]))
                stall(site)
            await until(lambda number=number: len(play.round_trips_ms) > number)
            line.answers_pings = number + 1 != STALLED
            site.pass_ms(COUNTDOWN_PING_EVERY_MS)
        site.pass_ms(COUNTDOWN_MS)

        begin = await line.next(Begin)
        assert sorted(play.round_trips_ms) == [*[0] * (COUNTDOWN_PONGS_MIN - 1), STALL_MS]
        assert begin.grace_ms == 0


async def stamp_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make reading a command take as long as a stall; the move counts from before that."""
    (hand,) = await meet(site, "Anna")
    await hand.move()
    hand.pass_lock()
    decode = codec.decode_command

    def slowly(frame: bytes) -> Any:
        for _ in range(STALLS):
            stall(site)
        return decode(frame)

    monkeypatch.setattr(host, "decode_command", slowly)
    swap, sent_ms = tuple(hand.swap()), clock_of(hand)
    reply = await moved(hand, await hand.line.send(Move, *hand.fields(*swap)), swap)

    assert reply.t_arr == sent_ms


@pytest.mark.asyncio
async def test_a_move_is_stamped_before_anything_is_done_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_site(tmp_path, clock=StillClock) as site:
        await stamp_first(site, monkeypatch)


@pytest.mark.asyncio
async def test_a_server_that_stamps_a_move_when_it_has_read_it_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def received(self: Any, connection: Any, frame: bytes, now: Instant) -> None:
        del now
        command = host.decode_command(frame)
        self._hear(connection, lambda: self.arena.receive(connection, command, self.clock.now()))

    monkeypatch.setattr(host.Host, "received", received)

    async with open_site(tmp_path, clock=StillClock) as site:
        with pytest.raises(AssertionError):
            await stamp_first(site, monkeypatch)
