"""One connection, as the core sees it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from knack_protocol.ids import CourseName
from knack_protocol.wire.limits import RATE_BURST, RATE_PER_S
from knack_protocol.wire.messages import Role, View
from knack_server.core.effects import ConnectionId
from knack_server.core.ratelimit import TokenBucket

if TYPE_CHECKING:
    from knack_server.core.event import Event
    from knack_server.core.player import Player

REFUSALS_BURST = 20
"""Messages over the limit that are answered before the connection is closed: a page with a bug stops, a flood goes on."""

JOINS_PER_S = Fraction(1, 10)
JOINS_BURST = 5
"""Joins of one connection: a shared device hands over every few minutes; a script would take all good names."""


class Peer:
    """A socket and what it has said of itself so far."""

    __slots__ = (
        "bucket",
        "connection",
        "desk",
        "event",
        "feeds",
        "is_closing",
        "joins",
        "malformed_count",
        "player",
        "refusals",
        "role",
    )

    def __init__(self, connection: ConnectionId) -> None:
        self.connection = connection
        self.role: Role | None = None
        """None until a hello was answered with a welcome."""
        self.event: Event | None = None
        self.player: Player | None = None
        """The session that this connection speaks for, once it has joined or come back."""
        self.desk: str = ""
        """The moderator's name; empty for everybody else."""
        self.feeds: dict[int, tuple[CourseName, View]] = {}
        """What it watches, by the feed's number."""
        self.is_closing = False
        """True from the moment the core decided to close it; whatever it still sends is not heard."""
        self.malformed_count = 0
        self.bucket = TokenBucket(RATE_PER_S, RATE_BURST)
        """The session's own bucket as soon as there is a session, so that reconnecting refills nothing."""
        self.refusals = TokenBucket(1, REFUSALS_BURST)
        self.joins = TokenBucket(JOINS_PER_S, JOINS_BURST)
