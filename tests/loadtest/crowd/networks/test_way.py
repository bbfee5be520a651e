"""The way of a line's bytes, against a scripted peer on a made clock: as late as was drawn, and nothing else is changed."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import accumulate
from random import Random

import pytest
from tests.loadtest.crowd.networks.clock import MS, Clock

from knack_loadtest.crowd.networks.path import Path
from knack_loadtest.crowd.networks.profiles import PROFILES, TABLE, Profile
from knack_loadtest.crowd.networks.way import Route, Way
from knack_loadtest.crowd.networks.weather import Weather

STEADY = Profile("steady", "100 ms and nothing else", 100)
NARROW = Profile("narrow", "100 ms, 1000 bytes a second", 100, bytes_per_s=1000)
SHAPED = [profile for profile in TABLE if profile.round_trip_ms]

Heard = list[tuple[int, bytes]]


class Peer(asyncio.Transport):
    """The socket's other end: writes down what arrives and when, and speaks when the script says so."""

    def __init__(self, clock: Clock, answers: bool) -> None:
        super().__init__()
        self.clock = clock
        self.answers = answers
        self.heard: Heard = []
        self.end = ""
        self.is_reading = True
        self.way: Way | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.end, "nobody writes to a socket that was closed"
        self.heard.append((self.clock.now_ns, bytes(data)))
        if self.answers and self.way is not None:
            self.way.data_received(bytes(data))

    def is_closing(self) -> bool:
        return bool(self.end)

    def close(self) -> None:
        self.end = self.end or "closed"

    def abort(self) -> None:
        self.end = self.end or "aborted"

    def pause_reading(self) -> None:
        self.is_reading = False

    def resume_reading(self) -> None:
        self.is_reading = True


