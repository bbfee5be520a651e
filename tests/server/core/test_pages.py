"""Pages of the standings: everybody sees the podium and their neighbours, and most of it is made once for many."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.arena import Hand, Phone, World
from tests.support.ranking import SPRINT, Ranking

from knack_client.standings import Standings
from knack_protocol.ids import PlayerId
from knack_protocol.wire.messages import Begin, Delta, Ended, Resync, Snapshot, View, Watching
from knack_server.core import pages
from knack_server.core.rows import AROUND_COUNT
from knack_server.core.standings import Mark
from knack_server.core.watching import OWN_EVERY_MS


class Fan:
    """A player's page: what it shows, and what it would mind."""

    def __init__(self, hall: "Ranking", number: int) -> None:
        self.hall = hall
        self.player = hall.players[number]
        self.standings = Standings(SPRINT, View.OWN)
        self.channels: Any = None
        self._read = 0
        self._connect(0, 0)

    def come_back(self, epoch: int | None = None) -> None:
        """Hang up, and go on with what is shown, or as if that came from another epoch."""
        self.read()
        self.phone.hang_up()
        self.channels, self._read = None, 0
        self._connect(self.standings.epoch if epoch is None else epoch, self.standings.version)

    def fall_behind(self) -> None:
        if self.channels is None:
            self.channels = self.hall.world.fall_behind(self.phone)

    def catch_up(self) -> None:
        if self.channels is not None:
            self.hall.world.catch_up(self.phone, self.channels)
            self.channels = None

    def read(self) -> Standings:
        """Follow what was told since the last time."""
        for message in self.phone.told[self._read :]:
            if isinstance(message, Snapshot | Delta):
                before = self.standings
                after = before.after(message)
                assert after is not None, "a gap"
                assert after.epoch != before.epoch or after.version >= before.version, "back in time"
                self.standings = after
        self._read = len(self.phone.told)
        return self.standings

    def _connect(self, epoch: int, version: int) -> None:
        self.phone: Phone = self.hall.world.phone()
        self.phone.hello()
        self.hall.world.arena.floor.peers[self.phone.connection].player = self.player
        assert isinstance(self.phone.watch(View.OWN, epoch=epoch, version=version), Watching)


def seen(fan: Fan) -> list[tuple[int, str, int]]:
    return [(row.rank, row.player, row.score) for row in fan.read().around(fan.player.id)]


