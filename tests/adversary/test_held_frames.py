"""Rows 6 and 7 of the threat table: frames are held back on their way, pongs are held back alone, times are claimed.

Somebody who holds frames back stands between a phone and the server. An honest player who plays the same swaps on the
same tiles, over a line without delay, must never be overtaken.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import msgpack
import pytest
from tests.support.adversary import Contender, race, reply_to
from tests.support.adversary_proxy import Delay, Proxy, begin_measured, through
from tests.support.adversary_referee import SPRINT_MS, judge, results
from tests.support.line import BINARY, PONG
from tests.support.site import Site

from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Move, Moved, Reject
from knack_server.core import play
from knack_server.core.play import Play

pytestmark = pytest.mark.asyncio

GRACE_MAX_MS = 250


def holding(ms: int, *opcodes: int) -> Delay:
    """Hold back every frame of these kinds for so long."""
    return lambda opcode, _number: ms if opcode in opcodes else 0


def undelayed(_opcode: int, _number: int) -> int:
    return 0


def pongs_alone(delay: Delay) -> Delay:
    """Hold back nothing but pongs: what has to be sent before T0 goes on at once."""
    return lambda opcode, number: delay(opcode, number) if opcode == PONG else 0


async def meet(site: Site, doors: AsyncExitStack, *delays: Delay) -> list[tuple[Contender, Proxy]]:
    """Let an honest player with a line without delay, and cheats with these ones, begin a run together."""
    ways = [await doors.enter_async_context(through(site, undelayed)) for _ in range(len(delays) + 1)]
    for number, (line, _) in enumerate(ways):
        await line.join(f"Mallory {number}" if number else "Anna")
    for (_, proxy), delay in zip(ways[1:], delays, strict=True):
        proxy.delay = pongs_alone(delay)
    contenders = await begin_measured(site, *ways)
    for (_, proxy), delay in zip(ways[1:], delays, strict=True):
        proxy.delay = delay
    return [(contender, proxy) for contender, (_, proxy) in zip(contenders, ways, strict=True)]


async def held_back(cheat: Contender, proxy: Proxy, think_ms: int = 0) -> AsyncIterator[int]:
    """Play over a line that holds frames back, sending as soon as the board is seen to open."""
    while True:
        yield cheat.moment(cheat.hand.mirror.run.lock_end_ms + think_ms)
        count = proxy.seen[BINARY]
        request = await cheat.line.send(Move, *cheat.fields())
        await proxy.has_seen(BINARY, count + 1)
        while proxy.due_ms is not None:
            yield proxy.due_ms
            await proxy.deliver()
        reply = cheat.take(await reply_to(cheat.line, request))
        if isinstance(reply, Reject):
            assert reply.code in {RejectCode.LATE, RejectCode.OVER}, reply
            return


async def hold_back(site: Site, delay_ms: int, think_ms: int = 0) -> tuple[Contender, Contender]:
    """Race somebody whose every frame is held back against an honest player; return both."""
    async with AsyncExitStack() as doors:
        (twin, _), (cheat, proxy) = await meet(site, doors, holding(delay_ms, BINARY, PONG))
        await race(site, twin.honest(think_ms), held_back(cheat, proxy, think_ms))
        for player in (twin, cheat):
            assert (await judge(site, player.run)).score == player.score > 0
        for ours, theirs in zip(twin.replies, cheat.replies, strict=False):
            assert ours.t_eff <= theirs.t_eff
        assert cheat.score <= twin.score
        return twin, cheat


async def hold_back_for_half_a_second(site: Site) -> None:
    twin, cheat = await hold_back(site, 500)

    assert cheat.hand.mirror.run.grace_ms == GRACE_MAX_MS
    assert cheat.score < twin.score


@pytest.mark.parametrize("think_ms", [0, 800], ids=["a bot", "somebody who thinks"])
@pytest.mark.parametrize("delay_ms", [50, 500, 5000])
async def test_frames_held_back_never_score_above_an_undelayed_twin(
    delay_ms: int, think_ms: int, ring: Site
) -> None:
    twin, cheat = await hold_back(ring, delay_ms, think_ms)

    assert cheat.hand.mirror.run.grace_ms == {50: 50, 500: GRACE_MAX_MS, 5000: 0}[delay_ms]
    assert (cheat.score == twin.score) == (delay_ms <= GRACE_MAX_MS)


async def test_moves_held_back_beyond_the_end_gain_nothing(ring: Site) -> None:
    """The last word is kept until the time is over, as somebody would who wants to think about it."""
    async with AsyncExitStack() as doors:
        (twin, _), (cheat, proxy) = await meet(ring, doors, undelayed)
        await race(ring, twin.honest(moves_max=5), cheat.honest(moves_max=5))
        proxy.delay = holding(SPRINT_MS, BINARY)
        count = proxy.seen[BINARY]
        request = await cheat.line.send(Move, *cheat.fields())
        await proxy.has_seen(BINARY, count + 1)
        ring.pass_ms(SPRINT_MS)
        before = await results(ring)

        await proxy.deliver()

        reply = await reply_to(cheat.line, request)
        assert reply.code == RejectCode.OVER
        assert await results(ring) == before
        assert (await judge(ring, cheat.run)).score == cheat.score == twin.score


async def test_a_burst_of_held_moves_is_one_move(ring: Site) -> None:
    """All that the board allows is sent at once, and let go when the lock ends: one is played, as for everybody."""
    async with AsyncExitStack() as doors:
        (twin, _), (cheat, proxy) = await meet(ring, doors, holding(400, BINARY))
        for _ in range(3):
            assert isinstance(await twin.try_move(), Moved)
            swaps = legal_swaps(cheat.hand.mirror.run.board)
            count = proxy.seen[BINARY]
            requests = [await cheat.line.send(Move, *cheat.hand.fields(*swap)) for swap in swaps]
            await proxy.has_seen(BINARY, count + len(swaps))
            ring.pass_ms(400)
            await proxy.deliver()
            replies = [await reply_to(cheat.line, request) for request in requests]
            assert [type(reply) for reply in replies] == [Moved, *[Reject] * (len(swaps) - 1)]
            assert {reply.code for reply in replies[1:]} == {RejectCode.OUT_OF_ORDER}
            cheat.take(replies[0])
            ring.pass_ms(3000)

        assert len((await judge(ring, cheat.run)).moves) == 3
        assert cheat.score == twin.score


async def test_a_move_that_claims_an_earlier_time_or_an_earlier_place_gains_nothing(ring: Site) -> None:
    twin, cheat = await Contender.enter(ring, "Anna", "Mallory")
    stale = cheat.fields()
    await race(ring, twin.honest(moves_max=3), cheat.honest(moves_max=3))
    ring.pass_ms(5000)
    before = await results(ring)

    for claim in (cheat.clock_ms - 5000, {"client_ms": 0}):
        await cheat.line.frame(BINARY, msgpack.packb([7, 99, *cheat.fields(), claim]))
        assert (await cheat.line.next(Reject)).code == RejectCode.MALFORMED
    assert (await cheat.line.ask(Move, *stale)).code == RejectCode.OUT_OF_ORDER

    assert await results(ring) == before
    await race(ring, twin.honest(moves_max=3), cheat.honest(moves_max=3))
    assert cheat.score == twin.score


# --- pongs ---


async def pongs_held_back(site: Site) -> None:
    async with AsyncExitStack() as doors:
        (twin, _), (cheat, _) = await meet(site, doors, holding(1000, PONG))

        assert (twin.hand.mirror.run.grace_ms, cheat.hand.mirror.run.grace_ms) == (0, GRACE_MAX_MS)
        await race(site, twin.honest(), cheat.honest())
        for player in (twin, cheat):
            assert (await judge(site, player.run)).score == player.score > 0
        assert [move.t_eff for move in cheat.replies] == [move.t_eff for move in twin.replies]
        assert cheat.score == twin.score


async def one_pong_held_back(site: Site) -> None:
    async with AsyncExitStack() as doors:
        (twin, _), (cheat, _), (steady, _) = await meet(
            site,
            doors,
            lambda opcode, number: 1000 if (opcode, number) == (PONG, 4) else 0,
            lambda opcode, number: 1000 if (opcode, number) == (PONG, 4) else 30 * (opcode == PONG),
        )

        graces = [player.hand.mirror.run.grace_ms for player in (twin, cheat, steady)]
        assert graces == [0, 0, 30]


async def test_pongs_held_back_for_a_second_earn_a_quarter_of_one_and_no_point(ring: Site) -> None:
    """For somebody as quick as the lock; what it is worth to somebody who thinks stands below."""
    await pongs_held_back(ring)


async def test_one_pong_held_back_changes_no_grace(ring: Site) -> None:
    await one_pong_held_back(ring)


async def test_pongs_held_back_make_nobody_more_than_the_grace_quicker(ring: Site) -> None:
    """The price of crediting slow lines: who feigns one gets up to 250 ms to think before each move, and not 1 ms more.

    This cheat thinks for 800 ms and scores like an honest player who thinks for 550: a fifth more moves. That is far more
    than 250 ms of a whole run, so a line whose pongs are late and whose moves are not deserves a moderator's look.
    """
    async with AsyncExitStack() as doors:
        (twin, _), (cheat, proxy) = await meet(ring, doors, holding(1000, PONG))
        await race(ring, twin.honest(think_ms=800 - GRACE_MAX_MS), held_back(cheat, proxy, think_ms=800))

        assert {move.t_arr - move.t_eff for move in cheat.replies} == {GRACE_MAX_MS}
        assert [move.t_eff for move in cheat.replies] == [move.t_eff for move in twin.replies]
        assert cheat.score == twin.score


@pytest.mark.parametrize(
    ("where", "name", "weakness", "attack"),
    [
        (play, "GRACE_MAX_MS", 1000, hold_back_for_half_a_second),
        (play, "GRACE_MAX_MS", 251, pongs_held_back),
        (Play, "measured_grace_ms", lambda self: min(max(self.round_trips_ms), 250), one_pong_held_back),
        (Play, "measured_grace_ms", lambda self: sum(self.round_trips_ms) // 15, one_pong_held_back),
        (Play, "clock_ms", lambda self, now: now.ms - self.zero_ms - 400, hold_back_for_half_a_second),
    ],
    ids=[
        "a larger grace",
        "a millisecond of grace more",
        "the longest round trip",
        "the mean",
        "a late clock",
    ],
)
async def test_a_server_that_credits_too_much_is_found_out(
    where: Any,
    name: str,
    weakness: Any,
    attack: Callable[[Site], Awaitable[None]],
    ring: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(where, name, weakness)

    with pytest.raises(AssertionError):
        await attack(ring)
