"""Devices: what networks and faults do to them, what counts as the scenario's own doing, and when they are back."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from tests.loadtest.crowd.networks.clock import MS, Clock

from knack_client.errors import Unreachable
from knack_loadtest.crowd.line import Outage
from knack_loadtest.crowd.networks.profiles import PROFILES
from knack_loadtest.crowd.people import device as devices
from knack_loadtest.crowd.people.device import EPISODES, Device
from knack_loadtest.crowd.tally import Tally
from knack_protocol.ids import EventId
from knack_protocol.wire.messages import Welcome

WELCOME = Welcome(1, EventId("demo"), "Demo", "", "", 0, bytes(32), ())  # type: ignore[arg-type]


class Line:
    """A line that writes down what is done to it."""

    def __init__(self, route: Any, since_ns: int) -> None:
        self.way = route
        self.since_ns = since_ns
        self.is_wanted_end = False
        self.done: list[str] = []

    def abort(self) -> None:
        self.done.append("abort")

    def vanish(self) -> None:
        self.done.append("vanish")

    def pause(self, *, reading: bool) -> None:
        self.done.append("read" if reading else "pause")


class Dialer:
    """Opens such lines."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.outage = Outage()
        self.lines: list[Line] = []

    async def open(self, _witness: Any, _on_push: Any, _small: int, route: Any) -> Line:
        self.lines.append(Line(route, self.clock.now_ns))
        return self.lines[-1]

    def barred(self, word: str) -> None:
        raise Unreachable(word)


