"""A watcher shows whole versions only, and closes gaps by itself."""

import asyncio

import pytest
from tests.client_py.fake_server import Line, NoWait, serving

from knack_client.errors import ConnectionLost, Rejected, Replaced
from knack_client.watcher import Watcher
from knack_protocol.ids import PlayerId, RunId
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Delta,
    NumberedRow,
    Reject,
    Resync,
    Role,
    Snapshot,
    View,
    Watch,
    Watching,
)

pytestmark = pytest.mark.asyncio

FEED = 4
EPOCH = 77
NOBODY = PlayerId("")


def row(number: int, score: int) -> NumberedRow:
    return NumberedRow(
        number, RunId(f"run-{number}"), PlayerId(f"p-{number}"), f"Name {number}", score, 1000, 0
    )


def watcher_at(url: str, view: str = "top") -> Watcher:
    return Watcher(url, "sprint", view, random=NoWait(), patience_s=5)


async def watched(line: Line, epoch: int = 0, version: int = 0) -> None:
    """Take the WATCH that goes on from (epoch, version)."""
    watch = await line.expect(Watch)
    assert (watch.epoch, watch.version) == (epoch, version)
    await line.send(Watching(watch.req, FEED, EPOCH, version))


async def test_a_watcher_follows_snapshot_and_deltas() -> None:
    async def feed(line: Line) -> None:
        hello = await line.welcome(NOBODY)
        assert hello.role is Role.WATCHER
        await watched(line)
        await line.send(
            Snapshot(FEED, EPOCH, 3, 0, 0, [row(1, 50)]),
            Delta(FEED, 3, 1, 0, 0, [row(2, 40)], [], []),
            Resync(FEED, EPOCH),
        )
        await line.send(Snapshot(FEED, EPOCH, 5, 0, 0, [row(2, 60)]), Delta(99, 5, 4, 0, 0, [], [], [2]))
        await line.until_closed()

    async with serving(feed) as url, watcher_at(url) as watcher:
        standings = await watcher.reached(EPOCH, 5)
        assert [shown.score for shown in standings.rows] == [60]
        assert watcher.gaps == 0


async def test_the_view_that_was_asked_for_is_watched() -> None:
    async def feed(line: Line) -> None:
        await line.welcome(NOBODY)
        watch = await line.expect(Watch)
        assert (watch.course, watch.view) == ("sprint", View.LATEST)
        await line.send(Watching(watch.req, FEED, EPOCH, 1))
        await line.until_closed()

    async with serving(feed) as url, watcher_at(url, "latest"):
        pass


async def test_a_slow_reader_gets_the_newest_standings_and_no_queue() -> None:
    async def feed(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line)
        await line.send(Snapshot(FEED, EPOCH, 1, 0, 0, [row(1, 0)]))
        for version in range(1, 50):
            await line.send(Delta(FEED, version, 1, 0, 0, [row(1, version)], [], []))
        await line.until_closed()

    seen: list[int] = []
    async with serving(feed) as url, watcher_at(url) as watcher:
        await watcher.reached(EPOCH, 50)
        async for standings in watcher:
            seen.append(standings.version)
            break
    assert seen == [50]


async def test_a_gap_is_closed_by_watching_anew() -> None:
    async def feed(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line)
        await line.send(
            Snapshot(FEED, EPOCH, 3, 0, 0, [row(1, 50)]),
            Delta(FEED, 5, 1, 0, 0, [row(1, 70)], [], []),  # 4 and 5 never came
            Delta(FEED, 6, 1, 0, 0, [row(1, 80)], [], []),
        )
        await watched(line)
        await line.send(Snapshot(FEED, EPOCH, 7, 0, 0, [row(1, 80), row(2, 10)]))
        await line.until_closed()

    async with serving(feed) as url, watcher_at(url) as watcher:
        shown = [standings async for standings in until(watcher, 7)]
        assert watcher.gaps == 1
    assert {standings.version for standings in shown} <= {3, 7}
    assert [shown_row.score for shown_row in shown[-1].rows] == [80, 10]


async def test_a_gap_that_cannot_be_closed_is_told() -> None:
    async def feed(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line)
        await line.send(Snapshot(FEED, EPOCH, 3, 0, 0, []), Delta(FEED, 5, 1, 0, 0, [], [], []))
        watch = await line.expect(Watch)
        await line.send(Reject(watch.req, RejectCode.UNKNOWN_COURSE, 0, ""))
        await line.until_closed()

    async with serving(feed) as url, watcher_at(url) as watcher:
        with pytest.raises(Rejected, match="unknown_course"):
            await watcher.reached(EPOCH, 6)


