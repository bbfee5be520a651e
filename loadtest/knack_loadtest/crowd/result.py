"""The result of a run: one JSON document from which every report is made (schema: `schemas/result.schema.json`)."""

import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from knack_loadtest.crowd import innocence, thresholds
from knack_loadtest.crowd.gathering import COLUMNS, Gathering
from knack_loadtest.crowd.histogram import Histogram, highest_in
from knack_loadtest.crowd.line import BARRED
from knack_loadtest.crowd.metrics import METRICS, PERCENTILES, TABLES, Kind, Metric
from knack_loadtest.crowd.networks.profiles import PROFILES
from knack_loadtest.crowd.people.attempts import ATTEMPTS
from knack_loadtest.crowd.plan import Plan, forecast
from knack_loadtest.crowd.server import Usage
from knack_loadtest.crowd.skills import SKILLS
from knack_loadtest.crowd.target import Target
from knack_loadtest.crowd.thresholds import Threshold
from knack_loadtest.crowd.verdict import verdict

FORMAT: Final = "crowd result 1"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Times:
    """When a run began and ended (Unix ms), how long people came and played, and whether it was broken off."""

    began_unix_ms: int
    ended_unix_ms: int
    played_ms: int
    is_interrupted: bool


def build(
    plan: Plan,
    target: Target,
    times: Times,
    gathering: Gathering,
    oracles: Sequence[Document],
    expected: Sequence[Threshold],
    usage: Usage,
    marks: Sequence[Document],
    notices: Sequence[str],
    command: Sequence[str],
    *,
    is_fresh: bool,
) -> Document:
    """Put a result together."""
    frame, load = plan.scenario.frame, forecast(plan)
    figures = metrics(gathering, usage, times)
    judged = [thresholds.judge(threshold, figures) for threshold in expected]
    fitness = _innocence(gathering, load.sockets)
    return {
        "format": FORMAT,
        "scenario": {
            "name": frame.name,
            "title": frame.title,
            "about": frame.about,
            "seed": frame.seed,
            "duration_ms": frame.duration_ms,
            "warmup_ms": frame.warmup_ms,
            "text": plan.scenario.text,
            "overrides": dict(plan.scenario.overrides),
        },
        "plan": {
            "digest": plan.digest,
            "people": plan.counts,
            "sockets_peak": load.sockets,
            "moves_per_s": round(load.moves_per_s, 1),
            "deltas_per_s": round(load.deltas_per_s, 1),
        },
        "target": {
            "url": target.address.http,
            "event": target.event,
            "title": target.title,
            "version": target.version,
            "is_fresh": is_fresh,
            "courses": list(target.courses),
        },
        "began_unix_ms": times.began_unix_ms,
        "ended_unix_ms": times.ended_unix_ms,
        "duration_ms": times.played_ms,
        "is_interrupted": times.is_interrupted,
        "verdict": verdict(oracles, fitness, judged, is_interrupted=times.is_interrupted, notices=notices),
        "thresholds": judged,
        "innocence": fitness,
        "oracles": list(oracles),
        "metrics": figures,
        "tables": _tables(gathering),
        "timeline": {
            "columns": [{"name": name, "unit": unit} for name, unit in COLUMNS],
            "rows": [
                gathering.row(second)
                for second, told in sorted(gathering.seconds.items())
                if second > 0 and told.reports
            ],
        },
        "marks": list(marks),
        "workers": [_worker(number, noted) for number, noted in sorted(gathering.workers.items())],
        "server": _server(usage, figures),
        "environment": environment(command),
    }


def metrics(gathering: Gathering, usage: Usage, times: Times) -> Document:
    """Return every figure of the table, also those without samples."""
    total, counts = gathering.total, gathering.total.counts
    minutes_s = max((times.played_ms - gathering.warmup_ms) / 1000, 0.001)
    achieved, outcomes = counts["moves.achieved"], total.tables["connect_outcomes"]
    tried, returned = (
        counts["connect.attempts"] - sum(outcomes[word] for word in BARRED),
        counts["recover.done"],
    )
    connects = (
        sum(second.tally.tables["connect_outcomes"].values()) for second in gathering.seconds.values()
    )
    sockets = max((second.sockets for second in gathering.seconds.values()), default=0)
    derived: dict[str, float | None] = {
        "moves.share": achieved / counts["moves.offered"] if counts["moves.offered"] else None,
        "moves.per_s": achieved / minutes_s,
        "honest.flagged": counts["honest.flagged"] if counts["honest.looked"] else None,
        "honest.flagged_share": counts["honest.flagged"] / counts["honest.looked"]
        if counts["honest.looked"]
        else None,
        "connect.success": outcomes["ready"] / tried if tried else None,
        "attempts_per_recover": counts["recover.attempts"] / returned if returned else None,
        "stolen_spread": _spread(gathering),
        "herd": max(connects, default=0),
        "sockets": sockets,
        "server.rss": usage.rss_peak or None,
        "server.cpu_us_per_move": usage.cpu_s * 1e6 / achieved if usage.pid and achieved else None,
        "server.rss_per_connection": (usage.rss_peak - usage.rss_start) / sockets
        if usage.rss_peak and sockets
        else None,
    }
    return {metric.name: _figure(metric, gathering, derived) for metric in METRICS}


