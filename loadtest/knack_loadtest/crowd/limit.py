"""The search for the highest load that still holds: which load to try next, and when enough is known.

A load *holds* when most of its trials did. First the lowest is tried, then the highest, then the middle between the highest
that held and the lowest that did not, until they are neighbours; then both are tried again until most of `repeats` trials
of each say the same, because one trial is an anecdote. A load that turns out otherwise is an edge no longer, and the search
goes on from there. Each load is tried `repeats` times at most, so it always ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

NEIGHBOURS: Final = 0.02
"""Two loads closer than this share of the lower one are neighbours: a run tells them no better apart."""


class Trial(StrEnum):
    """What came of one trial: the words of a run's verdict."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    INVALID = "INVALID"
    WRONG = "WRONG"


class Edge(StrEnum):
    """Where the limit lies, as far as is known."""

    UNKNOWN = "unknown"
    BELOW = "below"
    """Not even the lowest load held."""
    BETWEEN = "between"
    ABOVE = "above"
    """The highest load held, too."""


class Limit(StrEnum):
    """Whose limit it is."""

    SERVER = "server"
    GENERATOR = "generator"
    """Most trials of the lowest load that did not hold were no measurement at all."""


@dataclass(slots=True)
class Search:
    """One search between two loads, both included.

    Args:
        lowest: Where to begin; at least 1.
        highest: Where to end; at least `lowest`.
        repeats: How many trials a load at the edge has; odd, so that there is always a majority.
    """

    lowest: int
    highest: int
    repeats: int
    trials: dict[int, list[Trial]] = field(default_factory=dict)
    """What came of each load's trials, in order."""

    def __post_init__(self) -> None:
        assert 1 <= self.lowest <= self.highest
        assert self.repeats % 2 == 1

    @property
    def holds(self) -> int | None:
        """The highest load that held, below all that did not; None for none."""
        breaks = self.breaks
        held = [load for load in self.trials if self._held(load) and (breaks is None or load < breaks)]
        return max(held, default=None)

    @property
    def breaks(self) -> int | None:
        """The lowest load that did not hold; None for none."""
        return min((load for load in self.trials if not self._held(load)), default=None)

    @property
    def edge(self) -> Edge:
        """Where the limit lies."""
        holds, breaks = self.holds, self.breaks
        if breaks == self.lowest:
            return Edge.BELOW
        if holds == self.highest:
            return Edge.ABOVE
        return Edge.UNKNOWN if holds is None or breaks is None else Edge.BETWEEN

    @property
    def limited_by(self) -> Limit | None:
        """Whose limit was found; None while nothing broke."""
        if self.breaks is None:
            return None
        trials = self.trials[self.breaks]
        is_ours = trials.count(Trial.INVALID) > trials.count(Trial.FAILED)
        return Limit.GENERATOR if is_ours else Limit.SERVER

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left to try."""
        return self.next_load() is None

    def note(self, load: int, trial: Trial) -> None:
        """Take in what came of a trial; one that was WRONG ends the search."""
        self.trials.setdefault(load, []).append(trial)

    def next_load(self) -> int | None:
        """Return which load to try next; None when enough is known."""
        if any(Trial.WRONG in trials for trials in self.trials.values()):
            return None
        if self.lowest not in self.trials:
            return self.lowest
        holds, breaks = self.holds, self.breaks
        if holds is None:
            return self._again(self.lowest)
        if breaks is None:
            return self.highest if self.highest not in self.trials else self._again(self.highest)
        if breaks - holds > max(1, int(holds * NEIGHBOURS)):
            return (holds + breaks) // 2
        return self._again(holds) or self._again(breaks)

    def _held(self, load: int) -> bool:
        trials = self.trials[load]
        return 2 * trials.count(Trial.PASSED) > len(trials)

    def _again(self, load: int) -> int | None:
        """Return the load if more trials could still change what is said of it."""
        trials = self.trials[load]
        most = max(trials.count(Trial.PASSED), len(trials) - trials.count(Trial.PASSED))
        return None if 2 * most > self.repeats else load


def shares(counts: Mapping[str, int], total: int) -> dict[str, int]:
    """Share `total` people out among groups in the proportion of `counts` (at least one person), by largest remainder."""
    whole = sum(counts.values())
    exact = {name: total * count / whole for name, count in counts.items()}
    shared = {name: int(part) for name, part in exact.items()}
    by_rest = sorted(counts, key=lambda name: (shared[name] - exact[name], name))
    for name in by_rest[: total - sum(shared.values())]:
        shared[name] += 1
    return shared
