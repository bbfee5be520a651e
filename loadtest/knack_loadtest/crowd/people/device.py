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
from knack_protocol.wire.messages import Command, Push, Reply, Welcome

SLOW_BUFFER_BYTES: Final = 4096
"""What the kernel keeps for a slow reader (Linux doubles it): so little that the server notices within seconds."""

PATIENCE_S: Final = 60.0
"""How long a device tries to come back: longer than a restart, shorter than an evening."""


class Waits(Random):
    """Chance for the waits between lines; a rude one always draws the shortest."""

    is_rude = False

    def randint(self, a: int, b: int) -> int:
        """Return a number from a to b, or a."""
        return a if self.is_rude else super().randint(a, b)


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
        self._lost_ns = 0
        self._is_wanted = False

    async def open(self, _url: str, on_push: Callable[[Push], None]) -> Conversation:
        """Open the next line.

        Raises:
            Unreachable: it cannot be had.
        """
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
        if self._lost_ns and isinstance(message, Welcome):
            self._stage.tally.time("recover", (at_ns - self._lost_ns) / 1000)
            self._lost_ns = 0
        self._witness.heard(message, at_ns)

    def lost(self, code: int) -> None:
        """See that the line has ended."""
        is_ours = self._line is not None and self._line.is_wanted_end
        self._lost_ns = self._lost_ns or monotonic_ns()
        self._stage.lost(code, wanted=self._is_wanted or is_ours)
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
