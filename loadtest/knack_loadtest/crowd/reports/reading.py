"""Reads `result.json` again: whatever a folder holds, a report is made of a result or of nothing."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any, Final

from knack_loadtest.crowd.conforming import faults_of
from knack_loadtest.crowd.metrics import METRICS, Kind
from knack_loadtest.crowd.reports.outside import one_line
from knack_loadtest.crowd.result import FORMAT, latency

NAME: Final = "result.json"

_LINE_MAX: Final = 300
"""Characters of what is said of a file that is none."""


class NoResult(Exception):
    """A file or folder that no report can be made of; the text is one line and says why."""


def read(path: Path) -> dict[str, Any]:
    """Read the result of a run from its folder, or from the file itself.

    Raises:
        NoResult: there is none, it is of another form, or of another version.
    """
    file = path / NAME if path.is_dir() else path
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise NoResult(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NoResult(f"{file} is no text") from error
    try:
        return parse(text)
    except NoResult as error:
        raise NoResult(one_line(f"{file} is no result of a run: {error}", _LINE_MAX)) from None


def parse(text: str) -> dict[str, Any]:
    """Read the text of a `result.json`; figures that the run did not know yet are there without a value.

    Raises:
        NoResult: it is none.
    """
    try:
        told = json.loads(text, parse_constant=_no_number, parse_float=_number)
    except (ValueError, RecursionError) as error:
        raise NoResult(f"it is no JSON ({error})") from error
    if not isinstance(told, dict) or "format" not in told:
        raise NoResult("it names no format")
    if told["format"] != FORMAT:
        raise NoResult(f"its format is {told['format']!r}, and this crowd reads {FORMAT!r}")
    for fault in (*faults_of(told, _schema()), *_faults_of_figures(told)):
        raise NoResult(fault)
    told["metrics"] = {**_empty(), **told["metrics"]}
    return told


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(
        files("knack_loadtest.crowd").joinpath("schemas/result.schema.json").read_text(encoding="utf-8")
    )
    return schema


def _faults_of_figures(told: dict[str, Any]) -> Iterator[str]:
    """Yield what the schema cannot say: which fields each kind of figure has."""
    kinds = {metric.name: metric.kind.value for metric in METRICS}
    for name, figure in told["metrics"].items():
        kind = figure["kind"]
        if kind != kinds.get(name, kind):
            yield f"$.metrics.{name}: is a {kind}, not a {kinds[name]}"
        wanted = set(latency(None)) if kind == Kind.LATENCY.value else {"kind", "unit", "value"}
        if set(figure) != wanted:
            yield f"$.metrics.{name}: has not what a {kind} has"
        elif kind == Kind.LATENCY.value and figure["count"] != sum(bucket[1] for bucket in figure["buckets"]):
            yield f"$.metrics.{name}: its buckets do not add up to its count"


def _empty() -> dict[str, Any]:
    return {
        metric.name: latency(None)
        if metric.kind is Kind.LATENCY
        else {"kind": metric.kind.value, "unit": metric.unit, "value": None}
        for metric in METRICS
    }


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text} is no number")
    return value
