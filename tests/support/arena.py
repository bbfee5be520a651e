"""A core on a clock that a test sets: connections are lists of what they were told, and commits happen at once.

Extend it with verbs (`join`, `play_run`), never with knowledge of the core's inside.
"""

from collections import deque
from itertools import count
from typing import Any

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.seeds import Scope, server_seed
from knack_protocol.proof.signing import Signer
from knack_protocol.rules.board import Board
from knack_protocol.rules.course import rules_hash
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.codec import Malformed, decode_command, encode
from knack_protocol.wire.messages import (
    Begin,
    Command,
    Gather,
    Hello,
    Join,
    Joined,
    Move,
    Moved,
    Prepare,
    Prepared,
    Reject,
    Role,
    Start,
    View,
    Watch,
)
from knack_server.core.arena import Arena
from knack_server.core.effects import (
    Channel,
    Close,
    ConnectionId,
    Effect,
    Enter,
    Exit,
    Ping,
    Publish,
    Record,
    Send,
    Tell,
)
from knack_server.core.facts import ActKind, Fact
from knack_server.core.floor import Floor, TileSource, Vault
from knack_server.core.heats import HeatStep
from knack_server.core.instant import Instant
from knack_server.core.memory import Memory
from knack_server.core.names import Skeletons

EVENT = EventId("demo")
MASTER = bytes(range(32))
SIGNER = Signer(bytes(range(32)))
UNIX_0_MS = 1_700_000_000_000
ROUND_TRIP_MS = 40


def counting_entropy() -> Any:
    """Return an entropy of which every draw is different and every test gets the same."""
    numbers = count(1)
    return lambda byte_count: next(numbers).to_bytes(8, "big").rjust(byte_count, b"\x07")[-byte_count:]


class Phone:
    """A connection: what the server told it, and how it was closed."""

    def __init__(self, world: "World", connection: ConnectionId) -> None:
        self.world = world
        self.connection = connection
        self.told: list[Any] = []
        self.closed: int | None = None
        self.answers_pings = True
        self.token = ""
        self.player = PlayerId("")
        self._reqs = count(1)

    def send(self, kind: type[Command], *fields: Any) -> Any:
        """Send a command and return its reply."""
        req = next(self._reqs)
        self.world.receive(self, encode(kind(req, *fields)))
        return next(message for message in self.told if getattr(message, "req", None) == req)

    def hello(self, role: Role = Role.PLAYER, token: str = "", event: str = "") -> Any:
        return self.send(Hello, role, EventId(event), token)

    def join(self, name: str) -> Joined:
        self.hello()
        joined = self.send(Join, name)
        assert isinstance(joined, Joined), joined
        self.token, self.player = joined.token, joined.player
        return joined

    def start(self, course: str = "sprint", nonce: bytes = bytes(16)) -> RunId:
        prepared = self.send(Prepare, CourseName(course))
        assert isinstance(prepared, Prepared), prepared
        self.send(Start, prepared.run, nonce)
        return prepared.run

    def begin(self, course: str = "sprint") -> "Hand":
        """Start a run and wait for its T0."""
        self.start(course)
        self.world.pass_ms(3000)
        begin = self.last(Begin)
        assert begin is not None
        return Hand(self, begin)

    def gather(self, heat: str = "h1") -> Any:
        return self.send(Gather, HeatId(heat))

    def come_back(self) -> "Phone":
        """Connect anew with this session's token."""
        again = self.world.phone()
        again.token, again.player = self.token, self.player
        again.hello(token=self.token)
        return again

    def watch(self, view: View, course: str = "sprint", epoch: int = 0, version: int = 0) -> Any:
        return self.send(Watch, CourseName(course), view, epoch, version)

    def last(self, kind: type[Any]) -> Any:
        return next((message for message in reversed(self.told) if isinstance(message, kind)), None)

    def all(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.told if isinstance(message, kind)]

    def hang_up(self) -> None:
        self.world.hang_up(self)


