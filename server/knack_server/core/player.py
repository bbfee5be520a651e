"""A person in one event, and the session that speaks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from knack_protocol.ids import CourseName, PlayerId, RunId
from knack_protocol.wire.limits import RATE_BURST, RATE_PER_S
from knack_server.core.ratelimit import TokenBucket

if TYPE_CHECKING:
    from knack_server.core.entry import Entry
    from knack_server.core.event import Event
    from knack_server.core.heat import Heat
    from knack_server.core.peer import Peer
    from knack_server.core.play import Play

NEVER_MS = -(10**9)
"""A moment before any moment of the monotonic clock, which starts near 0."""


class LastEnded(NamedTuple):
    """How a player's latest run ended."""

    entry: Entry
    seq: int
    """The number of events in its log."""
    head: bytes
    """The chain's last hash."""
    t_ms: int
    """END's time, of the run's clock."""


class Player:
    """One player of one event. The session ends when somebody else takes the device over; the player's runs stay."""

    __slots__ = (
        "_bucket", "event", "heat", "id", "joined_unix_ms", "last_ended", "name", "peer", "play", "prepared", "resumed_ms", "runs_started_count", "token_hash",
    )  # fmt: skip

    def __init__(
        self, event: Event, player: PlayerId, name: str, token_hash: bytes | None, joined_unix_ms: int
    ) -> None:
        self.event = event
        self.id = player
        self.name = name
        """As typed, NFC; empty once it was erased."""
        self.joined_unix_ms = joined_unix_ms
        self.token_hash = token_hash
        """SHA-256 of the session's token; None once the session has ended."""
        self.peer: Peer | None = None
        self.play: Play | None = None
        """The run in countdown or in play; at most one (rules, section 4)."""
        self.heat: Heat | None = None
        """The heat whose lobby or roster has the player in it; None again when it is over."""
        self.prepared: dict[CourseName, RunId] = {}
        """Runs committed to but not started; asking twice gives the same one, so nobody shops for seeds."""
        self.last_ended: LastEnded | None = None
        self.runs_started_count = 0
        self.resumed_ms = NEVER_MS
        self._bucket: TokenBucket | None = None

    def forget_prepared(self, course: CourseName) -> None:
        """Note that what was prepared of a course was started, or never will be."""
        self.prepared.pop(course, None)
        if not self.prepared:
            self.prepared = {}  # an emptied dict keeps its room, four times that of a new one

    @property
    def bucket(self) -> TokenBucket:
        """The session's messages are counted here; made when there is the first one, because most people have gone."""
        if self._bucket is None:
            self._bucket = TokenBucket(RATE_PER_S, RATE_BURST)
        return self._bucket
