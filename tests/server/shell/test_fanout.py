"""Passes: everybody once and in order, in slices, with time for others in between."""

import asyncio
from typing import Any, cast

import pytest

from knack_server.core.effects import Channel, ConnectionId
from knack_server.shell import fanout
from knack_server.shell.fanout import LOOK_EVERY_FRAMES, FanOut
from knack_server.shell.meters import Meters

pytestmark = pytest.mark.asyncio

BOARD, PAGE = Channel(), Channel()
FRAME_NS = 1000
PATIENCE_S = 0.01
"""How long a frame rides: the tests wait for what comes of it, however long that takes."""


class Socket:
    """A reader that keeps what it gets; writing to it takes a microsecond of the test's clock."""

    def __init__(self, hall: "Hall") -> None:
        self.hall = hall
        self.got: list[bytes] = []
        self.is_slow = False
        self.riding = b""

    def write(self, frame: bytes) -> None:
        self.hall.now_ns += FRAME_NS
        self.got.append(self.riding + frame)
        self.riding = b""


class Hall:
    """A fan-out with many readers, on a clock that moves only when somebody is written to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
        self.now_ns = 0
        monkeypatch.setattr(fanout, "ticks_ns", lambda: self.now_ns)
        self.meters = Meters()
        self.fan_out = FanOut(self.meters, PATIENCE_S)
        self.sockets = [Socket(self) for _ in range(count)]
        for number in range(count):
            self.enter(number)

    def enter(self, number: int, channel: Channel = BOARD) -> None:
        self.fan_out.enter(ConnectionId(number), cast("Any", self.sockets[number]), channel)

    def publish(self, frame: bytes, channel: Channel = BOARD) -> None:
        self.fan_out.publish_standings(channel, frame)
        self.fan_out.run()

    def reached(self, frame: bytes) -> int:
        return sum(socket.got.count(frame) for socket in self.sockets)


SLICE_FRAMES = fanout.SLICE_NS // FRAME_NS
MANY = 3 * SLICE_FRAMES
"""More than two slices can reach."""


async def until_done(hall: Hall) -> None:
    for _ in range(100):  # more slices than any of these tests has
        await asyncio.sleep(0)
    assert not hall.fan_out._is_due


async def test_a_few_are_reached_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(monkeypatch, 50)

    hall.publish(b"1")

    assert [socket.got for socket in hall.sockets] == [[b"1"]] * 50


async def test_many_are_reached_in_slices_with_time_for_others_in_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall = Hall(monkeypatch, MANY)
    hall.publish(b"1")
    steps = [hall.reached(b"1")]
    while steps[-1] < MANY:
        await asyncio.sleep(0)  # somebody else's turn
        steps.append(hall.reached(b"1"))

    assert all(socket.got == [b"1"] for socket in hall.sockets)
    sizes = [after - before for before, after in zip([0, *steps], steps, strict=False)]
    assert max(sizes) <= SLICE_FRAMES + LOOK_EVERY_FRAMES
    assert hall.meters.slices.up_to()[-1] == len(sizes)
    assert hall.meters.slices.total == MANY * FRAME_NS
    assert (hall.meters.frames_count, hall.meters.passes.total) == (MANY, MANY * FRAME_NS)


async def test_two_passes_never_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(monkeypatch, MANY)
    for frame in (b"1", b"2", b"3"):
        hall.publish(frame)
    assert hall.reached(b"2") == 0

    while hall.reached(b"1") < MANY:
        assert hall.reached(b"2") == 0
        await asyncio.sleep(0)
    await until_done(hall)

    assert all(socket.got == [b"1", b"2", b"3"] for socket in hall.sockets)


async def test_a_notice_overtakes_standings_that_are_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(monkeypatch, MANY)
    hall.publish(b"1")
    last = max(range(MANY), key=lambda number: not hall.sockets[number].got)
    hall.fan_out.tell([(ConnectionId(last), cast("Any", hall.sockets[last]))], b"now")
    hall.fan_out.run()
    await until_done(hall)

    assert hall.sockets[last].got == [b"now", b"1"]


async def test_who_comes_while_a_pass_is_under_way_is_in_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall = Hall(monkeypatch, MANY)
    hall.publish(b"1")
    hall.sockets.append(Socket(hall))
    hall.enter(MANY)
    hall.publish(b"2")
    await until_done(hall)

    assert hall.sockets[-1].got == [b"2"]


async def test_a_reader_that_becomes_slow_under_way_is_left_out_until_it_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall = Hall(monkeypatch, MANY)
    slow = hall.sockets[-1]
    hall.publish(b"1")
    slow.is_slow = True
    await until_done(hall)
    slow.is_slow = False
    hall.publish(b"2")
    await until_done(hall)

    assert slow.got == []
    assert hall.fan_out.missed == {MANY - 1: {BOARD}}
    assert (hall.meters.frames_count, hall.meters.frames_skipped_count) == (2 * MANY - 2, 1)
    hall.enter(MANY - 1)
    hall.publish(b"3")
    await until_done(hall)
    assert slow.got == [b"3"]


async def test_who_leaves_a_channel_that_he_missed_something_of_is_owed_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall = Hall(monkeypatch, 1)
    hall.sockets[0].is_slow = True
    hall.publish(b"1")

    hall.fan_out.exit(ConnectionId(0), BOARD)

    assert hall.fan_out.missed == {0: set()}


async def test_what_rides_comes_with_the_next_frame_in_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(monkeypatch, 3)
    hall.enter(0, PAGE)

    hall.fan_out.ride(BOARD, b"a")
    hall.fan_out.ride(PAGE, b"b")
    assert [socket.got for socket in hall.sockets] == [[], [], []]
    hall.publish(b"1")
    hall.publish(b"2")

    assert [socket.got for socket in hall.sockets] == [[b"ab1", b"2"], [b"a1", b"2"], [b"a1", b"2"]]
    assert hall.meters.frames_count == 4 + 3 + 3
    assert hall.meters.passes.up_to()[-1] == 2


async def test_what_rides_comes_alone_where_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(monkeypatch, MANY)
    hall.enter(0, PAGE)
    hall.fan_out.ride(BOARD, b"a")
    hall.publish(b"1", PAGE)

    async with asyncio.timeout(60):
        while hall.reached(b"a") < MANY - 1:
            await asyncio.sleep(0)
    await until_done(hall)

    assert hall.sockets[0].got == [b"a1"]
    assert all(socket.got == [b"a"] for socket in hall.sockets[1:])
    assert hall.meters.frames_count == MANY + 1
    assert hall.meters.passes.up_to()[-1] == 1


async def test_a_slow_reader_is_brought_what_rides(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(monkeypatch, 2)
    hall.sockets[0].is_slow = True
    hall.fan_out.ride(BOARD, b"a")
    hall.publish(b"1")

    async with asyncio.timeout(60):
        while not hall.sockets[0].got:
            await asyncio.sleep(0)

    assert [socket.got for socket in hall.sockets] == [[b"a"], [b"a1"]]


async def test_nobody_is_always_last(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(monkeypatch, 10)
    lasts = set()
    for number in range(10):
        frame = bytes([number])
        hall.publish(frame)
        order = fanout.Members.in_turn(hall.fan_out._channels[BOARD])
        lasts.add(order[-1][0])

    assert len(lasts) > 3


async def test_the_end_of_each_pass_is_told_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(monkeypatch, MANY)
    ends: list[tuple[Channel, int, int]] = []
    hall.fan_out.on_published = lambda channel: ends.append((channel, hall.reached(b"1"), hall.reached(b"2")))
    hall.enter(0, PAGE)
    hall.publish(b"1")
    hall.publish(b"2", PAGE)
    hall.publish(b"3", Channel())
    await until_done(hall)

    assert [(channel, ones, twos) for channel, ones, twos in ends[:2]] == [(BOARD, MANY, 0), (PAGE, MANY, 1)]
    assert len(ends) == 3


async def test_a_fault_at_the_end_of_a_pass_does_not_stop_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall = Hall(monkeypatch, 3)

    def fault(channel: Channel) -> None:
        raise ValueError(channel)

    hall.fan_out.on_published = fault
    with pytest.raises(ValueError, match="Channel"):
        hall.publish(b"1")
    hall.fan_out.on_published = lambda channel: None
    hall.publish(b"2")

    assert [socket.got for socket in hall.sockets] == [[b"1", b"2"]] * 3
