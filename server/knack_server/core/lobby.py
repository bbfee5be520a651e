"""Who gathers for a heat, and what everybody is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knack_protocol.ids import RunId
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Done, Gather, Marked, Place, Scatter
from knack_protocol.wire.messages import Heat as HeatMessage
from knack_protocol.wire.messages import HeatPhase as WirePhase
from knack_server.core.facts import LobbyChanged
from knack_server.core.floor import Refused
from knack_server.core.heat import Heat, HeatPhase

if TYPE_CHECKING:
    from knack_server.core.event import Event
    from knack_server.core.floor import Floor
    from knack_server.core.instant import Instant
    from knack_server.core.peer import Peer
    from knack_server.core.player import Player

_WIRE = {
    HeatPhase.PREPARED: WirePhase.CLOSED,
    HeatPhase.OPEN: WirePhase.OPEN,
    HeatPhase.FROZEN: WirePhase.FROZEN,
    HeatPhase.COUNTDOWN: WirePhase.COUNTDOWN,
    HeatPhase.RUNNING: WirePhase.RUNNING,
    HeatPhase.WAITING: WirePhase.WAITING,
    HeatPhase.OVER: WirePhase.OVER,
}
"""How the wire calls a phase; of a heat that is only prepared it says nothing, but where its lobby is closed again."""


class Lobby:
    """Players come and go until the roster is frozen; every connection learns where each heat stands."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def gather(self, peer: Peer, command: Gather, now: Instant) -> Refused | None:
        """Join a heat's lobby, leaving another one."""
        player, event = peer.player, peer.event
        if player is None or event is None:
            return Refused(RejectCode.NOT_JOINED)
        if event.has_ended:
            return Refused(RejectCode.CLOSED_EVENT)
        heat = event.heats.get(command.heat)
        if heat is None or heat.phase is HeatPhase.PREPARED:
            return Refused(RejectCode.UNKNOWN_HEAT)
        if heat.phase is not HeatPhase.OPEN or not self._is_free(player):
            return Refused(RejectCode.HEAT_CLOSED)
        if player.heat is not heat:
            self.left(player, now)
            self.change(event, heat, player, is_in=True, now=now)
        self._floor.send(peer, Done(command.req))
        self._floor.send(peer, self._message(event, heat, peer, now))
        return None

    def scatter(self, peer: Peer, command: Scatter, now: Instant) -> Refused | None:
        """Leave the lobby; from a frozen roster nobody leaves."""
        player, event = peer.player, peer.event
        if player is None or event is None:
            return Refused(RejectCode.NOT_JOINED)
        heat = player.heat
        if not self._is_free(player):
            return Refused(RejectCode.HEAT_CLOSED)
        self.left(player, now)
        self._floor.send(peer, Done(command.req))
        if heat is not None:
            self._floor.send(peer, self._message(event, heat, peer, now))
        return None

    def left(self, player: Player, now: Instant) -> None:
        """Take a player out of an open lobby; does nothing for one who is in none."""
        if player.heat is not None and player.heat.phase is HeatPhase.OPEN:
            self.change(player.event, player.heat, player, is_in=False, now=now)

    def change(self, event: Event, heat: Heat, player: Player, *, is_in: bool, now: Instant) -> None:
        """Let a player in or out, for good."""
        event.gather(heat, player, is_in=is_in)
        heat.is_told = False
        self._floor.record(LobbyChanged(event.id, heat.id, player.id, is_in, now.unix_ms))

    def introduce(self, peer: Peer, now: Instant) -> None:
        """Tell a connection that has just been welcomed of every heat that was opened, before it hears of its own run in one."""
        event = peer.event
        assert event is not None
        for heat in event.heats.values():
            if heat.phase is not HeatPhase.PREPARED:
                self._floor.send(peer, self._message(event, heat, peer, now))

    def tell_all(self, event: Event, heat: Heat, now: Instant) -> None:
        """Tell everybody where a heat stands."""
        heat.is_told = True
        alike: dict[tuple[Place, RunId], list[Peer]] = {}
        for peer in self._floor.peers.values():
            if peer.event is event:
                alike.setdefault(self._part(heat, peer), []).append(peer)
        for (
            peers
        ) in alike.values():  # all who only look on, and before the roster is frozen all who take part
            self._floor.tell(peers, self._message(event, heat, peers[0], now))

    def publish(self, now: Instant) -> None:
        """Tell how many have gathered, at most as often as standings are published."""
        for event in self._floor.events.values():
            for heat in event.heats.values():
                if not heat.is_told:
                    self.tell_all(event, heat, now)

    def _is_free(self, player: Player) -> bool:
        return player.heat is None or player.heat.phase is HeatPhase.OPEN

    def _part(self, heat: Heat, peer: Peer) -> tuple[Place, RunId]:
        """What a connection's player has to do with a heat: all of the message that is not the same for everybody."""
        player = peer.player
        if player is None:
            return Place.OUTSIDE, RunId("")
        entry = heat.runs.get(player.id)
        place = Place.MEMBER if player.id in heat.members else Place.OUTSIDE
        return place, RunId("") if entry is None else entry.run

    def _message(self, event: Event, heat: Heat, peer: Peer, now: Instant) -> HeatMessage:
        place, run = self._part(heat, peer)
        waits = heat.phase in {HeatPhase.COUNTDOWN, HeatPhase.WAITING}
        return HeatMessage(
            heat.id,
            heat.course,
            heat.scope,
            WirePhase.VOIDED if event.acts.is_heat_voided(heat.id) else _WIRE[heat.phase],
            heat.commit,
            len(heat.members),
            place,
            run,
            heat.roster_hash,
            heat.public.decode(),
            heat.t0_unix_ms,
            max(heat.goes_on_ms - now.ms, 0) if waits else 0,
            Marked.INTERRUPTED if heat.is_interrupted else Marked.NO,
        )
