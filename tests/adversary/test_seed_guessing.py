"""Rows 5, 12 and 13 of the threat table: knowing the board before T0, guessing the seed, rebuilding the generator.

That no tile is told before it falls, by any kind of message to any role, is proved in tests/server/core/test_no_leak.py.
How often a bot is flagged that knows the seed all the same belongs to the detectors.
"""

import ast
import os
import re
from contextlib import AsyncExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route
from tests.architecture.tree import WEB, named, ours, without_comments
from tests.conftest import Size
from tests.support.adversary import SEED
from tests.support.adversary_proxy import through
from tests.support.arena import World
from tests.support.site import Site, open_site

from knack_protocol.ids import CourseName
from knack_protocol.proof.seeds import client_public, commit, seed
from knack_protocol.rules import streams
from knack_protocol.rules.course import rules_hash
from knack_protocol.rules.streams import SeededTiles, Tiles
from knack_protocol.wire.codec import encode
from knack_protocol.wire.limits import COUNTDOWN_MS
from knack_protocol.wire.messages import Begin, Prepare, Prepared, Role, Start, Started, View
from knack_server.shell.folder import MASTER_NAME, SIGNING_NAME

# --- nothing that is told before T0 depends on the seed ---


class Candidate:
    """A source of tiles that might be the server's; `commits` tells whether the commitment binds this very one."""

    def __init__(self, number: int, *, commits: bool) -> None:
        self.secret = sha256(f"candidate {number}".encode()).digest()
        self._commits = commits

    def server_seed(self, event: str, run: str) -> bytes:
        return self.secret if self._commits else SEED

    def tiles(self, run: str, seed: bytes, player_seed: bytes | None) -> Tiles:
        return SeededTiles(seed if self._commits else self.secret)


def countdown(source: Candidate) -> World:
    """Prepare and start a run before a screen, a desk and another player; stop a millisecond before T0."""
    world = World(source)
    token, effects = world.arena.add_desk("Mia", world.now)
    world.perform(effects)
    desk, screen, other, cheat = (world.phone() for _ in range(4))
    desk.hello(role=Role.DESK, token=token)
    desk.watch(View.DESK)
    screen.hello(role=Role.WATCHER)
    screen.watch(View.TOP)
    other.join("Anna")
    cheat.join("Mallory")
    promise = cheat.send(Prepare, "sprint")
    cheat.send(Prepare, "climb")
    cheat.send(Start, promise.run, bytes(range(16)))
    world.pass_ms(COUNTDOWN_MS - 1)
    return world


def told(world: World) -> bytes:
    """Return every byte that anybody was told, without the commitments: hashes of 256 unknown bits."""
    frames = b"".join(frame for _, frame in world.stream)
    for commitment in (message.commit for phone in world._phones.values() for message in phone.all(Prepared)):
        frames = frames.replace(commitment, bytes(32))
    return frames


def tell_apart(count: int, *, commits: bool) -> None:
    """Hold what servers with different seeds say against each other, before T0 and at T0."""
    before, boards = set(), set()
    for number in range(count):
        world = countdown(Candidate(number, commits=commits))
        before.add(told(world))
        world.pass_ms(1)
        boards |= {message.board for phone in world._phones.values() for message in phone.all(Begin)}

    assert len(before) == 1
    assert len(boards) == count


@pytest.mark.parametrize("commits", [False, True], ids=["seeds of the run", "seeds of the server"])
def test_before_t0_a_thousand_candidate_seeds_cannot_be_told_apart(size: Size, commits: bool) -> None:
    tell_apart(size("candidate seeds", small=250, full=1_000), commits=commits)


