"""Readings and what they come to: medians with their spread, ratios, and whether an aim was reached."""

import json
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, Final, NamedTuple

CLIENT_SHARE_MAX: Final = 0.9
"""Of its core: a client that used more was itself what was measured."""

_TRIES_MAX: Final = 2
"""How often a round is taken again because its client was too busy."""


class Round(NamedTuple):
    """One reading of one contender."""

    value: float
    client_share: float = 0.0
    wrong: tuple[str, ...] = ()
    """What was not correct; a figure with anything here has no number."""


class Reading(NamedTuple):
    """The rounds of one contender, discarded ones left out."""

    median: float
    low: float
    high: float
    rounds: int

    def text(self) -> str:
        """Write median and spread."""
        return (
            f"{short(self.median)} ({short(self.low)} to {short(self.high)})"
            if self.rounds > 1
            else short(self.median)
        )


class Row(NamedTuple):
    """One line of the table: a figure of ours beside one that it is held against."""

    figure: str
    what: str
    unit: str
    ours: Reading | None
    against: str
    theirs: Reading | None = None
    aim: str = ""
    limit: float | None = None
    """The ratio that is wanted; None where nothing is."""
    is_more_better: bool = False
    """Whether the ratio has to be above the limit, such as that of two rates."""
    note: str = ""
    """Why there is no reading, or what else has to be known."""
    wrong: tuple[str, ...] = ()

    @property
    def ratio(self) -> float | None:
        """How many times theirs ours is; None where one of the two is missing."""
        if self.ours is None or self.theirs is None or not self.theirs.median or self.wrong:
            return None
        return self.ours.median / self.theirs.median

    @property
    def is_reached(self) -> bool | None:
        """Tell whether the aim was reached; None where that cannot be said."""
        if self.limit is None or self.ratio is None:
            return None
        return self.ratio >= self.limit if self.is_more_better else self.ratio <= self.limit

    def line(self) -> str:
        """Return the JSON line."""
        fields: dict[str, Any] = {
            **self._asdict(),
            "ours": self.ours and self.ours._asdict(),
            "theirs": self.theirs and self.theirs._asdict(),
            "ratio": self.ratio,
            "is_reached": self.is_reached,
        }
        return json.dumps(fields, ensure_ascii=False)


def short(value: float) -> str:
    """Write a number as a reader wants it: three digits that mean something."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def reading(rounds: Sequence[Round]) -> Reading | None:
    """Return what rounds come to; None where all were discarded."""
    values = [each.value for each in rounds if each.client_share <= CLIENT_SHARE_MAX]
    return Reading(median(values), min(values), max(values), len(values)) if values else None


def wrong_of(*many: Sequence[Round]) -> tuple[str, ...]:
    """Return everything that was not correct in any round, each thing once."""
    return tuple(dict.fromkeys(fault for rounds in many for each in rounds for fault in each.wrong))


def alternating(count: int, works: Mapping[str, Callable[[], Round]]) -> dict[str, list[Round]]:
    """Take `count` rounds of every contender, turn and turn about: A/B/A/B.

    A round in which the client was too busy is taken again, twice at the most.
    """
    rounds: dict[str, list[Round]] = {name: [] for name in works}
    for _ in range(count):
        for name, work in works.items():
            for _ in range(1 + _TRIES_MAX):
                rounds[name].append(work())
                if rounds[name][-1].client_share <= CLIENT_SHARE_MAX:
                    break
    return rounds
