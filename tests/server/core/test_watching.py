"""Feeds: snapshots, deltas, going on from a version, and what each role sees."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.arena import Hand, Phone, World, rejected

from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Begin,
    Delta,
    Done,
    Resync,
    Role,
    RowState,
    Snapshot,
    Unwatch,
    View,
    Watching,
)
from knack_server.core import watching


@dataclass
class Reader:
    """A client as protocol/README.md describes it, and one that minds what a right server never does."""

    numbered: dict[int, Any] = field(default_factory=dict)
    epoch: int = 0
    version: int = 0
    skipped: int = 0
    rank: int = 0

    @property
    def rows(self) -> dict[str, Any]:
        """What is shown, by run."""
        return {row.run: row[1:] for row in self.numbered.values()}

    def read(self, messages: list[Any]) -> "Reader":
        for message in messages:
            if isinstance(message, Snapshot):
                assert message.epoch != self.epoch or message.version >= self.version, "back in time"
                self.numbered = {row.number: row for row in message.rows}
                self.epoch, self.version = message.epoch, message.version
            elif isinstance(message, Delta):
                assert self.epoch, "no snapshot yet"
                assert message.from_ <= self.version, "a gap"
                assert self.version < message.to, "old news"
                self.numbered |= {row.number: row for row in message.rows}
                gains = iter(message.gains)
                for number, points, ms in zip(gains, gains, gains, strict=True):
                    row = self.numbered[number]
                    is_over = not points and not ms
                    assert row.state & RowState.RUNNING or not is_over, "over twice"
                    self.numbered[number] = row._replace(
                        score=row.score + points,
                        time_ms=row.time_ms + ms,
                        state=row.state & ~RowState.RUNNING.value if is_over else row.state,
                    )
                for number in message.gone:
                    del self.numbered[number]
                self.version = message.to
            else:
                continue
            self.skipped, self.rank = message.skipped, message.rank
        return self


def _watcher(world: World, view: View = View.TOP, role: Role = Role.WATCHER, token: str = "") -> Phone:
    phone = world.phone()
    phone.hello(role=role, token=token)
    assert isinstance(phone.watch(view), Watching)
    return phone


def _scorers(world: World, count: int) -> list[Any]:
    hands = []
    for number in range(count):
        phone = world.phone()
        phone.join(f"Player {number}")
        phone.start()
        hands.append(phone)
    world.pass_ms(3000)
    return [Hand(phone, phone.last(Begin)) for phone in hands]


def test_a_new_watcher_gets_the_feeds_number_and_a_snapshot() -> None:
    world = World()
    phone = _watcher(world)

    watching, snapshot = phone.last(Watching), phone.last(Snapshot)
    assert (watching.feed, snapshot.feed) == (world.event.feed_number("sprint", View.TOP),) * 2
    assert (snapshot.epoch, snapshot.version, list(snapshot.rows)) == (watching.epoch, watching.version, [])


def test_nothing_is_sent_while_nothing_changes() -> None:
    world = World()
    phone = _watcher(world)
    told = len(phone.told)
    world.pass_ms(10_000)

    assert len(phone.told) == told


def test_all_readers_of_a_view_get_the_very_same_delta() -> None:
    world = World()
    (hand,) = _scorers(world, 1)
    first = _watcher(world)
    hand.move()
    world.pass_ms(250)
    second = _watcher(world)
    world.pass_ms(1000)
    hand.move()
    world.pass_ms(250)

    assert first.last(Delta) is second.last(Delta)
    assert Reader().read(first.told).rows == Reader().read(second.told).rows


def test_many_moves_between_two_publications_become_one_delta() -> None:
    world = World()
    hands = _scorers(world, 5)
    phone = _watcher(world)
    before = len(phone.all(Delta))
    for hand in hands:
        hand.move()
    world.pass_ms(250)

    assert len(phone.all(Delta)) == before + 1


def test_the_end_of_a_run_is_a_row_that_gained_nothing() -> None:
    world = World()
    hand = _scorers(world, 1)[0]
    phone = _watcher(world)
    hand.move()
    world.pass_ms(250)
    before = Reader().read(phone.told).rows
    world.pass_ms(100_000)

    over = phone.last(Delta)
    assert (over.rows, over.gone) == ([], [])
    assert list(over.gains[1:]) == [0, 0]
    assert before[hand.run][-1] == RowState.RUNNING
    assert Reader().read(phone.told).rows == {hand.run: (*before[hand.run][:-1], 0)}


@pytest.mark.parametrize("view", [View.OWN, View.DESK, View.LATEST])
def test_every_view_ends_where_a_fresh_snapshot_stands(view: View) -> None:
    world = World()
    token, effects = world.arena.add_desk("Mia", world.now)
    world.perform(effects)
    hands = _scorers(world, 8)
    role = Role.DESK if view is View.DESK else Role.WATCHER
    early = _watcher(world, view, role, token) if view is not View.OWN else hands[3].phone
    if view is View.OWN:
        early.watch(view)
    for _ in range(4):
        for hand in hands:
            hand.move_in_time()
    world.pass_ms(100_000)

    if view is View.OWN:
        early.watch(view)  # asking again gives a fresh snapshot
        fresh = {row.run: row[1:] for row in early.last(Snapshot).rows}
        assert hands[3].run in fresh
        assert len(fresh) == 8
    else:
        fresh = Reader().read(_watcher(world, view, role, token).told).rows
    assert Reader().read(early.told).rows == fresh


def test_the_latest_view_lists_the_newest_result_first() -> None:
    world = World()
    for hand in _scorers(world, 3):
        hand.move()
        hand.phone.start("climb")  # ends the sprint
        world.pass_ms(10)

    rows = _watcher(world, View.LATEST).last(Snapshot).rows
    assert [row.name for row in rows] == ["Player 2", "Player 1", "Player 0"]


def test_only_the_desk_may_watch_the_desks_view() -> None:
    phone = World().phone()
    phone.hello(role=Role.WATCHER)

    assert rejected(phone.watch(View.DESK)) == RejectCode.NOT_ALLOWED
    assert rejected(phone.watch(View.TOP, "marathon")) == RejectCode.UNKNOWN_COURSE


def test_a_connection_watches_so_many_feeds_at_most_and_may_end_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "FEEDS_MAX", 4)
    phone = World().phone()
    phone.hello()
    for course in ("sprint", "climb"):
        for view in (View.TOP, View.LATEST):
            assert isinstance(phone.watch(view, course), Watching)

    assert rejected(phone.watch(View.OWN)) == RejectCode.FULL
    assert isinstance(phone.send(Unwatch, 0), Done)
    assert isinstance(phone.watch(View.OWN), Watching)
    assert rejected(phone.send(Unwatch, 0)) == RejectCode.UNKNOWN_FEED


def test_after_unwatch_nothing_more_comes() -> None:
    world = World()
    (hand,) = _scorers(world, 1)
    phone = _watcher(world)
    phone.send(Unwatch, 0)
    told = len(phone.all(Delta))
    hand.move()
    world.pass_ms(1000)

    assert len(phone.all(Delta)) == told


def test_who_was_away_a_moment_gets_exactly_what_was_missed() -> None:
    world = World()
    hands = _scorers(world, 3)
    phone = _watcher(world)
    hands[0].move()
    world.pass_ms(250)
    reader = Reader().read(phone.told)
    phone.hang_up()
    hands[1].move()
    world.pass_ms(250)
    hands[2].move()
    world.pass_ms(250)

    back = world.phone()
    back.hello(role=Role.WATCHER)
    back.watch(View.TOP, epoch=reader.epoch, version=reader.version)

    assert back.last(Snapshot) is None
    (delta,) = back.all(Delta)
    reader.read(back.told)
    assert {row.run for row in delta.rows} == {hands[1].run, hands[2].run}
    assert reader.rows == Reader().read(_watcher(world).told).rows


def test_after_a_restart_the_epoch_is_another_and_a_snapshot_comes() -> None:
    world = World()
    (hand,) = _scorers(world, 1)
    hand.move()
    world.pass_ms(250)
    reader = Reader().read(_watcher(world).told)
    after = world.restarted()
    back = after.phone()
    back.hello(role=Role.WATCHER)
    back.watch(View.TOP, epoch=reader.epoch + 7, version=reader.version)

    assert [type(message) for message in back.told[-3:]] == [Watching, Resync, Snapshot]
    rows = Reader().read(back.told).rows
    assert {run: row[3] for run, row in rows.items()} == {run: row[3] for run, row in reader.rows.items()}


def test_a_reader_that_was_too_slow_is_brought_back_by_one_snapshot() -> None:
    world = World()
    (hand,) = _scorers(world, 1)
    phone = _watcher(world)
    channels = world.fall_behind(phone)
    hand.move()
    world.pass_ms(250)
    assert phone.last(Delta) is None
    world.catch_up(phone, channels)

    assert [type(message) for message in phone.told[-2:]] == [Resync, Snapshot]
    hand.move_in_time()
    world.pass_ms(250)
    assert Reader().read(phone.told).rows == Reader().read(_watcher(world).told).rows


def test_who_looks_between_two_publications_sees_what_is_and_misses_nothing_later() -> None:
    world = World()
    (hand,) = _scorers(world, 1)
    phone = hand.phone
    reply = hand.move()

    phone.watch(View.TOP)

    assert phone.last(Snapshot).version == reply.version
    assert [row.score for row in phone.last(Snapshot).rows] == [reply.score]
    score = hand.move_in_time().score
    world.pass_ms(250)
    assert [row.score for row in Reader().read(phone.told).numbered.values()] == [score]


def test_one_version_is_never_shown_in_two_ways() -> None:
    world = World()
    feed = world.event.feeds["sprint"]
    (hand,) = _scorers(world, 1)
    seen = set()
    for _ in range(4):
        before = hand.move_in_time().version
        seen.add(stamped := feed.stamp())
        assert stamped == before == feed.stamp()
        assert hand.move_in_time().version > stamped
        world.pass_ms(250)

    assert len(seen) == 4


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=40))
def test_wherever_a_reader_breaks_off_and_comes_back_it_ends_with_the_truth(
    steps: list[tuple[int, int]],
) -> None:
    world = World()
    hands = _scorers(world, 5)
    phone, reader = _watcher(world), Reader()
    for who, what in steps:
        if what == 0:  # break off and come back where we were
            reader.read(phone.told)
            phone.hang_up()
        elif what == 1:
            world.pass_ms(250)
        else:
            hands[who].move_in_time()
        if what == 0:
            world.pass_ms(250 * who)
            phone = world.phone()
            phone.hello(role=Role.WATCHER)
            phone.watch(View.TOP, epoch=reader.epoch, version=reader.version)
    world.pass_ms(250)

    assert reader.read(phone.told).rows == Reader().read(_watcher(world).told).rows
