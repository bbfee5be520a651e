"""One epoll and what is done when a socket can be read."""

import os
import select
import time
from collections.abc import Callable
from typing import Final

EVENTS_MAX: Final = 1024
_TURN_S: Final = 0.25


class Patience(Exception):
    """What was waited for did not come in time."""


class Loop:
    """Calls a handler for each file descriptor that can be read; nothing is buffered and nothing is a task."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._handlers: dict[int, Callable[[], None]] = {}

    def add(self, number: int, handler: Callable[[], None]) -> None:
        """Have `handler` called whenever the descriptor can be read, or was closed by the other side."""
        self._handlers[number] = handler
        self._epoll.register(number, select.EPOLLIN)

    def remove(self, number: int) -> None:
        """Forget a descriptor; does nothing when it is not there."""
        if self._handlers.pop(number, None) is not None:
            self._epoll.unregister(number)

    def turn(self, wait_s: float = _TURN_S) -> None:
        """Wait for something to read, at most so long, and have it read."""
        handlers = self._handlers
        for number, _ in self._epoll.poll(wait_s, EVENTS_MAX):
            handler = handlers.get(number)
            if handler is not None:  # one before it may have closed it
                handler()

    def until(self, is_so: Callable[[], bool], within_s: float, what: str) -> None:
        """Turn until something is so.

        Raises:
            Patience: it was not so in time; `what` says what was wanted.
        """
        end = time.monotonic() + within_s
        while not is_so():
            if time.monotonic() > end:
                raise Patience(f"not within {within_s:g} s: {what}")
            self.turn(0.02)

    def pass_s(self, duration_s: float) -> None:
        """Turn for so long."""
        end = time.monotonic() + duration_s
        while (left := end - time.monotonic()) > 0:
            self.turn(min(left, _TURN_S))


def own_cpu_s() -> float:
    """Return the CPU seconds of this process so far."""
    times = os.times()
    return times.user + times.system
