"""Halls full of players: who is there, and what they play in three heats on the same tiles."""

from collections.abc import Iterator, Mapping
from math import log
from random import Random
from typing import Final

from knack_loadtest.detectors.characters import CHEATS, HONEST, Character
from knack_loadtest.detectors.playing import Line, Recording, play_sprint

HEATS: Final = 3
"""Sprints that make up an entry, each on new tiles, as an event sums them up."""

ROUND_TRIP_MEDIAN_MS: Final = 40
ROUND_TRIP_SIGMA: Final = 0.7
"""Of phones in a hall's wireless network and of some outside: log-normal, one in a hundred above 200 ms."""

Crowd = Mapping[Character, int]
"""How many there are of each."""

_CHEATS_EACH: Final = 2
"""More cheats than any hall has seen, and two twins; few enough that the middle of the cohort is an honest one."""

MIXED: Final[Crowd] = dict.fromkeys(HONEST, 10) | dict.fromkeys(CHEATS, _CHEATS_EACH)
"""Forty honest players of all kinds."""

CASUAL: Final[Crowd] = dict.fromkeys(HONEST[:2], 20) | dict.fromkeys(CHEATS, _CHEATS_EACH)
"""The same without honest experts: a hall in which playing well stands out."""


def entries(crowd: Crowd, number: int) -> Iterator[tuple[Character, list[Recording]]]:
    """Let a hall play, and yield everybody with the runs of their three heats; one number, one hall."""
    random = Random(f"hall {number}")  # noqa: S311 - the same hall every time
    seeds = [random.randbytes(32) for _ in range(HEATS)]
    for character, count in crowd.items():
        for place in range(count):
            line = Line(round(random.lognormvariate(log(ROUND_TRIP_MEDIAN_MS), ROUND_TRIP_SIGMA)))
            player = f"{character.name}-{place}"
            yield (
                character,
                [
                    play_sprint(character, line, seed, random, player, f"hall{number}-{heat}")
                    for heat, seed in enumerate(seeds, 1)
                ],
            )
