"""Subscribers by the thousand: they connect, count what comes, and look whether a number is missing or came twice."""

import socket
import time
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from knack_loadtest.bench.client.dialects import Dialect, Stamp
from knack_loadtest.bench.client.frames import BINARY, CLOSE, PING, PONG, accepted, cut, handshake, masked
from knack_loadtest.bench.client.loop import Loop

_READ_BYTES: Final = 1 << 18
_KNOWN_MAX: Final = 4096
"""Different reads whose meaning is remembered: what goes to everybody arrives as the same bytes again and again."""

CONNECT_WITHIN_S: Final = 60
NO_CLOSE_FRAME: Final = 1006


class _Heard(NamedTuple):
    """What one read meant."""

    stamps: tuple[Stamp, ...]
    board_bytes: int
    pings: tuple[bytes, ...]
    other_count: int
    closed_with: int | None
    payloads: tuple[bytes, ...]
    rest: bytes


class Tally(NamedTuple):
    """What a crowd has counted since the last time; a delivery is a board frame that one subscriber has read whole."""

    deliveries: int
    board_bytes: int
    """Of the boards, their frames' heads left out."""
    others: int
    """Messages that are no boards, such as live digests."""
    bytes_count: int
    """Of everything."""
    gaps: int
    duplicates: int
    closes: dict[str, int]


class Subscriber:
    """One connection that listens."""

    __slots__ = ("_crowd", "_is_answered", "_rest", "is_open", "kept", "sock", "version")

    def __init__(self, crowd: "Crowd", sock: socket.socket) -> None:
        self._crowd = crowd
        self.sock = sock
        self._rest = b""
        self._is_answered = False
        self.is_open = True
        self.version: int | None = None
        """Of the newest board that it has; None before the first."""
        self.kept: list[bytes] | None = None
        """Every message, where somebody wants to look at them."""

    def read(self) -> None:
        """Take what has come; a closed connection is counted and let go."""
        try:
            stream = self.sock.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            stream = b""
        if not stream:
            self._lost(NO_CLOSE_FRAME)
            return
        if self._rest:
            stream = self._rest + stream
        if not self._is_answered:
            rest = accepted(stream)
            if rest is None:
                self._rest = stream
                return
            self._is_answered, self._rest = True, b""
            self._crowd.answered_count += 1
            self.sock.send(self._crowd.greeting)
            if not rest:
                return
            stream = rest
        self._take(stream)

    def _take(self, stream: bytes) -> None:
        crowd = self._crowd
        heard = crowd.known.get(stream)
        if heard is None:
            heard = crowd.meaning(stream)
        self._rest = heard.rest
        crowd.bytes_count += len(stream) - len(heard.rest)
        for stamp in heard.stamps:
            since, version = stamp
            mine = self.version
            if mine is None:
                crowd.there_count += 1
            elif since > mine:
                crowd.gaps += 1
            elif since >= 0 and version <= mine:
                crowd.duplicates += 1
            self.version = version
            if crowd.born:
                crowd.note_age(stamp)
        crowd.deliveries += len(heard.stamps)
        crowd.board_bytes += heard.board_bytes
        crowd.other_count += heard.other_count
        if self.kept is not None:
            self.kept += heard.payloads
        for payload in heard.pings:
            pong(self.sock, payload)
        if heard.closed_with is not None:
            self._lost(heard.closed_with)

    def _lost(self, code: int) -> None:
        if self.is_open:
            self.is_open = False
            self._crowd.closes[code] += 1
            self._crowd.loop.remove(self.sock.fileno())
            self.sock.close()


def pong(sock: socket.socket, payload: bytes) -> None:
    """Answer a ping, unless the server has closed the connection since: who reads late finds pings that nobody waits for."""
    with suppress(ConnectionError):  # the next read finds out, and counts it
        sock.send(masked(PONG, payload))


