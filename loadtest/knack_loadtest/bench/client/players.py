"""Players who play honestly and cost little: raw sockets, and a mirror for each that checks every reply.

Nothing here thinks: a player makes a legal swap at random as soon as the lock is over and the rate has room for it. What
counts as a move is one that was answered *ok*; the server answers when it is committed.
"""

import random
import socket
import time
from array import array
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final, NamedTuple

from knack_client.mirror import Mirror
from knack_loadtest.bench.client.crowd import CONNECT_WITHIN_S, NO_CLOSE_FRAME, Crowd, pong
from knack_loadtest.bench.client.dialects import Knack
from knack_loadtest.bench.client.frames import BINARY, CLOSE, PING, accepted, cut, handshake, masked
from knack_loadtest.bench.client.loop import Loop
from knack_protocol.ids import CourseName, EventId, PlayerId, RunId
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.codec import decode_message, encode
from knack_protocol.wire.messages import (
    Begin,
    Done,
    Ended,
    Hello,
    Join,
    Joined,
    Move,
    Moved,
    MoveVerdict,
    Prepare,
    Prepared,
    Reject,
    Role,
    Start,
    Unwatch,
    View,
    Watch,
    Watching,
    Welcome,
)

LETTERS: Final = "bdfghkpqstxz"
"""Of which no two look alike, alone or together, so that no name is nearly another's."""

_NAME_LETTERS: Final = 6
_NAMES_A_SEED: Final = 20_000
_READ_BYTES: Final = 1 << 18
_REPLY_WITHIN_S: Final = 30
_BEGIN_WITHIN_S: Final = 60
_STARTS_PER_S: Final = 400
"""Starts are spread: everybody's countdown is pinged fifteen times."""

_HEAD_BYTES: Final = 8
_ASIDE: Final = frozenset({67, 68, 69, 70, 71})
"""Opcodes of what players are told beside their game; feeds are counted, the rest is passed over."""


class Played(NamedTuple):
    """What a stretch of play came to."""

    moves: int
    """Answered ok."""
    illegal: int
    """Answered, but not ok; there should be none."""
    rejects: dict[str, int]
    starved: int
    """Moves that were due when nobody's lock was over."""
    boards: int
    """Snapshots and deltas that came."""
    gaps: int
    lost: dict[str, int]
    """Players whose connection was closed since the last time, by its code; there should be none."""


def name_of(number: int) -> str:
    """Write a number in letters."""
    letters = []
    for _ in range(_NAME_LETTERS):
        number, letter = divmod(number, len(LETTERS))
        letters.append(LETTERS[letter])
    return "".join(reversed(letters)).capitalize()


class _Player:
    """One player's connection and run."""

    __slots__ = (
        "begin_s",
        "commit",
        "event",
        "feed",
        "feed_version",
        "frame",
        "mirror",
        "player",
        "players",
        "rest",
        "rules_hash",
        "run",
        "sent_s",
        "sock",
        "swap",
    )

    def __init__(self, players: "Players", sock: socket.socket, rest: bytes) -> None:
        self.players = players
        self.sock = sock
        self.rest = rest
        self.event = EventId("")
        self.rules_hash = b""
        self.player = PlayerId("")
        self.run = RunId("")
        self.commit = b""
        self.mirror: Mirror | None = None
        self.begin_s = 0.0
        self.frame = b""
        """The next move, made while there is time."""
        self.swap = (0, 0)
        self.sent_s = 0.0
        self.feed = 0
        self.feed_version: int | None = None

    def send(self, command: Any) -> None:
        """Send a command."""
        self.sock.send(masked(BINARY, encode(command)))

    def read(self) -> None:
        """Take what has come."""
        try:
            stream = self.sock.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            stream = b""
        if not stream:
            self.players.lost(self, NO_CLOSE_FRAME)
            return
        frames, self.rest = cut(self.rest + stream)
        for opcode, payload in frames:
            if opcode == BINARY:
                if payload[1] in _ASIDE:
                    self._count(payload)
                else:
                    self.players.told(self, decode_message(payload))
            elif opcode == PING:
                pong(self.sock, payload)
            elif opcode == CLOSE:
                self.players.lost(self, int.from_bytes(payload[:2], "big"))
                return

    def _count(self, payload: bytes) -> None:
        stamp = self.players.knack.stamp(payload)
        if stamp is not None:
            self.players.boards += 1
            self.players.gaps += self.feed_version is not None and stamp.since > self.feed_version
            self.feed_version = stamp.version

    def think(self) -> None:
        """Choose the next move and make its frame ready."""
        mirror = self.mirror
        assert mirror is not None
        run = mirror.run
        self.swap = cell, direction = self.players.random.choice(legal_swaps(run.board))
        move = Move(next(self.players.reqs), self.run, run.seq + 1, run.head[:_HEAD_BYTES], cell, direction)
        self.frame = masked(BINARY, encode(move))


