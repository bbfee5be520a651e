"""Link oddities: what a run's line to the server went through. Remarks for whoever watches the replay, never a flag."""

from typing import NamedTuple

from knack_protocol.rules.log import ConnectionKind
from knack_protocol.rules.numbers import GRACE_MS_MAX
from knack_server.core.flags.played import Played


class Links(NamedTuple):
    """How often the line was lost, resumed or replaced, how often the server itself was away, and where in the log."""

    lost: int
    resumed: int
    replaced: int
    server_away: int
    grace_is_capped: bool
    seqs: tuple[int, ...]

    @property
    def returns(self) -> int:
        """How often the player came back, on the old device or on another one."""
        return self.resumed + self.replaced


def links(played: Played) -> Links:
    """Count what the log says of a run's connections."""
    kinds = [event.kind for event in played.connections]
    return Links(
        kinds.count(ConnectionKind.LOST),
        kinds.count(ConnectionKind.RESUMED),
        kinds.count(ConnectionKind.REPLACED),
        kinds.count(ConnectionKind.SERVER_AWAY),
        played.grace_ms == GRACE_MS_MAX,
        tuple(event.seq for event in played.connections),
    )
