"""The weather: drawn from the seed and the moment, and as the table says."""

import itertools
from statistics import median

import pytest
from tests.loadtest.crowd.networks.clock import MS, S

from knack_loadtest.crowd.networks.profiles import PROFILES, TABLE, Profile, Silence, Stalls
from knack_loadtest.crowd.networks.weather import SLOT_NS, Weather

SHAPED = [profile for profile in TABLE if profile.round_trip_ms]


@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
def test_the_round_trip_has_the_median_and_the_jitter_of_the_table(profile: Profile) -> None:
    weather = Weather(profile, 7, 0)
    trips_ms = sorted(2 * weather.one_way_ns(slot * SLOT_NS) / MS for slot in range(4000))

    assert median(trips_ms) == pytest.approx(profile.round_trip_ms, rel=0.1)
    beyond = sum(trip > profile.round_trip_ms + profile.jitter_ms for trip in trips_ms) / len(trips_ms)
    assert beyond == pytest.approx(0.16, abs=0.03)  # one standard deviation
    assert trips_ms[0] > 0


def test_asking_changes_nothing() -> None:
    profile = PROFILES["venue_wifi_full"]
    moments = [n * 37 * MS for n in range(500)]
    forwards, backwards = Weather(profile, 9, 0), Weather(profile, 9, 0)

    def told(weather: Weather, at_ns: int) -> tuple[int, int]:
        return weather.one_way_ns(at_ns), weather.clear_ns(at_ns)

    assert [told(forwards, at) for at in moments] == [told(backwards, at) for at in reversed(moments)][::-1]
    assert [told(forwards, at) for at in moments] != [told(Weather(profile, 10, 0), at) for at in moments]


def test_a_moment_counts_from_the_beginning_of_the_run() -> None:
    profile = PROFILES["venue_wifi_full"]
    early, late = Weather(profile, 9, 0), Weather(profile, 9, 77 * S)

    assert [early.clear_ns(n * MS) for n in range(3000)] == [
        late.clear_ns(77 * S + n * MS) - 77 * S for n in range(3000)
    ]


@pytest.mark.parametrize("name", ["venue_wifi", "venue_wifi_full"])
def test_as_many_seconds_stall_as_the_table_says_and_no_longer(name: str) -> None:
    stalls = PROFILES[name].stalls
    assert stalls is not None
    weather, held_ns, longest_ns = Weather(PROFILES[name], 3, 0), 0, 0
    step_ns, seconds = 20 * MS, 1500
    for at_ns in range(0, seconds * S, step_ns):
        left_ns = weather.clear_ns(at_ns) - at_ns
        held_ns += step_ns if left_ns else 0
        longest_ns = max(longest_ns, left_ns)
    length_ms = stalls.longest_ms / 2 if stalls.is_drawn else stalls.longest_ms

    assert held_ns / (seconds * S) == pytest.approx(stalls.share * length_ms / 1000, rel=0.35)
    assert (
        0.9 * stalls.longest_ms * MS < longest_ns <= 2 * stalls.longest_ms * MS
    )  # two may follow each other


def test_what_would_arrive_in_a_stall_arrives_at_its_end() -> None:
    always = Profile("always", "", stalls=Stalls(1.0, 300))
    weather = Weather(always, 3, 0)
    ends = {weather.clear_ns(at_ns) for at_ns in range(0, 10 * S, MS) if weather.clear_ns(at_ns) != at_ns}

    assert 8 <= len(ends) <= 10
    assert all(weather.clear_ns(end_ns) == end_ns for end_ns in ends)


def test_a_silence_comes_as_often_as_it_should_and_ends_for_all_at_once() -> None:
    weather = Weather(Profile("tunnel", "", silence=Silence(10_000, 60_000)), 4, 0)
    silent = [at for at in range(0, 600 * S, 100 * MS) if weather.clear_ns(at) != at]
    ends = sorted({weather.clear_ns(at) for at in silent})

    assert len(silent) == pytest.approx(1000, abs=101)
    assert {after - before for before, after in itertools.pairwise(ends)} == {60 * S}


def test_people_go_through_their_tunnels_at_different_times() -> None:
    phases = {Weather(PROFILES["tunnel"], seed, 0).phase_ms(60_000) for seed in range(40)}

    assert len(phases) > 35
    assert all(0 <= phase < 60_000 for phase in phases)
