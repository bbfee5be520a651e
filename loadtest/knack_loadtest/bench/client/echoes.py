"""A bare echo: messages at a steady rate, turn and turn about over all connections, each waited for."""

import time
from typing import Final, NamedTuple

from knack_loadtest.bench.client.crowd import Crowd
from knack_loadtest.bench.client.loop import Loop

_REPLY_WITHIN_S: Final = 30


class Echoed(NamedTuple):
    """What a stretch of echoes came to."""

    sent: int
    came_back: int


def echo(loop: Loop, crowd: Crowd, message: bytes, rate_per_s: float, duration_s: float) -> Echoed:
    """Send so many messages a second for so long, and wait until all have come back.

    Raises:
        Patience: some did not.
    """
    before, sent = crowd.other_count, 0
    due = begun = time.monotonic()
    while (now := time.monotonic()) < begun + duration_s:
        while due <= now:
            due += 1 / rate_per_s
            crowd.send(sent % len(crowd.subscribers), message)
            sent += 1
        loop.turn(max(due - time.monotonic(), 0))
    loop.until(lambda: crowd.other_count - before >= sent, _REPLY_WITHIN_S, "every echo")
    return Echoed(sent, crowd.other_count - before)
