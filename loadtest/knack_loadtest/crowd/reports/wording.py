"""What all reports say in the same words: outcomes, limits with their margins, and what a run was."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from knack_loadtest.crowd.reports.outside import one_line
from knack_loadtest.crowd.units import shown

Document = Mapping[str, Any]

HEADLINES: Final = 3
"""Facts that stand above everything else: the worst ones."""

SIGNS: Final = {"PASSED": "✓", "FAILED": "✗", "WRONG": "✗", "INVALID": "!"}
"""A sign beside each verdict, for who does not see its colour."""

MEANINGS: Final = {
    "PASSED": "What everybody saw was true, within all limits, and measured by a generator that was fit to.",
    "FAILED": "What everybody saw was true, but a limit was not kept.",
    "WRONG": "Something that was told is not true. No speed makes up for that.",
    "INVALID": "The generator was not fit to measure: these figures say nothing about the server.",
}

_OPERATORS: Final = {"<=": "≤", ">=": "≥", "==": "="}

INTERRUPTED: Final = "The run was interrupted; this is what was seen until then."


def meaning(result: Document) -> str:
    """Say in a sentence what the verdict means."""
    return INTERRUPTED if result["is_interrupted"] else MEANINGS[result["verdict"]["word"]]


def headlines(result: Document) -> list[Document]:
    """Return the worst facts."""
    return list(result["verdict"]["facts"][:HEADLINES])


def moment(unix_ms: int) -> str:
    """Write a moment: `2026-11-23 03:21 UTC`; what no calendar has is told in seconds."""
    try:
        return f"{datetime.fromtimestamp(unix_ms / 1000, UTC):%Y-%m-%d %H:%M UTC}"
    except (OverflowError, ValueError, OSError):
        return f"{unix_ms / 1000:.0f} s after 1970"


def span(ms: float) -> str:
    """Write a time of a run: `850 ms`, `14.5 s`, `4 min 30 s`, `2 h`."""
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 120_000:
        return f"{ms / 1000:.3g} s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def command(result: Document) -> str:
    """Return the command that plays this again."""
    return shlex.join(result["environment"]["command"])


def subject(threshold: Document) -> str:
    """Return what a threshold is about: `move_ack.p99`."""
    statistic = threshold["statistic"]
    return f"{threshold['metric']}.{statistic}" if statistic else str(threshold["metric"])


def limit(threshold: Document) -> str:
    """Write a threshold's limit: `< 150 ms`."""
    operator = _OPERATORS.get(threshold["operator"], threshold["operator"])
    return f"{operator} {shown(threshold['limit'], threshold['unit'])}"


def margin(threshold: Document) -> str:
    """Say how far a value is from its limit: `83% below`; in its own unit where a share would say nothing."""
    value, bound = threshold["value"], threshold["limit"]
    if value is None:
        return "n/a"
    if value == bound:
        return "at the limit"
    side = "below" if value < bound else "above"
    gap = abs(value - bound)
    if bound == 0 or threshold["unit"] == "share":
        return f"{_points(gap) if threshold['unit'] == 'share' else shown(gap, threshold['unit'])} {side}"
    share = gap / abs(bound)
    return f"{share:.0%} {side}" if share < 10 else f"{value / bound:,.0f} times"


def held(result: Document) -> str:
    """Say how many oracles held, of how many that could look."""
    outcomes = [oracle["outcome"] for oracle in result["oracles"]]
    looked = sum(outcome != "not_checked" for outcome in outcomes)
    silent = len(outcomes) - looked
    rest = f"; {silent} had nothing to look at" if silent else ""
    return f"{outcomes.count('held')} of {looked} oracles held{rest}"


def met(result: Document) -> str:
    """Say how many thresholds were met."""
    outcomes = [threshold["outcome"] for threshold in result["thresholds"]]
    return f"{outcomes.count('met')} of {len(outcomes)} thresholds met" if outcomes else "no thresholds"


def fit(result: Document) -> str:
    """Say whether the generator was fit to measure."""
    checks: Sequence[Document] = result["innocence"]["checks"]
    bad = sum(check["outcome"] == "bad" for check in checks)
    return f"{bad} of {len(checks)} checks failed" if bad else f"fit to measure, by {len(checks)} checks"


def violation(entry: Document, length_max: int = 2000) -> str:
    """Write a violation in one line, with where and when it was."""
    where = f" ({entry['where']})" if entry["where"] else ""
    when = f" at {span(entry['at_ms'])}" if entry["at_ms"] is not None else ""
    return one_line(f"{entry['text']}{where}{when}", length_max)


def _points(gap: float) -> str:
    points = f"{gap * 100:.3g}"
    return f"{points} point" if points == "1" else f"{points} points"
