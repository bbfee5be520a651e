"""A bot plays a run to its end, whatever comes between."""

from random import Random

import pytest
from tests.client_py.dealer import COMMIT, RUN, T0, Dealer
from tests.client_py.fake_server import Line, NoWait, serving

from knack_client.bots.pace import Pace
from knack_client.bots.playing import play
from knack_client.bots.policies import at_random
from knack_client.bots.skills import Skill
from knack_client.errors import Rejected
from knack_client.player import Player
from knack_protocol.rules.run import Outcome, Verdict
from knack_protocol.rules.swaps import Swap
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Move, Prepare, Prepared, Reject, Start, Started

pytestmark = pytest.mark.asyncio

AT_ONCE = Skill("test", "without a thought", at_random, Pace(0))
ALWAYS_SLIPS = Skill("test", "never hits", at_random, Pace(0), slips=1.0)


async def deal(line: Line, dealer: Dealer) -> None:
    await line.welcome_new()
    prepare = await line.expect(Prepare)
    await line.send(Prepared(prepare.req, RUN, prepare.course, COMMIT))
    start = await line.expect(Start)
    await line.send(Started(start.req, RUN, T0, 3000), dealer.begin())


async def answer_move(line: Line, dealer: Dealer) -> Swap:
    move = await line.expect(Move)
    swap = Swap(move.cell, move.direction)
    await line.send(dealer.moved(swap, req=move.req))
    return swap


async def test_a_bot_plays_until_the_server_says_that_it_is_over() -> None:
    dealer = Dealer()

    async def three_moves(line: Line) -> None:
        await deal(line, dealer)
        for _ in range(3):
            await answer_move(line, dealer)
        move = await line.expect(Move)
        await line.send(Reject(move.req, RejectCode.LATE, 0, ""), dealer.ended())
        await line.until_closed()

    played: list[tuple[Swap, Outcome]] = []
    async with serving(three_moves) as url, Player(url, "Ada", random=NoWait()) as player:
        run = await player.start("sprint")
        ended = await play(run, AT_ONCE, Random(1), lambda swap, outcome: played.append((swap, outcome)))
    assert len(played) == ended.moves == 3
    assert sum(outcome.points for _, outcome in played) == ended.score


async def test_a_bot_stops_thinking_when_the_run_ends() -> None:
    dealer = Dealer()

    async def end(line: Line) -> None:
        await deal(line, dealer)
        await line.send(dealer.ended())
        await line.until_closed()

    slow = Skill("test", "thinks for ever", at_random, Pace(15_000, 0.0))
    async with serving(end) as url, Player(url, "Ada", random=NoWait()) as player:
        ended = await play(await player.start("sprint"), slow, Random(1))
    assert ended.moves == 0


async def test_slips_are_played_and_counted_as_illegal() -> None:
    dealer = Dealer()

    async def two_moves(line: Line) -> None:
        await deal(line, dealer)
        for _ in range(2):
            await answer_move(line, dealer)
        await line.send(dealer.ended())
        await line.until_closed()

    verdicts: list[Verdict] = []
    async with serving(two_moves) as url, Player(url, "Ada", random=NoWait()) as player:
        run = await player.start("sprint")
        await play(run, ALWAYS_SLIPS, Random(1), lambda _, outcome: verdicts.append(outcome.verdict))
    assert verdicts == [Verdict.ILLEGAL, Verdict.ILLEGAL]


async def test_a_move_that_was_too_early_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knack_client.bots.playing.RETRY_MS", 1)
    dealer = Dealer()

    async def refuse_once(line: Line) -> None:
        await deal(line, dealer)
        for code in (RejectCode.EARLY, RejectCode.NOT_RECORDING):
            move = await line.expect(Move)
            await line.send(Reject(move.req, code, 1, ""))
        await answer_move(line, dealer)
        await line.send(dealer.ended())
        await line.until_closed()

    async with serving(refuse_once) as url, Player(url, "Ada", random=NoWait()) as player:
        ended = await play(await player.start("sprint"), AT_ONCE, Random(1))
    assert ended.moves == 1


async def test_a_move_that_was_refused_for_good_is_told() -> None:
    async def refuse(line: Line) -> None:
        await deal(line, Dealer())
        move = await line.expect(Move)
        await line.send(Reject(move.req, RejectCode.NOT_YOUR_RUN, 0, ""))
        await line.until_closed()

    async with serving(refuse) as url, Player(url, "Ada", random=NoWait()) as player:
        run = await player.start("sprint")
        with pytest.raises(Rejected, match="not_your_run"):
            await play(run, AT_ONCE, Random(1))
