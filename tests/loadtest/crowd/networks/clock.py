"""A clock that a test sets forward, and the timers that a wheel asks it for."""

from collections.abc import Callable

from knack_loadtest.crowd.networks.wheel import Wheel

MS = 1_000_000
S = 1000 * MS


class MadeTimer:
    """One call to come."""

    def __init__(self, due_ns: int, deed: Callable[[], None]) -> None:
        self.due_ns = due_ns
        self.deed = deed
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Clock:
    """Time that passes when it is told to; `timers` holds what waits for it."""

    def __init__(self, now_ns: int = 5 * S) -> None:
        self.now_ns = now_ns
        self.zero_ns = now_ns
        self.timers: list[MadeTimer] = []
        self.wheel = Wheel(self.call_later, lambda: self.now_ns, tick_ns=1)

    def call_later(self, seconds: float, deed: Callable[[], None]) -> MadeTimer:
        timer = MadeTimer(self.now_ns + round(seconds * S), deed)
        self.timers.append(timer)
        return timer

    @property
    def waiting(self) -> list[MadeTimer]:
        return [timer for timer in self.timers if not timer.is_cancelled]

    def go(self, until_ns: int) -> None:
        """Let time pass, and call everything that comes due on the way."""
        while (due := min(self.waiting, key=lambda timer: timer.due_ns, default=None)) is not None:
            if due.due_ns > until_ns:
                break
            self.timers.remove(due)
            self.now_ns = max(due.due_ns, self.now_ns)
            due.deed()
        self.now_ns = max(until_ns, self.now_ns)

    def go_ms(self, ms: float) -> None:
        self.go(self.now_ns + round(ms * MS))
