"""A run of one character on a made clock: no server, the rules alone, and a line that delays and jitters."""

import hashlib
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from knack_loadtest.detectors.characters import Character
from knack_loadtest.detectors.foresight import KnownTiles, Tide
from knack_protocol.rules.course import SPRINT
from knack_protocol.rules.numbers import GRACE_MS_MAX
from knack_protocol.rules.run import Run, Verdict

JITTER_MS: Final = 8
"""Mean of what a frame loses on its way beyond the fastest one; exponential, as queues are."""
STALL_SHARE: Final = 0.01
STALL_MS_MAX: Final = 400
"""A wireless network that repeats a frame."""


@dataclass(frozen=True, slots=True)
class Line:
    """A player's line: its fastest round trip. The server measures it before T0 and credits up to 250 ms of it."""

    round_trip_ms: int

    @property
    def grace_ms(self) -> int:
        """What the server credits."""
        return min(self.round_trip_ms, GRACE_MS_MAX)

    def delay_ms(self, random: Random) -> int:
        """Draw how much later than the lock's end, on this line, a swap arrives that was made at once."""
        stall = random.uniform(0, STALL_MS_MAX) if random.random() < STALL_SHARE else 0
        return round(self.round_trip_ms + random.expovariate(1 / JITTER_MS) + stall)


@dataclass(frozen=True, slots=True)
class Recording:
    """A run that was played, as `knackpunkt flags` reads it."""

    run: str
    player: str
    heat: str
    seed: bytes
    h0: bytes
    grace_ms: int
    events: tuple[bytes, ...]
    score: int

    def document(self) -> dict[str, Any]:
        """Return the JSON object of the run."""
        return {
            "run": self.run,
            "player": self.player,
            "heat": self.heat,
            "course": SPRINT.name,
            "seed": self.seed.hex(),
            "h0": self.h0.hex(),
            "grace_ms": self.grace_ms,
            "events": [event.hex() for event in self.events],
        }


def play_sprint(
    character: Character, line: Line, seed: bytes, random: Random, player: str, heat: str
) -> Recording:
    """Let somebody play a sprint on a heat's tiles; `random` decides what is left to chance."""
    tiles = KnownTiles(seed)
    h0 = hashlib.sha256(f"{heat} {player}".encode()).digest()
    run, tide = Run(SPRINT, tiles, h0, line.grace_ms), Tide(tiles)
    events: list[bytes] = []
    while run.end is None:
        swap = character.choose(run.board, tide, random)
        thinks_ms = character.pace.think_ms(random) - character.ahead_ms
        t_arr = max(run.lock_end_ms + thinks_ms + line.delay_ms(random), 0)
        outcome = run.move(t_arr, *swap)
        if outcome.verdict is Verdict.OK:
            tide.moved(outcome)
        events += [event.payload for event in outcome.events]
    return Recording(f"{heat}-{player}", player, heat, seed, h0, line.grace_ms, tuple(events), run.score)
