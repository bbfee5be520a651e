"""The honest people of a siege: they play all the while, and tell how long every reply took and what went wrong."""

import asyncio
from contextlib import suppress
from random import Random
from secrets import token_hex
from time import monotonic
from types import TracebackType
from typing import Final, Self

from knack_client import Player
from knack_client.api import Api
from knack_client.bots.skills import SKILLS
from knack_client.errors import KnackClientError, RunOver
from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.target import Target
from knack_protocol.rules.run import Verdict

PLAYERS: Final = 8
COURSE: Final = "sprint"
BEGUN_WITHIN_S: Final = 60


class Hall:
    """Some players, as an async context manager: entered when all of them play."""

    def __init__(self, target: Target) -> None:
        self.harmed: list[str] = []
        """What must not happen to anybody who does nothing wrong."""
        self._target = target
        self._replies: list[tuple[float, float]] = []
        self._best: dict[str, int] = {}
        self._begun = asyncio.Semaphore(0)
        self._is_over = False
        self._lives: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._lives = [asyncio.create_task(self._live(number)) for number in range(PLAYERS)]
        with suppress(TimeoutError):
            async with asyncio.timeout(BEGUN_WITHIN_S):
                for _ in range(PLAYERS):
                    await self._begun.acquire()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_over = True
        await asyncio.wait(self._lives)

    def replies_ms(self, since_s: float, until_s: float) -> list[float]:
        """Return how long replies to moves took that were sent in this time (monotonic clock), in order."""
        return sorted(ms for at_s, ms in self._replies if since_s <= at_s < until_s)

    async def compare(self) -> None:
        """Hold the standings against what everybody was acknowledged.

        Raises:
            KnackClientError: the server does not answer.
        """
        told = await Api(self._target.address.http, self._target.event).get("/api/standings", course=COURSE)
        shown = {row[2]: row[4] for row in told["rows"]}
        for player, score in self._best.items():
            if score and shown.get(player) != score:
                self.harmed.append(f"the standings show {shown.get(player)} for {score} acknowledged points")

    async def _live(self, number: int) -> None:
        random = chance(number, "honest")
        name = f"Guest {token_hex(4)}"
        try:
            async with Player(self._target.address.socket, name, self._target.event) as player:
                while not self._is_over:
                    await self._play(player, random)
                if player.connections > 1:
                    self.harmed.append(f"an honest player lost the line {player.connections - 1} times")
        except KnackClientError as failure:
            self.harmed.append(f"an honest player was stopped: {type(failure).__name__}: {failure}")
        finally:
            self._begun.release()

    async def _play(self, player: Player, random: Random) -> None:
        run = await player.start(COURSE)
        await run.begun()
        self._begun.release()
        while not run.is_over and not self._is_over:
            await run.unlocked()
            swap = SKILLS["fast"].choose(run.board, random)
            assert swap is not None, "the server shuffles a board without a legal swap"
            if run.is_over or run.remaining_ms == 0:
                break
            asked_s = monotonic()
            try:
                outcome = await run.move(*swap)
            except RunOver:
                break
            self._replies.append((asked_s, 1000 * (monotonic() - asked_s)))
            if outcome.verdict is not Verdict.OK:
                self.harmed.append(f"a legal move was answered with {outcome.verdict}")
            self._best[player.id] = max(self._best.get(player.id, 0), run.score)
