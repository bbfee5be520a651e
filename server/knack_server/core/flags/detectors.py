"""The detectors, in one table: what each measures, from when on it flags, what else may be behind it.

The thresholds hold for every event and are fixed before it. They were set so that simulated honest players stay below
them (docs/detectors.md); people at play may differ, which is why no flag is more than a reason to watch a replay.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from knack_server.core.flags.cohort import robust_z
from knack_server.core.flags.leak import deviate, most_telling
from knack_server.core.flags.traits import Traits
from knack_server.core.flags.twins import Twin, along

SHOWN_SEQS: Final = 10
"""Links into the replay a flag carries at most: as many as somebody will follow."""

LEAK_MOVES_MIN: Final = 10
DECIDED_MIN: Final = 15
"""Moves with something to choose, below which shares of them say too little."""
FOLLOWED_MIN: Final = 15
"""The same for swaps whose lock could be ridden."""


class Kind(StrEnum):
    """What a detector looks at; its value is the flag's name everywhere."""

    LEAK = "leak"
    LEAK_ALL = "leak_all"
    REACTION = "reaction"
    QUICK_REACTIONS = "quick_reactions"
    CADENCE = "cadence"
    STREAK = "streak"
    RIDING = "riding"
    BEST = "best"
    SPEED = "speed"
    TWIN = "twin"
    LINKS = "links"


class Weight(StrEnum):
    """What a flag asks for: a review by itself, a review together with another one, or nothing."""

    ALONE = "alone"
    IN_PAIRS = "in_pairs"
    REMARK = "remark"


class Sense(StrEnum):
    """On which side of its threshold a number flags."""

    AT_LEAST = "at_least"
    BELOW = "below"


Facts = Mapping[str, int | float | str]
"""What a number was made of, by names that the desk has words for."""


class Finding(NamedTuple):
    """What a detector found: the number (None: too little to tell), the events to look at, and what it was made of."""

    number: float | None
    seqs: tuple[int, ...] = ()
    facts: Facts = MappingProxyType({})


class Company(NamedTuple):
    """The runs that a run is held against: others of its cohort, and the same player's other runs."""

    others: Sequence[Traits] = ()
    own: Sequence[Traits] = ()


@dataclass(frozen=True, slots=True)
class Detector:
    """One line of the table.

    Detectors of the same `noun` look at the same thing twice and never make a pair; `causes` are keys of texts: what else
    may be behind the number.
    """

    kind: Kind
    noun: str
    measures: str
    look: Callable[[Traits, Company], Finding]
    sense: Sense
    threshold: float
    weight: Weight
    causes: tuple[str, ...]

    def flags(self, number: float | None) -> bool:
        """Tell whether a number is on the flagged side."""
        if number is None or self.weight is Weight.REMARK:
            return False
        return number < self.threshold if self.sense is Sense.BELOW else number >= self.threshold


def _leak(run: Traits, _company: Company) -> Finding:
    if run.moves < LEAK_MOVES_MIN:
        return Finding(None)
    return Finding(deviate(run.draws), most_telling(run.draws, SHOWN_SEQS), {"moves": run.moves})


def _leak_all(run: Traits, company: Company) -> Finding:
    runs = [run, *company.own]
    draws = [draw for each in runs for draw in each.draws]
    if len(runs) < 2 or len(draws) < LEAK_MOVES_MIN:
        return Finding(None)
    return Finding(deviate(draws), (), {"runs": len(runs), "moves": len(draws)})


def _reaction(run: Traits, _company: Company) -> Finding:
    found = run.reactions
    return Finding(found.median_ms, found.quickest, {"swaps": found.dependent})


def _quick_reactions(run: Traits, _company: Company) -> Finding:
    found = run.reactions
    return Finding(found.quick, found.quickest[: found.quick], {"swaps": found.dependent})


def _cadence(run: Traits, _company: Company) -> Finding:
    return Finding(run.cadence.variation, (), {"swaps": run.cadence.swaps})


def _streak(run: Traits, _company: Company) -> Finding:
    return Finding(run.cadence.streak_variation, run.cadence.streak[:1])


def _riding(run: Traits, _company: Company) -> Finding:
    if run.riding.total < FOLLOWED_MIN:
        return Finding(None)
    return Finding(run.riding.rate, run.riding.seqs[:SHOWN_SEQS], {"swaps": run.riding.total})