async def test_after_a_lost_line_a_watcher_gets_exactly_what_it_missed() -> None:
    async def first(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line)
        await line.send(Snapshot(FEED, EPOCH, 3, 0, 0, [row(1, 50)]))
        line.cut()

    async def second(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line, EPOCH, 3)
        await line.send(Delta(FEED, 3, 5, 0, 0, [row(1, 90)], [], []))
        await line.until_closed()

    async with serving(first, second) as url, watcher_at(url) as watcher:
        standings = await watcher.reached(EPOCH, 8)
        assert watcher.connections == 2
    assert standings.rows[0].score == 90


async def test_rows_stay_on_show_while_the_line_is_down() -> None:
    down, up, back = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def first(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line)
        await line.send(Snapshot(FEED, EPOCH, 3, 0, 0, [row(1, 50)]))
        await down.wait()
        line.cut()

    async def second(line: Line) -> None:
        up.set()
        await back.wait()
        await line.welcome(NOBODY)
        await watched(line, EPOCH, 3)
        await line.send(Delta(FEED, 3, 1, 0, 0, [], [], []))
        await line.until_closed()

    async with serving(first, second) as url, watcher_at(url) as watcher:
        await watcher.reached(EPOCH, 3)
        assert watcher.is_live
        down.set()
        await up.wait()
        assert not watcher.is_live
        assert [shown.run for shown in watcher.standings.rows] == ["run-1"]
        back.set()
        await watcher.reached(EPOCH, 4)


async def test_reading_ends_with_what_ended_the_client() -> None:
    async def feed(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line)
        await line.close(4500)

    async with serving(feed) as url, watcher_at(url) as watcher:
        reading = aiter(watcher)
        with pytest.raises(Replaced):
            await anext(reading)


async def test_a_course_that_does_not_exist_is_told_on_entering() -> None:
    async def refuse(line: Line) -> None:
        await line.welcome(NOBODY)
        watch = await line.expect(Watch)
        await line.send(Reject(watch.req, RejectCode.UNKNOWN_COURSE, 0, ""))
        await line.until_closed()

    async with serving(refuse) as url:
        with pytest.raises(Rejected, match="unknown_course"):
            await watcher_at(url).__aenter__()


async def test_a_watch_whose_reply_was_lost_is_asked_again() -> None:
    async def lose(line: Line) -> None:
        await line.welcome(NOBODY)
        await line.expect(Watch)
        line.cut()

    async def answer(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line)
        await line.send(Snapshot(FEED, EPOCH, 3, 0, 0, []))
        await line.until_closed()

    async with serving(lose, answer) as url, watcher_at(url) as watcher:
        await watcher.reached(EPOCH, 3)


async def test_closing_ends_the_reading() -> None:
    async def feed(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line)
        await line.until_closed()

    async with serving(feed) as url:
        async with watcher_at(url) as watcher:
            reading = asyncio.create_task(watcher.reached(EPOCH, 99))
            await asyncio.wait([reading], timeout=0.01)
        with pytest.raises(ConnectionLost, match="closed"):
            await reading


async def until(watcher: Watcher, version: int):
    async for standings in watcher:
        yield standings
        if standings.version == version:
            return


@pytest.mark.parametrize("is_noticed", [True, False], ids=["the line is down", "the line seems to stand"])
async def test_rows_of_a_server_that_died_do_not_show_what_the_next_one_has_acknowledged(
    is_noticed: bool,
) -> None:
    may_die, may_come_back = asyncio.Event(), asyncio.Event()

    async def before(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line)
        await line.send(Snapshot(FEED, EPOCH, 3, 0, 0, [row(1, 50)]))
        await may_die.wait()
        if not is_noticed:
            await line.expect(Watch)
        line.cut()

    async def after(line: Line) -> None:
        await may_come_back.wait()
        await line.welcome(NOBODY)
        watch = await line.expect(Watch)
        assert (watch.epoch, watch.version) == (EPOCH, 3)
        await line.send(Watching(watch.req, FEED, EPOCH + 1, 1), Resync(FEED, EPOCH + 1))
        await line.send(Snapshot(FEED, EPOCH + 1, 1, 0, 0, [row(1, 70)]))
        await line.until_closed()

    async with serving(before, after) as url, watcher_at(url) as watcher:
        await watcher.reached(EPOCH, 3)
        may_die.set()
        while is_noticed and watcher.is_live:
            await asyncio.sleep(0)
        reading = asyncio.create_task(watcher.reached(EPOCH + 1, 1))
        await asyncio.wait([reading], timeout=0.05)
        assert not reading.done()
        may_come_back.set()
        assert [shown.score for shown in (await reading).rows] == [70]


async def test_rows_of_the_present_server_show_whatever_the_one_before_had_acknowledged() -> None:
    async def feed(line: Line) -> None:
        await line.welcome(NOBODY)
        await watched(line)
        await line.send(Snapshot(FEED, EPOCH, 3, 0, 0, [row(1, 50)]))
        await watched(line, EPOCH, 3)
        await line.until_closed()

    async with serving(feed) as url, watcher_at(url) as watcher:
        await watcher.reached(EPOCH, 3)
        assert (await watcher.reached(EPOCH - 1, 900)).version == 3
