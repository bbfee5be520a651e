"""`storm`: 4,000 connect at once and have their snapshot: CPU time of the server for each.

Ours is the whole standings of fifty players, asked for with HELLO and WATCH; the peer sends as many bytes to whoever asks.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from knack_loadtest.bench.readings import Round, Row, alternating, reading, wrong_of
from knack_loadtest.bench.realtime.fanout import PLAYERS
from knack_loadtest.bench.stage import FAILURES, Stage, Stand, absent, against, faults, our_stand, peer_stand


def measure(stage: Stage) -> Iterator[Row]:
    """Measure both, A/B/A/B; between two storms everybody hangs up."""
    number = stage.size(small=40, full=4000)
    missing: Exception | None = None
    with ExitStack() as open_stands:
        ours = open_stands.enter_context(our_stand(stage))
        ours.do("gather", number=PLAYERS)
        ours.do("begin")
        ours.do("play", rate_per_s=PLAYERS, duration_s=2)
        ours.do("hang_up")
        snapshot_bytes = _snapshot_bytes(ours)
        works = {"ours": partial(_storm, ours, number)}
        try:
            peer = open_stands.enter_context(peer_stand(stage, "defaults", str(snapshot_bytes)))
            works["theirs"] = partial(_storm, peer, number)
        except FAILURES as reason:
            missing = reason
        rounds = alternating(stage.rounds, works)
    row = Row(
        "storm",
        f"{number:,} connect at once, each a snapshot of {snapshot_bytes:,} bytes",
        "µs CPU",
        reading(rounds["ours"]),
        "uvicorn and Starlette as they come",
        aim="at most 0.8 times",
        limit=0.8,
        wrong=wrong_of(*rounds.values()),
    )
    yield absent(row, missing) if missing else against(row, reading(rounds["theirs"]))


def _snapshot_bytes(ours: Stand) -> int:
    ours.do("tally")
    ours.connect(1)
    size = int(ours.do("tally").answer["bytes_count"])
    ours.do("hang_up")
    return size


def _storm(stand: Stand, number: int) -> Round:
    stand.do("tally")
    work = stand.connect(number, at_once=number)
    counted = stand.do("tally")
    stand.do("hang_up")
    stand.do("rest", duration_s=1)
    return Round(work.server_cpu_s / number * 1e6, work.client_share, faults(counted))
