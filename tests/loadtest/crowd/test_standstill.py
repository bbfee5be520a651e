"""A server that stands still: whoever wanted to move meanwhile has waited, and no move is left out because nobody could make it.

Coordinated omission is what load testers are most often wrong about: they wait for the answer before they count the next
request, so that a stall of six seconds is one slow request. All assertions hold on any machine, however slow: they compare
moments that hop and tester wrote down on one clock, and a slow machine only makes waits longer.
"""

from pathlib import Path

import pytest
from tests.conftest import Size
from tests.loadtest.crowd.fake.playing import fronted, play
from tests.loadtest.crowd.fake.scripts import Standstill

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

EVERY_MS = 1000
UNEVEN = 0.1
"""A schedule's moves come up to this share of a beat too early or too late (`people.pacing`)."""

SCENARIO = """
[scenario]
name = "standstill"
title = "Standstill"
about = "Players on a schedule."
duration = "{duration_s}s"
ending = "abandon"

[players.metronome]
count = {players}
skill = "bot_limit"
pacing = "metronome"
every = "{every_ms}ms"
follows = false
"""


def test_a_server_that_stands_still_is_in_the_figures_of_everybody_who_wanted_to_move(
    tmp_path: Path, size: Size
) -> None:
    players = size("players", small=4, full=60)
    lasts_ms = size("ms of standstill", small=2000, full=6000) + round(EVERY_MS * (1 + 2 * UNEVEN))
    duration_ms = size("ms", small=14_000, full=40_000)
    scenario = SCENARIO.format(duration_s=duration_ms / 1000, players=players, every_ms=EVERY_MS)
    script = Standstill(players, lasts_ms)
    with fronted(tmp_path, script) as (hop, server):
        script.server = server.pid
        played = play(tmp_path, scenario, "--target", hop.url)
    acks = played.result["metrics"]["move_ack"]

    # The move that found the server stopped was intended before it came, and answered after the server went on.
    assert played.broken == {}
    assert acks["max"] >= (script.goes_on_ns - script.came_ns) // 1000
    assert script.goes_on_ns - script.stopped_ns >= lasts_ms * 900_000

    # Within a beat of the standstill each player wanted to move, and waited for the rest of it.
    rest_us = (script.goes_on_ns - script.stopped_ns) // 1000 - round(EVERY_MS * 1000 * (1 + 2 * UNEVEN))
    assert sum(count for highest_us, count in acks["buckets"] if highest_us >= rest_us) >= players
    if (
        acks["percentiles"]["p99"] is not None
    ):  # of the full size: more than a sample in a hundred waited so long
        assert acks["percentiles"]["p99"] >= rest_us

    # As many samples as the schedule has moves: each player's first one came when it was due or later, the others follow.
    over_ns = played.zero_ns + duration_ms * 1_000_000
    planned = 0
    for record in played.records:
        beats = (over_ns - record.moves[0].sent_ns) / (EVERY_MS * 1_000_000)
        planned += int(beats - 2 * UNEVEN) + 1
    assert acks["count"] >= planned
    assert acks["count"] == played.value("moves.offered")
    assert acks["count"] >= played.value("moves.achieved")