class Crowd:
    """Subscribers of one server."""

    def __init__(self, loop: Loop, port: int, dialect: Dialect, *, offers_deflate: bool = False) -> None:
        self.loop = loop
        self.subscribers: list[Subscriber] = []
        self.known: dict[bytes, _Heard] = {}
        self.born: dict[int, float] = {}
        """When the first change that a version shows was made; ages are noted while there are any."""
        self.ages_s = array("d")
        self.answered_count = 0
        self.there_count = 0
        """Subscribers that have a board."""
        self.deliveries = 0
        self.board_bytes = 0
        self.bytes_count = 0
        self.other_count = 0
        """Messages that are no board, such as an echo."""
        self.gaps = 0
        self.duplicates = 0
        self.closes: Counter[int] = Counter()
        self.newest_change = 0
        """The newest version to which a delta has led; whoever came later may have a higher one, in which nothing changed."""
        self.keeps: frozenset[int] = frozenset()
        """Which subscribers, by number, keep every message."""
        self._port = port
        self._dialect = dialect
        self._offers_deflate = offers_deflate
        self.greeting = dialect.greeting()

    def connect(
        self, count: int, paths: Sequence[str] = (), *, at_once: int = 200, receive_buffer_bytes: int = 0
    ) -> float:
        """Connect so many more, `at_once` of them under way at a time, and return how many seconds that took.

        `receive_buffer_bytes` is what the kernel may keep of what they have not read; 0 leaves that to the kernel. Each
        counts as connected when it has been answered and, where the server greets with a board, has that board.

        Raises:
            Patience: some were not answered.
            NotAccepted: the server refused one.
        """
        begun, first_of_all = time.monotonic(), len(self.subscribers)
        wanted = first_of_all + count
        while len(self.subscribers) < wanted:
            fresh = min(at_once, wanted - len(self.subscribers))
            first = len(self.subscribers)
            for number in range(first, first + fresh):
                self._open(
                    paths[number - first_of_all] if paths else self._dialect.path, receive_buffer_bytes
                )
            self.loop.until(self._all_there, CONNECT_WITHIN_S, f"{len(self.subscribers)} connections")
        return time.monotonic() - begun

    def send(self, number: int, message: bytes) -> None:
        """Have one subscriber send a binary message."""
        self.subscribers[number].sock.send(masked(BINARY, message))

    def tally(self) -> Tally:
        """Return what was counted, and begin anew."""
        closes = {str(code): count for code, count in sorted(self.closes.items())}
        tally = Tally(
            self.deliveries,
            self.board_bytes,
            self.other_count,
            self.bytes_count,
            self.gaps,
            self.duplicates,
            closes,
        )
        self.deliveries = self.board_bytes = self.other_count = self.bytes_count = 0
        self.gaps = self.duplicates = 0
        self.closes.clear()
        return tally

    def versions(self) -> Iterable[int | None]:
        """Return what every open subscriber has."""
        return (one.version for one in self.subscribers if one.is_open)

    def behind(self) -> int:
        """Count the open subscribers that lack the newest change."""
        return sum((version or 0) < self.newest_change for version in self.versions())

    def stall(self, first: int, count: int) -> None:
        """Let so many, from this one on, read nothing from now on."""
        for one in self.subscribers[first : first + count]:
            self.loop.remove(one.sock.fileno())

    def wake(self, first: int, count: int) -> None:
        """Let them read again."""
        for one in self.subscribers[first : first + count]:
            if one.is_open:
                self.loop.add(one.sock.fileno(), one.read)

    def close(self) -> None:
        """Hang up on everybody."""
        for one in self.subscribers:
            if one.is_open:
                self.loop.remove(one.sock.fileno())
                one.sock.close()
        self.subscribers.clear()
        self.answered_count = self.there_count = 0

    def meaning(self, stream: bytes) -> _Heard:
        """Cut a read into frames, and remember what it meant."""
        frames, rest = cut(stream)
        payloads = tuple(frame.payload for frame in frames if frame.opcode == BINARY)
        read = [self._dialect.stamp(payload) for payload in payloads]
        closes = [frame.payload[:2] for frame in frames if frame.opcode == CLOSE]
        changes = [stamp.version for stamp in read if stamp is not None and stamp.since >= 0]
        self.newest_change = max([self.newest_change, *changes])
        heard = _Heard(
            tuple(stamp for stamp in read if stamp is not None),
            sum(len(payload) for payload, stamp in zip(payloads, read, strict=True) if stamp is not None),
            tuple(frame.payload for frame in frames if frame.opcode == PING),
            sum(stamp is None for stamp in read),
            int.from_bytes(closes[0], "big") if closes else None,
            payloads,
            rest,
        )
        if len(self.known) >= _KNOWN_MAX:
            self.known.clear()
        self.known[stream] = heard
        return heard

    def note_age(self, stamp: Stamp) -> None:
        """Note how old the oldest change that a board brings was when it was read."""
        since, version = stamp
        born = [
            self.born[number]
            for number in range(max(since, version - 8) + 1, version + 1)
            if number in self.born
        ]
        if born:
            self.ages_s.append(time.monotonic() - min(born))

    def _open(self, path: str, receive_buffer_bytes: int) -> None:
        sock = socket.socket()
        if receive_buffer_bytes:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        sock.settimeout(CONNECT_WITHIN_S)
        sock.connect(("127.0.0.1", self._port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        dialect = self._dialect
        request = handshake(self._port, path, dialect.subprotocol, offers_deflate=self._offers_deflate)
        sock.setblocking(False)
        sock.send(request)
        one = Subscriber(self, sock)
        if len(self.subscribers) in self.keeps:
            one.kept = []
        self.subscribers.append(one)
        self.loop.add(sock.fileno(), one.read)

    def _all_there(self) -> bool:
        there = self.there_count if self._dialect.greets_until_stamp else self.answered_count
        return there >= len(self.subscribers)
