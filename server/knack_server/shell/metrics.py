"""What the server tells Prometheus of itself: the table of its metrics, and how each is read when somebody asks.

While the server works it only adds to plain integers (`meters`); names, labels and text are made here, at a scrape. A
scrape looks at every connection once: 1 ms for 10,000 of them. `METRICS` is the table; docs/operations.md shows it.
Labels are bounded: by tables of codes, by roles, by the events and courses that an organiser has made; no player, no run
and no address is ever one.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from knack_protocol.wire.codes import CLOSES, RejectCode
from knack_protocol.wire.messages import MoveVerdict, Role
from knack_server.shell.meters import Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prometheus_client.core import Metric as Family

    from knack_server.shell.host import Host

Kind = Literal["counter", "gauge", "histogram"]
Label = tuple[str, ...]

NS_PER_S = 1_000_000_000

_CLOSE_CODES = frozenset(row.code for row in CLOSES) | {1000, 1001, 1002, 1005, 1006, 1007, 1009, 1011}


class Metric(NamedTuple):
    """One line of the table."""

    name: str
    kind: Kind
    unit: str
    labels: Label
    help: str
    read: Callable[[Host], Mapping[Label, int] | Spread]
    """Gives the numbers by the values of their labels, or what a histogram was made of."""
    scale: int = 1
    """What the numbers are divided by to be in the unit."""


def _one(read: Callable[[Host], int]) -> Callable[[Host], Mapping[Label, int]]:
    def numbers(host: Host) -> Mapping[Label, int]:
        return {(): read(host)}

    return numbers


def _closes(host: Host) -> Mapping[Label, int]:
    """Closes by code; codes that clients make up are one."""
    counted: Counter[Label] = Counter()
    for code, count in host.meters.closes.items():
        counted[(str(code) if code in _CLOSE_CODES else "other",)] += count
    return counted


def _roles(host: Host) -> Mapping[Label, int]:
    roles = Counter(peer.role for peer in host.arena.floor.peers.values())
    counted: dict[Label, int] = {(role.name.lower(),): roles[role] for role in Role}
    return counted | {("none",): roles[None]}


def _feed_versions(host: Host) -> Mapping[Label, int]:
    return {
        (event.id, course): feed.version
        for event in host.arena.floor.events.values()
        if not event.is_rehearsal  # whose ids are drawn: each would be a series that nobody looks at again
        for course, feed in event.feeds.items()
    }


METRICS = (
    Metric(
        "knack_loop_lag_seconds",
        "histogram",
        "s",
        (),
        "How late a timer of the event loop fired; asked 20 times a second. Everybody waits as long.",
        lambda host: host.meters.lag,
        NS_PER_S,
    ),
    Metric(
        "knack_fanout_slice_seconds",
        "histogram",
        "s",
        (),
        "How long the fan-out kept the loop to itself at a time.",
        lambda host: host.meters.slices,
        NS_PER_S,
    ),
    Metric(
        "knack_fanout_pass_seconds",
        "histogram",
        "s",
        (),
        "How long it took from the first reader of a publication to the last.",
        lambda host: host.meters.passes,
        NS_PER_S,
    ),
    Metric(
        "knack_frames_total",
        "counter",
        "frames",
        (),
        "Frames of publications that were written to somebody.",
        _one(lambda host: host.meters.frames_count),
    ),
    Metric(
        "knack_frames_skipped_total",
        "counter",
        "frames",
        (),
        "Frames that a slow reader did not get; a fresh snapshot makes them good.",
        _one(lambda host: host.meters.frames_skipped_count),
    ),
    Metric(
        "knack_commit_seconds",
        "histogram",
        "s",
        (),
        "How long a commit took, waiting for a full disk included. No answer leaves before it.",
        lambda host: host.meters.commits,
        NS_PER_S,
    ),
    Metric(
        "knack_commit_facts",
        "histogram",
        "facts",
        (),
        "How many facts went into one commit.",
        lambda host: host.meters.commit_facts,
    ),
    Metric(
        "knack_recording",
        "gauge",
        "0 or 1",
        (),
        "Whether anything can be recorded; 0 is a full disk.",
        _one(lambda host: host.arena.floor.recording),
    ),
    Metric(
        "knack_moves_total",
        "counter",
        "moves",
        ("verdict",),
        "Moves that were answered: ok, or illegal, which is recorded, too.",
        lambda host: {(each.name.lower(),): host.meters.moves[each] for each in MoveVerdict},
    ),
    Metric(
        "knack_rejects_total",
        "counter",
        "commands",
        ("code",),
        "Commands that were refused, by the reject's name.",
        lambda host: {(each.name.lower(),): host.meters.rejects[each] for each in RejectCode},
    ),
    Metric(
        "knack_connections",
        "gauge",
        "connections",
        ("role",),
        "WebSockets at the moment; `none` has not said hello yet.",
        _roles,
    ),
    Metric(
        "knack_open_connections",
        "gauge",
        "connections",
        (),
        "Connections at the port, requests of pages included.",
        _one(lambda host: host.doors.connections_count),
    ),
    Metric(
        "knack_open_connections_max",
        "gauge",
        "connections",
        (),
        "How many of them there may be.",
        _one(lambda host: host.doors.ceilings.connections_max),
    ),
    Metric(
        "knack_refusals_total",
        "counter",
        "connections",
        ("full",),
        "Connections that were not let in, by what was full: the house, the address, or its rate.",
        lambda host: {(full,): host.meters.refusals[full] for full in ("house", "address", "rate")},
    ),
    Metric(
        "knack_closes_total",
        "counter",
        "connections",
        ("code",),
        "WebSockets that ended, by close code; 1006 where none was sent.",
        _closes,
    ),
    Metric(
        "knack_lagging_connections",
        "gauge",
        "connections",
        (),
        "Readers over their write mark at the moment.",
        _one(lambda host: sum(socket.is_slow for socket in host.sockets())),
    ),
    Metric(
        "knack_queued_bytes",
        "gauge",
        "bytes",
        (),
        "What was written to WebSockets and the kernel has not taken yet.",
        _one(lambda host: sum(socket.queued_bytes for socket in host.sockets())),
    ),
    Metric(
        "knack_runs_in_play",
        "gauge",
        "runs",
        (),
        "Runs between their start and their end.",
        _one(lambda host: sum(len(event.plays) for event in host.arena.floor.events.values())),
    ),
    Metric(
        "knack_feed_version",
        "gauge",
        "publications",
        ("event", "course"),
        "The version of a course's standings; it stands still when nobody scores.",
        _feed_versions,
    ),
)


class _HostCollector(Collector):
    """Reads the whole table when asked, and nothing before."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def collect(self) -> Iterable[Family]:
        """Make the families of all metrics."""
        return (_family(metric, metric.read(self._host)) for metric in METRICS)


