"""A player in a heat: gathers, is called, plays, and bears a server that was away."""

import asyncio
from dataclasses import replace

import pytest
from tests.client_py.dealer import COMMIT, PLAYER, RUN, SPRINT, T0, Dealer
from tests.client_py.fake_server import TOKEN, Line, NoWait, serving

from knack_client.errors import ConnectionLost, HeatMissed, Rejected
from knack_client.player import Player
from knack_client.run import Run
from knack_protocol.ids import HeatId, RunId
from knack_protocol.proof.seeds import Scope
from knack_protocol.rules.swaps import Swap
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.messages import (
    Closed,
    Done,
    Gather,
    Heat,
    HeatPhase,
    Marked,
    Move,
    Phase,
    Place,
    Reject,
    Scatter,
)

pytestmark = pytest.mark.asyncio

H1 = HeatId("h1")


def player_at(url: str, token: str | None = None) -> Player:
    return Player(url, "Ada", token=token, random=NoWait(), patience_s=5)


def heat(phase: HeatPhase, place: Place = Place.MEMBER) -> Heat:
    """What the server says of the heat in a phase."""
    is_frozen = phase not in {HeatPhase.OPEN, HeatPhase.CLOSED} and place is Place.MEMBER
    run = RUN if is_frozen else RunId("")
    wait_ms = 3000 if phase is HeatPhase.COUNTDOWN else 0
    return Heat(
        H1,
        SPRINT,
        Scope.PLAYER,
        phase,
        COMMIT,
        1,
        place,
        run,
        b"",
        "",
        T0 if is_frozen else 0,
        wait_ms,
        Marked.NO,
    )


async def gathered(line: Line) -> None:
    """Let somebody new into the lobby of h1."""
    await line.welcome_new()
    await line.send(heat(HeatPhase.OPEN, Place.OUTSIDE))
    gather = await line.expect(Gather)
    assert gather.heat == H1
    await line.send(Done(gather.req), heat(HeatPhase.OPEN))


async def begun(line: Line, dealer: Dealer) -> None:
    for phase in (HeatPhase.FROZEN, HeatPhase.COUNTDOWN):
        await line.send(heat(phase))
    await line.send(dealer.begin(), heat(HeatPhase.RUNNING))


async def in_heat(player: Player) -> Run:
    await player.gather("h1")
    return await player.called("h1")


async def answer_move(line: Line, dealer: Dealer) -> None:
    move = await line.expect(Move)
    assert (move.seq, move.head) == (dealer.run.seq + 1, dealer.run.head[:8])
    await line.send(dealer.moved(Swap(move.cell, move.direction), req=move.req))


async def test_a_player_gathers_is_called_and_plays_with_every_receipt_checked() -> None:
    dealer = Dealer(heat="h1")

    async def play(line: Line) -> None:
        await gathered(line)
        await begun(line, dealer)
        for _ in range(2):
            await answer_move(line, dealer)
        await line.send(dealer.ended(), heat(HeatPhase.OVER))
        await line.until_closed()

    async with serving(play) as url, player_at(url) as player:
        run = await in_heat(player)
        assert (run.heat, run.listing, run.commit, player.run) == ("h1", "h1", COMMIT, run)
        await run.begun()
        for _ in range(2):
            await run.move(*dealer.good_swap)
        ended = await run.ended()

    assert (run.score, ended.score) == (dealer.run.score, dealer.run.score)
    assert all(receipt.is_checked for receipt in run.receipts)


async def test_before_t0_the_clock_counts_down() -> None:
    async def play(line: Line) -> None:
        await gathered(line)
        await line.send(heat(HeatPhase.FROZEN), heat(HeatPhase.COUNTDOWN))
        await line.until_closed()

    async with serving(play) as url, player_at(url) as player:
        run = await in_heat(player)
        assert -3000 <= run.clock_ms < 0
        assert not run.is_begun


async def test_while_a_heats_clock_stands_a_move_waits_until_it_goes_on() -> None:
    dealer = Dealer(heat="h1")
    goes_on = asyncio.Event()

    async def play(line: Line) -> None:
        await gathered(line)
        await begun(line, dealer)
        await answer_move(line, dealer)
        await line.close(CloseCode.RESTARTING)

    async def back(line: Line) -> None:
        assert (await line.welcome()).token == TOKEN
        waiting = replace(dealer.resumed(5000), phase=Phase.WAITING)
        await line.send(heat(HeatPhase.WAITING), waiting)
        await goes_on.wait()
        dealer.server_away(5000)
        await line.send(dealer.resumed(5000), heat(HeatPhase.RUNNING))
        move = await line.expect(Move)
        await line.send(
            dealer.moved(Swap(move.cell, move.direction), t_arr=5100, req=move.req), dealer.ended()
        )
        await line.until_closed()

    async with serving(play, back) as url, player_at(url) as player:
        run = await in_heat(player)
        await run.begun()
        await run.move(*dealer.good_swap)
        while not run.is_waiting:
            await asyncio.sleep(0)
        assert run.clock_ms == 5000
        moving = asyncio.create_task(run.move(*dealer.good_swap))
        unlocking = asyncio.create_task(run.unlocked())
        await asyncio.wait([moving, unlocking], timeout=0.05)
        assert not moving.done()
        assert not unlocking.done()
        goes_on.set()
        await moving
        await unlocking
        await run.ended()

    assert run.moves == 2
    assert [receipt.is_checked for receipt in run.receipts] == [True, True, False, True, True]


