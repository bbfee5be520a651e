"""Shapes of arrival: when the people of a group come, whether the server is slow or not (an open model).

A shape is a function of how many come, of chance, and of its own numbers; it returns ms since the start, ascending.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class Arrive:
    """When a group comes. Which numbers count depends on the shape; the others stay 0."""

    shape: str = "at_once"
    at_ms: int = 0
    over_ms: int = 0
    rate_per_s: float = 0.0
    step: int = 0
    every_ms: int = 0


Shape = Callable[[int, Arrive, Random], list[int]]


def at_once(count: int, arrive: Arrive, _random: Random) -> list[int]:
    """Everybody at `at`."""
    return [arrive.at_ms] * count


def ramp(count: int, arrive: Arrive, _random: Random) -> list[int]:
    """One after another, evenly, from `at` for the time `over`."""
    return [arrive.at_ms + arrive.over_ms * index // count for index in range(count)]


def poisson(count: int, arrive: Arrive, random: Random) -> list[int]:
    """As strangers come: `rate` on average, independent of each other."""
    moments, now_ms = [], float(arrive.at_ms)
    for _ in range(count):
        now_ms += random.expovariate(arrive.rate_per_s) * 1000
        moments.append(round(now_ms))
    return moments


def spike(count: int, arrive: Arrive, random: Random) -> list[int]:
    """Everybody at a random moment from `at` for the time `over`: somebody on stage says "look now"."""
    return sorted(arrive.at_ms + round(random.random() * arrive.over_ms) for _ in range(count))


def stairs(count: int, arrive: Arrive, _random: Random) -> list[int]:
    """`step` people at once, again each `every`."""
    return [arrive.at_ms + arrive.every_ms * (index // arrive.step) for index in range(count)]


def wave(count: int, arrive: Arrive, random: Random) -> list[int]:
    """Few, many, few: normally distributed around the middle of `over`, cut at its ends."""
    middle, spread = arrive.over_ms / 2, arrive.over_ms / 6
    drawn = (min(max(random.gauss(middle, spread), 0), arrive.over_ms) for _ in range(count))
    return sorted(arrive.at_ms + round(moment) for moment in drawn)


SHAPES: Final[dict[str, tuple[Shape, tuple[str, ...]]]] = {
    "at_once": (at_once, ()),
    "ramp": (ramp, ("over_ms",)),
    "poisson": (poisson, ("rate_per_s",)),
    "spike": (spike, ("over_ms",)),
    "stairs": (stairs, ("step", "every_ms")),
    "wave": (wave, ("over_ms",)),
}
"""Each shape with the numbers that it cannot do without."""


def arrivals(count: int, arrive: Arrive, random: Random) -> list[int]:
    """Return when each of `count` people comes, ms since the start, ascending."""
    shape, _ = SHAPES[arrive.shape]
    return shape(count, arrive, random)
