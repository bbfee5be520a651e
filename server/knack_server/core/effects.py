"""The closed set of what the core may ask of the world.

One call of the core returns one list of effects. The shell performs it in two strokes: first every `Record` goes to the
store, then, once those facts (and all before them) are committed, the rest happens in order. So nothing is ever told
that a crash could take back.

What many are to hear is said once: `Enter` and `Exit` let connections into a channel and out of it, and `Publish` tells
everybody who is in it at that place of the order. `Tell` says one thing to some who share no channel. These take a while
to reach everybody, and a `Send` that is decided later may overtake them; among themselves they keep their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType

from knack_protocol.wire.codes import CloseCode
from knack_protocol.wire.messages import Push, Reply
from knack_server.core.facts import Fact

ConnectionId = NewType("ConnectionId", int)
"""A socket, counted from 1 since the start of the process."""


class Channel:
    """A sequence of messages that many take, such as what one view publishes; nothing but its identity counts."""

    __slots__ = ()


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
class Enter:
    """Let a connection take what is published in a channel from here on; once more begins it anew."""

    connection: ConnectionId
    channel: Channel


@dataclass(frozen=True, slots=True)
class Exit:
    """Let a connection take no more of a channel; does nothing when it is not in it."""

    connection: ConnectionId
    channel: Channel


@dataclass(frozen=True, slots=True)
class Publish:
    """Tell everybody in a channel one thing; of standings the core learns when it has reached them all."""

    channel: Channel
    message: Push


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell some connections one thing, in order with all other `Tell`s and with what an event's channel publishes."""

    connections: Sequence[ConnectionId]
    message: Push


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


Effect = Record | Send | Enter | Exit | Publish | Tell | Ping | Close
