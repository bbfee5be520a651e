from typing import Any, cast

from knack_protocol.wire.limits import SILENCE_MS
from knack_server.core.instant import Instant
from knack_server.shell.heartbeat import LOOK_EVERY_S, Heartbeat

LOOK_EVERY_MS = int(LOOK_EVERY_S * 1000)
LATE_MS = 15
"""A loop's timers come a little late."""


class SetClock:
    ms = 0

    def now(self) -> Instant:
        return Instant(self.ms, 0)


class Silent:
    """A connection that was heard once."""

    def __init__(self, heard_ms: int) -> None:
        self.heard_ms = heard_ms
        self.spoke = 0
        self.pinged_ms: list[int] = []
        self.closed_ms: int | None = None
        self.clock = SetClock()

    def write(self, frame: bytes) -> None:
        assert frame == b"\x89\x00"
        self.pinged_ms.append(self.clock.ms)

    def close(self, code: int) -> None:
        self.closed_ms = self.clock.ms


def test_whoever_is_let_go_for_silence_was_pinged_in_time_to_answer() -> None:
    for heard_ms in range(0, LOOK_EVERY_MS, 5):
        silent = Silent(heard_ms)
        heartbeat = Heartbeat(cast("Any", silent.clock))
        heartbeat.add(cast("Any", silent))

        while silent.closed_ms is None:
            silent.clock.ms += LOOK_EVERY_MS + LATE_MS
            heartbeat.look_after(silent.spoke)

        assert silent.closed_ms - heard_ms >= SILENCE_MS
        assert silent.pinged_ms, f"heard at {heard_ms} ms"
        assert silent.closed_ms - silent.pinged_ms[0] >= LOOK_EVERY_MS
