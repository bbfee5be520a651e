"""What a subscriber's messages come to: its standings, folded as a Python client folds them."""

from collections.abc import Iterable, Sequence

from knack_client.standings import Standings
from knack_protocol.ids import CourseName
from knack_protocol.wire.codec import decode_message
from knack_protocol.wire.messages import Delta, Snapshot, View


class Gap(Exception):
    """A delta could not be applied to what came before it."""


def newest_rows(messages: Iterable[bytes], course: str = "sprint") -> Sequence[Sequence[object]]:
    """Fold the snapshots and deltas among the messages and return the rows, each as it stands in JSON.

    Raises:
        Gap: a number was missing.
    """
    standings = Standings(CourseName(course), View.TOP)
    for message in messages:
        push = decode_message(message)
        if isinstance(push, Snapshot | Delta):
            after = standings.after(push)
            if after is None:
                raise Gap(f"{push.feed} at {standings.version}")
            standings = after
    return [list(row) for row in standings.rows]
