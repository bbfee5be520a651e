"""All that the workers tell, added up: figures after the warmup, a row for each second, what oracles need."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from knack_loadtest.crowd.heats import HeatWord, put_together
from knack_loadtest.crowd.histogram import Histogram
from knack_loadtest.crowd.tally import Tally
from knack_loadtest.crowd.visibility import Visibility

COLUMNS: Final = (
    ("t_s", "s"),
    ("sockets", "count"),
    ("playing", "count"),
    ("moves_per_s", "1/s"),
    ("offered_per_s", "1/s"),
    ("ack_p50_us", "us"),
    ("ack_p99_us", "us"),
    ("ack_max_us", "us"),
    ("visible_p50_us", "us"),
    ("visible_p99_us", "us"),
    ("stale_max_us", "us"),
    ("deltas_per_s", "1/s"),
    ("connects_per_s", "1/s"),
    ("bytes_in_per_s", "bytes/s"),
    ("errors", "count"),
    ("loop_lag_max_us", "us"),
    ("worker_cpu", "share"),
    ("server_cpu", "share"),
    ("server_rss_bytes", "bytes"),
)
"""The timeline's columns with their units."""

VIOLATIONS_KEPT: Final = 200
"""Violations of one oracle that are kept in words; all are counted."""


@dataclass(slots=True)
class Second:
    """What happened in one second, over all workers."""

    tally: Tally = field(default_factory=Tally)
    sockets: int = 0
    playing: int = 0
    cpu: float = 0.0
    reports: int = 0
    server_cpu: float | None = None
    server_rss: int | None = None


@dataclass(slots=True)
class Gathering:
    """What a whole crowd has told so far."""

    warmup_ms: int
    total: Tally = field(default_factory=Tally)
    """Figures of the time after the warmup; what is about right and wrong counts from the beginning."""
    seconds: dict[int, Second] = field(default_factory=dict)
    violations: dict[str, list[list[Any]]] = field(default_factory=lambda: defaultdict(list))
    violation_counts: Counter[str] = field(default_factory=Counter)
    attempts: list[list[Any]] = field(default_factory=list)
    acts: list[list[Any]] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    digests: dict[tuple[str, int], list[Any]] = field(default_factory=dict)
    """Live digests by heat (empty: open play) and second: digest, number of acts, their head."""
    heats: dict[str, HeatWord] = field(default_factory=dict)
    """What everybody was told of each heat."""
    starts: dict[str, int] = field(default_factory=dict)
    """When the moderator of each heat said "go" (monotonic clock, ns)."""
    workers: dict[int, dict[str, Any]] = field(default_factory=dict)
    visibility: Visibility = field(init=False)

    def __post_init__(self) -> None:
        self.visibility = Visibility(self.total, self._tally_at)

    def take(self, worker: int, told: dict[str, Any]) -> None:
        """Take in what a worker told of one second; second -1 is what was left at its end."""
        is_counted = told["second"] < 0 or told["second"] * 1000 > self.warmup_ms
        tally = told["tally"]
        if not is_counted:
            tally = {**tally, "histograms": {}, "counts": _lasting(tally["counts"])}
        self.total.take(tally)
        second = self.seconds.setdefault(told["second"], Second())
        second.tally.take(told["tally"])
        second.sockets += told["sockets"]
        second.playing += told["busy"]
        second.cpu = max(second.cpu, told["cpu"])
        second.reports += 1
        self._note_worker(worker, told)
        if is_counted:
            self.visibility.acked(told["acked"])
            self.visibility.applied(told["applied"])
        for oracle, *violation in told["violations"]:
            self.violate(oracle, *violation)
        self.attempts += told["attempts"]
        self.acts += told["acts"]
        self.contacts += told["contacts"]
        self._take_digests(told["digests"])
        self.starts |= dict(told["starts"])
        for text in put_together(self.heats, [HeatWord(**word) for word in told["heats"]]):
            self.violate("heats", text, -1, "two workers")

    def begin_worker(self, worker: int, people: int, sources: list[str]) -> None:
        """Begin to note what a worker tells of itself."""
        self.workers[worker] = {
            "people": people,
            "sources": sources,
            "cpu": [],
            "rss": 0,
            "sockets_peak": 0,
            "gc_max_us": 0,
            "lag": Histogram(),
        }

    def violate(self, oracle: str, text: str, at_ms: int, where: str) -> None:
        """Write down something that must not be."""
        self.violation_counts[oracle] += 1
        if len(self.violations[oracle]) < VIOLATIONS_KEPT:
            self.violations[oracle].append([text, at_ms, where])

    def row(self, number: int) -> list[Any]:
        """Return one second as the timeline has it (`COLUMNS`)."""
        second = self.seconds[number]
        counts = second.tally.counts
        acks = second.tally.histograms.get("move_ack")
        visible = second.tally.histograms.get("visible")
        lag = second.tally.histograms.get("generator.loop_lag")
        connects = sum(second.tally.tables["connect_outcomes"].values())
        return [
            number,
            second.sockets,
            second.playing,
            counts["moves.achieved"],
            counts["moves.offered"],
            _at(acks, 50),
            _at(acks, 99),
            _at(acks, 100),
            _at(visible, 50),
            _at(visible, 99),
            _at(second.tally.histograms.get("staleness"), 100),
            counts["feeds.deltas"],
            connects,
            counts["bytes.in"],
            counts["disconnects.unexpected"] + counts["recover.failed"] + counts["move_timeout"],
            _at(lag, 100),
            round(second.cpu, 3),
            second.server_cpu,
            second.server_rss,
        ]

    def _tally_at(self, at_us: int) -> Tally:
        """Return the tally of a moment's second; workers tell the first second when it is over, as second 1."""
        return self.seconds.setdefault(at_us // 1_000_000 + 1, Second()).tally

    def _note_worker(self, worker: int, told: dict[str, Any]) -> None:
        noted = self.workers[worker]
        gauges = told["tally"]["gauges"]
        noted["cpu"].append(told["cpu"])
        noted["rss"] = max(noted["rss"], gauges.get("generator.rss", 0))
        noted["gc_max_us"] = max(noted["gc_max_us"], gauges.get("generator.gc_pause", 0))
        noted["sockets_peak"] = max(noted["sockets_peak"], told["sockets"])
        lag = told["tally"]["histograms"].get("generator.loop_lag")
        if lag is not None:
            noted["lag"].merge_packed(lag)

    def _take_digests(self, digests: list[list[Any]]) -> None:
        for heat, k, *told in digests:
            before = self.digests.setdefault((heat, k), told)
            if before != told:
                self.total.count("digest.mismatch")
                text = f"second {k} of {heat or 'open play'} has two live digests"
                self.violate("digests", text, -1, "two workers")


def _at(histogram: Histogram | None, percentile: float) -> int | None:
    return histogram.at(percentile) if histogram is not None and histogram.count else None


_LASTING: Final = (
    "connect.",
    "cheats.",
    "feeds.",
    "honest.",
    "disconnects.",
    "recover.",
    "acts.",
    "contact.",
    "runs.",
    "heats.",
)


def _lasting(counts: dict[str, int]) -> dict[str, int]:
    """Return the counts that the warmup counts in, too: what is about right and wrong."""
    return {name: count for name, count in counts.items() if name.startswith(_LASTING)}