class Hand:
    """A player's view of a run in play: the board it was shown, and the end of the chain."""

    def __init__(self, phone: Phone, begin: Begin) -> None:
        self.phone = phone
        self.run = begin.run
        self.board = Board.of(begin.board)
        self.seq, self.head = 0, begin.head
        self.lock_end = 0

    def move_frame(self, cell: int, direction: int) -> tuple[Any, ...]:
        return (self.run, self.seq + 1, self.head[:8], cell, direction)

    def move(self, cell: int | None = None, direction: int = 0) -> Any:
        """Play a swap, by default the first legal one; return the reply."""
        if cell is None:
            cell, direction = next(iter(legal_swaps(self.board)))
        reply = self.phone.send(Move, *self.move_frame(cell, direction))
        if isinstance(reply, Moved):
            self.seq, self.head, self.lock_end = reply.seq, reply.head, reply.lock_end
            play = self.phone.world.play(self.run)
            if play is not None:
                self.board = play.live_run().board
        return reply

    def move_in_time(self) -> Any:
        """Wait for the lock's end and play the first legal swap."""
        play = self.phone.world.play(self.run)
        assert play is not None
        self.phone.world.pass_ms(max(0, self.lock_end - play.clock_ms(self.phone.world.now)) + play.grace_ms)
        return self.move()


class World:
    """The clock, the store and all connections of a test."""

    def __init__(
        self,
        tile_source: TileSource | None = None,
        facts: list[Fact] | None = None,
        runs_max: int | None = None,
        entropy: Any = None,
    ) -> None:
        self.now = Instant(1000, UNIX_0_MS)
        self.tile_source = tile_source or Vault(lambda event, run: server_seed(MASTER, event, run))
        self.facts: list[Fact] = []
        self.stream: list[tuple[int, bytes]] = []
        """Every frame sent, with the connection it went to."""
        self._entropy = entropy or counting_entropy()
        self._phones: dict[ConnectionId, Phone] = {}
        self._channels: dict[Channel, dict[ConnectionId, None]] = {}
        self._passes: deque[tuple[Channel, list[ConnectionId], Any]] = deque()
        self.passes_wait = False
        """Whether what is published waits for `make_passes`, as on a server that is too busy."""
        self._numbers = count(1)
        floor = Floor(self._entropy, self.tile_source, Skeletons({}, "none"), rules_hash())
        self.arena = Arena(floor, 250)
        if facts is None:
            self.perform(self.arena.add_event(EVENT, "Demo", runs_max, self.now))
        else:
            memory = Memory(self.arena)
            for fact in facts:
                memory.recall(fact)
            self.facts = list(facts)
            memory.wake(self.now)
        self.perform(self.arena.open(self.now))

    def restarted(self, after_ms: int = 5000) -> "World":
        """Return the world after the process was killed now and started again later."""
        world = World(self.tile_source, self.facts, entropy=self._entropy)  # which never draws the same again
        world.now = Instant(world.now.ms, self.now.unix_ms + after_ms)
        return world

    @property
    def desk(self) -> "DeskHand":
        return DeskHand(self)

    @property
    def event(self) -> Any:
        return self.arena.floor.events[EVENT]

    def play(self, run: RunId) -> Any:
        events = self.arena.floor.events.values()
        return next(event.runs[run].play for event in events if run in event.runs)

    def phone(self) -> Phone:
        connection = ConnectionId(next(self._numbers))
        phone = self._phones[connection] = Phone(self, connection)
        self.perform(self.arena.connected(connection, self.now))
        return phone

    def encode(self, message: Any) -> bytes:
        """Write a message as it goes over the wire."""
        return encode(message)

    def receive(self, phone: Phone, frame: bytes) -> None:
        self.perform(self.arena.receive(phone.connection, decode_command(frame), self.now))

    def receive_malformed(self, phone: Phone, malformed: Malformed) -> None:
        self.perform(self.arena.receive(phone.connection, malformed, self.now))

    def hang_up(self, phone: Phone) -> None:
        self._phones.pop(phone.connection, None)
        self.perform(self.arena.disconnected(phone.connection, self.now))

    def make_passes(self) -> None:
        """Bring everything that was published to whom it is for."""
        while self._passes:
            channel, connections, message = self._passes.popleft()
            for connection in connections:
                self._say(connection, message)
            self.perform(self.arena.published(channel))

    def fall_behind(self, phone: Phone) -> set[Channel]:
        """Let a phone miss what is published from now on, as a slow reader does; return the channels it is out of."""
        channels = {channel for channel, members in self._channels.items() if phone.connection in members}
        for channel in channels:
            del self._channels[channel][phone.connection]
        return channels

    def catch_up(self, phone: Phone, channels: set[Channel]) -> None:
        """Let a phone that was behind have read everything."""
        self.perform(self.arena.caught_up(phone.connection, channels))

    def pass_ms(self, ms: int) -> None:
        """Let time pass, stopping at every moment at which the core wants to be woken."""
        end = self.now.ms + ms
        while self.arena.next_deadline_ms is not None and self.arena.next_deadline_ms <= end:
            self._go_to(max(self.arena.next_deadline_ms, self.now.ms))
            self.perform(self.arena.tick(self.now))
        self._go_to(end)

    def perform(self, effects: list[Effect]) -> None:
        self.facts += [effect.fact for effect in effects if isinstance(effect, Record)]
        for effect in effects:
            match effect:
                case Send(connection, message):
                    self._say(connection, message)
                case Enter(connection, channel):
                    self._channels.setdefault(channel, {})[connection] = None
                case Exit(connection, channel):
                    self._channels.get(channel, {}).pop(connection, None)
                case Tell(connections, message):
                    for connection in connections:
                        self._say(connection, message)
                case Publish(channel, message):
                    self._passes.append((channel, list(self._channels.get(channel, {})), message))
                    if not self.passes_wait:
                        self.make_passes()
                case Ping(connection, payload):
                    if connection in self._phones and self._phones[connection].answers_pings:
                        self._answer_ping(connection, payload)
                case Close(connection, code):
                    if connection in self._phones:
                        self._phones[connection].closed = code
                        self.perform(self.arena.disconnected(connection, self.now))
                case Record():
                    pass

    def _say(self, connection: ConnectionId, message: Any) -> None:
        self.stream.append((connection, self.encode(message)))
        if connection in self._phones:
            self._phones[connection].told.append(message)

    def _answer_ping(self, connection: ConnectionId, payload: bytes) -> None:
        def pong(moment: Instant) -> None:
            peer = self.arena.floor.peers.get(connection)
            if peer is not None:
                self.arena.runs.pong(peer, payload, moment)

        self.arena.floor.timers.at(self.now.ms + ROUND_TRIP_MS, pong)

    def _go_to(self, ms: int) -> None:
        self.now = Instant(ms, self.now.unix_ms + ms - self.now.ms)


