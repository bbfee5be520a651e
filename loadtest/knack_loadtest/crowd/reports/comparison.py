"""Two runs, or several on either side, held against each other: what became worse, by how much, and whether it can be chance.

One run a side: a figure is worse when it is beyond the tolerance and the interval of its change leaves out "no change" (`intervals`);
a level has no interval, so it is told and decides nothing. Three runs and more a side: medians are compared, and every run of one
side has to lie beyond every run of the other; of three and three, chance does that once in twenty times on either side.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any, Final

from knack_loadtest.crowd.metrics import BY_NAME, PERCENTILES, Kind, Metric
from knack_loadtest.crowd.reports import intervals
from knack_loadtest.crowd.reports.intervals import Draw, Interval
from knack_loadtest.crowd.reports.spectrum import Spectrum
from knack_loadtest.crowd.reports.wording import Document
from knack_loadtest.crowd.units import shown

USUAL: Final = (
    *("move_ack.p50", "move_ack.p99", "visible.p50", "visible.p99", "staleness.p99", "connect.p99", "recover.p99"),
    *("moves.share", "connect.success", "move_timeout", "disconnects.unexpected", "feeds.unrepaired"),
    *("moves.per_s", "server.cpu_us_per_move", "server.rss"),
)  # fmt: skip
"""What is compared when nothing is named."""

MORE_IS_BETTER: Final = frozenset(
    {"moves.per_s", "moves.achieved", "moves.offered", "runs.begun", "runs.ended"}
)
"""Of everything else that is counted or measured, less is better; of shares, what is missing to one."""

WHOLES: Final = {"moves.share": "moves.offered", "connect.success": "connect.attempts"}
"""Of shares, the count that they are a part of."""

RUNS_MIN: Final = 3
"""Runs a side, where there are several: fewer cannot say what is chance."""


class ComparisonError(ValueError):
    """What cannot be compared; the text says why."""


class Change(StrEnum):
    """What became of a figure."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"
    UNCLEAR = "unclear"
    """Beyond the tolerance, and it may be chance."""
    UNKNOWN = "n/a"
    """Not measured on one side, or too few samples."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A figure to compare; `statistic` is a percentile of a latency, else empty."""

    metric: Metric
    statistic: str

    @property
    def name(self) -> str:
        """Its name with the statistic."""
        return f"{self.metric.name}.{self.statistic}" if self.statistic else self.metric.name


@dataclass(frozen=True, slots=True)
class Row:
    """A figure on both sides. `factor` and `interval`: how many times as bad it is now, above 1 is worse."""

    subject: Subject
    before: tuple[float, ...]
    after: tuple[float, ...]
    change: Change
    factor: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it, and what has to be known about it."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def is_worse(self) -> bool:
        """Whether anything became worse."""
        return any(row.change is Change.WORSE for row in self.rows)


def subject(name: str) -> Subject:
    """Read the name of a figure: `move_ack.p99`, `moves.share`.

    Raises:
        ComparisonError: there is none, or it is a latency without a percentile.
    """
    if name in BY_NAME and BY_NAME[name].kind is not Kind.LATENCY:
        return Subject(BY_NAME[name], "")
    metric, _, statistic = name.partition(".p")
    if metric in BY_NAME and f"p{statistic}" in PERCENTILES and BY_NAME[metric].kind is Kind.LATENCY:
        return Subject(BY_NAME[metric], f"p{statistic}")
    if name in BY_NAME:
        raise ComparisonError(
            f"{name} is a latency: name one of {', '.join(f'{name}.{p}' for p in PERCENTILES)}"
        )
    raise ComparisonError(f"there is no figure {name}; `crowd list metrics` shows all")


def differences(before: Document, after: Document) -> list[str]:
    """Say what makes two runs different things to measure; empty where both played the same plan to its end."""
    found = []
    for what, path in _PLAYED.items():
        one, other = (_at(result, path) for result in (before, after))
        if one != other:
            found.append(f"{what}: {one} and {other}")
    for name, result in (("the first", before), ("the second", after)):
        if result["is_interrupted"]:
            found.append(f"{name} was interrupted after {shown(result['duration_ms'], 'ms')}")
    return found


def compare(
    before: Sequence[Document], after: Sequence[Document], subjects: Sequence[Subject], tolerance: float
) -> Comparison:
    """Compare one run with one, or at least three with at least three.

    Args:
        before: The runs to compare with.
        after: The runs that are judged.
        subjects: Which figures.
        tolerance: By which share of itself a figure may be worse: 0.1 for 10 %.

    Raises:
        ComparisonError: another number of runs.
    """
    counts = {len(before), len(after)}
    if counts != {1} and min(counts) < RUNS_MIN:
        raise ComparisonError(f"compare one run with one, or at least {RUNS_MIN} with at least {RUNS_MIN}")
    judge = _judge_one if counts == {1} else _judge_several
    rows = tuple(judge(subject, before, after, tolerance) for subject in subjects)
    return Comparison(rows, tuple(_notes(before, after)))


