"""Row 2 of the threat table: swaps that are illegal, off the board, out of turn or too soon, and whatever else fits a frame.

Server and plain oracle must agree on every answer and on the run's whole state after each: the board, the score, the
lock and the chain's last hash. Half of the swaps are legal ones, so that runs go on through levels and shuffles.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import msgpack
import pytest
from tests.conftest import Size
from tests.support.adversary import Contender, SameTiles, open_ring, race, reply_to, until
from tests.support.adversary_referee import judge
from tests.support.arena import Phone, World
from tests.support.line import BINARY, Line
from tests.support.site import Site

from knack_loadtest.oracle import board as plain
from knack_loadtest.oracle.run import PlainRun
from knack_protocol.rules import run as rules_run
from knack_protocol.rules.course import COURSES
from knack_protocol.rules.run import Run
from knack_protocol.wire import codec
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.limits import MALFORMED_MAX, RESUME_EVERY_MS
from knack_protocol.wire.messages import Begin, Moved, Reject

SEED = "fuzzed moves 1"
"""Names all that chance decides here."""

EVERY_MS = 100
"""At least so long between two messages, so that none is too many."""

AFTER_THE_END = 3
"""Messages to a run that is over."""

ON_THE_BOARD = frozenset(plain.swaps())

Fields = tuple[int, bytes, int, int]
"""What a move says of itself: seq, head, cell, direction."""


def seed_of(run_number: int) -> bytes:
    return sha256(f"{SEED} {run_number}".encode()).digest()


@dataclass
class Fuzz:
    """One run of somebody who sends anything, and what the oracle makes of it."""

    random: Random
    oracle: PlainRun
    answers: Counter[str]
    malformed_count: int = 0
    over_count: int = 0
    last: tuple[Fields, str] | None = None
    """The frame that made the latest MOVE or ILLEGAL, and what it was told; it may come again."""

    @classmethod
    def of(cls, seed: bytes, course: str, h0: bytes, grace_ms: int, answers: Counter[str]) -> "Fuzz":
        levels = [tuple(level) for level in COURSES[course].levels]
        return cls(Random(seed), PlainRun(levels, seed, None, h0, grace_ms), answers)

    def wait_ms(self, clock_ms: int) -> int:
        """Choose how long to wait with the next message: mostly until about the lock's end, sometimes far beyond."""
        to_lock_ms = self.oracle.lock_end + self.oracle.grace_ms - clock_ms
        wishes = (
            to_lock_ms + self.random.randint(0, 300),
            to_lock_ms + self.random.choice((-151, -150, -149, -1, 0, 1)),
            self.random.randint(0, 900),
            EVERY_MS,
        )
        return max(self.random.choices(wishes, (6, 4, 3, 1))[0], EVERY_MS)

    def passed(self, clock_ms: int) -> None:
        """Let the server's timer end the run when it is due."""
        if clock_ms >= self.oracle.start + self.oracle.time_ms + self.oracle.grace_ms:
            self.oracle.expire()

    def fields(self) -> Fields:
        """Choose what to send."""
        seq, head = len(self.oracle.events) + 1, self.oracle.hashes[-1][:8]
        cell, direction = self.random.randrange(64), self.random.randrange(2)
        match self.random.choices(("any", "legal", "wild", "chain", "again"), (40, 43, 5, 8, 4))[0]:
            case "legal":
                cell, direction = self.random.choice(list(plain.legal_swaps(self.oracle.cells)))
            case "wild":
                cell, direction = self.random.randrange(-2, 300), self.random.randrange(-1, 6)
            case "chain":
                seq = self.random.choice((seq - 1, seq, seq + 1, 2**32 - 1, self.random.randrange(2**32)))
                head = self.random.choice((head, bytes(8), self.random.choice(self.oracle.hashes)[:8]))
            case "again" if self.last is not None:
                return self.last[0]
        return seq, head, cell, direction

    def expected(self, clock_ms: int, fields: Fields) -> str:
        """Say what the rules answer, after the oracle has played it."""
        seq, head, cell, direction = fields
        if (cell, direction) not in ON_THE_BOARD:
            return "malformed"
        if self.oracle.ended:
            return "over"
        if self.last is not None and fields == self.last[0]:
            return self.last[1]
        if (seq, head) != (len(self.oracle.events) + 1, self.oracle.hashes[-1][:8]):
            return "out_of_order"
        verdict = self.oracle.move(clock_ms, cell, direction).verdict
        if verdict in {"ok", "illegal"}:
            self.last = fields, verdict
        return verdict

    def heard(self, expected: str, reply: Moved | Reject) -> None:
        """Hold the server's answer against the oracle's."""
        said = reply.verdict.name.lower() if isinstance(reply, Moved) else RejectCode(reply.code).name.lower()
        assert said == expected, reply
        self.answers[said] += 1
        self.malformed_count += said == "malformed"
        self.over_count += said == "over"

    def has_to_come_back(self) -> bool:
        """Tell whether the server has closed the line after three malformed messages."""
        if self.malformed_count < MALFORMED_MAX:
            return False
        self.malformed_count = 0
        return True

    def is_done(self, count: int) -> bool:
        return self.over_count >= AFTER_THE_END or self.answers.total() >= count

    def agrees(self, run: Run) -> None:
        """Hold the whole state of the server's run against the oracle's."""
        oracle = self.oracle
        assert (run.seq, run.head) == (len(oracle.events), oracle.hashes[-1])
        assert (run.score, run.moves, run.level) == (oracle.score, oracle.moves, oracle.level)
        assert (run.lock_end_ms, list(run.board.symbols)) == (oracle.lock_end, oracle.cells)
        assert (run.end is not None) == oracle.ended


