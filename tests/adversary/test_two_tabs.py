"""Row 9 of the threat table: one run is played from two tabs, or on five devices by five quick friends.

That a newer connection takes over, and that its older one is told so, is proved in tests/server/shell/test_host.py.
"""

from random import Random
from typing import Any

import pytest
from tests.support.adversary import Contender, chainless, reply_to
from tests.support.adversary_referee import judge
from tests.support.line import BINARY, Line, masked_frame
from tests.support.site import Site

from knack_protocol.ids import EventId
from knack_protocol.rules import run as rules_run
from knack_protocol.rules.log import ConnectionEvent, ConnectionKind
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.codec import encode
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Hello, Move, Moved, Reject, Role, Welcome
from knack_server.core import sessions
from knack_server.core.moves import Moves

pytestmark = pytest.mark.asyncio

ROUNDS = 8
NEWER = 4
HELLO, MOVE = 100, 200
"""Numbers of the first requests of a kind."""


def greeting(token: str) -> bytes:
    return masked_frame(BINARY, encode(Hello(HELLO, Role.PLAYER, EventId(""), token)))


def rival_moves(cheat: Contender) -> bytes:
    """Return up to four different swaps for the one place at the chain's end, in one go."""
    assert cheat.hand._entry.play is not None
    run = cheat.hand._entry.play.live_run()
    return b"".join(
        masked_frame(BINARY, encode(Move(MOVE + number, cheat.run, run.seq + 1, run.head[:8], *swap)))
        for number, swap in enumerate(legal_swaps(run.board)[:4])
    )


def accepted(line: Line) -> set[bytes]:
    """Return the receipts that a line was given."""
    return {told.head for told in line.told if isinstance(told, Moved)}


async def race_tabs(site: Site) -> None:
    """Let the tab that has the run and four that want it move at once, round after round."""
    random = Random(9)
    twin, cheat = await Contender.enter(site, "Anna", "Mallory")
    player, token = cheat.hand._entry.player, cheat.line.token
    lines = [cheat.line]
    receipts = 0
    for _ in range(ROUNDS):
        site.pass_ms(3000)
        moves = rival_moves(cheat)
        newer = [await site.line() for _ in range(NEWER)]
        breaths = [(lines[-1], moves), *((line, greeting(token) + moves) for line in newer)]
        random.shuffle(breaths)
        for line, breath in breaths:
            await line.raw(breath)
        greeted = {line: await reply_to(line, HELLO) for line in newer}
        await site.settled()

        assert [peer.player for peer in site.house.host.arena.floor.peers.values()].count(player) == 1
        taken = [line for line, reply in greeted.items() if isinstance(reply, Welcome)]
        assert len(taken) == 1
        assert {reply.code for reply in greeted.values() if isinstance(reply, Reject)} == {
            RejectCode.TOO_SOON
        }
        lines += taken
        heads = set().union(*(accepted(line) for line in (*lines, *newer)))
        assert len(heads) - receipts in {0, 1}
        receipts = len(heads)
        assert isinstance(await twin.try_move(), Moved)

    judged = await judge(site, cheat.run)
    assert len(judged.moves) == receipts > 0
    kinds = [event.kind for event in judged.events if isinstance(event, ConnectionEvent)]
    assert kinds == [ConnectionKind.REPLACED] * ROUNDS
    assert (await judge(site, twin.run)).score == twin.score


async def test_moves_raced_on_five_tabs_are_one_move_a_place_and_gain_nothing(ring: Site) -> None:
    await race_tabs(ring)


@pytest.mark.parametrize(
    "weaknesses",
    [
        [(Moves, "move", chainless), (rules_run, "EARLY_TOLERANCE_MS", 10**6)],
        [(sessions, "RESUME_EVERY_MS", 0)],
    ],
    ids=["no chain and no lock", "a run handed round as often as one likes"],
)
async def test_a_server_that_lets_two_play_one_run_is_found_out(
    weaknesses: list[tuple[Any, str, Any]], ring: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where, name, weakness in weaknesses:
        monkeypatch.setattr(where, name, weakness)

    with pytest.raises(AssertionError):
        await race_tabs(ring)
