"""The device in somebody's hand: its lines one after another, why they ended, and what faults can do to them."""

import asyncio
from collections.abc import Callable
from random import Random
from time import monotonic_ns
from typing import Final

from knack_client.conversation import Conversation
from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.line import Line, Witness
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person
from knack_protocol.wire import limits
from knack_protocol.wire.messages import Command, Push, Reply, Welcome

SLOW_BUFFER_BYTES: Final = 4096
"""What the kernel keeps for a slow reader (Linux doubles it): so little that the server notices within seconds."""

PATIENCE_S: Final = 60.0
"""How long a device tries to come back: longer than a restart, shorter than an evening."""


RUDE_EVERY_MS: Final = 100
"""How soon a rude client tries again that could not get in at once: a loop without any pause would only test the tester."""


class Waits(Random):
    """Chance for the waits between lines; a rude one does not wait before the first try, and hardly before the next."""

    is_rude = False

    def randint(self, a: int, b: int) -> int:
        """Return a number from a to b; a rude one a, or `RUDE_EVERY_MS` where b says that it was refused before."""
        if not self.is_rude:
            return super().randint(a, b)
        return a if b <= limits.RECONNECT_BASE_MS else min(b, RUDE_EVERY_MS)


class Device:
    """One person's device. `open` is what clients take for an opener; it is itself the witness of its lines.

    Args:
        stage: Where it is.
        person: Whose it is.
        witness: Sees what this device sees.
    """

    def __init__(self, stage: Stage, person: Person, witness: Witness) -> None:
        self.waits = Waits(chance(stage.seed, person.group.name, person.index, "waits").getrandbits(64))
        self.heard_ns = 0
        """When the bytes came that are being handled."""
        self._line: Line | None = None
        self._stage = stage
        self._person = person
        self._witness = witness
        self.shows_standings = False
        """Whether it is up to date only when its standings are."""
        self.was_taken_away = False
        """Whether the scenario itself took the line away, and not everything is shown again yet."""
        self._lost_ns = 0
        self._attempts = 0
        self._is_wanted = False
        self._is_cut = False
        self._cut_until_ns = 0

    async def open(self, _url: str, on_push: Callable[[Push], None]) -> Conversation:
        """Open the next line.

        Raises:
            Unreachable: it cannot be had.
        """
        if self._lost_ns:
            self._attempts += 1
        small = SLOW_BUFFER_BYTES if self._person.number in self._stage.slow else 0
        self._line = await self._stage.dialer.open(self, on_push, small)
        self._is_wanted = False
        return self._line

    def sent(self, command: Command, at_ns: int) -> None:
        """See a command."""
        self._witness.sent(command, at_ns)

    def heard(self, message: Reply | Push, at_ns: int) -> None:
        """See a message; a welcome after a loss is the end of an absence."""
        self.heard_ns = at_ns
        if isinstance(message, Welcome):
            if self._is_cut:
                self._is_cut, self._cut_until_ns = False, at_ns
            if not self.shows_standings:
                self.is_up_to_date()
        self._witness.heard(message, at_ns)

    def is_up_to_date(self) -> None:
        """Take note that everything is shown again that the server has."""
        if self._lost_ns:
            tally = self._stage.tally
            tally.time("recover", (self.heard_ns - self._lost_ns) / 1000)
            tally.count("recover.done")
            tally.count("recover.attempts", self._attempts)
            self._lost_ns = self._attempts = 0
            self.was_taken_away = False

    @property
    def is_coming_back(self) -> bool:
        """Tell whether the line was lost, and not everything is shown again yet."""
        return bool(self._lost_ns)

    def was_cut_since(self, since_us: int) -> bool:
        """Tell whether the scenario itself kept the line away at any time after this moment (µs since the start)."""
        return self._is_cut or self._stage.since_start_us(self._cut_until_ns) > since_us

    def lost(self, code: int) -> None:
        """See that the line has ended."""
        line, outage = self._line, self._stage.dialer.outage
        is_ours = line is not None and line.is_wanted_end
        is_cut = self._is_wanted or (line is not None and outage.covers(line.since_ns))
        self._lost_ns = self._lost_ns or monotonic_ns()
        self._is_cut = self._is_cut or is_cut
        self.was_taken_away = self.was_taken_away or is_cut
        self._stage.lost(code, wanted=is_cut or is_ours)
        self._witness.lost(code)

    def drop(self, *, rude: bool) -> None:
        """Lose the line as when the radio is gone; a rude device comes back at once, without any patience."""
        if self._line is not None:
            self._is_wanted = True
            self.waits.is_rude = self.waits.is_rude or rude
            self._line.abort()

    async def stall(self, seconds: float) -> None:
        """Read nothing for a while; the server may well end the line over it."""
        line = self._line
        if line is not None:
            self._is_wanted = True
            line.pause(reading=False)
            await asyncio.sleep(seconds)
            line.pause(reading=True)
