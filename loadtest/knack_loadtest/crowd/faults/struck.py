"""Whom a fault strikes: drawn from the seed, person by person."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.plan import Person
from knack_loadtest.crowd.scenario.model import Fault, Scenario


@dataclass(frozen=True, slots=True)
class Victim:
    """Somebody who is struck: with chance of their own, and whether they are rude."""

    number: int
    random: Random
    is_rude: bool


Struck = Sequence[Victim]


def struck(scenario: Scenario, seed: int, place: int, people: Sequence[Person]) -> Struck:
    """Return whom of these people the scenario's fault number `place` strikes."""
    fault = scenario.faults[place]
    victims = []
    for person in people:
        random = chance(seed, "fault", place, person.number)
        is_drawn, is_rude = random.random() < fault.share, random.random() < fault.rude
        if is_drawn and _is_meant(fault, person):
            victims.append(Victim(person.number, random, is_rude))
    return victims


def slow_readers(scenario: Scenario, seed: int, people: Sequence[Person]) -> frozenset[int]:
    """Return who will be a slow reader at some time."""
    return frozenset(
        victim.number
        for place, fault in enumerate(scenario.faults)
        if fault.kind == "slow"
        for victim in struck(scenario, seed, place, people)
    )


def _is_meant(fault: Fault, person: Person) -> bool:
    return fault.who in {"all", person.kind, person.group.name}
