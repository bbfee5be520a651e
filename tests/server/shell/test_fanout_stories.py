"""Random stories told to a real performer and fan-out: whoever watches, however it goes, ends with the server's rows."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.ranking import SPRINT, Ranking

from knack_client.standings import Standings
from knack_protocol.ids import EventId
from knack_protocol.wire.codec import decode_message, encode
from knack_protocol.wire.messages import Delta, Hello, Role, Snapshot, View, Watch
from knack_server.core import pages
from knack_server.core.effects import Channel, ConnectionId
from knack_server.core.facts import Fact
from knack_server.shell import fanout
from knack_server.shell.meters import Meters
from knack_server.shell.performer import Performer

SLICE_FRAMES = 5
"""Frames that a slice of these tests reaches: fewer than there are readers."""

ROUNDS = 12
"""More than enough for all that is under way to arrive."""


class Line:
    """A socket, and the client behind it, which reads when the story says so."""

    def __init__(self, stage: "Stage", view: View, player: int) -> None:
        self.stage = stage
        self.view = view
        self.player = player
        self.standings = Standings(SPRINT, view)
        self.is_slow = False
        self._frames: deque[bytes] = deque()
        self.connect(0, 0)

    def write(self, frame: bytes) -> None:
        self.stage.now += 1
        self._frames.append(frame)

    def connect(self, epoch: int, version: int) -> None:
        """Open a connection and go on from there."""
        world = self.stage.ranking.world
        self._frames.clear()
        self.is_slow = False
        self.phone = world.phone()
        self.stage.performer.sockets[self.phone.connection] = cast("Any", self)
        world.receive(self.phone, encode(Hello(1, Role.PLAYER, EventId(""), "")))
        world.arena.floor.peers[self.phone.connection].player = self.stage.ranking.players[self.player]
        self.watch(epoch, version)

    def watch(self, epoch: int, version: int) -> None:
        watch = Watch(2, SPRINT, self.view, epoch, version)
        self.stage.ranking.world.receive(self.phone, encode(watch))

    def come_back(self) -> None:
        """Lose the connection with whatever was on its way, and go on with what is shown."""
        self.stage.performer.sockets.pop(self.phone.connection)
        self.stage.performer.fan_out.missed.pop(self.phone.connection, None)
        self.phone.hang_up()
        self.connect(self.standings.epoch, self.standings.version)

    def drain(self) -> None:
        """Read everything, after which the socket is not slow any more."""
        self.read()
        if self.is_slow:
            self.is_slow = False
            missed = self.stage.performer.fan_out.missed.pop(self.phone.connection, None)
            if missed:
                self.stage.perform(self.stage.ranking.world.arena.caught_up(self.phone.connection, missed))

    def read(self) -> None:
        while self._frames:
            frame = self._frames.popleft()
            message = decode_message(frame[2:] if frame[1] < 126 else frame[4:])
            if isinstance(message, Snapshot | Delta):
                before = self.standings
                after = before.after(message)
                assert after is not None, "a gap"
                assert after.epoch != before.epoch or after.version >= before.version, "back in time"
                self.standings = after

    def seen(self) -> list[tuple[int, str, int]]:
        player = self.stage.ranking.players[self.player].id
        rows = self.standings.rows if self.view is View.TOP else self.standings.around(player)
        return [(row.rank, row.player, row.score) for row in rows]


class Stage:
    """A core, a performer, a store that commits and a loop that turns when the story says so."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 0
        patch.setattr(fanout, "ticks_ns", lambda: self.now)
        patch.setattr(fanout, "LOOK_EVERY_FRAMES", 2)
        patch.setattr(fanout, "asyncio", self)
        self.commits: deque[Callable[[], None]] = deque()
        self.turns: deque[Callable[[], None]] = deque()
        self.ranking = Ranking(40)
        self.performer = Performer(Meters(), 0.25)
        self.performer.writer = self
        self.performer.fan_out.slice_ns = SLICE_FRAMES
        self.performer.fan_out.on_published = self._published
        self.perform = self.performer.perform
        cast("Any", self.ranking.world).perform = self.perform
        self.lines = [Line(self, View(number % 2), number) for number in range(14)]

    def submit(self, facts: Sequence[Fact], then: Callable[[], None]) -> None:
        del facts
        self.commits.append(then)

    def get_running_loop(self) -> "Stage":
        return self

    def call_soon(self, call: Callable[[], None]) -> None:
        self.turns.append(call)

    def commit(self) -> None:
        if self.commits:
            self.commits.popleft()()

    def turn(self) -> None:
        if self.turns:
            self.turns.popleft()()

    def settle(self) -> None:
        while self.commits or self.turns:
            self.commit()
            self.turn()

    def expected(self, line: Line) -> list[tuple[int, str, int]]:
        if line.view is View.OWN:
            return self.ranking.expected(line.player)
        return self.ranking.listed()[:50]

    def _published(self, channel: Channel) -> None:
        self.perform(self.ranking.world.arena.published(channel))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 39), st.integers(0, 30)), max_size=120))
def test_every_reader_ends_with_exactly_the_servers_rows(steps: list[tuple[int, int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, count in (("NEW_COUNT", 6), ("LONG_COUNT", 10), ("SHORT_COUNT", 5)):
            patch.setattr(pages, name, count)
        stage = Stage(patch)
        for what, who, points in steps:
            line = stage.lines[who % len(stage.lines)]
            match what:
                case 0 | 1 | 2:
                    stage.ranking.score(who, 10 * points, points % 3)
                case 3:
                    stage.ranking.world.pass_ms(250)
                case 4:
                    stage.commit()
                case 5:
                    stage.turn()
                case 6:
                    line.is_slow = True
                case 7:
                    line.drain()
                case 8:
                    line.come_back()
                case _:
                    line.read()
        for _ in range(ROUNDS):
            stage.settle()
            for line in stage.lines:
                line.drain()
            stage.ranking.world.pass_ms(250)

        assert [line.seen() for line in stage.lines] == [stage.expected(line) for line in stage.lines]


def test_a_reader_that_left_is_told_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    stage.settle()
    gone = stage.lines[0]
    stage.ranking.score(3, 100)
    stage.ranking.world.pass_ms(500)
    gone.phone.hang_up()
    stage.settle()
    gone.read()
    stage.ranking.score(3, 200)
    stage.ranking.world.pass_ms(500)
    stage.settle()

    assert not gone._frames
    assert ConnectionId(gone.phone.connection) not in stage.performer.fan_out.missed
