"""What the tester counts, held against a script that does known things to the frames of a real server.

No assertion here is about how quick the machine is: each compares moments that tester and script wrote down on one clock.
"""

from pathlib import Path

import pytest
from tests.conftest import Size
from tests.loadtest.crowd.fake.playing import fronted, play
from tests.loadtest.crowd.fake.scripts import Broken

from knack_loadtest.crowd.histogram import Histogram
from knack_loadtest.crowd.result import latency

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

HOLD_MS = 50

SCENARIO = """
[scenario]
name = "counts"
title = "Counts"
about = "Players who never rest, and screens."
duration = "{duration_s}s"
ending = "abandon"

[players.quick]
count = 6
skill = "bot_limit"
follows = false

[watchers.screen]
count = {screens}
device = "screen"
"""


def test_what_a_script_did_to_answers_and_deltas_is_counted_to_the_last_one(
    tmp_path: Path, size: Size
) -> None:
    scenario = SCENARIO.format(
        duration_s=size("seconds", small=10, full=40), screens=size("screens", small=12, full=60)
    )
    every = {
        "dropped": size("deltas for each that is lost", small=20, full=100),
        "doubled": size("deltas for each that comes twice", small=14, full=70),
        "swapped": size("deltas for each that changes places", small=18, full=90),
    }
    script = Broken(HOLD_MS, **every)
    with fronted(tmp_path, script, publish_interval_ms=40) as (hop, _):
        played = play(tmp_path, scenario, "--target", hop.url)

    assert all(script.deeds[deed] for deed in every), script.deeds
    assert played.broken == {}
    told = {
        name: played.value(f"feeds.{name}")
        for name in ("deltas", "snapshots", "gap", "duplicate", "out_of_order")
    }
    assert told == {name: script.counts[name] for name in told}
    assert played.value("feeds.repaired") + played.value("feeds.unrepaired") == script.counts["gap"]
    assert script.counts["gap"] == script.deeds["dropped"] + script.deeds["swapped"]

    # Each answer was held back, and was heard after it was told and before its player said anything more.
    holds, services = Histogram(), Histogram()
    for record in played.records:
        told_ns = 0
        for move in filter(lambda move: move.is_acknowledged, record.moves):
            ack = script.acks[record.run, move.seq]
            assert told_ns <= ack.asked_ns
            assert ack.told_ns - ack.said_ns >= script.hold_ns
            assert ack.told_ns <= move.heard_ns
            told_ns = move.heard_ns
            holds.add((ack.told_ns - ack.asked_ns) // 1000)
            services.add(round((move.heard_ns - move.sent_ns) / 1000))

    # Every percentile of the tester's is at least the script's, and the service times are exactly what was heard.
    acks = played.result["metrics"]["move_ack"]
    assert acks["count"] == holds.count == played.value("moves.offered") == played.value("moves.achieved")
    at_least = latency(holds)
    for name, percentile in at_least["percentiles"].items():
        assert percentile is None or acks["percentiles"][name] >= percentile
    assert acks["min"] >= at_least["min"] >= HOLD_MS * 1000
    assert acks["max"] >= at_least["max"]
    assert played.result["metrics"]["move_service"] == latency(services)
