"""A cheat's hand: a line driven message by message, as no client of ours would."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from time import monotonic_ns
from typing import Any, Final

from knack_client.api import Api
from knack_client.conversation import LineClosed
from knack_client.mirror import Mirror
from knack_loadtest.crowd import frames
from knack_loadtest.crowd.flags import raised_on
from knack_loadtest.crowd.frames import frame_of
from knack_loadtest.crowd.line import Line
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.tally import Tally
from knack_loadtest.crowd.witness import PlayerWitness, reject_name
from knack_protocol.ids import CourseName, EventId, PlayerId, RunId
from knack_protocol.proof.seeds import NONCE_BYTES
from knack_protocol.rules.board import Board
from knack_protocol.rules.course import rules_hash
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire import messages as wire
from knack_protocol.wire.codec import encode
from knack_protocol.wire.messages import Command, Move, MoveVerdict, Push, Reply, Role

ANSWER_WITHIN_S: Final = 15
"""Longer than any answer takes; what has none by then has none."""

EARLY_MS: Final = 20
"""Between two tries of a program whose clock is a little ahead of the server's."""

RESUME_AFTER_S: Final = 1.1
"""A session may connect once a second (protocol, chapter 11)."""


class NoAnswer(Exception):
    """The line ended, or stayed silent, where an answer was due; the text is a word for the table."""


