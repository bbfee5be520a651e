"""Thresholds: what a figure has to be. A name that is none is an error, and a figure without samples meets nothing.

move_ack.p99 < 150ms      connect.success >= 99.9%      feeds.unrepaired == 0      server.rss < 400MiB
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from knack_loadtest.crowd.histogram import needed_for
from knack_loadtest.crowd.metrics import BY_NAME, PERCENTILES, STATISTICS, Kind, Metric
from knack_loadtest.crowd.units import BYTES_OF, MS_OF, NoQuantity, quantity

OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}

_FORM: Final = re.compile(r"\s*([a-z][a-z0-9_.]*?)\s*(<=|>=|==|<|>)\s*(\S.*?)\s*")


class ThresholdError(ValueError):
    """A text that is no threshold."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit for one figure; `statistic` is empty for what has only one value."""

    text: str
    metric: Metric
    statistic: str
    operator: str
    limit: float

    @property
    def subject(self) -> str:
        """The figure with its statistic."""
        return f"{self.metric.name}.{self.statistic}" if self.statistic else self.metric.name


def parse(text: str) -> Threshold:
    """Read a threshold.

    Raises:
        ThresholdError: it has another form, no such figure exists, or the limit has another unit.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ThresholdError(f"{text!r} is no threshold; one looks like move_ack.p99 < 150ms")
    metric, statistic = _subject(text, found[1])
    return Threshold(text.strip(), metric, statistic, found[2], _limit(text, metric, statistic, found[3]))


def judge(threshold: Threshold, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Hold a threshold against the figures of a result; returns its entry there."""
    value, why = _value(threshold, figures[threshold.metric.name])
    if value is None:
        outcome = "no_samples"
    elif OPERATORS[threshold.operator](value, threshold.limit):
        outcome = "met"
    else:
        outcome = "breached"
    is_count = threshold.statistic == "count"
    return {
        "text": threshold.text,
        "metric": threshold.metric.name,
        "statistic": threshold.statistic,
        "operator": threshold.operator,
        "limit": threshold.limit,
        "value": value,
        "unit": "count" if is_count else threshold.metric.unit,
        "outcome": outcome,
        "why": why,
    }


def _subject(text: str, name: str) -> tuple[Metric, str]:
    if name in BY_NAME:
        metric = BY_NAME[name]
        if metric.kind is Kind.LATENCY:
            raise ThresholdError(f"{text!r}: say which: {', '.join(f'{name}.{s}' for s in STATISTICS)}")
        return metric, ""
    for statistic in STATISTICS:
        metric_name = name.removesuffix(f".{statistic}")
        if metric_name != name and metric_name in BY_NAME and BY_NAME[metric_name].kind is Kind.LATENCY:
            return BY_NAME[metric_name], statistic
    raise ThresholdError(f"{text!r}: there is no figure {name}; `crowd list metrics` shows all")


def _limit(text: str, metric: Metric, statistic: str, written: str) -> float:
    try:
        number, unit = quantity(written)
    except NoQuantity as none:
        raise ThresholdError(f"{text!r}: {none}") from None
    scales = _scales(metric, statistic)
    if unit not in scales:
        wanted = ", ".join(scales) if any(scales) else "a number without a unit"
        raise ThresholdError(f"{text!r}: the limit of {metric.name} is given in {wanted}")
    return number * scales[unit]


def _scales(metric: Metric, statistic: str) -> dict[str, float]:
    """Which units a limit may have, and what one of each is in the figure's own."""
    if statistic == "count":
        return {"": 1}
    match metric.unit:
        case "us":
            return {unit: ms * 1000 for unit, ms in MS_OF.items()}
        case "bytes":
            return dict(BYTES_OF)
        case "share":
            return {"": 1, "%": 0.01}
        case "1/s":
            return {"": 1, "/s": 1}
        case _:
            return {"": 1}


def _value(threshold: Threshold, figure: Mapping[str, Any]) -> tuple[float | None, str]:
    if figure["kind"] != "latency":
        value = figure["value"]
        return value, "" if value is not None else "nothing was measured"
    statistic = threshold.statistic
    if statistic == "count":
        return figure["count"], ""
    if not figure["count"]:
        return None, "there were no samples"
    if statistic in PERCENTILES:
        value = figure["percentiles"][statistic]
        needed = needed_for(PERCENTILES[statistic])
        why = "" if value is not None else f"there were {figure['count']} samples, and it takes {needed}"
        return value, why
    return figure[statistic], ""
