"""When a player's next move is due: the intended time, from which its latency counts (an idea of G. Tene's wrk2).

*Human*: the board opens, somebody thinks, the hand moves. Nobody can move before the last reply, so a slow server makes
fewer moves, and what it stole from the clock is a figure of its own. *Metronome*: a schedule from the run's beginning on,
whatever the server does; every player has one move in flight, and many players make the rate.
"""

from collections.abc import Callable
from random import Random
from typing import Final

from knack_client.bots.pace import Pace
from knack_loadtest.crowd.scenario.model import Players
from knack_loadtest.crowd.skills import LOOKS_AWAY_MS, Skilled

STARTS_WITHIN_MS: Final = 300
"""When all start at once, first moves come within so much: everybody has looked at the same countdown."""

Due = Callable[[int, float], int]
"""Takes now (µs) and how long the board is still locked (ms); returns when the next move is due (µs)."""


def pacing(group: Players, skilled: Skilled, random: Random, begun_us: int, *, is_go: bool) -> Due:
    """Return when the moves of one run are due, that began at `begun_us`; `is_go` where all began it at once."""
    if group.pacing == "metronome":
        return _metronome(group.every_ms, random, begun_us)
    return _human(skilled, random, is_go=is_go)


def _human(skilled: Skilled, random: Random, *, is_go: bool) -> Due:
    pace: Pace = skilled.skill.pace
    first = is_go

    def due(now_us: int, locked_ms: float) -> int:
        nonlocal first
        think_ms = random.uniform(0, STARTS_WITHIN_MS) if first else pace.think_ms(random)
        first = False
        if random.random() < skilled.idle:
            think_ms += LOOKS_AWAY_MS
        return now_us + round((locked_ms + think_ms) * 1000)

    return due


def _metronome(every_ms: int, random: Random, begun_us: int) -> Due:
    offset_us = begun_us + round(random.random() * every_ms * 1000)
    number = -1

    def due(_now_us: int, _locked_ms: float) -> int:
        nonlocal number
        number += 1
        jitter_us = round(random.uniform(-0.1, 0.1) * every_ms * 1000)
        return max(offset_us + number * every_ms * 1000 + jitter_us, begun_us)

    return due
