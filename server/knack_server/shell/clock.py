"""The only reader of clocks: everything else is handed an `Instant`."""

import time

from knack_server.core.instant import Instant

ticks_ns = time.perf_counter_ns
"""A stopwatch for what the server itself takes; uvloop's own time is cached and in ms."""


class Clock:
    """The machine's clocks; the monotonic one counts from the start of the process."""

    def __init__(self) -> None:
        self._start_ns = time.monotonic_ns()

    def now(self) -> Instant:
        """Return this moment, both clocks rounded down to ms."""
        return Instant((time.monotonic_ns() - self._start_ns) // 1_000_000, time.time_ns() // 1_000_000)