class Hand:
    """One line of a cheat. What it is told piles up in the order of arrival until somebody asks for it."""

    def __init__(self, stage: Stage, name: str, course: CourseName, witness: PlayerWitness) -> None:
        self.name = name
        self.course = course
        self.event = EventId(stage.event)
        self.token = ""
        self.run = RunId("")
        self.moved: wire.Moved | None = None
        """The newest answer to a move."""
        self.asked_ns = 0
        """When the newest question was written."""
        self._stage = stage
        self._witness = witness
        self._line: Line | None = None
        self._code: int | None = None
        self._told: list[Any] = []
        self._news = asyncio.Event()
        self._req = 1000
        self._mirror: Mirror | None = None
        self._player = PlayerId("")
        self._last: Move | None = None
        self._clock_ms, self._clock_ns = 0, 0
        """The run's clock when the newest move was written, and that moment."""

    async def open(self) -> None:
        """Connect.

        Raises:
            Unreachable: there is no server.
        """
        self._line = await self._stage.dialer.open(self, lambda _push: None, outcomes=Tally())
        self._line.is_wanted_end = True

    @asynccontextmanager
    async def another(self) -> AsyncIterator["Hand"]:
        """Open a second line of the same cheat."""
        other = Hand(self._stage, f"{self.name}b", self.course, self._witness)
        await other.open()
        try:
            yield other
        finally:
            await other.close()

    async def close(self) -> None:
        """Let a run in play end, and hang up."""
        if self._mirror is not None and self._code is None and self._mirror.run.end is None:
            with suppress(NoAnswer):
                await self.abandon()
        if self._line is not None:
            await self._line.close()

    # --- what an honest client does, too ---

    async def hello(self, role: Role = Role.PLAYER) -> None:
        """Say hello."""
        self.event = (await self._expect(wire.Hello(0, role, self.event, ""), wire.Welcome)).event

    async def join(self) -> None:
        """Become a player."""
        if not self.token:
            await self.hello()
            joined = await self._expect(wire.Join(0, self.name), wire.Joined)
            self.token, self._player, self.name = joined.token, joined.player, joined.name

    async def start(self) -> RunId:
        """Start a run; its countdown begins."""
        prepared = await self._expect(wire.Prepare(0, self.course), wire.Prepared)
        await self._expect(wire.Start(0, prepared.run, os.urandom(NONCE_BYTES)), wire.Started)
        self.run = prepared.run
        return self.run

    async def play(self) -> None:
        """Join, start a run, and wait for its board."""
        await self.join()
        await self.start()
        begin = await self._next(lambda told: isinstance(told, wire.Begin))
        self._mirror = Mirror.begun(begin, self.event, self._player, rules_hash(), None)
        self._clock_ms, self._clock_ns = 0, monotonic_ns()

    async def _until_clock(self, clock_ms: int) -> None:
        """Wait until the run's clock stands there, as far as the newest answer told it."""
        gone_ms = (monotonic_ns() - self._clock_ns) / 1e6
        await asyncio.sleep(max(clock_ms - self._clock_ms - gone_ms, 0) / 1000)

    async def abandon(self) -> None:
        """End the run in play by starting another one."""
        run = self.run
        await self.start()
        await self._next(lambda told: isinstance(told, wire.Ended) and told.run == run)
        self._mirror = None

    async def rest(self) -> None:
        """Wait until the session may connect again."""
        await asyncio.sleep(RESUME_AFTER_S)

    @property
    def board(self) -> Board:
        """The board at rest."""
        assert self._mirror is not None, "play came first"
        return self._mirror.run.board

    def move_frame(self, cell: int, direction: int) -> Move:
        """Return a move at the chain's true end."""
        assert self._mirror is not None, "play came first"
        run = self._mirror.run
        return Move(0, self.run, run.seq + 1, run.head[:8], cell, direction)

    def legal_frame(self) -> Move:
        """Return a legal move at the chain's true end."""
        return self.move_frame(*legal_swaps(self.board)[0])

    async def legal_move(self) -> wire.Moved:
        """Make a legal move."""
        assert self._mirror is not None, "play came first"
        frame = self.legal_frame()
        word = await self.ask(frame)
        if word != "ok" or self.moved is None:
            raise NoAnswer(f"honest_move_{word}")
        self._mirror.moved(self.moved, frame.cell, frame.direction)
        return self.moved

    async def swap_after(self, think_ms: int, cell: int, direction: int) -> int | None:
        """Swap so long after the board opens; return how long after it that arrived by the server's clock, None when the run is over."""
        assert self._mirror is not None, "play came first"
        run = self._mirror.run
        opens_ms = run.lock_end_ms
        await self._until_clock(opens_ms + think_ms)
        frame = self.move_frame(cell, direction)
        word = await self.ask(frame)
        while word == "early":
            await asyncio.sleep(EARLY_MS / 1000)
            word = await self.ask(frame)
        if word in {"late", "over"}:
            return None
        if word != "ok" or self.moved is None:
            raise NoAnswer(f"honest_move_{word}")
        self._mirror.moved(self.moved, cell, direction)
        self._clock_ms, self._clock_ns = self.moved.t_arr, self.asked_ns
        return None if self._mirror.is_over else self.moved.t_arr - run.grace_ms - opens_ms

    async def flags(self) -> tuple[str, ...]:
        """Ask the desk which flags are raised on this run; an act of its moderators, who hold the token.

        Raises:
            HttpError, Unreachable: it cannot be asked.
        """
        self.asked_ns = monotonic_ns()
        api = Api(self._stage.address.http, self.event, self._stage.desk_token)
        return await raised_on(api, self.run)

    # --- what only cheats do ---

    async def ask(self, command: Command) -> str:
        """Send a command and return the answer in one word."""
        (word,) = await self.ask_at_once([command])
        return word

    async def ask_at_once(self, commands: list[Any]) -> list[str]:
        """Send commands in one segment and return the answers, each in a word."""
        numbered = []
        for command in commands:
            self._req += 1
            numbered.append(replace(command, req=self._req))
        self._write(b"".join(frame_of(frames.BINARY, encode(command)) for command in numbered))
        for command in numbered:
            self._witness.sent(command, self.asked_ns)
            if isinstance(command, Move):
                self._last = command
        return [await self._answer_to(command.req) for command in numbered]

    async def ask_raw(self, opcode: int, payload: bytes, req: int) -> str:
        """Send a frame as it is, and return the answer that names `req`."""
        self._write(frame_of(opcode, payload))
        return await self._answer_to(req)

    async def again(self) -> wire.Moved:
        """Send the last move again, to the byte, and return its answer."""
        assert self._last is not None, "a move came first"
        self._write(frame_of(frames.BINARY, encode(self._last)))
        answer = await self._next(lambda told: getattr(told, "req", None) == self._last_req)
        if not isinstance(answer, wire.Moved):
            raise NoAnswer(self._word(answer))
        return answer

    async def ended(self) -> str:
        """Wait for the end of the line, and return how it ended."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                while self._code is None:
                    await self._wait()
        except TimeoutError:
            raise NoAnswer("stays_open") from None
        return f"close_{self._code}"

    # --- the line's witness ---

    def sent(self, command: Command, at_ns: int) -> None:
        """See a command; a hand writes its own down."""

    def heard(self, message: Reply | Push, at_ns: int) -> None:
        """Keep what was said."""
        self._witness.heard(message, at_ns)
        self._told.append(message)
        self._news.set()

    def lost(self, code: int) -> None:
        """See the end of the line."""
        self._code = code
        self._stage.lost(code, wanted=True)
        self._news.set()

    @property
    def _last_req(self) -> int:
        assert self._last is not None, "a move came first"
        return self._last.req

    async def _expect(self, command: Command, kind: type[Any]) -> Any:
        self._req += 1
        numbered = replace(command, req=self._req)
        self._write(frame_of(frames.BINARY, encode(numbered)))
        self._witness.sent(numbered, self.asked_ns)
        answer = await self._next(lambda told: getattr(told, "req", None) == numbered.req)
        if not isinstance(answer, kind):
            raise NoAnswer(f"honest_{self._word(answer)}")
        return answer

    async def _answer_to(self, req: int) -> str:
        try:
            return self._word(await self._next(lambda told: getattr(told, "req", None) == req))
        except NoAnswer as none:
            return str(none)

    def _word(self, answer: Reply | Push) -> str:
        match answer:
            case wire.Reject():
                return reject_name(answer.code)
            case wire.Moved():
                self.moved = answer
                return "ok" if answer.verdict is MoveVerdict.OK else "illegal"
            case wire.Prepared():
                return f"ok_{answer.run}_{answer.commit.hex()}"
            case _:
                return "ok"

    async def _next(self, is_it: Callable[[Any], bool]) -> Any:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                while True:
                    for index, message in enumerate(self._told):
                        if is_it(message):
                            return self._told.pop(index)
                    if self._code is not None:
                        raise NoAnswer(f"close_{self._code}")
                    await self._wait()
        except TimeoutError:
            raise NoAnswer("no_answer") from None

    async def _wait(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _write(self, octets: bytes) -> None:
        self.asked_ns = monotonic_ns()
        try:
            assert self._line is not None, "the line was opened"
            self._line.write(octets)
        except LineClosed:
            raise NoAnswer(f"close_{self._code}") from None