def _family(metric: Metric, values: Mapping[Label, int] | Spread) -> Family:
    if isinstance(values, Spread):
        bounds = [*(str(bound / metric.scale) for bound in values.bounds), "+Inf"]
        histogram = HistogramMetricFamily(metric.name, metric.help)
        histogram.add_metric([], list(zip(bounds, values.up_to(), strict=True)), values.total / metric.scale)
        return histogram
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=metric.labels)
    for labels, value in values.items():
        family.add_metric(labels, value / metric.scale)
    return family


def registry_of(host: Host) -> CollectorRegistry:
    """Return what a scrape of a server reads: our table, and what Prometheus knows of processes and of Python's memory."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_HostCollector(host))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


def render(registry: CollectorRegistry) -> bytes:
    """Return the text of a scrape (Prometheus' text format 0.0.4)."""
    return generate_latest(registry)


def render_metrics_markdown() -> str:
    """Render the table for docs/operations.md."""
    head = ["| Metric | Kind | Unit | Labels | Meaning |", "|---|---|---|---|---|"]
    rows = [
        f"| `{metric.name}` | {metric.kind} | {metric.unit} "
        f"| {', '.join(f'`{label}`' for label in metric.labels) or '–'} | {metric.help} |"
        for metric in METRICS
    ]
    return "\n".join(chain(head, rows))
