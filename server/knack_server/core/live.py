"""Live digests: once a second everybody learns a hash over the chains of all runs in play (rules, section 7).

Whoever keeps them holds what a later edit of the database, or a run invented afterwards, contradicts. A digest is
recorded before it goes out; what it covers follows from its place in the sequence of facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knack_protocol.proof.live import live_digest
from knack_protocol.wire.messages import Live as LiveMessage
from knack_server.core.facts import OPEN_PLAY, DigestSent
from knack_server.core.heat import HeatPhase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knack_protocol.ids import HeatId
    from knack_server.core.event import Event
    from knack_server.core.floor import Floor
    from knack_server.core.heat import Heat
    from knack_server.core.instant import Instant

EVERY_MS = 1000


class Live:
    """Sends the live digests of every event: of its open play and of each heat that runs."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def begin(self, now: Instant) -> None:
        """Send what is due now, and again every second."""
        if self._floor.recording:  # else the digests would pile up, and go out as old news
            for event in self._floor.events.values():
                self.send_open_play(event, now)
                for heat in event.heats.values():
                    if heat.phase is HeatPhase.RUNNING:
                        self.send_heat(event, heat, now)
        self._floor.timers.at(now.ms + EVERY_MS, self.begin)

    def send_heat(self, event: Event, heat: Heat, now: Instant) -> None:
        """Send a heat's digest: the whole roster, numbered by the whole second of the heat's clock."""
        k = heat.last_k = max(heat.clock_ms(now) // 1000, heat.last_k + 1)
        self._tell(event, heat.id, k, heat.chains())

    def send_open_play(self, event: Event, now: Instant) -> None:
        """Send open play's digest, if a run is in play or has ended since the last one."""
        chains = {
            run: (play.run.seq, play.run.head)
            for run, play in event.plays.items()
            if play.run is not None and not play.entry.heat
        }
        chains |= event.just_ended  # so that everybody holds the end of every run
        if not chains:
            return
        event.just_ended.clear()
        # The Unix second is a number that nobody has to remember; the last one keeps a clock that goes back from
        # sending a number twice.
        k = event.last_k = max(now.unix_ms // 1000, event.last_k + 1)
        self._tell(event, OPEN_PLAY, k, [chains[run] for run in sorted(chains)])

    def _tell(self, event: Event, heat: HeatId, k: int, chains: Sequence[tuple[int, bytes]]) -> None:
        digest = live_digest(event.id, heat, k, chains)
        self._floor.record(DigestSent(event.id, heat, k, digest))
        self._floor.publish(event.channel, LiveMessage(heat, k, digest, len(event.acts), event.acts.head))