def test_everybody_sees_the_podium_and_their_neighbours() -> None:
    hall = Ranking(200)
    for number in range(150):
        hall.score(number, 30 * (1 + number // 2))
    fans = {number: Fan(hall, number) for number in (0, 1, 2, 75, 147, 148, 149, 160)}
    hall.publish()

    assert {number: seen(fan) for number, fan in fans.items()} == {
        number: hall.expected(number) for number in fans
    }


def test_players_on_one_page_are_told_the_very_same() -> None:
    hall = Ranking(100)
    for number in range(100):
        hall.score(number, 10_000 - 30 * number)
    fans = [Fan(hall, number) for number in range(40, 50)]
    hall.publish()
    hall.score(45, 10_000 - 30 * 45 + 1)
    hall.publish()

    deltas = [fan.phone.last(Delta) for fan in fans]
    assert all(delta is deltas[0] for delta in deltas)
    assert [fan.phone.last(Snapshot) for fan in fans] == [fans[0].phone.last(Snapshot)] * 10


def test_who_climbs_past_many_changes_one_number_on_their_page() -> None:
    hall = Ranking(300)
    for number in range(300):
        hall.score(number, 100_000 - 30 * number)
    fan = Fan(hall, 150)
    hall.publish()
    hall.score(299, 99_000)
    hall.publish()

    delta = fan.phone.last(Delta)
    assert (delta.rows, delta.gains, delta.gone) == ([], [], [])
    assert delta.skipped == fan.phone.last(Snapshot).skipped + 1
    assert seen(fan) == hall.expected(150)


@pytest.mark.parametrize(
    "scored", [None, 52, 50], ids=["nobody scored", "a neighbour scored", "the player scored"]
)
def test_who_comes_back_is_told_that_all_rows_come_anew_and_gets_them(scored: int | None) -> None:
    hall = Ranking(100)
    for number in range(100):
        hall.score(number, 10_000 - 30 * number)
    fan, _neighbour = Fan(hall, 50), Fan(hall, 51)
    hall.publish()
    fan.phone.hang_up()
    if scored is not None:
        hall.score(scored, 9_999)
        hall.publish()

    fan.come_back()

    assert [type(message) for message in fan.phone.told[-3:]] == [Watching, Resync, Snapshot]
    assert seen(fan) == hall.expected(50)


def test_who_scores_comes_into_another_page_and_is_told_its_snapshot() -> None:
    hall = Ranking(300)
    for number in range(300):
        hall.score(number, 100_000 - 30 * number)
    fan, other = Fan(hall, 290), Fan(hall, 291)
    hall.publish()
    hall.score(290, 99_000)
    hall.publish()

    assert isinstance(fan.phone.told[-1], Snapshot)
    assert fan.phone.last(Resync) is None
    assert isinstance(other.phone.told[-1], Delta)
    assert (seen(fan), seen(other)) == (hall.expected(290), hall.expected(291))


def test_a_page_is_published_at_most_twice_a_second() -> None:
    hall = Ranking(20)
    fan = Fan(hall, 3)
    for number in range(40):
        hall.score(number % 20, 30 + number)
        hall.world.pass_ms(100)

    assert len(fan.phone.all(Delta)) + len(fan.phone.all(Snapshot)) <= 1 + 4000 // OWN_EVERY_MS + 1
    hall.publish()
    assert seen(fan) == hall.expected(3)


def test_an_own_result_is_shown_at_once() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    phone.watch(View.OWN)
    other = world.phone()
    other.join("Ben")
    other.start()
    world.pass_ms(3000)
    Hand(other, other.last(Begin)).move()
    score = hand.move_in_time().score

    phone.start("climb")  # ends the sprint

    at = phone.told.index(phone.last(Ended))
    assert any(isinstance(message, Snapshot | Delta) for message in phone.told[at:])
    standings = Standings(SPRINT, View.OWN)
    for message in phone.told:
        if isinstance(message, Snapshot | Delta):
            after = standings.after(message)
            assert after is not None
            standings = after
    row = standings.of(phone.player)
    assert row is not None
    assert (row.score, row.state) == (score, 0)
    assert standings.version >= phone.last(Ended).version


def test_pages_stay_short_and_are_joined_and_dropped() -> None:
    hall = Ranking(400)
    fans = [Fan(hall, number) for number in range(0, 400, 2)]
    for number in range(400):
        hall.score(number, 30 + number)
    hall.publish()
    hall.publish()
    assert all(len(fan.read().rows) <= pages.LONG_COUNT + 3 + 2 * AROUND_COUNT for fan in fans)
    assert len(list(hall.pages)) >= 400 // pages.LONG_COUNT

    for number in range(400):
        if number % 20:
            hall.score(number, 0)
    for _ in range(3):
        hall.publish()
    assert len(list(hall.pages)) <= 3
    assert all(seen(fan) == hall.expected(number) for number, fan in zip(range(0, 400, 2), fans, strict=True))

    for fan in fans:
        fan.phone.hang_up()
    hall.publish()
    assert list(hall.pages) == []


def test_after_leave_the_podium_is_left() -> None:
    hall = Ranking(30)
    for number in range(30):
        hall.score(number, 30 + number)
    fan = Fan(hall, 0)
    hall.publish()
    hall.world.arena.floor.peers[fan.phone.connection].player = None
    hall.publish()

    assert [row.rank for row in fan.read().rows] == [1, 2, 3]


@pytest.mark.parametrize("mark", [Mark(-1, PlayerId("")), Mark(1 << 64, PlayerId(""))])
def test_the_first_and_the_last_page_reach_beyond_everybody(mark: Mark) -> None:
    hall = Ranking(10)
    for number in range(10):
        hall.score(number, 1 + number)

    assert hall.world.event.standings[SPRINT].before(mark) in (0, 10)


Step = tuple[int, int, int]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 59), st.integers(0, 12)), max_size=80))
def test_in_any_story_every_reader_ends_with_the_truth_and_never_goes_back(steps: list[Step]) -> None:
    hall = Ranking(60)
    world = hall.world
    fans: dict[int, Fan] = {}
    with pytest.MonkeyPatch.context() as patch:
        for name, count in (("NEW_COUNT", 6), ("LONG_COUNT", 10), ("SHORT_COUNT", 5)):
            patch.setattr(pages, name, count)
        for what, who, points in steps:
            fan = fans.get(who)
            acts: dict[int, Callable[[], object]] = {}
            if fan is not None:
                acts = {3: fan.come_back, 4: fan.fall_behind, 5: fan.catch_up, 6: fan.read}
                acts[7] = lambda fan=fan: fan.come_back(fan.standings.epoch + 1)  # type: ignore[misc]
            if what in acts:
                acts[what]()
            elif what in (3, 4):
                fans[who] = Fan(hall, who)
            elif what == 8:
                world.passes_wait = not world.passes_wait
            elif what == 9:
                world.make_passes()
            elif what == 2:
                world.pass_ms(250 * (1 + who % 3))
            else:
                hall.score(who, points * 10, points % 3)
        world.passes_wait = False
        world.make_passes()
        for fan in fans.values():
            fan.catch_up()
        for _ in range(3):
            hall.publish()

        assert {who: seen(fan) for who, fan in fans.items()} == {who: hall.expected(who) for who in fans}
