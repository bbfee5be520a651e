"""Row 8 of the threat table: half-open handshakes, slow senders, floods, giants, pieces, compressed frames, bombs.

All of them at once, from a process of their own against a server of its own, while honest people play and watch. What
each is answered with, to the byte, is proved in tests/server/shell/test_socket.py and test_http.py, what a bomb costs the
decoder in tests/protocol/wire/test_codec.py. Who takes up all the room is met in test_crowding.py.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psutil
import pytest
from tests.conftest import Size
from tests.support.adversary_floods import ATTACKS
from tests.support.line import Line
from tests.support.process import ServerProcess, serving

from knack_client import Player
from knack_client.bots.skills import SKILLS
from knack_protocol.rules.run import Verdict
from knack_protocol.wire.messages import Ping, Role

pytestmark = [pytest.mark.system, pytest.mark.asyncio]

WATCHERS = 5
PING_EVERY_S = 0.12
"""A little less often than anybody may send."""

SLOWER_MS_MAX = 50
"""How much longer than on a quiet server beside it replies to honest people may take: 99 of 100 where the machine is ours alone,
half of them in every run."""

CORE_MAX = 0.5
"""The part of a core that the attackers may cost."""

TIMES_MIN = 3
"""How often each attack has to be made in a minute, where the machine is ours alone."""

GROWTH_BYTES_MAX = 32 << 20
"""What they may make the server hold."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path / "data") as running:
        yield running


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that nobody attacks: whatever else keeps the machine busy, keeps both waiting."""
    with serving(tmp_path / "twin") as running:
        yield running


@contextmanager
def attacked(port: int, half_open: int) -> Iterator[dict[str, dict[str, int]]]:
    """Flood a server for as long as the context lasts; then the yielded table says how often, and how it answered."""
    command = [sys.executable, "-m", "tests.support.adversary_floods", str(port), str(half_open)]
    answers: dict[str, dict[str, int]] = {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield answers
        said, _ = process.communicate("", timeout=60)
    assert process.returncode == 0
    answers |= json.loads(said)


async def replies_ms(port: int, seconds: float) -> list[float]:
    """Ask as honest watchers do; return how long each reply took, in order."""
    taken: list[float] = []

    async def watcher() -> None:
        async with await Line.open(port) as line:
            await line.hello(Role.WATCHER)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                asked = time.monotonic()
                await line.ask(Ping)
                taken.append(1000 * (time.monotonic() - asked))
                await asyncio.sleep(PING_EVERY_S)

    await asyncio.gather(*(watcher() for _ in range(WATCHERS)))
    return sorted(taken)


async def play(port: int, moves: int) -> None:
    """Play as fast as the lock allows; the client checks every reply."""
    async with Player(f"http://127.0.0.1:{port}", "Anna") as player:
        run = await player.start("sprint")
        await run.begun()
        random, score = Random(8), 0
        for _ in range(moves):
            await run.unlocked()
            swap = SKILLS["fast"].choose(run.board, random)
            assert swap is not None
            outcome = await run.move(*swap)
            assert outcome.verdict is Verdict.OK
            score += outcome.points
        assert run.score == score > 0


def share(in_order: list[float], of_100: int) -> float:
    return in_order[of_100 * (len(in_order) - 1) // 100]


def busy_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@pytest.mark.timeout(300)
async def test_all_floods_at_once_hold_no_honest_player_up_and_fill_no_memory(
    server: ServerProcess, twin: ServerProcess, size: Size
) -> None:
    half_open = size("half-open handshakes", small=200, full=500)
    seconds = size("seconds of all floods at once", small=5, full=60)
    process = psutil.Process(server.pid)
    await replies_ms(server.port, 1)
    held_bytes, used_s = process.memory_info().rss, busy_s(process)

    with attacked(server.port, half_open) as answers:
        replies, quiet, _ = await asyncio.gather(
            replies_ms(server.port, seconds),
            replies_ms(twin.port, seconds),
            play(server.port, moves=seconds // 2),
        )
        used_s = busy_s(process) - used_s
        grown_bytes = process.memory_info().rss - held_bytes

    for attack in ATTACKS:
        assert set(answers[attack.name]) == set(attack.expected), attack
    assert used_s < CORE_MAX * seconds
    assert grown_bytes < GROWTH_BYTES_MAX
    assert share(replies, 50) < share(quiet, 50) + SLOWER_MS_MAX
    if seconds >= 60:
        assert all(sum(answers[attack.name].values()) >= TIMES_MIN for attack in ATTACKS), answers
        assert share(replies, 99) < share(quiet, 99) + SLOWER_MS_MAX
    assert server.complained == []
