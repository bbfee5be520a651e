"""A player stays the same person over any number of connections, and never believes a wrong word."""

import asyncio
from dataclasses import replace

import pytest
from tests.client_py.dealer import COMMIT, PLAYER, RUN, T0, Dealer
from tests.client_py.fake_server import TOKEN, Line, NoWait, Script, serving

from knack_client.errors import (
    BrokenReceipt,
    ConnectionLost,
    KnackClientError,
    OtherRules,
    Rejected,
    Replaced,
    RunOver,
    ServerFault,
    SessionEnded,
)
from knack_client.player import Player
from knack_client.run import Run
from knack_protocol.ids import PlayerId
from knack_protocol.rules.log import EndReason
from knack_protocol.rules.run import Verdict
from knack_protocol.rules.swaps import Swap
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Done,
    Join,
    Leave,
    Move,
    Phase,
    Prepare,
    Prepared,
    Recording,
    Reject,
    Snapshot,
    Start,
    Started,
    Status,
    View,
    Watch,
    Watching,
)

pytestmark = pytest.mark.asyncio


def player_at(url: str, token: str | None = None) -> Player:
    return Player(url, "Ada", token=token, random=NoWait(), patience_s=5)


async def deal(line: Line, dealer: Dealer) -> None:
    """Take PREPARE and START, and begin at once."""
    prepare = await line.expect(Prepare)
    await line.send(Prepared(prepare.req, RUN, prepare.course, COMMIT))
    start = await line.expect(Start)
    await line.send(Started(start.req, RUN, T0, 3000), dealer.begin())


async def answer_move(line: Line, dealer: Dealer) -> Move:
    move = await line.expect(Move)
    assert (move.run, move.seq, move.head) == (RUN, dealer.run.seq + 1, dealer.run.head[:8])
    await line.send(dealer.moved(Swap(move.cell, move.direction), req=move.req))
    return move


async def begin(player: Player, course: str = "sprint") -> Run:
    run = await player.start(course)
    await run.begun()
    return run


async def test_a_new_player_joins_and_keeps_name_and_token() -> None:
    async def join(line: Line) -> None:
        assert (await line.welcome_new()).name == "Ada"
        await line.until_closed()

    async with serving(join) as url, player_at(url) as player:
        assert (player.id, player.name, player.token) == (PLAYER, "Ada", TOKEN)


async def test_a_token_brings_the_same_player_back_without_joining() -> None:
    async def resume(line: Line) -> None:
        assert (await line.welcome(name="Ada Byron")).token == TOKEN
        await line.until_closed()

    async with serving(resume) as url, player_at(url, TOKEN) as player:
        assert (player.id, player.name) == (PLAYER, "Ada Byron")


async def test_a_name_that_is_taken_comes_with_a_free_one() -> None:
    async def taken(line: Line) -> None:
        await line.welcome(PlayerId(""))
        join = await line.expect(Join)
        await line.send(Reject(join.req, RejectCode.NAME_TAKEN, 0, "Ada 2"))
        await line.until_closed()

    async with serving(taken) as url:
        with pytest.raises(Rejected, match="Ada 2"):
            await player_at(url).__aenter__()


async def test_a_server_with_other_rules_is_left() -> None:
    async def other(line: Line) -> None:
        await line.welcome(PlayerId(""), rules_hash=bytes(32))
        await line.until_closed()

    async with serving(other) as url:
        with pytest.raises(OtherRules):
            await player_at(url).__aenter__()