class Listener(asyncio.Protocol):
    """The line: writes down what arrives and when."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.heard: Heard = []
        self.lost_at: list[int] = []
        self.transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard.append((self.clock.now_ns, data))

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost_at.append(self.clock.now_ns)


def between(
    profile: Profile | None, answers: bool = False, seed: int = 1
) -> tuple[Clock, Listener, Way, Peer]:
    """A line and a peer with a network between them."""
    clock = Clock()
    listener, peer = Listener(clock), Peer(clock, answers)
    up = down = None
    if profile is not None:
        weather = Weather(profile, seed, clock.zero_ns)
        up, down = (Path(weather, profile.bytes_per_s) for _ in range(2))
    way = Way(listener, Route(clock.wheel, up, down))
    peer.way = way
    way.connection_made(peer)
    return clock, listener, way, peer


def since(clock: Clock, heard: Heard) -> list[tuple[float, bytes]]:
    return [((at_ns - clock.zero_ns) / MS, octets) for at_ns, octets in heard]


def test_a_round_trip_takes_what_the_table_says() -> None:
    clock, listener, way, peer = between(STEADY, answers=True)
    way.write(b"move")
    clock.go_ms(99)
    assert since(clock, peer.heard) == [(50, b"move")]
    assert listener.heard == []

    clock.go_ms(1)
    assert since(clock, listener.heard) == [(100, b"move")]
    assert listener.transport is way


def test_a_narrow_way_takes_its_time_for_every_byte() -> None:
    clock, _, way, peer = between(NARROW)
    for _ in range(3):
        way.write(bytes(500))
    clock.go_ms(5000)
    way.write(bytes(100))
    clock.go_ms(5000)

    assert [at for at, _ in since(clock, peer.heard)] == [550, 1050, 1550, 5150]


def test_both_directions_have_room_of_their_own() -> None:
    clock, listener, way, peer = between(NARROW)
    way.write(bytes(1000))
    way.data_received(bytes(1000))
    clock.go_ms(2000)

    assert since(clock, peer.heard) == since(clock, listener.heard) == [(1050, bytes(1000))]


@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_reordered_lost_or_sent_twice_and_all_comes_when_it_was_drawn(
    profile: Profile, seed: int
) -> None:
    clock, listener, way, peer = between(profile, answers=True, seed=seed)
    random = Random(seed)
    sent = [(moment, random.randbytes(random.randrange(1, 300))) for moment in moments(random)]
    for at_ns, octets in sent:
        clock.go(clock.zero_ns + at_ns)
        way.write(octets)
    clock.go_ms(60_000)

    weather = Weather(profile, seed, clock.zero_ns)
    there = drawn(weather, profile, [(clock.zero_ns + at_ns, octets) for at_ns, octets in sent])
    assert peer.heard == there
    assert listener.heard == drawn(weather, profile, there)


def moments(random: Random) -> Iterator[int]:
    """300 moments in some two minutes, often several at once."""
    return accumulate(random.choice([0, 0, 30, 300, 1500]) * MS for _ in range(300))


def drawn(weather: Weather, profile: Profile, sent: Heard) -> Heard:
    """What the weather makes of it, reckoned anew: the queue, the way, the stall, and the one before."""
    free_ns, before_ns, heard = 0, 0, []
    for at_ns, octets in sent:
        free_ns = max(at_ns, free_ns)
        if profile.bytes_per_s:
            free_ns += len(octets) * 1_000_000_000 // profile.bytes_per_s
        before_ns = max(before_ns, weather.clear_ns(free_ns + weather.one_way_ns(free_ns)))
        heard.append((before_ns, octets))
    return heard


def test_the_end_comes_behind_everything_that_was_said() -> None:
    clock, listener, way, peer = between(NARROW)
    way.data_received(bytes(1000))
    way.connection_lost(None)
    clock.go_ms(5000)
    assert [at for at, _ in since(clock, listener.heard)] == [1050]
    assert listener.lost_at == [clock.zero_ns + 1050 * MS]

    clock, listener, way, peer = between(NARROW)
    way.write(bytes(1000))
    way.close()
    assert way.is_closing()
    clock.go_ms(1049)
    assert (peer.heard, peer.end) == ([], "")
    clock.go_ms(1)
    assert peer.end == "closed"
    assert len(peer.heard) == 1


def test_who_drops_a_line_drops_what_is_under_way() -> None:
    clock, listener, way, peer = between(STEADY, answers=True)
    way.write(b"move")
    way.data_received(b"push")
    clock.go_ms(20)
    way.abort()
    way.connection_lost(None)
    clock.go_ms(1000)

    assert peer.end == "aborted"
    assert peer.heard == listener.heard == []
    assert len(listener.lost_at) == 1


@pytest.mark.parametrize("profile", [None, STEADY], ids=["ethernet", "shaped"])
def test_nothing_passes_a_way_that_has_vanished_and_nobody_is_told(profile: Profile | None) -> None:
    clock, listener, way, peer = between(profile)
    way.write(b"before")
    clock.go_ms(1000)
    way.write(b"under way")
    way.data_received(b"under way")
    heard = len(peer.heard), len(listener.heard)
    way.vanish()
    way.write(b"after")
    way.data_received(b"after")
    way.connection_lost(None)
    clock.go_ms(60_000)

    assert (len(peer.heard), len(listener.heard)) == heard == ((2, 1) if profile is None else (1, 0))
    assert peer.end == ""
    assert listener.lost_at == []


@pytest.mark.parametrize("end", [Way.abort, Way.close], ids=["abort", "close"])
def test_a_line_that_is_given_up_is_lost_for_its_client_alone(end: Callable[[Way], None]) -> None:
    async def give_up() -> tuple[Listener, Peer, Way]:
        _, listener, way, peer = between(STEADY)
        way.vanish()
        end(way)
        assert listener.lost_at == []  # never within the call
        await asyncio.sleep(0)
        return listener, peer, way

    listener, peer, way = asyncio.run(give_up())
    assert len(listener.lost_at) == 1
    assert peer.end == ""

    way.bury()
    assert peer.end == "aborted"


def test_who_reads_nothing_leaves_it_in_the_socket() -> None:
    _, _, way, peer = between(STEADY)
    way.pause_reading()
    assert not peer.is_reading

    way.resume_reading()
    assert peer.is_reading


def test_a_handshake_costs_a_round_trip() -> None:
    clock, _, _, _ = between(None)
    weather = Weather(STEADY, 1, clock.zero_ns)
    route = Route(clock.wheel, Path(weather, None), Path(weather, None))

    assert route.greeted_ns(clock.now_ns) == clock.now_ns + 100 * MS
    assert Route(clock.wheel, None, None).greeted_ns(clock.now_ns) == clock.now_ns


def test_a_cable_adds_nothing() -> None:
    assert [profile.name for profile in TABLE if not profile.is_shaped] == ["ethernet"]
    assert all(profile.is_shaped for name, profile in PROFILES.items() if name != "ethernet")