def latency(histogram: Histogram | None) -> Document:
    """Return a histogram as a result has it; percentiles only where there are enough samples."""
    if histogram is None or not histogram.count:
        empty = dict.fromkeys(PERCENTILES)
        nothing: Document = {
            "count": 0,
            "min": None,
            "mean": None,
            "max": None,
            "percentiles": empty,
            "buckets": [],
        }
        return {"kind": "latency", "unit": "us", **nothing}
    mean = histogram.mean
    assert mean is not None, "there are samples"
    return {
        "kind": "latency",
        "unit": "us",
        "count": histogram.count,
        "min": histogram.lowest,
        "mean": round(mean, 1),
        "max": histogram.highest,
        "percentiles": {name: histogram.percentile(percent) for name, percent in PERCENTILES.items()},
        "buckets": [[highest_in(bucket), count] for bucket, count in histogram.sparse()],
    }


def environment(command: Sequence[str]) -> Document:
    """Return what this was run with; nothing that names the machine or its user."""
    try:
        ours = version("knackpunkt")
    except PackageNotFoundError:  # run from a checkout
        ours = "unknown"
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpu_count": innocence.cores(),
        "crowd_version": ours,
        "command": list(command),
        "loop": "uvloop" if "uvloop" in sys.modules else "asyncio",
    }


def _figure(metric: Metric, gathering: Gathering, derived: Mapping[str, float | None]) -> Document:
    total = gathering.total
    if metric.kind is Kind.LATENCY:
        return latency(total.histograms.get(metric.name))
    if metric.name in derived:
        value = derived[metric.name]
    elif metric.kind is Kind.COUNT:
        value = total.counts[metric.name]
    else:
        value = total.gauges.get(metric.name)
    rounded = round(value, 6) if isinstance(value, float) else value
    return {"kind": metric.kind.value, "unit": metric.unit, "value": rounded}


def _innocence(gathering: Gathering, sockets: int) -> Document:
    seconds = [
        second.cpu
        for number, second in sorted(gathering.seconds.items())
        if number * 1000 > gathering.warmup_ms and second.reports
    ]
    share = sum(seconds) / len(seconds) if seconds else None
    found = innocence.checks(gathering.total, share, sockets)
    documents = [check.document() for check in found]
    return {"is_valid": not any(check["outcome"] == "bad" for check in documents), "checks": documents}


def _tables(gathering: Gathering) -> Document:
    tables: Document = {name: dict(sorted(gathering.total.tables[name].items())) for name in TABLES}
    return {
        **tables,
        "cheats": _cheats(gathering),
        "skills": _skills(gathering),
        "networks": _networks(gathering),
    }


def _cheats(gathering: Gathering) -> list[Document]:
    rows = []
    for kind, attempt in ATTEMPTS.items():
        tried = [entry for entry in gathering.attempts if entry[0] == kind]
        if tried:
            got: dict[str, int] = {}
            for entry in tried:
                got[entry[2]] = got.get(entry[2], 0) + 1
            rows.append(
                {
                    "kind": kind,
                    "tries": attempt.tries,
                    "expected": attempt.expected,
                    "attempts": len(tried),
                    "got": got,
                    "max_us": max(entry[3] for entry in tried),
                }
            )
    return rows


def _skills(gathering: Gathering) -> list[Document]:
    stolen = {skill: _stolen(gathering, skill) for skill in SKILLS}
    return [{"skill": skill, **told} for skill, told in stolen.items() if told is not None]


def _networks(gathering: Gathering) -> list[Document]:
    stolen = {name: _stolen(gathering, name) for name in PROFILES}
    return [
        {"network": name, "round_trip_us": round(1000 * PROFILES[name].round_trip_ms), **told}
        for name, told in stolen.items()
        if told is not None
    ]


def _stolen(gathering: Gathering, word: str) -> Document | None:
    histogram = gathering.total.histograms.get(f"stolen_time|{word}")
    if histogram is None:
        return None
    told = latency(histogram)
    return {
        "runs": told["count"],
        "stolen_p50_us": told["percentiles"]["p50"],
        "stolen_p95_us": told["percentiles"]["p95"],
        "stolen_max_us": told["max"],
    }


def _spread(gathering: Gathering) -> float | None:
    """Return how far the networks' p95 of stolen time lie apart; None where fewer than two have one."""
    told = [row["stolen_p95_us"] for row in _networks(gathering) if row["stolen_p95_us"] is not None]
    return max(told) - min(told) if len(told) > 1 else None


def _worker(number: int, noted: Mapping[str, Any]) -> Document:
    lag: Histogram = noted["lag"]
    shares = noted["cpu"]
    return {
        "worker": number,
        "people": noted.get("people", 0),
        "cpu_share": round(sum(shares) / max(len(shares), 1), 4),
        "rss_bytes": int(noted["rss"]),
        "loop_lag_p99_us": lag.at(99) if lag.count else None,
        "loop_lag_max_us": lag.highest if lag.count else None,
        "gc_max_us": round(noted["gc_max_us"]),
        "sockets_peak": noted["sockets_peak"],
        "sources": noted.get("sources", []),
    }


def _server(usage: Usage, figures: Document) -> Document:
    return {
        "is_measured": usage.pid is not None,
        "cpu_s": round(usage.cpu_s, 3) if usage.pid else None,
        "rss_start_bytes": usage.rss_start or None,
        "rss_peak_bytes": usage.rss_peak or None,
        "cpu_us_per_move": figures["server.cpu_us_per_move"]["value"],
        "rss_per_connection_bytes": figures["server.rss_per_connection"]["value"],
    }