async def test_a_run_is_played_and_every_receipt_is_checked() -> None:
    dealer = Dealer()

    async def play(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        for _ in range(3):
            await answer_move(line, dealer)
        await line.send(dealer.ended())
        await line.until_closed()

    async with serving(play) as url, player_at(url) as player:
        run = await begin(player)
        assert (run.commit, run.level, run.goal, run.score, run.moves) == (COMMIT, 0, 0, 0, 0)
        assert 0 < run.remaining_ms <= 90_000
        for swap in (dealer.good_swap, dealer.bad_swap, dealer.good_swap):
            outcome = await run.move(*swap)
            assert run.board == dealer.run.board
        assert outcome.verdict in {Verdict.OK, Verdict.ILLEGAL}
        ended = await run.ended()

    assert (run.score, run.moves) == (dealer.run.score, dealer.run.moves) == (ended.score, ended.moves)
    assert run.receipts[-1].head == dealer.run.head
    assert [receipt.is_checked for receipt in run.receipts] == [True] * 5


async def test_the_clock_of_a_run_is_never_ahead_and_the_lock_is_waited_for() -> None:
    dealer = Dealer()

    async def play(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        await answer_move(line, dealer)
        await line.until_closed()

    async with serving(play) as url, player_at(url) as player:
        run = await begin(player)
        assert run.clock_ms >= 0
        assert run.locked_ms == 0
        await run.unlocked()
        await run.move(*dealer.good_swap)
        assert run.locked_ms <= dealer.run.lock_end_ms
        await run.unlocked()
        assert run.clock_ms >= dealer.run.lock_end_ms


async def test_a_move_whose_reply_was_lost_is_settled_by_what_the_resume_brings() -> None:
    dealer = Dealer()

    async def lose_the_reply(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        move = await line.expect(Move)
        dealer.moved(Swap(move.cell, move.direction), req=move.req)
        dealer.away(700, 900)
        line.cut()

    async def resume(line: Line) -> None:
        assert (await line.welcome()).token == TOKEN
        await line.send(dealer.resumed(900))
        await answer_move(line, dealer)  # the next one, not that one again
        await line.until_closed()

    async with serving(lose_the_reply, resume) as url, player_at(url) as player:
        run = await begin(player)
        outcome = await run.move(*dealer.good_swap)
        assert outcome.points == run.score == dealer.run.score
        await run.move(*dealer.good_swap)
    assert run.moves == 2
    assert [receipt.is_checked for receipt in run.receipts] == [True, True, False, True]


async def test_a_move_that_never_arrived_is_sent_again_from_where_the_run_stands() -> None:
    dealer = Dealer()
    frames: list[Move] = []

    async def lose_the_move(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        frames.append(await line.expect(Move))
        dealer.away(700, 900)
        line.cut()

    async def resume(line: Line) -> None:
        await line.welcome()
        await line.send(dealer.resumed(900))
        frames.append(await answer_move(line, dealer))
        await line.until_closed()

    async with serving(lose_the_move, resume) as url, player_at(url) as player:
        run = await begin(player)
        await run.move(*dealer.good_swap)
    first, second = frames
    assert (second.cell, second.direction) == (first.cell, first.direction)
    assert (first.seq, second.seq) == (1, 3)


async def test_a_move_that_is_sent_again_waits_for_a_lock_that_a_killed_server_has_yet_to_end() -> None:
    dealer = Dealer()
    playing: list[Run] = []
    locked_ms: list[float] = []

    async def die(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        await answer_move(line, dealer)
        await line.expect(Move)
        line.cut()

    async def stand_where_the_last_mark_was(line: Line) -> None:
        await line.welcome()
        clock_ms = dealer.now_ms - dealer.grace_ms - 200
        dealer.server_away(clock_ms)
        await line.send(dealer.resumed(clock_ms))
        await answer_move(line, dealer)
        locked_ms.append(playing[0].locked_ms)
        await line.until_closed()

    async with serving(die, stand_where_the_last_mark_was) as url, player_at(url) as player:
        playing.append(await begin(player))
        await playing[0].move(*dealer.good_swap)
        await playing[0].unlocked()
        await playing[0].move(*dealer.good_swap)

    assert locked_ms == [0]


async def test_a_move_in_flight_when_the_run_ends_meanwhile_is_over() -> None:
    dealer = Dealer()

    async def lose(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        await line.expect(Move)
        dealer.away(700, 900)
        line.cut()

    async def ended(line: Line) -> None:
        await line.welcome()
        await line.send(dealer.ended())
        await line.until_closed()

    async with serving(lose, ended) as url, player_at(url) as player:
        run = await begin(player)
        with pytest.raises(RunOver):
            await run.move(*dealer.good_swap)
        assert (await run.ended()).score == 0


async def test_a_countdown_that_was_interrupted_begins_on_the_next_connection() -> None:
    dealer = Dealer()

    async def cut_the_countdown(line: Line) -> None:
        await line.welcome_new()
        prepare = await line.expect(Prepare)
        await line.send(Prepared(prepare.req, RUN, prepare.course, COMMIT))
        start = await line.expect(Start)
        await line.send(Started(start.req, RUN, T0, 3000))
        line.cut()

    async def begin_later(line: Line) -> None:
        await line.welcome()
        countdown = replace(dealer.resumed(1500), phase=Phase.COUNTDOWN, board=b"", head=bytes(32))
        await line.send(countdown, dealer.begin())
        await answer_move(line, dealer)
        await line.until_closed()

    async with serving(cut_the_countdown, begin_later) as url, player_at(url) as player:
        run = await begin(player)
        await run.move(*dealer.good_swap)
    assert all(receipt.is_checked for receipt in run.receipts)


async def test_a_start_whose_reply_was_lost_is_made_good() -> None:
    dealer = Dealer()
    nonces: list[bytes] = []

    async def lose(line: Line) -> None:
        await line.welcome_new()
        prepare = await line.expect(Prepare)
        await line.send(Prepared(prepare.req, RUN, prepare.course, COMMIT))
        nonces.append((await line.expect(Start)).nonce)
        line.cut()

    async def resume(line: Line) -> None:
        await line.welcome()
        dealer.away(0, 300)
        await line.send(dealer.resumed(300))
        start = await line.expect(Start)
        nonces.append(start.nonce)
        await line.send(Reject(start.req, RejectCode.ALREADY_STARTED, 0, ""))
        await answer_move(line, dealer)
        await line.until_closed()

    async with serving(lose, resume) as url, player_at(url) as player:
        run = await begin(player)
        await run.move(*dealer.good_swap)
    assert nonces[0] == nonces[1]
    assert [receipt.is_checked for receipt in run.receipts] == [False, True]


async def test_a_start_that_is_refused_leaves_no_run_behind() -> None:
    async def refuse(line: Line) -> None:
        await line.welcome_new()
        prepare = await line.expect(Prepare)
        await line.send(Prepared(prepare.req, RUN, prepare.course, COMMIT))
        start = await line.expect(Start)
        await line.send(Reject(start.req, RejectCode.NO_RUNS_LEFT, 0, ""))
        await line.until_closed()

    async with serving(refuse) as url, player_at(url) as player:
        with pytest.raises(Rejected, match="no_runs_left"):
            await player.start("sprint")
        assert player.run is None


async def test_a_new_process_finds_the_run_that_is_in_play() -> None:
    dealer = Dealer()
    for _ in range(3):
        dealer.moved(dealer.good_swap)

    async def resume(line: Line) -> None:
        await line.welcome()
        await line.send(dealer.resumed(9000))
        await answer_move(line, dealer)
        await line.send(dealer.ended())
        await line.until_closed()

    async with serving(resume) as url, player_at(url, TOKEN) as player:
        run = player.run
        assert run is not None
        assert run.score == dealer.run.score
        await run.move(*dealer.good_swap)
        await run.ended()
    assert [receipt.is_checked for receipt in run.receipts] == [False, False, False]


async def test_a_new_process_finds_no_run_where_there_is_none() -> None:
    async def resume(line: Line) -> None:
        await line.welcome()
        await line.send(Dealer().ended())  # of a run that an earlier process played
        await line.until_closed()

    async with serving(resume) as url, player_at(url, TOKEN) as player:
        assert player.run is None


async def lie_about_the_board(line: Line) -> None:
    dealer = Dealer()
    await line.welcome_new()
    prepare = await line.expect(Prepare)
    await line.send(Prepared(prepare.req, RUN, prepare.course, COMMIT))
    start = await line.expect(Start)
    await line.send(Started(start.req, RUN, T0, 3000), replace(dealer.begin(), grace_ms=250))
    await line.until_closed()


async def lie_about_the_end(line: Line) -> None:
    dealer = Dealer()
    await line.welcome_new()
    await deal(line, dealer)
    await line.send(replace(dealer.ended(), score=99))
    await line.until_closed()


async def forget_the_run(line: Line) -> None:
    await line.welcome_new()
    await deal(line, Dealer())
    line.cut()


@pytest.mark.parametrize(
    ("lies", "kind"),
    [
        ([lie_about_the_board], BrokenReceipt),
        ([lie_about_the_end], BrokenReceipt),
        ([forget_the_run, Line.welcome], ServerFault),
    ],
    ids=["board", "end", "forgotten"],
)
async def test_a_lie_ends_the_player_and_everything_that_waits(
    lies: list[Script], kind: type[KnackClientError]
) -> None:
    async def stay(line: Line) -> None:
        await lies[-1](line)
        await line.until_closed()

    async with serving(*lies[:-1], stay) as url, player_at(url) as player:
        run = await player.start("sprint")
        with pytest.raises(kind):
            await run.ended()
        with pytest.raises(kind):
            await player.start("sprint")


async def test_a_lie_about_a_move_is_raised_where_the_move_was_made() -> None:
    dealer = Dealer()

    async def lie(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        move = await line.expect(Move)
        honest = dealer.moved(Swap(move.cell, move.direction), req=move.req)
        await line.send(replace(honest, score=honest.score + 10))
        await line.until_closed()

    async with serving(lie) as url, player_at(url) as player:
        run = await begin(player)
        with pytest.raises(BrokenReceipt, match="score"):
            await run.move(*dealer.good_swap)


@pytest.mark.parametrize(("code", "kind"), [(4500, Replaced), (4501, SessionEnded)])
async def test_a_player_who_was_replaced_or_ended_does_not_come_back(
    code: int, kind: type[KnackClientError]
) -> None:
    dealer = Dealer()

    async def close(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        await line.expect(Move)
        await line.close(code)

    async with serving(close) as url, player_at(url) as player:
        run = await begin(player)
        with pytest.raises(kind):
            await run.move(*dealer.good_swap)
        with pytest.raises(kind):
            await run.ended()


async def test_a_refused_move_changes_nothing_and_may_come_again() -> None:
    dealer = Dealer()

    async def early(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        move = await line.expect(Move)
        await line.send(Reject(move.req, RejectCode.EARLY, 77, ""))
        await answer_move(line, dealer)
        await line.until_closed()

    async with serving(early) as url, player_at(url) as player:
        run = await begin(player)
        with pytest.raises(Rejected) as caught:
            await run.move(*dealer.good_swap)
        assert caught.value.wait_ms == 77
        await run.move(*dealer.good_swap)


async def test_a_second_move_while_one_is_in_flight_is_the_callers_mistake() -> None:
    dealer = Dealer()
    release = asyncio.Event()

    async def slow(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        move = await line.expect(Move)
        await release.wait()
        await line.send(dealer.moved(Swap(move.cell, move.direction), req=move.req))
        await line.until_closed()

    async with serving(slow) as url, player_at(url) as player:
        run = await begin(player)
        first = asyncio.create_task(run.move(*dealer.good_swap))
        await asyncio.wait([first], timeout=0.02)
        with pytest.raises(RuntimeError, match="in flight"):
            await run.move(*dealer.good_swap)
        release.set()
        await first


async def test_a_swap_off_the_board_is_never_sent() -> None:
    dealer = Dealer()

    async def stay(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        await line.until_closed()

    async with serving(stay) as url, player_at(url) as player:
        run = await begin(player)
        with pytest.raises(ValueError, match="no swap"):
            await run.move(7, 0)


async def test_a_run_shows_no_board_before_its_t0() -> None:
    async def countdown(line: Line) -> None:
        await line.welcome_new()
        prepare = await line.expect(Prepare)
        await line.send(Prepared(prepare.req, RUN, prepare.course, COMMIT))
        start = await line.expect(Start)
        await line.send(Started(start.req, RUN, T0, 3000))
        await line.until_closed()

    async with serving(countdown) as url, player_at(url) as player:
        run = await player.start("sprint")
        assert not run.is_begun
        assert run.receipts == ()
        with pytest.raises(RuntimeError, match="begun"):
            _ = run.board


async def test_a_run_that_was_ended_by_the_next_one_says_so() -> None:
    dealer = Dealer()

    async def end_it(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer)
        await line.send(dealer.ended(EndReason.ABANDONED, t=500))
        await line.until_closed()

    async with serving(end_it) as url, player_at(url) as player:
        run = await begin(player)
        assert (await run.ended()).reason == EndReason.ABANDONED
        with pytest.raises(RunOver):
            await run.move(*dealer.good_swap)


async def test_a_player_who_left_does_not_join_again_by_reconnecting() -> None:
    async def leave(line: Line) -> None:
        await line.welcome_new()
        command = await line.expect(Leave)
        await line.send(Done(command.req))
        line.cut()

    back = asyncio.Event()

    async def stranger(line: Line) -> None:
        assert (await line.welcome(PlayerId(""))).token == ""
        back.set()
        assert await line.until_closed() == 1000

    async with serving(leave, stranger) as url, player_at(url) as player:
        await player.leave()
        assert player.id == player.token == ""
        await back.wait()


async def test_a_player_follows_the_standings_over_every_connection() -> None:
    async def first(line: Line) -> None:
        await line.welcome_new()
        watch = await line.expect(Watch)
        assert (watch.view, watch.epoch) == (View.OWN, 0)
        await line.send(Watching(watch.req, 5, 3, 8), Snapshot(5, 3, 8, 0, 0, []))
        line.cut()

    async def second(line: Line) -> None:
        await line.welcome()
        watch = await line.expect(Watch)
        assert (watch.epoch, watch.version) == (3, 8)
        await line.send(Watching(watch.req, 5, 4, 1), Snapshot(5, 4, 1, 0, 0, []))
        await line.until_closed()

    async with serving(first, second) as url, player_at(url) as player:
        feed = await player.watch("sprint")
        assert (await feed.reached(4, 1)).epoch == 4


async def test_a_server_that_cannot_record_says_so_and_says_when_it_can() -> None:
    heard = asyncio.Event()

    async def status(line: Line) -> None:
        await line.welcome_new()
        await line.send(Status(Recording.NOT_NOW))
        prepare = await line.expect(Prepare)
        await line.send(Reject(prepare.req, RejectCode.NOT_RECORDING, 0, ""))
        await heard.wait()
        await line.send(Status(Recording.AGAIN))
        prepare = await line.expect(Prepare)
        await line.send(Reject(prepare.req, RejectCode.NO_RUNS_LEFT, 0, ""))
        await line.until_closed()

    async with serving(status) as url, player_at(url) as player:
        with pytest.raises(Rejected, match="not_recording"):
            await player.start("sprint")
        assert not player.is_recording
        heard.set()
        with pytest.raises(Rejected, match="no_runs_left"):
            await player.start("sprint")
        assert player.is_recording


async def test_leaving_the_block_tells_whoever_waits() -> None:
    async def stay(line: Line) -> None:
        await line.welcome_new()
        await deal(line, Dealer())
        await line.until_closed()

    async with serving(stay) as url:
        async with player_at(url) as player:
            run = await begin(player)
        with pytest.raises(ConnectionLost, match="closed"):
            await run.ended()
