"""Whom a fault strikes: drawn from the seed, person by person."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from random import Random

from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.people.device import Device
from knack_loadtest.crowd.people.stage import Stage
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


def struck_by(scenario: Scenario, seed: int, people: Sequence[Person], *kinds: str) -> frozenset[int]:
    """Return whom faults of these kinds will strike at some time."""
    return frozenset(
        victim.number
        for place, fault in enumerate(scenario.faults)
        if fault.kind in kinds
        for victim in struck(scenario, seed, place, people)
    )


async def one_by_one(stage: Stage, fault: Fault, victims: Struck) -> AsyncIterator[tuple[Victim, Device]]:
    """Yield everybody who is struck and there, at their own moment of `within`."""
    due = sorted(((victim.random.random() * fault.within_ms, victim) for victim in victims), key=_moment)
    begun_ms = stage.now_us() / 1000
    for after_ms, victim in due:
        left_ms = begun_ms + after_ms - stage.now_us() / 1000
        if left_ms > 1:
            await asyncio.sleep(left_ms / 1000)
        device = stage.devices.get(victim.number)
        if device is not None:
            yield victim, device


def _moment(due: tuple[float, Victim]) -> tuple[float, int]:
    return due[0], due[1].number


def _is_meant(fault: Fault, person: Person) -> bool:
    return fault.who in {"all", person.kind, person.group.name}
