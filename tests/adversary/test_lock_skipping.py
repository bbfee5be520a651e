"""Row 4 of the threat table: a client that shows no animation and moves as fast as it can, or a little faster.

The honest player beside the cheats moves in the very millisecond in which the board opens. Nobody can be quicker than
that, because a move that arrives in the tolerance before it counts at the lock's end.
"""

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from tests.support.adversary import Contender, race
from tests.support.adversary_referee import EARLY_MS, judge
from tests.support.site import Site

from knack_protocol.rules import run as rules_run
from knack_protocol.rules.log import ConnectionEvent, ConnectionKind
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.limits import RATE_PER_S, RESUME_EVERY_MS
from knack_protocol.wire.messages import Moved, Reject
from knack_server.core import player as core_player

pytestmark = pytest.mark.asyncio

HAMMER_EVERY_MS, HAMMER_FOR_MS = 40, 8_000
RATE_EVERY_MS = 1000 // RATE_PER_S

OVER = {RejectCode.LATE, RejectCode.OVER}


async def with_a_stopwatch(cheat: Contender) -> AsyncIterator[int]:
    """Send a move the moment that its predecessor is answered, again just before it is allowed, and again when it is."""
    while True:
        reply = await cheat.try_move()
        if isinstance(reply, Moved):
            yield cheat.moment(cheat.clock_ms)
        elif reply.code in OVER:
            return
        else:
            assert reply.code == RejectCode.EARLY
            yield cheat.moment(cheat.clock_ms + max(reply.wait_ms - 1, 1))


async def at_the_rate(cheat: Contender) -> AsyncIterator[int]:
    """Send a move as often as anybody may send anything."""
    while True:
        reply = await cheat.try_move()
        if isinstance(reply, Reject) and reply.code in OVER:
            return
        assert isinstance(reply, Moved) or reply.code == RejectCode.EARLY
        yield cheat.moment(cheat.clock_ms + RATE_EVERY_MS)


async def hammering(cheat: Contender) -> AsyncIterator[int]:
    """Send far more than anybody may, be thrown out for it, come back, go on; then play as if nothing had been."""
    began_ms = cheat.clock_ms
    while cheat.clock_ms < began_ms + HAMMER_FOR_MS:
        await cheat.try_move()
        peer = cheat.hand._entry.player.peer
        if peer is None or peer.is_closing:
            assert await cheat.line.closed() == CloseCode.FLOODING
            await cheat.hang_up()
            yield cheat.moment(cheat.clock_ms + RESUME_EVERY_MS)
            await cheat.come_back()
        yield cheat.moment(cheat.clock_ms + HAMMER_EVERY_MS)
    async for due_ms in cheat.honest():
        yield due_ms


async def skip_locks(site: Site, idle_ms: int = 0) -> None:
    """Let cheats race with an honest player, after so much of their time has passed, and see that it brings them nothing."""
    players = await Contender.enter(site, "Anna", "Stopwatch", "Ten a second", "Hammer")
    site.pass_ms(idle_ms)
    twin, stopwatch, rated, hammer = players
    await race(site, twin.honest(), with_a_stopwatch(stopwatch), at_the_rate(rated), hammering(hammer))

    judged = [await judge(site, player.run) for player in players]
    assert [one.score for one in judged] == [player.score for player in players]
    assert [move.t_eff for move in twin.replies] == [move.t_eff for move in stopwatch.replies]
    assert stopwatch.score == twin.score
    assert rated.score <= twin.score
    assert hammer.score <= twin.score
    assert min(move.t_arr - before.lock_end for before, move in pairwise(stopwatch.replies)) == -EARLY_MS
    kinds = [event.kind for event in judged[-1].events if isinstance(event, ConnectionEvent)]
    assert kinds[:2] == [ConnectionKind.LOST, ConnectionKind.RESUMED]


async def test_skipped_animations_and_moves_as_fast_as_possible_gain_nothing(ring: Site) -> None:
    await skip_locks(ring)


@pytest.mark.parametrize(
    ("where", "name", "weakness"),
    [
        (rules_run, "EARLY_TOLERANCE_MS", 151),
        (rules_run, "EARLY_TOLERANCE_MS", 10**6),
        (rules_run, "LOCK_SWAP_MS", 0),
        (core_player, "RATE_PER_S", 10**6),
    ],
    ids=["a millisecond of tolerance more", "no lock at all", "a short lock", "no rate"],
)
async def test_a_server_whose_lock_gives_way_is_found_out(
    where: Any, name: str, weakness: Any, ring: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, weakness)

    with pytest.raises(AssertionError):
        await skip_locks(ring, idle_ms=70_000)
