"""No tile is told before it falls.

Two servers with equal ids, commitments and clock get the same inputs. Their tile sources differ in every tile that has
not fallen yet when the scenario ends: the rest of every column, every later level's first board, every later shuffle.
Every byte that either sends to any role must be the same. A leak planted into any one kind of message turns that red.
"""

from dataclasses import fields, replace
from typing import Any

import pytest
from tests.support.arena import MASTER, Hand, World

from knack_protocol.ids import EventId
from knack_protocol.proof.seeds import Scope, server_seed
from knack_protocol.rules.board import Board
from knack_protocol.rules.cascade import Falling
from knack_protocol.rules.streams import SeededTiles, Tiles
from knack_protocol.wire.codec import Malformed, encode
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Begin,
    Leave,
    Ping,
    Prepare,
    Push,
    Reply,
    Resumed,
    Role,
    Scatter,
    Start,
    Unwatch,
    View,
)
from knack_server.core.facts import ActKind
from knack_server.core.heats import HeatStep

Drawn = dict[tuple[str, int, int], int]
"""Tiles fallen so far by run, level and column."""

LEVELS_PLAYED = 2


class Planted:
    """Tiles of a run's seed up to what falls in the scenario, and others from there on."""

    def __init__(self, run: str, seed: bytes, player_seed: bytes | None, drawn: Drawn, differs: bool) -> None:
        self.run = run
        self._true = SeededTiles(seed, player_seed)
        self._drawn = drawn
        self._differs = differs

    def first_board(self, level: int) -> Board:
        board = self._true.first_board(level)
        if self._differs and level >= LEVELS_PLAYED:
            return Board.of(bytes((symbol + 1) % 6 for symbol in board.symbols))
        return board

    def falling(self, level: int, column: int, batch: int) -> bytes:
        symbols = self._true.falling(level, column, batch)
        if not self._differs:
            return symbols
        before = sum(len(self._true.falling(level, column, earlier)) for earlier in range(batch))
        fallen = self._drawn.get((self.run, level, column), 0) - before
        return bytes(symbol if place < fallen else (symbol + 1) % 6 for place, symbol in enumerate(symbols))

    def shuffle(self, board: Board, z: int) -> tuple[int, Board]:
        attempt, shuffled = self._true.shuffle(board, z)
        return (attempt, shuffled) if not self._differs else (attempt + 1, shuffled)

    def next_tile(self) -> int:
        """Return what an insider would like to know: the tile that falls next into column 0 of the first level."""
        return b"".join(self.falling(0, 0, batch) for batch in range(8))[self._drawn[self.run, 0, 0]]


class Source:
    """Where a world's tiles come from; remembers the runs it was asked for."""

    def __init__(self, drawn: Drawn, *, differs: bool) -> None:
        self._drawn = drawn
        self._differs = differs
        self.tiles_of: dict[str, Planted] = {}

    def server_seed(self, event: str, run: str) -> bytes:
        return server_seed(MASTER, event, run)

    def tiles(self, run: str, seed: bytes, player_seed: bytes | None) -> Tiles:
        self.tiles_of[run] = Planted(run, seed, player_seed, self._drawn, self._differs)
        return self.tiles_of[run]


def _scenario(source: Source, moves_more: int = 0) -> World:
    """Play everything that a server ever answers or tells, to every role."""
    world = World(source)
    token, effects = world.arena.add_desk("Mia", world.now)
    world.perform(effects)
    desk, screen, anna, berta = (world.phone() for _ in range(4))
    desk.hello(role=Role.DESK, token=token)
    desk.watch(View.DESK, "climb")
    screen.hello(role=Role.WATCHER)
    screen.watch(View.TOP, "climb")
    screen.watch(View.LATEST, "climb")
    anna.join("Anna")
    berta.join("Berta")
    anna.watch(View.OWN, "climb")
    berta.watch(View.OWN, "climb")
    hand = anna.begin("climb")
    other = berta.begin("climb")
    anna.send(Ping)
    world.phone().join("Clara")
    for heat, scope in (("h1", Scope.PLAYER), ("h2", Scope.HEAT)):
        world.desk.prepare(heat, scope, "climb", reruns=0)
    world.desk.publish()
    while world.play(hand.run).run.level + 1 < LEVELS_PLAYED:
        hand.move_in_time()
    for _ in range(5):
        hand.move_in_time()
        other.move_in_time()
    hand.move()  # early
    anna.send(Prepare, "marathon")
    world.receive_malformed(berta, Malformed(RejectCode.MALFORMED, 9, "why"))
    anna.hang_up()
    world.pass_ms(1000)
    again = world.phone()
    again.hello(token=anna.token)
    again.watch(View.OWN, "climb", epoch=12345, version=1)
    screen.send(Unwatch, 4)
    world.perform(world.arena.recording(can_record=False))
    world.perform(world.arena.recording(can_record=True))
    third = berta.send(Prepare, "climb").run
    berta.send(Start, third, bytes(16))
    world.pass_ms(3500)
    second = Hand(berta, berta.last(Begin))
    second.move_in_time()
    _, effects = world.arena.act(world.event, "Mia", ActKind.VOID, other.run, "", "a test", world.now)
    world.perform(effects)
    berta.send(Leave)
    world.pass_ms(500)
    _play_heat(world, Scope.PLAYER, "h1")
    _play_heat(world, Scope.HEAT, "h2")
    _end_another_event(world)
    hand.phone, resumed = again, again.last(Resumed)
    hand.seq, hand.head = resumed.seq, resumed.head
    for _ in range(moves_more):
        hand.move_in_time()
    world.pass_ms(2000)
    return world


