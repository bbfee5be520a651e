"""The plan: every person who will come, by name, and when. One seed, one plan, however many workers carry it out."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import exp

from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.networks.profiles import ETHERNET
from knack_loadtest.crowd.scenario.model import (
    Cheats,
    Group,
    Heats,
    Moderators,
    Players,
    Scenario,
    Visitors,
    Watchers,
)
from knack_loadtest.crowd.shapes import arrivals
from knack_loadtest.crowd.skills import SKILLS

FIRST_NAMES = (
    *("Ada", "Jürgen", "Zoë", "Łukasz", "Ayşe", "Noël", "Søren", "Nguyễn", "Marek", "Ines"),
    *("Мария", "Γιώργος", "Ébène", "Björn", "Chloé", "Tomáš", "Ğizem", "Iñaki", "Olga", "Pál"),
)
"""Names with marks and in three scripts: a festival's guests are not ASCII."""

PUBLICATIONS_PER_S = 4
"""How often a server publishes standings that changed, with its setting as it comes (250 ms)."""

LOCK_MS = 700
"""The lock of an average move: 200 ms and 300 ms for each of 1.6 steps (rules, section 6)."""

LINE_LOSSES = ("countdown", "middle")
"""When somebody may lose the line in a heat."""

KIND_OF = {
    Players: "players",
    Watchers: "watchers",
    Moderators: "moderators",
    Visitors: "visitors",
    Cheats: "cheats",
    Heats: "moderators",
}
"""What people are counted as; of heats, the moderator who calls them."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's part in heats: whether they come too late, and when they lose their line: never, in the `countdown`, or in the `middle`."""

    heats: Heats
    is_late: bool
    loses_line: str

    def entry(self) -> list[object]:
        """Return the seat as the plan's digest takes it."""
        return [self.heats.name, self.is_late, self.loses_line]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who will come. `number` counts all people of the plan, `index` those of the group."""

    number: int
    kind: str
    group: Group | Heats
    index: int
    arrive_ms: int
    name: str
    attempt: str = ""
    """What a cheat tries."""
    seats: tuple[Seat, ...] = ()
    """In which heats a player takes part, in the order in which they are called."""
    network: str = ETHERNET
    """Through which network they come."""

    def line(self, seed: int) -> str:
        """Return the person as the plan's digest takes it, the beginning of all later chance included."""
        drawn = chance(seed, self.group.name, self.index, "digest").getrandbits(64)
        entry = [
            self.number,
            self.kind,
            self.group.name,
            self.index,
            self.arrive_ms,
            self.name,
            self.attempt,
            [seat.entry() for seat in self.seats],
            self.network,
            drawn,
        ]
        return json.dumps(entry, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everybody who will come, in the order of groups."""

    scenario: Scenario
    seed: int
    people: tuple[Person, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 of everybody, of the heats, and of what goes wrong on the way."""
        lines = [person.line(self.seed) for person in self.people]
        lines += [repr(heats) for heats in self.scenario.heats]
        lines += [repr(fault) for fault in self.scenario.faults]
        return hashlib.sha256("\n".join([str(self.seed), *lines]).encode()).hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        """How many people of each kind."""
        counted = Counter(person.kind for person in self.people)
        return {kind: counted[kind] for kind in dict.fromkeys(KIND_OF.values())}

    def expected(self, heats: Heats) -> int:
        """Return how many people want to be in these heats' lobby in time."""
        return sum(
            seat.heats == heats and not seat.is_late for person in self.people for seat in person.seats
        )

    def share(self, worker: int, workers: int) -> tuple[Person, ...]:
        """Return the people that one of several workers lets live."""
        return tuple(person for person in self.people if person.number % workers == worker)


def make_plan(scenario: Scenario) -> Plan:
    """Draw up the plan of a scenario with its seed."""
    seed = scenario.frame.seed
    people: list[Person] = []
    for group in scenario.groups:
        attempts = group.kinds if isinstance(group, Cheats) else ("",)
        wanted = [attempt for attempt in attempts for _ in range(group.count)]
        moments = arrivals(len(wanted), group.arrive, chance(seed, group.name, "arrivals"))
        for index, (attempt, moment) in enumerate(zip(wanted, moments, strict=True)):
            number = len(people)
            name = f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {number}"
            kind, network = KIND_OF[type(group)], _network(group, index, seed)
            seats = tuple(_seats(scenario, group.name, index))
            person = Person(number, kind, group, index, moment, name, attempt, seats, network)
            people.append(person)
    for heats in scenario.heats:
        name = f"{FIRST_NAMES[len(people) % len(FIRST_NAMES)]} {len(people)}"
        people.append(Person(len(people), KIND_OF[Heats], heats, 0, heats.at_ms, name))
    return Plan(scenario, seed, tuple(people))


def _seats(scenario: Scenario, group: str, index: int) -> Iterator[Seat]:
    """Yield in which heats somebody takes part."""
    for heats in sorted(scenario.heats, key=lambda heats: heats.at_ms):
        drawn = chance(scenario.frame.seed, heats.name, group, index)
        takes_part, is_late, loses_line = (
            drawn.random() < share for share in (heats.share, heats.late, heats.lost)
        )
        moment = drawn.choice(LINE_LOSSES)
        if heats.players == group and takes_part:
            yield Seat(heats, is_late, moment if loses_line else "")


def _network(group: Group, index: int, seed: int) -> str:
    """Draw the network of somebody; moderators, visitors and cheats sit at a cable."""
    if not isinstance(group, Players | Watchers):
        return ETHERNET
    drawn = chance(seed, group.name, index, "network").random()
    for name, share in group.network:
        drawn -= share
        if drawn < 0:
            return name
    return group.network[-1][0]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a plan will ask of server and generator when everybody is there."""

    sockets: int
    moves_per_s: float
    deltas_per_s: float


def forecast(plan: Plan) -> Forecast:
    """Estimate the load at its highest from the scenario's own numbers."""
    scenario = plan.scenario
    by_course: Counter[str] = Counter()
    moves_per_s = 0.0
    for group in scenario.players:
        by_course[group.course] += group.count if group.follows else 0
        moves_per_s += group.count / _seconds_a_move(group)
    for watchers in scenario.watchers:
        by_course[watchers.course] += watchers.count
    publications = min(moves_per_s, PUBLICATIONS_PER_S)
    visitors = sum(group.count for group in scenario.visitors)
    return Forecast(len(plan.people) - visitors, moves_per_s, publications * sum(by_course.values()))


def _seconds_a_move(group: Players) -> float:
    if group.pacing == "metronome":
        return group.every_ms / 1000
    skilled = SKILLS[group.skill]
    if skilled.idle == 1:
        return float("inf")
    pace = skilled.skill.pace
    return (pace.median_ms * exp(pace.sigma**2 / 2) + LOCK_MS) / 1000


def curve(people: Iterable[Person], until_ms: int, buckets: int = 20) -> list[tuple[int, int]]:
    """Return how many people have come by the end of each of some equal parts of the time: (ms, people)."""
    moments = sorted(person.arrive_ms for person in people)
    ends = [until_ms * (n + 1) // buckets for n in range(buckets)]
    return [(end, sum(moment <= end for moment in moments)) for end in ends]
