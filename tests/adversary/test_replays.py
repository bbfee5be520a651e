"""Row 3 of the threat table: frames that were good once are sent again, in any order, into any run.

All runs here have the same tiles, so nothing but the chain tells one from the other. What becomes of the one frame that
may come again, after a reconnect and after a restart, is proved in tests/server/core/test_moves.py.
"""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import msgpack
import pytest
from tests.support.adversary import Contender, chainless, race, reply_to, tape
from tests.support.adversary_referee import judge, results
from tests.support.line import BINARY, Line
from tests.support.site import Site

from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Moved, Reject, Welcome
from knack_server.core import moves
from knack_server.core.moves import Moves

pytestmark = pytest.mark.asyncio


async def play_taped(site: Site, *players: Contender, moves_max: int = 5) -> list[bytes]:
    """Let everybody play side by side; return the frames of the first one."""
    frames = tape(players[0].line)
    await race(site, *(player.honest(moves_max=moves_max) for player in players))
    assert len(frames) == moves_max
    return list(frames)


async def sent(site: Site, line: Line, frame: bytes) -> Any:
    """Send a message again, unhurriedly, and return what it is answered with."""
    site.pass_ms(150)
    await line.frame(BINARY, frame)
    return await reply_to(line, msgpack.unpackb(frame)[1])


async def codes(site: Site, line: Line, frames: list[bytes]) -> set[int]:
    """Send messages that are all refused; return the codes."""
    replies = [await sent(site, line, frame) for frame in frames]
    assert all(isinstance(reply, Reject) for reply in replies), replies
    return {reply.code for reply in replies}


def readdressed(frames: list[bytes], run: str) -> list[bytes]:
    """Make frames name another run."""
    return [msgpack.packb([*array[:2], run, *array[3:]]) for array in map(msgpack.unpackb, frames)]


async def finish_alike(site: Site, cheat: Contender, twin: Contender) -> None:
    """Let both play to the end, and see that the cheat has got what an honest player gets."""
    await race(site, cheat.honest(), twin.honest())
    for player in (cheat, twin):
        assert (await judge(site, player.run)).score == player.score > 0
    assert cheat.score == twin.score


async def replay_into_the_same_run(site: Site) -> None:
    cheat, twin = await Contender.enter(site, "Mallory", "Anna")
    frames = await play_taped(site, cheat, twin)
    before = await results(site)
    shuffled = Random(3).sample(frames, len(frames))

    for order in (frames, frames[::-1], shuffled):
        for frame in order:
            reply = await sent(site, cheat.line, frame)
            if frame == frames[-1]:
                assert isinstance(reply, Moved)
                assert (reply.seq, reply.head, reply.score) == (5, cheat.replies[-1].head, cheat.score)
            else:
                assert isinstance(reply, Reject)
                assert reply.code == RejectCode.OUT_OF_ORDER

    assert await results(site) == before
    await finish_alike(site, cheat, twin)


async def replay_into_a_run_of_ones_own(site: Site) -> None:
    twin, cheat = await Contender.enter(site, "Anna", "Mallory")
    frames = await play_taped(site, twin, cheat)
    before = await results(site)

    assert await codes(site, cheat.line, frames) == {RejectCode.NOT_YOUR_RUN}
    assert await codes(site, cheat.line, readdressed(frames, cheat.run)) == {RejectCode.OUT_OF_ORDER}

    assert await results(site) == before
    await finish_alike(site, cheat, twin)


async def replay_into_a_later_run(site: Site) -> None:
    cheat, twin = await Contender.enter(site, "Mallory", "Anna")
    frames = await play_taped(site, cheat, twin)
    site.pass_ms(95_000)
    cheat, twin = await Contender.begin(site, cheat.line, twin.line)
    before = await results(site)

    assert await codes(site, cheat.line, frames) == {RejectCode.OVER}
    assert await codes(site, cheat.line, readdressed(frames, cheat.run)) == {RejectCode.OUT_OF_ORDER}

    assert await results(site) == before
    await finish_alike(site, cheat, twin)


ATTACKS = [replay_into_the_same_run, replay_into_a_run_of_ones_own, replay_into_a_later_run]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_frames_replayed_into_the_same_another_or_a_later_run_gain_nothing(
    attack: Callable[[Site], Awaitable[None]], ring: Site
) -> None:
    await attack(ring)


async def test_a_whole_conversation_replayed_from_its_first_word_gains_nothing(ring: Site) -> None:
    line = await ring.line()
    words = tape(line)
    await line.join("Anna")
    (twin,) = await Contender.begin(ring, line)
    await race(ring, twin.honest(moves_max=5))
    before = await results(ring)
    echo = await ring.line()

    replies = [await sent(ring, echo, word) for word in list(words)]

    assert isinstance(replies[0], Welcome)
    assert [reply.code for reply in replies[1:]] == [RejectCode.NAME_TAKEN, *[RejectCode.NOT_JOINED] * 7]
    assert await results(ring) == before
    assert isinstance(await twin.try_move(), Moved)


async def test_frames_that_are_sent_twice_at_once_are_played_once(ring: Site) -> None:
    cheat, twin = await Contender.enter(ring, "Mallory", "Anna")
    once = cheat.line.frame

    async def twice(opcode: int, payload: bytes = b"", *, fin: bool = True) -> None:
        await once(opcode, payload, fin=fin)
        if opcode == BINARY:
            await once(opcode, payload, fin=fin)

    cheat.line.frame = twice

    await finish_alike(ring, cheat, twin)

    assert len([told for told in cheat.line.told if isinstance(told, Moved)]) == len(cheat.replies)


@pytest.mark.parametrize(
    ("where", "name", "weakness", "attack"),
    [
        (Moves, "move", chainless, replay_into_the_same_run),
        (Moves, "move", chainless, replay_into_a_run_of_ones_own),
        (Moves, "move", chainless, replay_into_a_later_run),
        (moves, "own_entry", lambda peer, run: peer.player.event.runs[run], replay_into_a_run_of_ones_own),
    ],
    ids=["no chain", "no chain, another run", "no chain, a later run", "everybody's runs"],
)
async def test_a_server_that_takes_frames_again_is_found_out(
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