def packed(run: str, fields: Fields) -> bytes:
    frame: bytes = msgpack.packb([7, 7, run, *fields])
    return frame


def fuzz_core(count: int) -> Counter[str]:
    """Send so many messages into a core on a made clock, run after run; return how often each answer came."""
    answers: Counter[str] = Counter()
    number = 0
    while answers.total() < count:
        number += 1
        seed = seed_of(number)
        world = World(SameTiles(seed))
        phone = world.phone()
        phone.join("Mallory")
        hand = phone.begin("climb" if number % 2 else "sprint")
        play, zero_ms = world.play(hand.run), world.now.ms
        run = play.live_run()
        fuzz = Fuzz.of(seed, phone.last(Begin).course, hand.head, play.grace_ms, answers)
        while not fuzz.is_done(count):
            world.pass_ms(fuzz.wait_ms(world.now.ms - zero_ms))
            fuzz.passed(world.now.ms - zero_ms)
            fields = fuzz.fields()
            expected = fuzz.expected(world.now.ms - zero_ms, fields)
            phone.told.clear()
            world.receive(phone, packed(hand.run, fields))
            fuzz.heard(expected, next(told for told in phone.told if getattr(told, "req", None) == 7))
            if fuzz.has_to_come_back():
                phone = back_in_core(world, phone, fuzz, zero_ms)
            fuzz.agrees(run)
    return answers


def back_in_core(world: World, phone: Phone, fuzz: Fuzz, zero_ms: int) -> Phone:
    assert phone.closed == CloseCode.MALFORMED
    fuzz.oracle.connection(world.now.ms - zero_ms, 0)
    world.pass_ms(RESUME_EVERY_MS)
    fuzz.passed(world.now.ms - zero_ms)
    again = world.phone()
    again.hello(token=phone.token)
    again.token = phone.token
    fuzz.oracle.connection(world.now.ms - zero_ms, 1)
    return again


async def fuzz_socket(
    site: Site, cheat: Contender, seed: bytes, count: int, answers: Counter[str]
) -> AsyncIterator[int]:
    """Play one run the same way over a socket."""
    play = cheat.hand._entry.play
    assert play is not None
    run = play.live_run()
    fuzz = Fuzz.of(seed, cheat.hand._entry.course, run.head, play.grace_ms, answers)
    line = cheat.line
    while not fuzz.is_done(count):
        yield cheat.moment(cheat.clock_ms + fuzz.wait_ms(cheat.clock_ms))
        fuzz.passed(cheat.clock_ms)
        fields = fuzz.fields()
        expected = fuzz.expected(cheat.clock_ms, fields)
        await line.frame(BINARY, packed(cheat.run, fields))
        fuzz.heard(expected, await reply_to(line, 7))
        if fuzz.has_to_come_back():
            line = await back_over_socket(site, cheat, line, fuzz)
        fuzz.agrees(run)


async def back_over_socket(site: Site, cheat: Contender, line: Line, fuzz: Fuzz) -> Line:
    assert await line.closed() == CloseCode.MALFORMED
    await line.hang_up()
    await until(lambda: cheat.hand._entry.player.peer is None)
    fuzz.oracle.connection(cheat.clock_ms, 0)
    site.pass_ms(RESUME_EVERY_MS)
    fuzz.passed(cheat.clock_ms)
    again = await site.line()
    await again.hello(token=cheat.line.token)
    fuzz.oracle.connection(cheat.clock_ms, 1)
    return again


@pytest.mark.timeout(1200)
def test_a_hundred_thousand_fuzzed_moves_gain_nothing_that_the_rules_do_not_give(size: Size) -> None:
    count = size("fuzzed moves into the core", small=2_000, full=100_000)

    answers = fuzz_core(count)

    assert answers.total() == count
    assert set(answers) >= {"ok", "illegal", "early", "over", "malformed", "out_of_order"}
    assert count < 100_000 or answers["late"]


@pytest.mark.timeout(1200)
@pytest.mark.asyncio
async def test_fuzzed_moves_over_a_socket_gain_nothing_and_harm_nobody(size: Size, tmp_path: Path) -> None:
    count = size("fuzzed moves over sockets", small=300, full=2_000)
    answers: Counter[str] = Counter()
    number = 0
    while answers.total() < count:
        number += 1
        seed = seed_of(number)
        async with open_ring(tmp_path / f"{number}", seed) as site:
            twin, cheat = await Contender.enter(
                site, "Anna", "Mallory", course=("sprint", "climb")[number % 2]
            )
            await race(
                site,
                twin.honest(think_ms=2000, moves_max=10),
                fuzz_socket(site, cheat, seed, count, answers),
            )
            assert (await judge(site, twin.run, seed)).score == twin.score > 0
            await judge(site, cheat.run, seed)

    assert answers.total() == count
    assert set(answers) >= {"ok", "illegal", "early", "malformed", "out_of_order"}


@pytest.mark.parametrize(
    ("where", "name", "weakness"),
    [
        (codec, "is_swap", lambda cell, direction: (cell, direction) != (62, 0)),
        (rules_run, "EARLY_TOLERANCE_MS", 151),
        (rules_run, "LOCK_ILLEGAL_MS", 299),
        (rules_run, "LOCK_STEP_MS", 299),
        (rules_run, "BONUS_POINTS_PER_SECOND", 11),
    ],
    ids=["no last swap", "a millisecond too early", "a shorter penalty", "a shorter lock", "a larger bonus"],
)
def test_a_server_that_judges_otherwise_is_found_out(
    where: Any, name: str, weakness: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, weakness)

    with pytest.raises(AssertionError):
        fuzz_core(3_000)