class Players:
    """Players of one server."""

    def __init__(self, loop: Loop, port: int, seed: int, crowd: Crowd | None = None) -> None:
        self.loop = loop
        self.random = random.Random(seed)  # noqa: S311 - play need not be unforeseeable
        self.reqs = count(1)
        self.knack = Knack()
        self.boards = 0
        self.gaps = 0
        self.waits_s = array("d")
        """From each move's sending to its answer."""
        self.newest = 0
        """The newest version of the standings that an answer named."""
        self._crowd = crowd
        self._port = port
        self._names_from = seed * _NAMES_A_SEED
        self._players: list[_Player] = []
        self._ready: list[tuple[float, int, _Player]] = []
        self._order = count()
        self._under_way = 0
        self._waiting = 0
        self._moves = 0
        self._illegal = 0
        self._rejects: dict[str, int] = {}
        self._lost: dict[str, int] = {}

    def gather(self, number: int) -> None:
        """Have so many more join.

        Raises:
            Patience: the server did not let all of them in.
        """
        for _ in range(number):
            sock = socket.create_connection(("127.0.0.1", self._port), CONNECT_WITHIN_S)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.send(handshake(self._port, "/ws", "knack.v1", offers_deflate=False))
            answer = b""
            while (rest := accepted(answer)) is None:
                answer += sock.recv(_READ_BYTES)
            sock.setblocking(False)
            player = _Player(self, sock, rest)
            self._players.append(player)
            self.loop.add(sock.fileno(), player.read)
            self._waiting += 2
            player.send(Hello(next(self.reqs), Role.PLAYER, EventId(""), ""))
            player.send(Join(next(self.reqs), name_of(self._names_from + len(self._players))))
            self.loop.turn(0)
        self._answered("players have joined")

    def begin(self) -> None:
        """Start a run for everybody, and wait until all have begun; who was playing plays a new one.

        Raises:
            Patience: they have not begun in time.
        """
        self._ready.clear()
        start = time.monotonic()
        for number, player in enumerate(list(self._players)):
            player.mirror = None
            self._waiting += 1
            player.send(Prepare(next(self.reqs), CourseName("sprint")))
            if number % 20 == 0:
                self.loop.pass_s(max(start + number / _STARTS_PER_S - time.monotonic(), 0))
        self._answered("runs were started")
        self.loop.until(
            lambda: all(player.mirror is not None for player in self._players), _BEGIN_WITHIN_S, "T0 of all"
        )

    def watch(self, view: View) -> None:
        """Have everybody watch one view of the standings.

        Raises:
            Patience: the server did not answer.
        """
        for number, player in enumerate(list(self._players)):
            player.feed_version = None
            self._waiting += 1
            player.send(Watch(next(self.reqs), CourseName("sprint"), view, 0, 0))
            if number % 20 == 0:
                self.loop.turn(0)
        self._answered("views were begun")

    def unwatch(self) -> None:
        """End everybody's view.

        Raises:
            Patience: the server did not answer.
        """
        for player in self._players:
            self._waiting += 1
            player.send(Unwatch(next(self.reqs), player.feed))
        self._answered("views were ended")

    def play(self, rate_per_s: float, duration_s: float) -> Played:
        """Make so many moves a second for so long, and wait until all are answered.

        Raises:
            Patience: some were not.
        """
        self._moves = self._illegal = self.boards = self.gaps = 0
        self._rejects = {}
        starved, begun = 0, time.monotonic()
        due, step = begun, 1 / rate_per_s
        while (now := time.monotonic()) < begun + duration_s:
            while due <= now:
                due += step
                if self._ready and self._ready[0][0] <= now:
                    self._move(heappop(self._ready)[2])
                else:
                    starved += 1
            self.loop.turn(max(due - time.monotonic(), 0))
        self.loop.until(lambda: self._under_way == 0, _REPLY_WITHIN_S, "answers to all moves")
        lost, self._lost = self._lost, {}
        return Played(self._moves, self._illegal, self._rejects, starved, self.boards, self.gaps, lost)

    def lost(self, player: _Player, code: int) -> None:
        """Note that a player's connection is closed."""
        self._lost[str(code)] = self._lost.get(str(code), 0) + 1
        self.loop.remove(player.sock.fileno())
        player.sock.close()
        self._players.remove(player)
        self._under_way -= bool(player.sent_s)
        player.mirror = None

    def close(self) -> None:
        """Hang up on everybody."""
        for player in self._players:
            self.loop.remove(player.sock.fileno())
            player.sock.close()
        self._players.clear()

    def told(self, player: _Player, message: object) -> None:
        """Handle a message to a player."""
        match message:
            case Moved():
                self._moved(player, message)
            case Begin():
                player.begin_s = time.monotonic()
                player.mirror = Mirror.begun(
                    message, player.event, player.player, player.rules_hash, player.commit
                )
                player.think()
                heappush(self._ready, (player.begin_s, next(self._order), player))
            case Welcome():
                player.event, player.rules_hash = message.event, message.rules_hash
                self._waiting -= 1
            case Joined():
                player.player = message.player
                self._waiting -= 1
            case Prepared():
                player.run, player.commit = message.run, message.commit
                player.send(Start(next(self.reqs), message.run, self.random.randbytes(16)))
                self._waiting -= 1
            case Watching(feed=feed):
                player.feed = feed
                self._waiting -= 1
            case Done():
                self._waiting -= 1
            case Reject(code=code):
                self._rejects[str(code)] = self._rejects.get(str(code), 0) + 1
                self._under_way -= bool(player.sent_s)
                player.sent_s = 0.0
            case Ended(run=run) if run == player.run:
                player.mirror = None
            case _:
                pass

    def _move(self, player: _Player) -> None:
        if player.mirror is None:
            return
        player.sent_s = time.monotonic()
        self._under_way += 1
        player.sock.send(player.frame)

    def _moved(self, player: _Player, moved: Moved) -> None:
        now = time.monotonic()
        self.waits_s.append(now - player.sent_s)
        self._note_birth(moved.version, player.sent_s)
        player.sent_s = 0.0
        self._under_way -= 1
        mirror = player.mirror
        if mirror is None:
            return
        mirror.moved(moved, *player.swap)
        self._moves += moved.verdict == MoveVerdict.OK
        self._illegal += moved.verdict != MoveVerdict.OK
        player.think()
        # The server's clock was at t_arr before now; so this is never too early.
        ready_s = now + max(moved.lock_end + mirror.run.grace_ms - moved.t_arr, 0) / 1000
        heappush(self._ready, (ready_s, next(self._order), player))

    def _note_birth(self, version: int, sent_s: float) -> None:
        self.newest = max(self.newest, version)
        if self._crowd is not None and self._crowd.born:
            self._crowd.born.setdefault(version, sent_s)

    def _answered(self, what: str) -> None:
        self.loop.until(lambda: self._waiting <= 0, _REPLY_WITHIN_S, what)
