"""The networks that people come through, in one table.

Round trips, jitter and stalls are those of the study behind this tester: halls, streets and trains, not laboratories.
"""

from dataclasses import dataclass
from typing import Final

S_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Stalls:
    """A share of all seconds in which nothing arrives for a while, at most `longest_ms`; shorter ones are drawn evenly."""

    share: float
    longest_ms: int
    is_drawn: bool = False
    """Whether the length is drawn; else each stall is the longest."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing arrives for `lasts_ms` of every `every_ms`; what was sent meanwhile comes afterwards."""

    lasts_ms: int
    every_ms: int


@dataclass(frozen=True, slots=True)
class Episode:
    """What happens to a whole line every `every_ms`, from a drawn moment on: a row of `episodes`."""

    kind: str
    every_ms: int
    lasts_ms: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """One network. Half of all round trips take no longer than `round_trip_ms`, five of six no longer than that and the jitter."""

    name: str
    meaning: str
    round_trip_ms: float = 0
    jitter_ms: float = 0
    bytes_per_s: int | None = None
    """In each direction; None for more than a game needs."""
    stalls: Stalls | None = None
    silence: Silence | None = None
    episode: Episode | None = None

    @property
    def is_shaped(self) -> bool:
        """Tell whether there is anything to do between line and socket."""
        return self != Profile(self.name, self.meaning)


MINUTE_MS: Final = 60 * S_MS

TABLE: Final = (
    Profile("ethernet", "a cable: what loopback is, nothing is added"),
    Profile(
        "venue_wifi", "15 ms, one second in a hundred stalls for 300 ms", 15, 20, stalls=Stalls(0.01, 300)
    ),
    Profile(
        "venue_wifi_full",
        "the same when the hall is full: 80 ms, one second in twenty stalls for up to 2 s",
        80,
        150,
        stalls=Stalls(0.05, 2000, is_drawn=True),
    ),
    Profile("lte", "45 ms", 45, 15),
    Profile("edge_3g", "180 ms, 1 Mbit/s", 180, 80, bytes_per_s=125_000),
    Profile("tunnel", "LTE with 10 s of silence every minute", 45, 15, silence=Silence(10 * S_MS, MINUTE_MS)),
    Profile(
        "half_open",
        "LTE whose lines go dead every minute without a word to either side",
        45,
        15,
        episode=Episode("half_open", MINUTE_MS),
    ),
    Profile(
        "nat_rebind",
        "LTE with a new port every minute: the old line is dead, and only the phone knows",
        45,
        15,
        episode=Episode("nat_rebind", MINUTE_MS),
    ),
    Profile(
        "airplane",
        "LTE, switched off for 20 s of every minute",
        45,
        15,
        episode=Episode("airplane", MINUTE_MS, 20 * S_MS),
    ),
    Profile(
        "captive_portal",
        "hall Wi-Fi whose portal lets nothing out for the first 5 s, until it is clicked away",
        15,
        20,
        episode=Episode("captive_portal", 0, 5 * S_MS),
    ),
    Profile(
        "background_tab",
        "hall Wi-Fi, and an app that reads nothing for 20 s of every minute",
        15,
        20,
        episode=Episode("background_tab", MINUTE_MS, 20 * S_MS),
    ),
)

PROFILES: Final = {profile.name: profile for profile in TABLE}

ETHERNET: Final = "ethernet"
