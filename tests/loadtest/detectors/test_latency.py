"""Fair at any distance: the same play over a short line and over a long one makes the same points.

Nothing is simplified but the clock: the server's core measures the line and judges frames as they arrive, half a round
trip late; the player acts on what has arrived, half a round trip late, by the client's own clock of the run.
"""

from random import Random
from statistics import fmean

import pytest
from tests.conftest import Size
from tests.support.arena import Hand, World

from knack_client.bots.skills import SKILLS, Skill
from knack_client.runclock import RunClock
from knack_protocol.rules.numbers import COUNTDOWN_MS, GRACE_MS_MAX
from knack_protocol.wire.messages import Begin, Ended, Moved
from knack_server.core.effects import ConnectionId
from knack_server.core.instant import Instant

NEAR_MS, FAR_MS = 10, 300
WITHIN = 0.01


class FarWorld(World):
    """A server at the end of a line; pongs come back after its round trip."""

    def __init__(self, round_trip_ms: int) -> None:
        super().__init__()
        self.round_trip_ms = round_trip_ms

    def _answer_ping(self, connection: ConnectionId, payload: bytes) -> None:
        def pong(moment: Instant) -> None:
            peer = self.arena.floor.peers.get(connection)
            if peer is not None:
                self.arena.runs.pong(peer, payload, moment)

        self.arena.floor.timers.at(self.now.ms + self.round_trip_ms, pong)


def play(skill: Skill, seed: int, round_trip_ms: int) -> int:
    """Play a sprint and return its score; one seed is one nonce, one player's mind and one line of boards."""
    world, random, clock = FarWorld(round_trip_ms), Random(seed), RunClock()
    way_ms = round_trip_ms // 2
    phone = world.phone()
    phone.join("Anna")
    phone.start(nonce=seed.to_bytes(16, "big"))
    world.pass_ms(COUNTDOWN_MS)
    hand = Hand(phone, phone.last(Begin))
    grace_ms = world.play(hand.run).grace_ms
    assert grace_ms == min(round_trip_ms, GRACE_MS_MAX)
    here_ms = world.now.ms + way_ms
    clock.heard(0, here_ms / 1000)
    while phone.last(Ended) is None:
        opens_ms = hand.lock_end - clock.beyond_ms(grace_ms)
        here_ms += max(0, opens_ms - clock.at(here_ms / 1000)) + skill.pace.think_ms(random)
        swap = skill.choose(hand.board, random)
        assert swap is not None
        world.pass_ms(here_ms + way_ms - world.now.ms)
        if phone.last(Ended) is not None:
            break
        reply = hand.move(*swap)
        if isinstance(reply, Moved):
            clock.heard(reply.t_arr, (here_ms + round_trip_ms) / 1000)
            clock.answered(here_ms / 1000, (here_ms + round_trip_ms) / 1000)
        here_ms += round_trip_ms
    return int(phone.last(Ended).score)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["sloppy", "skilled", "fast"])
def test_a_long_line_costs_nobody_more_than_a_hundredth(name: str, size: Size) -> None:
    pairs = size(f"pairs of {name} runs at {NEAR_MS} and {FAR_MS} ms", small=12, full=200)
    scores = [(play(SKILLS[name], seed, NEAR_MS), play(SKILLS[name], seed, FAR_MS)) for seed in range(pairs)]

    near = fmean(score for score, _ in scores)
    difference = fmean(far - near for near, far in scores)
    print(f"{name}: {difference:+.1f} of {near:.0f} points")
    assert near > 0
    assert abs(difference) <= WITHIN * near
