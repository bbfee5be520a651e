"""A scenario as a value; what each field means stands beside its key in `keys`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from knack_loadtest.crowd.networks.profiles import ETHERNET
from knack_loadtest.crowd.shapes import Arrive

Network = tuple[tuple[str, float], ...]
"""Names of networks, each with the share of a group that comes through it."""

CABLE: Network = ((ETHERNET, 1.0),)


@dataclass(frozen=True, slots=True)
class Frame:
    """The table `[scenario]`."""

    name: str
    title: str
    about: str
    duration_ms: int
    seed: int
    warmup_ms: int
    ending: str
    recorded: str = ""


@dataclass(frozen=True, slots=True)
class Players:
    """A table `[players.NAME]`."""

    name: str
    count: int
    skill: str
    arrive: Arrive
    course: str
    runs: int
    alone: bool
    gap_ms: int
    pacing: str
    every_ms: int
    follows: bool
    go_at_ms: int | None
    network: Network = CABLE


@dataclass(frozen=True, slots=True)
class Watchers:
    """A table `[watchers.NAME]`."""

    name: str
    count: int
    device: str
    arrive: Arrive
    course: str
    view: str
    heats: str | None
    sample: float
    stays_ms: int | None
    network: Network = CABLE


@dataclass(frozen=True, slots=True)
class Moderators:
    """A table `[moderators.NAME]`."""

    name: str
    count: int
    arrive: Arrive
    course: str
    hide_name_per_s: float
    void_per_s: float


@dataclass(frozen=True, slots=True)
class Visitors:
    """A table `[visitors.NAME]`."""

    name: str
    count: int
    arrive: Arrive
    rate_per_s: float
    payloads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cheats:
    """A table `[cheats.NAME]`."""

    name: str
    count: int
    arrive: Arrive
    course: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heats:
    """A table `[heats.NAME]`: heats one after another, each called by the same moderator and played by the same people."""

    name: str
    players: str
    share: float
    course: str
    scope: str
    at_ms: int
    lobby_ms: int
    repeat: int
    gap_ms: int
    late: float
    lost: float
    void_after_ms: int | None

    @property
    def ids(self) -> tuple[str, ...]:
        """The heats in their order, reruns not counted."""
        short = self.name.partition(".")[2]
        return tuple(f"{short}-{number}" for number in range(1, self.repeat + 1))

    @property
    def reruns(self) -> int:
        """How many reruns are prepared for each."""
        return 0 if self.void_after_ms is None else 1

    def rerun_of(self, heat: str) -> str | None:
        """Return what is played in the place of a heat, if it is to be voided: the first one."""
        return f"{heat}-r1" if self.reruns and heat == self.ids[0] else None

    @property
    def promised(self) -> tuple[str, ...]:
        """Every heat that may be played, in that order."""
        planned = ((heat, self.rerun_of(heat)) for heat in self.ids)
        return tuple(heat for pair in planned for heat in pair if heat is not None)


@dataclass(frozen=True, slots=True)
class Fault:
    """An entry `[[faults]]`."""

    at_ms: int
    kind: str
    who: str
    share: float
    within_ms: int
    rude: float
    for_ms: int


@dataclass(frozen=True, slots=True)
class Expect:
    """The table `[expect]`."""

    thresholds: tuple[str, ...] = ()


Group = Players | Watchers | Moderators | Visitors | Cheats


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole scenario. `text` is the file as it was, `overrides` what was set beside it."""

    frame: Frame
    players: tuple[Players, ...] = ()
    watchers: tuple[Watchers, ...] = ()
    moderators: tuple[Moderators, ...] = ()
    visitors: tuple[Visitors, ...] = ()
    cheats: tuple[Cheats, ...] = ()
    heats: tuple[Heats, ...] = ()
    faults: tuple[Fault, ...] = ()
    expect: Expect = Expect()
    text: str = ""
    overrides: Mapping[str, object] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[Group, ...]:
        """All groups of people, in the order of the kinds."""
        return (*self.players, *self.watchers, *self.moderators, *self.visitors, *self.cheats)

    @property
    def courses(self) -> tuple[str, ...]:
        """The courses that anybody plays or looks at, by name."""
        named: tuple[Players | Watchers | Moderators | Cheats | Heats, ...] = (
            *self.players,
            *self.watchers,
            *self.moderators,
            *self.cheats,
            *self.heats,
        )
        return tuple(sorted({group.course for group in named}))
