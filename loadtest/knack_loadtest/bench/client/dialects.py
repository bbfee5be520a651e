"""How a subscriber greets each kind of server, and where in what it hears the numbers stand that must not have a gap."""

from typing import NamedTuple, Protocol

import msgpack  # type: ignore[import-untyped]  # ships no types

from knack_loadtest.bench.client.frames import BINARY, masked
from knack_protocol.ids import CourseName, EventId
from knack_protocol.wire.codec import encode
from knack_protocol.wire.messages import Hello, Role, View, Watch

BOARD_BYTES = 300
"""A board frame of a peer; its first 8 bytes count up."""


class Stamp(NamedTuple):
    """What a frame says of its place: it brings whoever is at `since` or later to `version`; a whole state has `since` -1."""

    since: int
    version: int


class Dialect(Protocol):
    """What a subscriber has to know of the server that it talks to."""

    path: str
    subprotocol: str
    greets_until_stamp: bool
    """Whether a subscriber is there only when it has had its first stamp, such as a snapshot's."""

    def greeting(self) -> bytes:
        """Return what is sent after the handshake."""

    def stamp(self, payload: bytes) -> Stamp | None:
        """Return the place of a binary message in the stream of boards; None for one that is not of it."""


class Plain:
    """A peer without a protocol of its own: whoever is connected gets the boards."""

    path = "/"
    subprotocol = ""
    greets_until_stamp = False

    def greeting(self) -> bytes:
        """Nothing is said."""
        return b""

    def stamp(self, payload: bytes) -> Stamp | None:
        """Read the number at the head of the board, which is the end of the message."""
        if len(payload) < BOARD_BYTES:
            return None
        number = int.from_bytes(payload[-BOARD_BYTES : 8 - BOARD_BYTES], "big")
        return Stamp(number - 1, number)


class Colyseus(Plain):
    """A room of Colyseus, entered by a seat's path; its messages carry a type before the board."""

    JOIN_ROOM = 10

    def greeting(self) -> bytes:
        """Say that the room was joined."""
        return masked(BINARY, bytes((self.JOIN_ROOM,)))


class Snapshots(Plain):
    """A peer that sends a snapshot to whoever asks for it."""

    greets_until_stamp = True

    def greeting(self) -> bytes:
        """Ask for it."""
        return masked(BINARY, b"s")

    def stamp(self, payload: bytes) -> Stamp | None:
        """Take any message for a snapshot."""
        del payload
        return Stamp(-1, 0)


class Knack:
    """Our server: hello as a watcher, then one feed of the standings."""

    path = "/ws"
    subprotocol = "knack.v1"
    greets_until_stamp = True

    SNAPSHOT, DELTA = 67, 68

    def __init__(self, course: str = "sprint", view: View = View.TOP) -> None:
        self._course = CourseName(course)
        self._view = view

    def greeting(self) -> bytes:
        """Say hello, and watch from nothing."""
        return masked(BINARY, encode(Hello(1, Role.WATCHER, EventId(""), ""))) + masked(
            BINARY, encode(Watch(2, self._course, self._view, 0, 0))
        )

    def stamp(self, payload: bytes) -> Stamp | None:
        """Read the head of a message: of a snapshot feed, epoch, version; of a delta feed, version, steps."""
        if len(payload) < 2 or payload[1] not in {self.SNAPSHOT, self.DELTA}:
            return None
        unpacker = msgpack.Unpacker()
        unpacker.feed(payload)
        unpacker.read_array_header()
        opcode, _, third, fourth = (unpacker.unpack() for _ in range(4))
        return Stamp(-1, fourth) if opcode == self.SNAPSHOT else Stamp(third, third + fourth)


DIALECTS: dict[str, type[Plain | Colyseus | Snapshots | Knack]] = {
    "plain": Plain,
    "colyseus": Colyseus,
    "snapshots": Snapshots,
    "knack": Knack,
}