class Scene:
    """A device on a stage whose time is made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, network: str = "ethernet") -> None:
        self.clock = Clock()
        monkeypatch.setattr(devices, "monotonic_ns", lambda: self.clock.now_ns)
        self.dialer = Dialer(self.clock)
        self.over = False
        self.lost: list[bool] = []
        self.tally = Tally()
        stage = SimpleNamespace(
            seed=1,
            zero_ns=self.clock.zero_ns,
            wheel=self.clock.wheel,
            dialer=self.dialer,
            slow=frozenset(),
            vanishing=frozenset(),
            tally=self.tally,
            over=SimpleNamespace(is_set=lambda: self.over),
            lost=lambda _code, wanted: self.lost.append(wanted),
            since_start_us=lambda at_ns: (at_ns - self.clock.zero_ns) // 1000,
        )
        person = SimpleNamespace(group=SimpleNamespace(name="players.a"), index=0, number=0, network=network)
        witness = SimpleNamespace(heard=lambda *_: None, lost=lambda *_: None, sent=lambda *_: None)
        self.device = Device(stage, person, witness)  # type: ignore[arg-type]

    async def come(self) -> Line:
        await self.device.open("", lambda _push: None)
        return self.dialer.lines[-1]

    async def come_back(self) -> None:
        await self.come()
        self.clock.go_ms(1)
        self.device.heard(WELCOME, self.clock.now_ns)

    @property
    def now_us(self) -> int:
        return (self.clock.now_ns - self.clock.zero_ns) // 1000


@pytest.mark.asyncio
async def test_a_line_that_the_scenario_took_cuts_the_moves_of_its_absence_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene(monkeypatch)
    await scene.come()
    scene.clock.go_ms(1000)
    before_us = scene.now_us
    assert not scene.device.was_cut_since(before_us)

    scene.device.drop(rude=False)
    scene.device.lost(1006)
    scene.clock.go_ms(700)
    assert scene.device.was_cut_since(scene.now_us)
    assert scene.device.is_away
    await scene.come_back()

    assert scene.lost == [True]
    assert scene.device.was_cut_since(before_us)
    assert not scene.device.was_cut_since(scene.now_us)
    assert not scene.device.is_away
    assert scene.tally.histograms["recover"].highest == pytest.approx(701_000, rel=0.02)
    assert scene.tally.counts["recover.attempts"] == scene.tally.counts["recover.done"] == 1


@pytest.mark.asyncio
async def test_a_line_that_the_server_took_is_the_server_s_own_doing(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch)
    await scene.come()
    scene.device.lost(1006)
    scene.clock.go_ms(500)
    await scene.come_back()

    assert scene.lost == [False]
    assert not scene.device.was_cut_since(0)


@pytest.mark.asyncio
async def test_a_line_from_before_an_outage_surprises_nobody_however_late_it_is_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene(monkeypatch)
    await scene.come()
    scene.dialer.outage.begin()
    scene.dialer.outage.end()
    scene.dialer.outage.began_ns = scene.clock.now_ns + 1
    scene.device.lost(1006)
    scene.clock.go_ms(10)
    await scene.come_back()
    scene.device.lost(1006)

    assert scene.lost == [True, False]


@pytest.mark.asyncio
async def test_who_shows_standings_is_back_when_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch)
    scene.device.shown |= {"course", "heat"}
    await scene.come()
    scene.device.lost(1006)
    await scene.come_back()
    scene.device.is_shown("heat")
    assert scene.tally.counts["recover.done"] == 0

    scene.device.is_shown("course")
    scene.device.is_shown("course")
    assert scene.tally.counts["recover.done"] == 1


@pytest.mark.parametrize(
    ("network", "done"),
    [
        ("half_open", ["vanish"]),
        ("nat_rebind", ["vanish", "abort"]),
        ("airplane", ["abort"]),
        ("background_tab", ["pause", "read"]),
    ],
    ids=["half_open", "nat_rebind", "airplane", "background_tab"],
)
@pytest.mark.asyncio
async def test_every_minute_it_happens_again_until_it_is_over(
    network: str, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(monkeypatch, network)
    line = await scene.come()
    scene.clock.go_ms(60_000)
    assert line.done[: len(done)] == done or line.done == done[:1]

    scene.clock.go_ms(30_000)
    first = list(line.done)
    assert first == done
    scene.over = True
    scene.clock.go_ms(300_000)
    assert line.done == first


@pytest.mark.asyncio
async def test_who_reads_nothing_for_a_while_catches_up_before_it_is_measured_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene(monkeypatch)
    line = await scene.come()
    scene.device.stall(30_000)
    assert line.done == ["pause"]
    scene.clock.go_ms(30_000)
    assert line.done == ["pause", "read"]
    assert scene.device.was_taken_away
    assert not scene.device.is_away
    scene.clock.go_ms(2000)
    assert not scene.device.was_taken_away

    scene.device.stall(1000)
    scene.device.lost(4002)
    scene.clock.go_ms(10_000)
    assert scene.device.was_taken_away
    assert scene.device.is_away
    assert scene.lost == [True]


@pytest.mark.asyncio
async def test_who_is_in_the_air_has_no_line_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch)
    await scene.come()
    scene.device.ground("airplane", 20_000)
    scene.device.lost(1006)
    for _ in range(2):
        with pytest.raises(Unreachable, match="airplane"):
            await scene.come()
        scene.clock.go(scene.clock.zero_ns + 20_000 * MS - 1)
    scene.clock.go_ms(1)
    await scene.come_back()

    assert len(scene.dialer.lines) == 2
    assert scene.tally.counts["recover.attempts"] == 3


@pytest.mark.asyncio
async def test_a_portal_lets_nobody_out_until_it_is_clicked_away(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, "captive_portal")
    for expect in (pytest.raises(Unreachable, match="captive_portal"),) * 2:
        with expect:
            await scene.come()
        scene.clock.go_ms(4000)
    await scene.come()

    assert len(scene.dialer.lines) == 1


def test_every_episode_of_the_table_can_happen() -> None:
    named = {profile.episode.kind for profile in PROFILES.values() if profile.episode is not None}

    assert named == set(EPISODES)


@pytest.mark.parametrize("do", [Device.vanish, Device.rebind], ids=["vanish", "rebind"])
@pytest.mark.asyncio
async def test_a_lost_line_does_not_vanish_once_more(
    do: Callable[[Device], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(monkeypatch)
    line = await scene.come()
    scene.device.lost(1006)
    do(scene.device)

    assert "vanish" not in line.done
