"""The closed set of what the core may ask of the world.

One call of the core returns one list of effects. The shell performs it in two strokes: first every `Record` goes to the
store, then, once those facts (and all before them) are committed, the rest happens in order. So nothing is ever told
that a crash could take back.
"""

from dataclasses import dataclass
from typing import NewType

from knack_protocol.wire.codes import CloseCode
from knack_protocol.wire.messages import Push, Reply
from knack_server.core.facts import Fact

ConnectionId = NewType("ConnectionId", int)
"""A socket, counted from 1 since the start of the process."""


@dataclass(frozen=True, slots=True)
class Record:
    """Keep a fact for good."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Send:
    """Write one message to one connection; it is dropped silently when that connection has gone."""

    connection: ConnectionId
    message: Reply | Push


@dataclass(frozen=True, slots=True)
class Ping:
    """Send a ping frame, and hand its pong back to the core with the time it arrived."""

    connection: ConnectionId
    payload: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """Close a connection with a code from the table."""

    connection: ConnectionId
    code: CloseCode


Effect = Record | Send | Ping | Close
