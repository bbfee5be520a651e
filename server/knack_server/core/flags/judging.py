"""A run held against the table: its flags, what they ask for, and how many come by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

from knack_protocol.ids import RunId
from knack_server.core.flags.detectors import DETECTORS, Company, Detector, Facts, Kind, Sense, Weight
from knack_server.core.flags.measured import ANY, HONEST, POWER, REVIEW
from knack_server.core.flags.rate import Power, Rate
from knack_server.core.flags.traits import Traits


@dataclass(frozen=True, slots=True)
class Flag:
    """One detector's word on a run.

    `number` is None where there is too little to tell; `seqs` are events of the log to watch, the most telling first;
    `honest` says how often simulated honest players have this flag, `power` how often the cheat it is meant for does.
    """

    kind: Kind
    measures: str
    number: float | None
    threshold: float
    sense: Sense
    weight: Weight
    is_raised: bool
    causes: tuple[str, ...]
    honest: Rate
    power: Power | None
    seqs: tuple[int, ...]
    facts: Facts


@dataclass(frozen=True, slots=True)
class Report:
    """All detectors' words on a run, for moderators only.

    `needs_review`: a flag that weighs alone is raised, or two of different nouns that weigh in pairs. `any_by_chance` and
    `review_by_chance` say how often that happens to honest players.
    """

    run: RunId
    moves: int
    resamples: int
    seed: bytes
    others: int
    needs_review: bool
    flags: tuple[Flag, ...]
    any_by_chance: Rate
    review_by_chance: Rate


def judge(run: Traits, others: Sequence[Traits], own: Sequence[Traits]) -> Report:
    """Hold a run against the table.

    Args:
        run: The run.
        others: The runs of its cohort (the same heat, or the same course in open play) that are ended.
        own: The same player's other runs that are ended.
    """
    company = Company(others, own)
    flags = tuple(_flag(detector, run, company) for detector in DETECTORS)
    return Report(
        run.run,
        run.moves,
        run.resamples,
        run.seed,
        len(others),
        _needs_review(flags),
        flags,
        ANY,
        REVIEW,
    )


def _flag(detector: Detector, run: Traits, company: Company) -> Flag:
    found = detector.look(run, company)
    return Flag(
        kind=detector.kind,
        measures=detector.measures,
        number=found.number,
        threshold=detector.threshold,
        sense=detector.sense,
        weight=detector.weight,
        is_raised=detector.flags(found.number),
        causes=detector.causes,
        honest=HONEST[detector.kind],
        power=POWER.get(detector.kind),
        seqs=found.seqs,
        facts=found.facts,
    )


def _needs_review(flags: Sequence[Flag]) -> bool:
    nouns = {detector.kind: detector.noun for detector in DETECTORS}
    raised = [flag for flag in flags if flag.is_raised]
    paired = {nouns[flag.kind] for flag in raised if flag.weight is Weight.IN_PAIRS}
    return len(paired) > 1 or any(flag.weight is Weight.ALONE for flag in raised)
