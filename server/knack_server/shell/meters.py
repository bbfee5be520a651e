"""What the server counts of itself while it works: plain integers, added to in passing and read when somebody asks.

Nothing here knows who asks: `metrics` gives each number its public name, unit and meaning.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate

from knack_protocol.wire.messages import Moved, Reject
from knack_server.core.effects import Effect, Send

_MS = 1_000_000

LAG_NS = tuple(ms * _MS for ms in (1, 2, 5, 10, 25, 50, 100, 250, 1000))
"""From a slice of the fan-out, which is as it should be, to a second, in which a hall notices."""

SLICE_NS = tuple(us * 1000 for us in (250, 500, 1000, 1500, 2000, 3000, 5000, 10_000, 50_000))
"""Around the 1.5 ms that a slice may take."""

PASS_NS = tuple(ms * _MS for ms in (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000))
"""Up to several publications: a pass that takes longer than the interval between two makes screens lag."""

COMMIT_NS = tuple(ms * _MS for ms in (1, 2, 5, 10, 25, 50, 100, 250, 1000, 5000))
"""From a flush of a good disk to one that is in trouble; a lock is 500 ms at least."""

COMMIT_FACTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""Up to the most that one commit takes."""


class Spread:
    """How often a whole number fell into which range, and the sum of all: a histogram that costs one bisection."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[int, ...]) -> None:
        """Take the ranges' upper bounds, each included; what is beyond the last is counted too."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0

    def add(self, value: int) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def up_to(self) -> list[int]:
        """Return how many were at most each bound, and how many there were at all."""
        return list(accumulate(self.counts))


class Meters:
    """One server's counts since its start."""

    __slots__ = (
        "closes",
        "commit_facts",
        "commits",
        "frames_count",
        "frames_skipped_count",
        "lag",
        "moves",
        "passes",
        "refusals",
        "rejects",
        "slices",
    )

    def __init__(self) -> None:
        self.lag = Spread(LAG_NS)
        """How late a timer of the loop fired."""
        self.slices = Spread(SLICE_NS)
        """How long the fan-out kept the loop to itself."""
        self.passes = Spread(PASS_NS)
        """How long it took from the first reader of a publication to the last."""
        self.frames_count = 0
        """Frames of feeds that were written to somebody."""
        self.frames_skipped_count = 0
        """Frames of feeds that somebody did not get because he was slow."""
        self.commits = Spread(COMMIT_NS)
        self.commit_facts = Spread(COMMIT_FACTS)
        self.moves: Counter[int] = Counter()
        """Moves that were answered, by verdict."""
        self.rejects: Counter[int] = Counter()
        """Commands that were refused, by code."""
        self.closes: Counter[int] = Counter()
        """Connections that ended, by close code."""
        self.refusals: Counter[str] = Counter()
        """Connections that were not let in, by what was full."""

    def answered(self, effects: Iterable[Effect]) -> None:
        """Count what somebody is told in answer to a message."""
        for effect in effects:
            if type(effect) is Send:
                message = effect.message
                if type(message) is Moved:
                    self.moves[message.verdict] += 1
                elif type(message) is Reject:
                    self.rejects[message.code] += 1

    def slice_took(self, ns: int) -> None:
        """Count a slice of the fan-out."""
        self.slices.add(ns)

    def pass_took(self, ns: int) -> None:
        """Count a publication that has reached everybody it was for."""
        self.passes.add(ns)

    def committed(self, ns: int, fact_count: int) -> None:
        """Count a commit, from the moment it was handed over to the moment it was acknowledged."""
        self.commits.add(ns)
        self.commit_facts.add(fact_count)
