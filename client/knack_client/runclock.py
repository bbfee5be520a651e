"""A client's idea of a run's clock, made only of what the server said and when it was heard.

Protocol chapter 7.4. News take time to travel, so the run's clock showed at least what a message says when the message is heard. The largest
such bound is kept. This clock is therefore never ahead of the server's: whoever waits by it until a lock has ended is
never early, and at most as late as the fastest message so far was under way.

The grace makes up for a line's whole round trip, up to 250 ms. Who is farther away would lose the rest with every move,
but a move may come up to 150 ms early: by so much sooner than this clock says it may leave.
"""

from math import inf

from knack_protocol.rules.numbers import EARLY_TOLERANCE_MS


class RunClock:
    """The run's clock as this client can know it; local times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._zero_s = inf
        self._round_trip_s = inf
        self._stands_at_ms: int | None = None

    def heard(self, clock_ms: int, local_s: float) -> None:
        """Note that a message about moment `clock_ms` of the run's clock was heard at `local_s`."""
        self._zero_s = min(self._zero_s, local_s - clock_ms / 1000)

    def answered(self, sent_s: float, heard_s: float) -> None:
        """Note that a move sent at `sent_s` was answered at `heard_s`; the fastest answer so far is the line's round trip."""
        self._round_trip_s = min(self._round_trip_s, heard_s - sent_s)

    def beyond_ms(self, grace_ms: int) -> int:
        """Return how much sooner than a lock's end on this clock a move may leave, and not arrive too early: 0 to 150 ms."""
        if self._round_trip_s == inf:
            return 0
        return min(max(int(self._round_trip_s * 1000) - grace_ms, 0), EARLY_TOLERANCE_MS)

    def was_set(self, clock_ms: int, local_s: float) -> None:
        """Note that the run's clock shows `clock_ms`, whatever was known: it stood while the server was away."""
        self._zero_s = local_s - clock_ms / 1000
        self._round_trip_s = inf  # it may be another line now
        self._stands_at_ms = None

    def stands(self, clock_ms: int) -> None:
        """Note that the run's clock shows `clock_ms` and does not move until it is set again."""
        self._stands_at_ms = clock_ms

    def at(self, local_s: float) -> int:
        """Return the run's clock in ms at a local time; negative before T0, and before anything was heard."""
        if self._stands_at_ms is not None:
            return self._stands_at_ms
        return int((local_s - self._zero_s) * 1000) if self._zero_s != inf else -1
