"""A measured figure beside what it is held against, and how the two are measured together."""

import json
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter_ns
from typing import NamedTuple

Work = Callable[[], int]
"""Does its work once and returns how many pieces it did."""


class Figure(NamedTuple):
    """One line of a benchmark.

    `ratio` is how many times as much it costs as what it is held against; where that is the plain engine, it is how many
    times as fast it is instead.
    """

    bench: str
    value: float
    unit: str
    against: str
    ratio: float

    def line(self) -> str:
        """Return the JSON line."""
        return json.dumps(
            {**self._asdict(), "value": round(self.value, 3), "ratio": round(self.ratio, 2)},
            separators=(", ", ": "),
        )


def microseconds_apiece(work: Work) -> float:
    """Return what a piece of this work costs now, in µs."""
    start = perf_counter_ns()
    pieces = work()
    return (perf_counter_ns() - start) / pieces / 1000


def interleaved(rounds: int, *works: Sequence[Work]) -> tuple[float, ...]:
    """Return the median cost of each kind of work, µs apiece; each round does one work of every kind.

    Turn and turn about, so that a machine that slows down for a while slows down all of them.
    """
    costs: list[list[float]] = [[] for _ in works]
    for number in range(rounds):
        for cost, choices in zip(costs, works, strict=True):
            cost.append(microseconds_apiece(choices[number % len(choices)]))
    return tuple(median(cost) for cost in costs)
