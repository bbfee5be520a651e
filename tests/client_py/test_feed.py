"""What a feed does with pushes, seen without a connection; `test_watcher` shows it at work."""

import asyncio

import pytest

from knack_client.errors import ConnectionLost
from knack_client.feed import Feed
from knack_protocol.ids import CourseName
from knack_protocol.wire.messages import Delta, Resync, Snapshot, View

pytestmark = pytest.mark.asyncio


async def test_pushes_are_nothing_to_a_feed_that_is_not_subscribed() -> None:
    feed = Feed(CourseName("sprint"), View.TOP)
    for push in (Snapshot(1, 7, 1, 0, 0, []), Delta(1, 1, 1, 0, 0, [], [], []), Resync(1, 7)):
        feed.take(push)
    assert feed.standings.epoch == 0
    assert feed.gaps == 0


async def test_whoever_waits_is_told_when_the_feed_is_over() -> None:
    feed = Feed(CourseName("sprint"), View.TOP)
    waiting = asyncio.create_task(feed.reached(7, 1))
    await asyncio.wait([waiting], timeout=0.01)
    feed.fail(ConnectionLost("over"))
    with pytest.raises(ConnectionLost, match="over"):
        await waiting