def rejected(reply: Any) -> int:
    """Return the code of a reject, and fail on anything else."""
    assert isinstance(reply, Reject), reply
    return reply.code


STAGE_TEXT = "Wer heute hier knackt, der knackt morgen überall!"
"""What is typed on stage."""


class DeskHand:
    """The desk of a world, as far as it steers heats."""

    def __init__(self, world: World) -> None:
        self.world = world

    def prepare(self, heat: str, scope: Scope = Scope.PLAYER, course: str = "sprint", reruns: int = 2) -> Any:
        world = self.world
        return self._do(world.arena.prepare_heat(world.event, heat, course, scope, reruns, world.now))

    def publish(self) -> Any:
        world = self.world
        return self._do(
            world.arena.publish_heats(world.event, lambda text: SIGNER.sign(text.encode()), world.now)
        )

    def step(self, heat: str, step: HeatStep, text: str = "") -> Any:
        world = self.world
        return self._do(world.arena.step_heat(world.event, heat, step, text, world.now))

    def end_event(self) -> Any:
        world = self.world
        return self._do(
            world.arena.end_event(world.event, lambda text: SIGNER.sign(text.encode()), world.now)
        )

    def act(self, kind: ActKind, target: str) -> Any:
        world = self.world
        return self._do(world.arena.act(world.event, "Mia", kind, target, "", "because", world.now))

    def open(self, heat: str = "h1", scope: Scope = Scope.PLAYER) -> None:
        """Prepare and publish one heat, and open its lobby."""
        assert self.prepare(heat, scope) is None
        assert self.publish() is None
        assert self.step(heat, HeatStep.OPEN) is None

    def start(self, heat: str = "h1") -> None:
        """Freeze the roster of an open heat, type, and start the countdown."""
        assert self.step(heat, HeatStep.FREEZE) is None
        assert self.step(heat, HeatStep.TYPE, STAGE_TEXT) is None
        assert self.step(heat, HeatStep.START) is None

    def _do(self, done: tuple[Any, list[Effect]]) -> Any:
        result, effects = done
        self.world.perform(effects)
        return result