def _best(run: Traits, company: Company) -> Finding:
    best = run.best.best
    if best.total < DECIDED_MIN:
        return Finding(None)
    others = [other.best.best.rate for other in company.others if other.best.best.total >= DECIDED_MIN]
    facts: Facts = {"rate": best.rate, "moves": best.total, "regret": run.best.regret, "others": len(others)}
    return Finding(robust_z(best.rate, others), best.seqs[:SHOWN_SEQS], facts)


def _speed(run: Traits, _company: Company) -> Finding:
    quick = run.best.quick
    if quick.total < DECIDED_MIN:
        return Finding(None)
    return Finding(quick.rate, quick.seqs[:SHOWN_SEQS], {"moves": quick.total})


def _twin(run: Traits, company: Company) -> Finding:
    pairs = [
        Twin(other.run, other.player, *along(run.path, other.path))
        for other in company.others
        if other.path.first_planes == run.path.first_planes and other.player != run.player
    ]
    if not pairs:
        return Finding(None)
    twin = max(pairs, key=lambda pair: (pair.chosen, pair.swaps, pair.run))
    facts: Facts = {"run": twin.run, "player": twin.player, "swaps": twin.swaps, "others": len(pairs)}
    return Finding(twin.chosen, run.path.seqs[: twin.swaps][-1:], facts)  # where they part


def _links(run: Traits, _company: Company) -> Finding:
    links = run.links
    facts: Facts = {
        "lost": links.lost,
        "resumed": links.resumed,
        "replaced": links.replaced,
        "server_away": links.server_away,
        "grace_is_capped": int(links.grace_is_capped),
    }
    return Finding(links.returns, links.seqs[:SHOWN_SEQS], facts)


DETECTORS: Final = (
    Detector(
        Kind.LEAK, "refills",
        "real refills among imagined ones, this run, as a normal deviate",
        _leak, Sense.AT_LEAST, 4.0, Weight.ALONE, ("luck", "neighbour", "told"),
    ),
    Detector(
        Kind.LEAK_ALL, "refills",
        "the same, all runs of the player together",
        _leak_all, Sense.AT_LEAST, 4.0, Weight.ALONE, ("luck", "neighbour", "told"),
    ),
    Detector(
        Kind.REACTION, "reactions",
        "median reaction to tiles that have just fallen, ms, of 10 or more",
        _reaction, Sense.BELOW, 350.0, Weight.ALONE, ("lucky_swipe", "line"),
    ),
    Detector(
        Kind.QUICK_REACTIONS, "reactions",
        "swaps within 200 ms of the tile that they need",
        _quick_reactions, Sense.AT_LEAST, 3.0, Weight.ALONE, ("lucky_swipe", "line"),
    ),
    Detector(
        Kind.CADENCE, "think times",
        "variation of the think times, of 30 or more",
        _cadence, Sense.BELOW, 0.15, Weight.IN_PAIRS, ("rhythm",),
    ),
    Detector(
        Kind.STREAK, "think times",
        "variation of the 15 most even think times in a row",
        _streak, Sense.BELOW, 0.08, Weight.IN_PAIRS, ("rhythm",),
    ),
    Detector(
        Kind.RIDING, "locks",
        "share of swaps within 50 ms of their lock's end",
        _riding, Sense.AT_LEAST, 0.30, Weight.IN_PAIRS, ("ahead", "line"),
    ),
    Detector(
        Kind.BEST, "best moves",
        "best swaps at sight against the cohort, as a robust deviate",
        _best, Sense.AT_LEAST, 4.0, Weight.IN_PAIRS, ("expert", "cohort"),
    ),
    Detector(
        Kind.SPEED, "speed",
        "share of moves that were the best at sight within 500 ms",
        _speed, Sense.AT_LEAST, 0.30, Weight.IN_PAIRS, ("expert", "ahead"),
    ),
    Detector(
        Kind.TWIN, "twins",
        "swaps in common with another run of the heat from the start, the plain ones not counted",
        _twin, Sense.AT_LEAST, 20.0, Weight.ALONE, ("copied", "method"),
    ),
    Detector(
        Kind.LINKS, "link",
        "returns to the run after the line was lost, on this device or another",
        _links, Sense.AT_LEAST, 4.0, Weight.REMARK, ("wlan", "battery"),
    ),
)  # fmt: skip
"""In the order in which the desk shows them."""
