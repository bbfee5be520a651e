"""`knackpunkt play`: a bot's run, as a terminal shows it and line by line."""

from random import Random

import pytest
from click.testing import CliRunner
from rich.console import Console
from tests.client_py.dealer import COMMIT, RUN, T0, Dealer
from tests.client_py.fake_server import Line, serving
from tests.client_py.test_player_heats import answer_move, begun, gathered

from knack_client import Player
from knack_client.bots.skills import SKILLS
from knack_client.feed import Feed
from knack_protocol.ids import CourseName, PlayerId
from knack_protocol.rules.swaps import Swap
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Join, Joined, Move, Prepare, Prepared, Reject, Start, Started, View
from knack_server.cli import play as cli
from knack_server.cli.play import play


def drawn(renderable: object) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


def test_a_server_that_is_not_there_is_one_line_and_exit_2() -> None:
    result = CliRunner().invoke(play, ["--url", "ws://127.0.0.1:9"])
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1
    assert "is the server running" in result.output


def test_a_bot_that_does_not_exist_is_told_which_do() -> None:
    result = CliRunner().invoke(play, ["--bot", "perfect"])
    assert result.exit_code == 2
    assert all(name in result.output for name in SKILLS)


def test_a_board_is_eight_rows_of_six_shapes() -> None:
    board = Dealer().run.board
    rows = cli.board_text(board).plain.split("\n")
    shapes = [shape for shape, _ in cli.SYMBOLS]
    assert len(set(shapes)) == 6
    assert ["".join(str(shapes.index(shape)) for shape in row.split()) for row in rows] == str(board).split()


async def deal(line: Line, dealer: Dealer, moves: int) -> None:
    prepare = await line.expect(Prepare)
    await line.send(Prepared(prepare.req, RUN, prepare.course, COMMIT))
    start = await line.expect(Start)
    await line.send(Started(start.req, RUN, T0, 3000), dealer.begin())
    for _ in range(moves):
        move = await line.expect(Move)
        await line.send(dealer.moved(Swap(move.cell, move.direction), req=move.req))
    await line.send(dealer.ended())
    await line.until_closed()


def sitting(url: str, heat: str | None = None) -> cli.Sitting:
    return cli.Sitting(SKILLS["fast"], "sprint", heat, Random(1), url, "")


@pytest.mark.asyncio
async def test_line_by_line_it_tells_each_move_and_how_it_ended(capsys: pytest.CaptureFixture[str]) -> None:
    dealer = Dealer()

    async def script(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer, 2)

    async with serving(script) as url:
        await cli._play(sitting(url), "Ada")

    first, *moves, last = capsys.readouterr().out.splitlines()
    assert first == f"Ada plays sprint in Demo: {RUN}"
    assert len(moves) == 2
    assert moves[1].endswith(f"score {dealer.run.score:>6}")
    assert last == (
        f"the time is over: {dealer.run.score} points in 2 moves, rank 1; 4 of 4 receipts checked"
    )


@pytest.mark.asyncio
async def test_a_bot_gathers_for_a_heat_and_plays_it(capsys: pytest.CaptureFixture[str]) -> None:
    dealer = Dealer(heat="h1")

    async def script(line: Line) -> None:
        await gathered(line)
        await begun(line, dealer)
        await answer_move(line, dealer)
        await line.send(dealer.ended())
        await line.until_closed()

    async with serving(script) as url:
        await cli._play(sitting(url, "h1"), "Ada")

    first, second, _, last = capsys.readouterr().out.splitlines()
    assert first == "Ada waits for heat h1 to be started"
    assert second == f"Ada plays h1 in Demo: {RUN}"
    assert last.endswith("3 of 3 receipts checked")


@pytest.mark.asyncio
async def test_a_made_up_name_that_is_taken_gives_way_and_one_that_was_asked_for_does_not() -> None:
    async def taken(line: Line) -> None:
        await line.welcome(PlayerId(""))
        join = await line.expect(Join)
        await line.send(Reject(join.req, RejectCode.NAME_TAKEN, 0, f"{join.name} 2"))
        await line.until_closed()

    async def free(line: Line) -> None:
        await line.welcome(PlayerId(""))
        join = await line.expect(Join)
        assert join.name == "Bot fast 2"
        await line.send(Joined(join.req, PlayerId("p-1"), join.name, "token"))
        await deal(line, Dealer(), 0)

    async with serving(taken, free) as url:
        await cli._play(sitting(url), None)
    async with serving(taken) as url:
        with pytest.raises(cli.click.UsageError, match="'Ada 2' is free"):
            await cli._play(sitting(url), "Ada")


@pytest.mark.asyncio
async def test_the_picture_shows_the_promise_and_then_the_game() -> None:
    dealer = Dealer(CourseName("climb"))

    async def script(line: Line) -> None:
        await line.welcome_new()
        await deal(line, dealer, 1)

    feed = Feed(CourseName("climb"), View.OWN)
    async with serving(script) as url, Player(url, "Ada") as player:
        run = await player.start("climb")
        before = drawn(cli.picture(player, run, feed, SKILLS["fast"]))
        await run.begun()
        await run.move(*dealer.good_swap)
        await run.ended()
        after = drawn(cli.picture(player, run, feed, SKILLS["fast"]))

    assert COMMIT.hex()[:16] in before or "score" in before
    for shown in ("Ada · climb · fast", f"{dealer.run.score}", "of 1,000", "over", "3 of 3 receipts checked"):
        assert shown in after
