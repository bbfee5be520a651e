"""A client's idea of a run's clock, made only of what the server said and when it was heard.

Protocol chapter 7.4. News take time to travel, so the run's clock showed at least what a message says when the message is heard. The largest
such bound is kept. This clock is therefore never ahead of the server's: whoever waits by it until a lock has ended is
never early, and at most as late as the fastest message so far was under way.
"""

from math import inf


class RunClock:
    """The run's clock as this client can know it; local times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._zero_s = inf

    def heard(self, clock_ms: int, local_s: float) -> None:
        """Note that a message about moment `clock_ms` of the run's clock was heard at `local_s`."""
        self._zero_s = min(self._zero_s, local_s - clock_ms / 1000)

    def was_set(self, clock_ms: int, local_s: float) -> None:
        """Note that the run's clock shows `clock_ms`, whatever was known: it stood while the server was away."""
        self._zero_s = local_s - clock_ms / 1000

    def at(self, local_s: float) -> int:
        """Return the run's clock in ms at a local time; negative before T0, and before anything was heard."""
        return int((local_s - self._zero_s) * 1000) if self._zero_s != inf else -1
