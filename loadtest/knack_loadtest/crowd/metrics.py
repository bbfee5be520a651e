"""Every figure that the tester gives, once: its name, kind, unit and exact definition. `crowd explain` prints these rows.

A name that is not in this table is an error wherever it stands, in a threshold as in the code that counts.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    """What a figure is."""

    LATENCY = "latency"
    """Times in µs, kept as a histogram."""
    COUNT = "count"
    """How often something happened."""
    SHARE = "share"
    """A part of a whole, 0 to 1; none of nothing."""
    GAUGE = "gauge"
    """A level, of which the highest counts."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure."""

    name: str
    kind: Kind
    unit: str
    meaning: str


def _latency(name: str, meaning: str) -> Metric:
    return Metric(name, Kind.LATENCY, "us", meaning)


def _count(name: str, meaning: str, unit: str = "count") -> Metric:
    return Metric(name, Kind.COUNT, unit, meaning)


def _share(name: str, meaning: str) -> Metric:
    return Metric(name, Kind.SHARE, "share", meaning)


def _gauge(name: str, unit: str, meaning: str) -> Metric:
    return Metric(name, Kind.GAUGE, unit, meaning)


METRICS: Final = (
    _latency(
        "move_ack",
        "Reply heard minus intended time. Intended: human pacing, the moment at which the board opens after the last reply, "
        "plus think time; metronome, the schedule, whatever the server does. A move that is never answered counts until it "
        "was given up. Moves that the scenario itself cut off are in move_cut.",
    ),
    _latency(
        "move_service",
        "Reply heard minus frame written: what the server and the line took, and nothing else.",
    ),
    _latency(
        "send_lag",
        "What the generator itself was late with a move: the timer that was to wake the player, and the way from there to the "
        "frame; not the wait for an earlier reply or for the line.",
    ),
    _latency(
        "move_cut",
        "As move_ack, of moves over whose time the scenario itself kept the line or the server away, or a heat waited for all "
        "to come back from that; they are in no other "
        "latency of moves.",
    ),
    _count("move_timeout", "Moves without an answer within 5 s; their time stands in move_ack too."),
    _latency(
        "stolen_time",
        "What a slow server stole from a player's clock: of one run, the sum over its moves of what move_ack exceeds 100 ms "
        "and the round trip of the player's own network by.",
    ),
    _gauge(
        "stolen_spread",
        "us",
        "How unequal networks are: p95 of stolen_time in the one where it is largest, less that where it is smallest.",
    ),
    _count("moves.offered", "Moves that were due, answered or not."),
    _count("replay.same", "Moves of a replay that were made again as they were recorded."),
    _count(
        "replay.other",
        "Moves of a replay that the board of now does not allow: the player's skill chose others.",
    ),
    _count("moves.achieved", "Moves that were acknowledged, legal or not."),
    _count("moves.illegal", "Moves that were acknowledged as illegal: hands slip."),
    _share("moves.share", "moves.achieved / moves.offered."),
    _gauge("moves.per_s", "1/s", "moves.achieved each second after the warmup, on average."),
    _latency(
        "visible",
        "For a move and a sampled subscriber: the first instant at which that subscriber had applied standings of the "
        "version that the reply named, or a later one, minus the move's intended time. Not what the scenario itself cut off: "
        "moves of move_cut, and what subscribers missed whose line it had taken or let nobody read.",
    ),
    _latency(
        "visible_last", "Of each move, the largest `visible` of all sampled subscribers: the slowest screen."
    ),
    _latency(
        "staleness",
        "How old the first acknowledged change is that a sampled subscriber does not show yet, sampled each 100 ms; 0 "
        "when it shows everything.",
    ),
    _latency("connect", "Intended connect to WELCOME."),
    _latency("connect.tcp", "Connect to an open TCP connection."),
    _latency("connect.upgrade", "Open TCP connection to the handshake's answer."),
    _count(
        "connect.attempts",
        "Connections tried; each ends in exactly one outcome of the table connect_outcomes.",
    ),
    _share(
        "connect.success",
        "Attempts that were welcomed / attempts, less those that the scenario itself barred (server away, airplane, portal).",
    ),
    _latency("snapshot", "WATCH written to the first snapshot applied."),
    _latency(
        "recover", "Line lost to up to date again: greeted, and all standings shown that there were then."
    ),
    _count("recover.done", "Clients that lost their line and are up to date again."),
    _count("recover.failed", "Clients that did not come back."),
    _count("recover.attempts", "Connections that those tried who came back."),
    _gauge("attempts_per_recover", "count", "recover.attempts / recover.done."),
    _count("recover.resumed", "Standings that went on where they were after a loss."),
    _count("recover.snapshot", "Standings that began anew with a snapshot after a loss."),
    _count("disconnects.unexpected", "Lines that ended although neither plan nor fault wanted it."),
    _gauge("herd", "1/s", "The most handshakes in one second."),
    _gauge("sockets", "count", "The most sockets open at once."),
    _count("feeds.snapshots", "Snapshots received."),
    _count("feeds.deltas", "Deltas received."),
    _count("feeds.duplicate", "Deltas that brought nothing new: `to` was applied before."),
    _count(
        "feeds.out_of_order", "Deltas that were only late: a later one had opened the gap that they tell of."
    ),
    _count("feeds.gap", "Times that a delta began beyond what the subscriber had: something is missing."),
    _count("feeds.repaired", "Gaps that were closed within 3 s, by asking for a snapshot."),
    _count("feeds.unrepaired", "Gaps that stayed open for longer, or until the end."),
    _count("feeds.resync", "Resyncs: the server gave a slow reader up and began anew."),
    _count("bytes.in", "Bytes of frames received.", "bytes"),
    _count("bytes.out", "Bytes of frames sent.", "bytes"),
    _count("messages.in", "Messages received."),
    _count("messages.out", "Messages sent."),
    _count("runs.begun", "Runs whose T0 came."),
    _count("runs.ended", "Runs whose end was heard."),
    _count("heats.played", "Heats that were started, reruns and voided ones among them."),
    _count("heats.members", "Times that a player's run in a heat was in its countdown."),
    _count(
        "heats.late",
        "Players who came when the roster was frozen, as the plan wants it, and were turned away.",
    ),
    _count("heats.missed", "Players who wanted to be in a heat in time and were not."),
    _gauge(
        "heat_start_spread",
        "us",
        "Of one heat, from the first to the last client that heard BEGIN, of those whom no network of the scenario holds up; of "
        "several heats, the longest. Who had lost the line is told later where the run stands, and is not counted; what the "
        "generator's own loop took is in it. The warmup is not left out.",
    ),
    _count(
        "honest.rejected",
        "Commands of honest players that were refused, save what play itself brings (late, over).",
    ),
    _count("honest.looked", "Runs of honest people that the desk was asked about, 200 at the most."),
    _count(
        "honest.flagged",
        "Those of them whose flags ask for a review; none when nobody could look, for want of a desk token.",
    ),
    _share("honest.flagged_share", "honest.flagged / honest.looked."),
    _count("cheats.attempts", "Attempts at cheating."),
    _count("cheats.missed", "Attempts that were not refused."),
    _count("cheats.wrong_reason", "Attempts that were refused for another reason than the expected one."),
    _latency("cheats.detect", "Attempt written to its refusal; of a program, the desk asked to its flag."),
    _latency("http", "HTTP requests of visitors, sent to answered."),
    _count("contact.accepted", "Contact requests that were taken."),
    _count("contact.limited", "Contact requests that were told to wait."),
    _count("contact.refused", "Contact requests that were refused as wrong."),
    _count("acts.done", "Acts of moderators that were acknowledged."),
    _latency("acts", "Acts of moderators, sent to acknowledged."),
    _count("acked_lost", "Acknowledged moves that the published record does not hold."),
    _count("applied_twice", "Moves that the record holds more than once."),
    _count("phantom", "Moves in the record that nobody sent."),
    _count("standings.mismatch", "Subscribers whose last standings are not the server's."),
    _count("digest.mismatch", "Seconds for which two people were told different live digests."),
    _gauge("server.rss", "bytes", "The server's memory at its highest."),
    _gauge("server.cpu_us_per_move", "us", "The server's CPU time / moves.achieved."),
    _gauge(
        "server.rss_per_connection",
        "bytes",
        "The server's memory at its highest less at the start / sockets.",
    ),
    _latency(
        "generator.loop_lag",
        "How late a timer of the tester's own loops fires, ten times a second in each worker.",
    ),
    _gauge("generator.cpu", "share", "The busiest worker's CPU time in any second."),
    _gauge("generator.rss", "bytes", "The largest worker's memory."),
    _gauge("generator.gc_pause", "us", "The longest pause of a worker's garbage collector."),
    _count("generator.local_errors", "Attempts to connect that failed on this side: descriptors, ports."),
)

BY_NAME: Final = {metric.name: metric for metric in METRICS}

PERCENTILES: Final = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99.9": 99.9}
"""The percentiles that every report gives."""

STATISTICS: Final = (*PERCENTILES, "min", "mean", "max", "count")
"""What a threshold may ask of a latency."""

TABLES: Final = {
    "connect_outcomes": "How attempts to connect ended.",
    "disconnects": "Lines that ended, by close code and by whose wish.",
    "rejects": "Refusals that honest people met, by code.",
    "contact_answers": "HTTP status of contact requests.",
    "client_faults": "What the clients themselves found wrong with the server.",
}
"""Counts by a word that only the run knows."""