_PLAYED: Final = {
    "scenario": ("scenario", "name"),
    "seed": ("scenario", "seed"),
    "duration": ("scenario", "duration_ms"),
    "warmup": ("scenario", "warmup_ms"),
    "plan": ("plan", "digest"),
}
_AROUND: Final = {
    "cores": ("environment", "cpu_count"),
    "system": ("environment", "system"),
    "crowd": ("environment", "crowd_version"),
    "loop": ("environment", "loop"),
    "fresh server": ("target", "is_fresh"),
}


def _at(result: Document, path: tuple[str, str]) -> Any:
    return result[path[0]][path[1]]


def _notes(before: Sequence[Document], after: Sequence[Document]) -> Iterator[str]:
    for side, results in (("before", before), ("after", after)):
        for word in ("INVALID", "WRONG"):
            count = sum(result["verdict"]["word"] == word for result in results)
            if count:
                whom = f"{count} of {len(results)} runs" if len(results) > 1 else "the run"
                meant = (
                    "its figures say little about the server"
                    if word == "INVALID"
                    else "what it told is not true, whatever its speed"
                )
                yield f"{side}: {whom} was {word}: {meant}"
    for what, path in _AROUND.items():
        told = [{str(_at(result, path)) for result in results} for results in (before, after)]
        if told[0] != told[1]:
            yield f"{what}: {', '.join(sorted(told[0]))} before, {', '.join(sorted(told[1]))} after"


def _judge_one(
    subject: Subject, before: Sequence[Document], after: Sequence[Document], tolerance: float
) -> Row:
    values = [_value(subject, side[0]) for side in (before, after)]
    if values[0] is None or values[1] is None:
        return _unknown(subject, before, after)
    draws = [_draw(subject, side[0]) for side in (before, after)]
    factor = _factor(subject, values[0], values[1])
    row = ((values[0],), (values[1],))
    if draws[0] is None or draws[1] is None:
        is_near = 1 / (1 + tolerance) <= factor <= 1 + tolerance
        return Row(subject, *row, Change.SAME if is_near else Change.UNCLEAR, factor)
    interval = intervals.ratio(draws[0], draws[1], subject.name)
    if _is_more_better(subject):
        interval = Interval(1 / interval.high, 1 / interval.low)
    return Row(
        subject, *row, _change(factor, interval.low > 1, interval.high < 1, tolerance), factor, interval
    )


def _judge_several(
    subject: Subject, before: Sequence[Document], after: Sequence[Document], tolerance: float
) -> Row:
    told = [[_value(subject, result) for result in side] for side in (before, after)]
    if any(value is None for side in told for value in side):
        return _unknown(subject, before, after)
    first, second = ([value for value in side if value is not None] for side in told)
    factor = _factor(subject, median(first), median(second))
    every = [_factor(subject, one, other) for one in first for other in second]
    change = _change(factor, min(every) > 1, max(every) < 1, tolerance)
    return Row(subject, tuple(first), tuple(second), change, factor)


def _unknown(subject: Subject, before: Sequence[Document], after: Sequence[Document]) -> Row:
    told = [[_value(subject, result) for result in side] for side in (before, after)]
    first, second = (tuple(value for value in side if value is not None) for side in told)
    return Row(subject, first, second, Change.UNKNOWN)


def _change(factor: float, is_surely_worse: bool, is_surely_better: bool, tolerance: float) -> Change:
    if factor > 1 + tolerance:
        return Change.WORSE if is_surely_worse else Change.UNCLEAR
    if factor < 1 / (1 + tolerance):
        return Change.BETTER if is_surely_better else Change.UNCLEAR
    return Change.SAME


def _factor(subject: Subject, before: float, after: float) -> float:
    """Return how many times as bad a figure became; of shares, what is missing to one counts."""
    if subject.metric.kind is Kind.SHARE:
        before, after = 1 - before, 1 - after
    if before == after:
        return 1.0
    if _is_more_better(subject):
        before, after = after, before
    return after / before if before > 0 else float("inf")


def _value(subject: Subject, result: Document) -> float | None:
    figure = result["metrics"][subject.metric.name]
    value: float | None = figure["percentiles"][subject.statistic] if subject.statistic else figure["value"]
    return value


def _draw(subject: Subject, result: Document) -> Draw | None:
    """Return draws of a figure; None of a level, of which one run has a single value."""
    figures = result["metrics"]
    figure = figures[subject.metric.name]
    match subject.metric.kind:
        case Kind.LATENCY:
            return intervals.of_percentile(Spectrum(figure), PERCENTILES[subject.statistic] / 100)
        case Kind.COUNT:
            return intervals.of_count(figure["value"])
        case Kind.SHARE if subject.metric.name in WHOLES:
            whole = figures[WHOLES[subject.metric.name]]["value"]
            return intervals.of_part(round((1 - figure["value"]) * whole), whole)
    return None


def _is_more_better(subject: Subject) -> bool:
    return subject.metric.name in MORE_IS_BETTER
