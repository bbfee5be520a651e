"""How late the loop is: a timer that asks again and again how much later than due it was called."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from knack_server.shell.clock import ticks_ns

if TYPE_CHECKING:
    from knack_server.shell.meters import Spread

ASK_EVERY_S = 0.05
"""Often enough to meet a pause of 50 ms, seldom enough to cost nothing. uvloop's timers are exact to 1 ms."""


class LagProbe:
    """Counts into a spread, in ns, how late the loop calls."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread
        self._timer: asyncio.TimerHandle | None = None
        self._due_ns = 0

    def start(self) -> None:
        """Ask for the first time soon, and then again and again."""
        self._due_ns = ticks_ns() + int(ASK_EVERY_S * 1e9)
        self._timer = asyncio.get_running_loop().call_later(ASK_EVERY_S, self._called)

    def stop(self) -> None:
        """Ask no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _called(self) -> None:
        self._spread.add(max(ticks_ns() - self._due_ns, 0))
        self.start()
