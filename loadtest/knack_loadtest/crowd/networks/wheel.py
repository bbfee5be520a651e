"""Everything that a worker's networks hold up, in one heap with one timer, however many lines there are."""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from time import monotonic_ns
from typing import Protocol

Deed = Callable[[], None]


class Timer(Protocol):
    """What a loop gives for a call to come."""

    def cancel(self) -> None:
        """Let it not come."""


class Wheel:
    """Calls what is due, in the order of when it is; what is due at the same time in the order in which it was said.

    Args:
        call_later: The loop's: seconds, and what to call; None for that of the running loop.
        now_ns: The monotonic clock.
        tick_ns: The step of the loop's timers, up to which waits are rounded: uvloop's are whole ms, and a shorter wait would
            come back again and again until the time is there.
    """

    def __init__(
        self,
        call_later: Callable[[float, Deed], Timer] | None = None,
        now_ns: Callable[[], int] = monotonic_ns,
        tick_ns: int = 1_000_000,
    ) -> None:
        self.now_ns = now_ns
        self._tick_ns = tick_ns
        self._call_later = call_later
        self._due: list[tuple[int, int, Deed]] = []
        self._numbers = count()
        self._timer: Timer | None = None
        self._wakes_ns = 0

    def at(self, due_ns: int, deed: Deed) -> None:
        """Do something at a moment; also what is due already is not done at once, but soon."""
        heappush(self._due, (due_ns, next(self._numbers), deed))
        if self._timer is None or due_ns < self._wakes_ns:
            self._wind()

    async def until(self, due_ns: int) -> None:
        """Wait for a moment."""
        come: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.at(due_ns, lambda: None if come.done() else come.set_result(None))
        await come

    def _wind(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due:
            self._wakes_ns = self._due[0][0]
            later = self._call_later or asyncio.get_running_loop().call_later
            ticks = -(-max(self._wakes_ns - self.now_ns(), 0) // self._tick_ns)
            self._timer = later(ticks * self._tick_ns / 1e9, self._turn)

    def _turn(self) -> None:
        self._timer = None
        now_ns = self.now_ns()
        try:
            while self._due and self._due[0][0] <= now_ns:
                heappop(self._due)[2]()
        finally:
            self._wind()
