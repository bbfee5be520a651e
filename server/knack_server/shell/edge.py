"""What a socket needs of the server behind it: its clock, its doors, and somebody who hears what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from knack_server.core.effects import ConnectionId
    from knack_server.core.instant import Instant
    from knack_server.shell.clock import Clock
    from knack_server.shell.doors import Doors
    from knack_server.shell.heartbeat import Heartbeat
    from knack_server.shell.meters import Meters
    from knack_server.shell.socket import KnackSocket


class Edge(Protocol):
    """The server, as its sockets see it."""

    clock: Clock
    meters: Meters
    heartbeat: Heartbeat
    doors: Doors

    def admits(self, origin: str | None, host: str) -> bool:
        """Tell whether a page of this origin may connect; None comes from programs, which have none."""

    def opened(self, socket: KnackSocket, now: Instant) -> ConnectionId:
        """Take a new connection up and give it its number."""

    def received(self, connection: ConnectionId, frame: bytes, now: Instant) -> None:
        """Handle one whole binary message."""

    def garbled(self, connection: ConnectionId, now: Instant) -> None:
        """Handle a message that is not binary."""

    def pinged(self, connection: ConnectionId, now: Instant) -> None:
        """Count a ping, which the socket answers by itself."""

    def ponged(self, connection: ConnectionId, payload: bytes, now: Instant) -> None:
        """Handle the answer to a ping."""

    def drained(self, connection: ConnectionId, now: Instant) -> None:
        """Learn that a slow reader has caught up."""

    def closed(self, connection: ConnectionId, now: Instant) -> None:
        """Let go of a connection."""
