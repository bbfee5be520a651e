"""What a person's network does at a moment: a pure function of the seed and of the time, so that asking changes nothing."""

from math import exp, log
from statistics import NormalDist
from typing import Final

from knack_loadtest.crowd.networks.profiles import Profile

MS_NS: Final = 1_000_000
S_NS: Final = 1_000_000_000

SLOT_NS: Final = 100 * MS_NS
"""For so long the round trip stays what it is: the air changes ten times a second."""

TAIL: Final = 0.99
"""Rarer round trips than one in a hundred are drawn as that one: what lasts longer on the air is a stall."""

_NORMAL: Final = NormalDist()
_ROUND_TRIPS, _STALLED, _BEGINS, _LASTS, _PHASE = range(5)
_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15


class Weather:
    """The weather over one person. Times are ns of the monotonic clock.

    Args:
        profile: Of which network.
        seed: 64 bits of the person's own chance.
        zero_ns: When the run began.
    """

    def __init__(self, profile: Profile, seed: int, zero_ns: int) -> None:
        self._profile = profile
        self._seed = seed
        self._zero_ns = zero_ns
        self._spread = log(1 + profile.jitter_ms / profile.round_trip_ms) if profile.round_trip_ms else 0.0
        self._slot = (-1, 0)

    def one_way_ns(self, at_ns: int) -> int:
        """Return how long bytes are under way that are sent now: half of the round trip of that tenth of a second."""
        number = (at_ns - self._zero_ns) // SLOT_NS
        if self._slot[0] != number:
            self._slot = number, self._drawn_ns(number)
        return self._slot[1]

    def clear_ns(self, at_ns: int) -> int:
        """Return when bytes that would arrive now do arrive: at the end of a stall or a silence, else now."""
        since_ns = at_ns - self._zero_ns
        cleared_ns = max(self._after_stalls(since_ns), since_ns)
        silence = self._profile.silence
        if silence is not None:
            every_ns = silence.every_ms * MS_NS
            phase_ns = int(self._draw(_PHASE, 0) * every_ns)
            into_ns = (cleared_ns + phase_ns) % every_ns
            cleared_ns += max(silence.lasts_ms * MS_NS - into_ns, 0)
        return self._zero_ns + cleared_ns

    def phase_ms(self, every_ms: int) -> int:
        """Return a person's own beginning of something that comes every so often."""
        return int(self._draw(_PHASE, 1) * every_ms)

    def _after_stalls(self, since_ns: int) -> int:
        """Return the end of the stall that covers a moment, also of one that began in a second before; 0 for none."""
        stalls = self._profile.stalls
        if stalls is None:
            return 0
        second = since_ns // S_NS
        for number in range(second - stalls.longest_ms // 1000 - 1, second + 1):
            if self._draw(_STALLED, number) < stalls.share:
                begins_ns = number * S_NS + int(self._draw(_BEGINS, number) * S_NS)
                part = self._draw(_LASTS, number) if stalls.is_drawn else 1.0
                ends_ns = begins_ns + int(part * stalls.longest_ms * MS_NS)
                if begins_ns <= since_ns < ends_ns:
                    return self._after_stalls(ends_ns)
        return since_ns

    def _drawn_ns(self, slot: int) -> int:
        share = min(max(self._draw(_ROUND_TRIPS, slot), 1 - TAIL), TAIL)
        return int(self._profile.round_trip_ms * exp(self._spread * _NORMAL.inv_cdf(share)) * MS_NS / 2)

    def _draw(self, purpose: int, number: int) -> float:
        """Return a number from 0 to 1 that belongs to this purpose and number (SplitMix64; G. Steele and others, 2014)."""
        z = (self._seed + (number * 8 + purpose + 1) * _GOLDEN) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) >> 11) / (1 << 53)
