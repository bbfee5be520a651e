"""What is due when: one heap of moments for the whole core."""

import heapq
from collections.abc import Callable, Iterator
from itertools import count

from knack_server.core.instant import Instant

Due = Callable[[Instant], None]


class Timers:
    """Calls to make later. A call that has become pointless stays and must find that out by itself."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Due]] = []
        self._order = count()  # equal moments fire in the order they were set, never by comparing functions

    def at(self, due_ms: int, call: Due) -> None:
        """Call `call` at the first tick not before `due_ms` of the monotonic clock."""
        heapq.heappush(self._heap, (due_ms, next(self._order), call))

    @property
    def next_ms(self) -> int | None:
        """The earliest moment at which something is due; None when nothing is."""
        return self._heap[0][0] if self._heap else None

    def take_due(self, now_ms: int) -> Iterator[Due]:
        """Hand out what is due, earliest first; what gets set meanwhile and is due counts too."""
        while self._heap and self._heap[0][0] <= now_ms:
            yield heapq.heappop(self._heap)[2]