def _play_heat(world: World, scope: Scope, heat: str) -> None:
    """Let two players gather, and play a few moves; one of them comes back, and the heat is voided."""
    world.desk.step(heat, HeatStep.OPEN)
    phones = [world.phone() for _ in range(3)]
    for number, phone in enumerate(phones):
        phone.join(f"{scope.name} {number}")
        phone.gather(heat)
    phones.pop().send(Scatter)
    world.desk.start(heat)
    world.pass_ms(3000)
    hands = [Hand(phone, phone.last(Begin)) for phone in phones]
    for hand in hands:
        hand.move_in_time()
    world.pass_ms(1000)
    phones[0].come_back()
    world.desk.act(ActKind.VOID_HEAT, heat)
    world.pass_ms(300)


def _end_another_event(world: World) -> None:
    """End an event beside this one, in which nobody plays."""
    world.perform(world.arena.add_event(EventId("other"), "Other", None, world.now))
    onlooker = world.phone()
    onlooker.hello(role=Role.WATCHER, event="other")
    other = world.arena.floor.events[EventId("other")]
    _, effects = world.arena.end_event(other, lambda _text: bytes(64), world.now)
    world.perform(effects)


def _drawn_in(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """Play the scenario once and count what fell."""
    fallen: list[tuple[Any, int, Falling]] = []
    original = Falling.__init__

    def remember(self: Falling, tiles: Any, level: int) -> None:
        original(self, tiles, level)
        fallen.append((tiles, level, self))

    with monkeypatch.context() as patch:
        patch.setattr(Falling, "__init__", remember)
        _scenario(Source({}, differs=False))
    return {
        (tiles.run, level, column): count
        for tiles, level, columns in fallen
        for column, count in enumerate(columns.drawn)
    }


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    with pytest.MonkeyPatch.context() as patch:
        return _drawn_in(patch)


def test_until_a_differing_tile_falls_every_byte_to_every_role_is_the_same(drawn: Drawn) -> None:
    true, other = _scenario(Source(drawn, differs=False)), _scenario(Source(drawn, differs=True))

    assert len(true.stream) > 60
    assert true.stream == other.stream
    assert true.facts == other.facts


def test_when_a_differing_tile_falls_the_streams_part(drawn: Drawn) -> None:
    true, other = (_scenario(Source(drawn, differs=differs), moves_more=1) for differs in (False, True))

    assert true.stream != other.stream


def _with_tile(message: Any, tile: int) -> Any:
    """Return the message with a tile hidden in its last field that can hold one."""
    for field in reversed(fields(message)):
        value = getattr(message, field.name)
        if isinstance(value, int):
            return replace(message, **{field.name: int(value) + tile})
        if isinstance(value, bytes) and value:
            return replace(message, **{field.name: bytes([(value[0] + tile) % 256]) + value[1:]})
        if isinstance(value, str):
            return replace(message, **{field.name: f"{value}{tile}"})
    raise AssertionError(f"{type(message).__name__} has room for no tile")


@pytest.mark.parametrize("kind", [*Reply.__args__, *Push.__args__], ids=lambda kind: kind.__name__)
def test_a_tile_leaked_in_any_kind_of_message_is_found(
    kind: type[Any], drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaky(self: World, message: Any) -> bytes:
        tiles = next(iter(self.tile_source.tiles_of.values()), None)
        leaks = isinstance(message, kind) and tiles is not None
        return encode(_with_tile(message, tiles.next_tile()) if leaks else message)

    monkeypatch.setattr(World, "encode", leaky)

    assert _scenario(Source(drawn, differs=False)).stream != _scenario(Source(drawn, differs=True)).stream
