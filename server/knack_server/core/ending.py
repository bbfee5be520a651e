"""The end of an event: for good, and only when nobody plays; then everything is revealed."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from knack_protocol.ids import HeatId
from knack_protocol.wire.messages import Closed
from knack_server.core.facts import EventEnded
from knack_server.core.heat import HeatPhase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from knack_server.core.event import Event
    from knack_server.core.floor import Floor
    from knack_server.core.heats import Heats
    from knack_server.core.instant import Instant
    from knack_server.core.live import Live

_AT_REST = frozenset({HeatPhase.PREPARED, HeatPhase.OVER})


class EndFault(StrEnum):
    """Why an event was not ended."""

    ENDED = "ended"
    IN_PLAY = "in_play"


class InPlay(NamedTuple):
    """What goes on in an event."""

    runs: int
    """How many are in countdown or in play."""
    heats: Sequence[HeatId]
    """Those that have a lobby, a roster or a clock."""


def in_play(event: Event) -> InPlay:
    """Return what has to be over before the event can end."""
    return InPlay(len(event.plays), [heat.id for heat in event.heats.values() if heat.phase not in _AT_REST])


class Ending:
    """Ends events."""

    def __init__(self, floor: Floor, heats: Heats, live: Live) -> None:
        self._floor = floor
        self._heats = heats
        self._live = live

    def end(self, event: Event, sign: Callable[[str], bytes], now: Instant) -> EndFault | None:
        """Close an event: the last ends are covered by a digest, the list of commitments is out, and everybody is told."""
        if event.has_ended:
            return EndFault.ENDED
        if any(in_play(event)):
            return EndFault.IN_PLAY
        self._live.send_open_play(event, now)
        if event.published is None:
            self._heats.put_out(event, sign, now)
        event.ended_unix_ms = now.unix_ms
        self._floor.record(EventEnded(event.id, now.unix_ms))
        self._floor.publish(event.channel, Closed(now.unix_ms))
        return None