async def test_a_heat_whose_t0_came_while_the_server_was_away_is_played_all_the_same() -> None:
    dealer = Dealer(heat="h1", grace_ms=0)

    async def countdown(line: Line) -> None:
        await gathered(line)
        await line.send(heat(HeatPhase.FROZEN), heat(HeatPhase.COUNTDOWN))
        await line.close(CloseCode.RESTARTING)

    async def back(line: Line) -> None:
        await line.welcome()
        waiting = replace(dealer.resumed(0), phase=Phase.WAITING, board=b"", head=bytes(32), moves=0)
        await line.send(heat(HeatPhase.WAITING), waiting)
        dealer.server_away(0)
        await line.send(dealer.resumed(0), heat(HeatPhase.RUNNING))
        await answer_move(line, dealer)
        await line.send(dealer.ended())
        await line.until_closed()

    async with serving(countdown, back) as url, player_at(url) as player:
        run = await in_heat(player)
        await run.begun()
        await run.move(*dealer.good_swap)
        await run.ended()

    assert run.score == dealer.run.score


@pytest.mark.parametrize(
    "told",
    [
        heat(HeatPhase.CLOSED, Place.OUTSIDE),
        heat(HeatPhase.VOIDED),
        heat(HeatPhase.FROZEN, Place.OUTSIDE),
    ],
)
async def test_who_waits_for_a_heat_that_goes_on_without_them_is_told(told: Heat) -> None:
    async def play(line: Line) -> None:
        await gathered(line)
        await line.send(told)
        await line.until_closed()

    async with serving(play) as url, player_at(url) as player:
        with pytest.raises(HeatMissed):
            await in_heat(player)


async def test_who_leaves_the_lobby_is_not_called() -> None:
    async def play(line: Line) -> None:
        await gathered(line)
        scatter = await line.expect(Scatter)
        await line.send(heat(HeatPhase.OPEN, Place.OUTSIDE), Done(scatter.req))
        await line.until_closed()

    async with serving(play) as url, player_at(url) as player:
        await player.gather("h1")
        await player.scatter()
        with pytest.raises(HeatMissed):
            await player.called("h1")


async def test_a_player_waits_for_a_lobby_to_be_opened_or_for_what_comes_after_it() -> None:
    async def play(line: Line) -> None:
        await line.welcome_new()
        await line.send(heat(HeatPhase.CLOSED, Place.OUTSIDE), heat(HeatPhase.FROZEN, Place.OUTSIDE))
        await line.until_closed()

    async with serving(play) as url, player_at(url) as player:
        told = await player.heard_of("h1", {HeatPhase.OPEN, HeatPhase.FROZEN})
        assert told.phase is HeatPhase.FROZEN
        assert (await player.heard_of("h1", {HeatPhase.FROZEN})) is told


async def test_who_waits_for_a_lobby_hears_that_the_client_is_over() -> None:
    async def play(line: Line) -> None:
        await line.welcome_new()
        await line.until_closed()

    async with serving(play) as url:
        async with player_at(url) as player:
            waiting = asyncio.create_task(player.heard_of("h1", {HeatPhase.OPEN}))
        with pytest.raises(ConnectionLost):
            await waiting


async def test_a_lobby_that_is_not_open_is_refused() -> None:
    async def play(line: Line) -> None:
        await line.welcome_new()
        gather = await line.expect(Gather)
        await line.send(Reject(gather.req, RejectCode.HEAT_CLOSED, 0, ""))
        await line.until_closed()

    async with serving(play) as url, player_at(url) as player:
        with pytest.raises(Rejected, match="heat_closed"):
            await player.gather("h1")


async def test_a_player_hears_that_the_event_is_over() -> None:
    async def play(line: Line) -> None:
        await line.welcome_new()
        gather = await line.expect(Gather)
        await line.send(Closed(T0), Reject(gather.req, RejectCode.CLOSED_EVENT, 0, ""))
        await line.until_closed()

    async with serving(play) as url, player_at(url) as player:
        with pytest.raises(Rejected, match="closed_event"):
            await player.gather("h1")
        assert player.is_event_over


async def test_known_players_are_called_on_a_new_line() -> None:
    async def back(line: Line) -> None:
        await line.welcome()
        await line.send(heat(HeatPhase.OPEN), heat(HeatPhase.FROZEN), heat(HeatPhase.COUNTDOWN))
        await line.until_closed()

    async with serving(back) as url, player_at(url, TOKEN) as player:
        run = await player.called("h1")
        assert (player.id, run.id) == (PLAYER, RUN)