@pytest.mark.parametrize("kind", [Prepared, Started], ids=lambda kind: kind.__name__)
def test_a_server_that_lets_a_bit_of_the_seed_slip_is_found_out(
    kind: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slipping(self: World, message: Any) -> bytes:
        frame = encode(message)
        bit = self.tile_source.secret[0] & 1
        return frame + bytes([bit]) if isinstance(message, kind) else frame

    monkeypatch.setattr(World, "encode", slipping)

    with pytest.raises(AssertionError):
        tell_apart(20, commits=False)


# --- somebody who has the true seed among a thousand ---


def traces(key: bytes, run: str) -> list[bytes]:
    """Return whatever of a seed might have slipped into a message: itself, its hashes, its board, what falls first."""
    tiles = SeededTiles(key)
    board = tiles.first_board(0).symbols
    raw = [
        key,
        sha256(key).digest(),
        commit("demo", run, "sprint", 0, rules_hash(), key),
        board,
        *(board[row : row + 8] for row in range(0, 64, 8)),
        *(bytes(board[column::8]) for column in range(8)),
        *(tiles.falling(0, column, 0)[:8] for column in range(8)),
        *(streams._block(key, label, a, 0, 0) for label in (streams._INIT, streams._COL) for a in range(8)),
    ]
    written = [board.translate(bytes(range(48, 54)) + bytes(250))]
    return [*raw, *written, *(trace.hex().encode() for trace in raw[:4])]


def found(candidates: list[bytes], run: str, heard: bytes) -> list[bytes]:
    """Return the candidates of which anything can be recognised in what was heard."""
    return [key for key in candidates if any(trace in heard for trace in traces(key, run))]


@pytest.mark.asyncio
async def test_somebody_with_the_true_seed_in_a_list_learns_at_t0_which_it_is_and_not_before(
    size: Size, ring: Site
) -> None:
    count = size("candidate seeds on a line", small=100, full=1_000)
    candidates = [*(sha256(f"guess {number}".encode()).digest() for number in range(count - 1)), SEED]
    async with AsyncExitStack() as doors:
        line, proxy = await doors.enter_async_context(through(ring, lambda _opcode, _number: 0))
        await line.join("Mallory")
        promise = await line.ask(Prepare, CourseName("sprint"))
        await line.ask(Start, promise.run, bytes(16))
        for number in range(COUNTDOWN_MS // 200 - 1):
            await line.pinged(number)
            ring.pass_ms(200)
        await line.pinged(COUNTDOWN_MS // 200 - 1)
        for path in ("/api/event", "/api/standings", f"/api/runs/{promise.run}/bundle", "/api/bundle"):
            proxy.told += (await ring.http.get(path)).content
        assert len(proxy.told) > 1000

        commitment = [key for key in candidates if traces(key, promise.run)[2] == promise.commit]
        without_promise = (
            bytes(proxy.told).replace(promise.commit, b"").replace(promise.commit.hex().encode(), b"")
        )

        assert commitment == [
            SEED
        ]  # whoever had the 256 bits could check the promise: that is what it is for
        assert found(candidates, promise.run, without_promise) == []
        ring.pass_ms(200)
        await line.next(Begin)
        told = bytes(proxy.told)
        assert SEED in found(candidates, promise.run, told)
        # a row of eight tiles is anybody's now and then; a whole board is one seed's alone
        assert [key for key in candidates if traces(key, promise.run)[3] in told] == [SEED]


# --- while a run is played, nobody is told its seed ---


@pytest.mark.asyncio
async def test_no_page_or_file_tells_the_seed_of_a_run_before_it_is_over(tmp_path: Path) -> None:
    """Every address that can be got, with a moderator's token and without; after the end the bundle reveals it."""
    async with open_site(tmp_path) as site:
        anna = await site.player("Anna")
        hand = await site.play(anna, 3)
        entry = hand._entry
        assert entry.play is not None
        source = site.house.host.arena.floor.tile_source
        secret = source.server_seed("demo", hand.run)
        keys = (secret, seed(secret, "demo", hand.run, client_public(entry.play.nonce)))
        kept = [(tmp_path / name).read_bytes() for name in (MASTER_NAME, SIGNING_NAME)]
        routes = [route for route in site.server.config.app._app.routes if isinstance(route, Route)]
        named_here = {"run": hand.run, "event": "demo", "contact": "c-x", "heat": "h1"}
        paths = {route.path.format(**named_here) for route in routes if "GET" in (route.methods or ())}
        assert f"/api/desk/runs/{hand.run}" in paths

        desk = await site.desk("ada")

        async def heard() -> bytes:
            answers = [
                await site.http.get(path, headers=headers) for path in sorted(paths) for headers in ({}, desk)
            ]
            return b"".join(answer.content for answer in answers)

        def betrayed(bytes_: bytes) -> list[bytes]:
            return [key for key in (*keys, *kept) if key in bytes_ or key.hex().encode() in bytes_.lower()]

        assert betrayed(await heard()) == []
        site.pass_ms(100_000)
        assert betrayed(await heard()) == [secret]
        await hand.line.hang_up()


# --- the generator ---


def imports(source: str) -> set[str]:
    """Return the first name of every module that a source imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def draws_by_chance(source: str) -> bool:
    """Tell whether Python draws anything from a generator that can be guessed."""
    return bool(imports(source) & {"random", "numpy", "uuid", "time"}) or any(
        isinstance(node, ast.Attribute) and node.attr in {"getrandbits", "randrange", "randint", "urandom"}
        for node in ast.walk(ast.parse(source))
    )


def draws_by_chance_js(source: str) -> bool:
    """Tell whether JavaScript draws anything from the browser's generator, or mixes 32-bit numbers of its own."""
    return bool(
        re.search(r"\bMath\s*\.\s*(?:random|imul)\b|\bDate\b|>>>\s*0\b|<<\s*13\b", without_comments(source))
    )


WAY_OF_TILES = [*ours("*.py", below="knack_protocol"), *ours("*.py", below="knack_server/core")]
WAY_OF_TILES_JS = [*sorted((WEB / "js/proof").glob("*.js")), *sorted((WEB / "js/game").glob("*.js"))]


def test_nothing_guessable_stands_on_the_way_of_tiles() -> None:
    assert len(WAY_OF_TILES) > 30
    assert [named(path) for path in WAY_OF_TILES if draws_by_chance(path.read_text(encoding="utf-8"))] == []


def test_nothing_guessable_stands_on_the_way_of_tiles_in_the_browser() -> None:
    assert len(WAY_OF_TILES_JS) > 5
    assert [named(path) for path in WAY_OF_TILES_JS if draws_by_chance_js(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from random import Random",
        "import numpy.random",
        "def f(r): return r.getrandbits(32)",
    ],
)
def test_a_guessable_generator_is_found_out(source: str) -> None:
    assert draws_by_chance(source)


@pytest.mark.parametrize(
    "source", ["let t = Math.random()", "a = Math.imul(a ^ a >>> 15, 1 | a)", "x ^= x << 13"]
)
def test_a_guessable_generator_in_the_browser_is_found_out(source: str) -> None:
    assert draws_by_chance_js(source)


@pytest.mark.asyncio
async def test_every_stream_is_keyed_by_256_bits_of_its_own_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: dict[bytes, set[bytes]] = {}
    block = streams._block

    def spying(key: bytes, label: bytes, a: int, b: int, n: int) -> bytes:
        keys.setdefault(key, set()).add(label)
        return block(key, label, a, b, n)

    monkeypatch.setattr(streams, "_block", spying)
    async with open_site(tmp_path) as site:
        for name in ("Anna", "Berta"):
            await site.play(await site.player(name), 3)

        assert site.house.host.arena.floor.entropy is os.urandom
    assert len((tmp_path / MASTER_NAME).read_bytes()) == 32
    assert len(keys) == 2
    assert {len(key) for key in keys} == {32}
    assert all(labels == {streams._INIT, streams._COL} for labels in keys.values())
