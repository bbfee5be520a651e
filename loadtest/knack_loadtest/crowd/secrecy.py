"""What a role must not be told: on the wire by what a message holds, over HTTP by the keys of a document.

Everything that a crowd's players and watchers hear goes through here; moderators have lines of their own.
"""

from collections.abc import Iterator
from typing import Any, Final

from knack_client.standings import Standings
from knack_protocol.wire.messages import DeskRow, RowState

MODERATORS_BITS: Final = int(RowState.VOIDED | RowState.NAME_HIDDEN)


NEVER: Final = frozenset(
    [
        "token",
        "email",
        "first_name",
        "last_name",
        "concern",
        "seed",
        "server_seed",
        "master",
        "ip",
        "address",
        "password",
        "reason",
        "desk",
        "shown_name",
        "flags",
    ]
)
"""Keys that no public document holds, whatever a later version adds."""


def leak_in(standings: Standings) -> str:
    """Say what in standings that anybody may watch only moderators may see; nothing when there is none."""
    for row in standings.rows:
        if isinstance(row, DeskRow):
            return f"a row of the desk: run {row.run}"
        if int(row.state) & MODERATORS_BITS:
            return f"run {row.run} with the state {row.state}, which only moderators may see"
    return ""


def keys_of(document: Any) -> Iterator[str]:
    """Yield every key in a JSON document."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield key
            yield from keys_of(value)
    elif isinstance(document, list):
        for value in document:
            yield from keys_of(value)


def forbidden_keys(document: Any) -> list[str]:
    """Return the keys of a public document that nobody may be told."""
    return sorted(set(keys_of(document)) & NEVER)
