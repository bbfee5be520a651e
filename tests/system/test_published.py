"""A whole event on a real server, and a stranger who checks it with the command, offline: list, heat, open play, the end."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from tests.support.arena import STAGE_TEXT
from tests.support.held import held_of
from tests.support.line import Line
from tests.support.process import ServerProcess, run, serving

from knack_client import Desk, Player, Run
from knack_client.bots.skills import SKILLS
from knack_client.mirror import Mirror
from knack_protocol.ids import CourseName, HeatId, PlayerId
from knack_protocol.proof import commitments, held
from knack_protocol.proof.bundle import CommitmentList
from knack_protocol.rules.course import rules_hash
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Begin,
    Closed,
    Done,
    Ended,
    Gather,
    Move,
    Moved,
    Prepare,
    Prepared,
    Reject,
    Start,
    Started,
)

pytestmark = [pytest.mark.system, pytest.mark.asyncio]

MOVES = 3


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path / "data") as started:
        yield started


class Phone:
    """A phone that keeps all that it hears."""

    def __init__(self, line: Line, name: str, player: PlayerId) -> None:
        self.line = line
        self.name = name
        self.player = player
        self.nonces: dict[str, bytes] = {}
        self.runs: list[str] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, server: ServerProcess, name: str) -> "AsyncIterator[Phone]":
        async with await Line.open(server.port) as line:
            yield cls(line, name, (await line.join(name)).player)

    async def start(self) -> None:
        """Start a run of open play."""
        prepared = await self.line.ask(Prepare, CourseName("sprint"))
        assert isinstance(prepared, Prepared), prepared
        self.nonces[prepared.run] = secrets.token_bytes(16)
        assert isinstance(await self.line.ask(Start, prepared.run, self.nonces[prepared.run]), Started)

    async def play(self, heat: str = "") -> None:
        """Wait for T0, and make a few moves as soon as the lock lets one."""
        begin = await self.line.next(Begin)
        assert self.line.welcome is not None
        mirror = Mirror.begun(begin, self.line.welcome.event, self.player, rules_hash(), None, heat)
        made = 0
        while made < MOVES:
            run, swap = mirror.run, legal_swaps(mirror.run.board)[0]
            reply = await self.line.ask(Move, begin.run, run.seq + 1, run.head[:8], *swap)
            if isinstance(reply, Moved):
                mirror.moved(reply, *swap)
                made += 1
                continue
            assert isinstance(reply, Reject)
            assert reply.code == RejectCode.EARLY
            await asyncio.sleep(max(reply.wait_ms, 1) / 1000)
        self.runs.append(begin.run)


class Stranger:
    """Somebody who has written the fingerprint down, and the list from before the event."""

    def __init__(self, folder: Path, listed: dict[str, Any]) -> None:
        self.folder = folder
        self.key = listed["fingerprint"]
        self.whole_key = bytes.fromhex(listed["key"])
        self.commitments = CommitmentList(text=listed["text"], signature=bytes.fromhex(listed["signature"]))
        self.list_file = folder / "commitments.txt"
        self.list_file.write_bytes(commitments.published(self.commitments.text, self.commitments.signature))
        self.held_files: list[Path] = []

    def keep(self, phone: Phone) -> None:
        """Take a phone's held file."""
        assert phone.line.welcome is not None
        event, heard = phone.line.welcome.event, phone.line.heard
        seen = held_of(heard, event, self.whole_key, phone.player, self.commitments, phone.nonces)
        assert [len(kept.receipts) > MOVES for kept in seen.runs] == [True, True, False][: len(seen.runs)]
        file = self.folder / f"{phone.name}.held.json"
        file.write_bytes(held.pack(seen))
        self.held_files.append(file)

    async def check(self, data: bytes) -> tuple[int, list[str]]:
        """Run the command; return its exit code and the lines that it said."""
        file = self.folder / "bundle.json"
        file.write_bytes(data)
        anchors = ["--key", self.key, "--commitments", str(self.list_file)]
        for kept in self.held_files:
            anchors += ["--held", str(kept)]
        done = await asyncio.to_thread(run, self.folder, "verify", str(file), *anchors)
        return done.returncode, done.stdout.splitlines()


async def test_what_a_server_publishes_convinces_a_stranger_who_holds_what_the_phones_kept(
    server: ServerProcess, tmp_path: Path
) -> None:
    async with AsyncExitStack() as doors:
        http = await doors.enter_async_context(
            httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=60)
        )
        desk = await doors.enter_async_context(Desk(server.url, server.desk_token))
        await desk.prepare_heat("h1", reruns=1)
        await desk.publish_commitments()
        stranger = Stranger(tmp_path, (await http.get("/api/commitments")).json())
        phones = [await doors.enter_async_context(Phone.of(server, name)) for name in ("Anna", "Berta")]
        bot = await doors.enter_async_context(Player(server.url, "Robot"))

        await _play_heat(desk, phones, bot)
        assert (await http.get("/api/heats/h1/bundle")).status_code == 200
        assert (await http.get("/api/event/bundle")).status_code == 409
        await _play_alone(desk, phones)
        ended = await desk.end_event()
        for phone in phones:
            assert (await phone.line.next(Closed)).at_unix_ms == ended["ended_at_ms"]
        # what is made now has every act that a phone has heard of
        heat, whole = [await http.get(f"/api/{part}/bundle") for part in ("heats/h1", "event")]
        for phone in phones:
            stranger.keep(phone)
        secret = ["Anna", "Berta", "Robot", "enough", server.desk_token, bot.token]
        secret += [phone.line.token for phone in phones]

    for data, what in ((heat.content, "heat h1 of event demo"), (whole.content, "event demo")):
        code, said = await stranger.check(data)
        assert (code, said[-1][:12]) == (0, "OK, anchored"), said
        assert what in said[1]
        place = data.index(b'"server_seed":"') + 20
        digit = b"0" if data[place : place + 1] != b"0" else b"1"
        code, said = await stranger.check(data[:place] + digit + data[place + 1 :])
        assert (code, said[-1][:5]) == (1, "WRONG"), said
        assert not [text for text in secret if text.encode() in data]


async def _play_heat(desk: Desk, phones: list[Phone], bot: Player) -> None:
    """Play a heat, which moderators end before its time and then let stand."""
    await desk.step_heat("h1", "open")
    for phone in phones:
        assert isinstance(await phone.line.ask(Gather, HeatId("h1")), Done)
    await bot.gather("h1")
    await desk.step_heat("h1", "freeze")
    await desk.step_heat("h1", "type", STAGE_TEXT)
    await desk.step_heat("h1", "start")
    called = await bot.called("h1")
    await asyncio.gather(*(phone.play("h1") for phone in phones), _bot_moves(called))
    voids = [await desk.void(run, "enough") for run in [called.id, *(phone.runs[-1] for phone in phones)]]
    await called.ended()
    for phone in phones:
        await phone.line.next(Ended)
    for act in voids:
        await desk.undo(act["number"], "it stands")


async def _bot_moves(run: Run) -> None:
    await run.begun()
    for _ in range(MOVES):
        await run.unlocked()
        swap = SKILLS["fast"].choose(run.board, Random(1))
        assert swap is not None
        await run.move(*swap)


async def _play_alone(desk: Desk, phones: list[Phone]) -> None:
    """Play in the open, and leave one run prepared."""
    for phone in phones:
        await phone.start()
    await asyncio.gather(*(phone.play() for phone in phones))
    for phone in phones:
        await desk.void(phone.runs[-1], "enough")
        await phone.line.next(Ended)
    await phones[0].line.ask(Prepare, CourseName("climb"))
