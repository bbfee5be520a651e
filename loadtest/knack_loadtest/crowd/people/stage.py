"""What every person of a worker has at hand: the way to the server, the clock, and where to write down what happened."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Any

from knack_client.address import Address
from knack_loadtest.crowd.line import Dialer
from knack_loadtest.crowd.networks.wheel import Wheel
from knack_loadtest.crowd.people.script import Scripts
from knack_loadtest.crowd.plan import Person
from knack_loadtest.crowd.records import RunRecord
from knack_loadtest.crowd.scenario.model import Scenario
from knack_loadtest.crowd.sharing import Shared
from knack_loadtest.crowd.tally import Tally

ACKED = tuple[str, int, int, int, int, str]
"""A move that was acknowledged: course, epoch, version, intended and heard (µs since the start), and its run."""

APPLIED = tuple[int, str, int, int, int, int, tuple[str, ...]]
"""Standings that a sampled subscriber applied: person, course, epoch, version before and after, when (µs since the start),
and the runs whose rows changed."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be: which oracle saw it, what, when (ms since the start), and with whom."""

    oracle: str
    text: str
    at_ms: int
    where: str

    def packed(self) -> list[Any]:
        """Return plain values to send."""
        return [self.oracle, self.text, self.at_ms, self.where]


@dataclass(slots=True)
class Stage:
    """One worker's part of a run."""

    scenario: Scenario
    seed: int
    address: Address
    event: str
    desk_token: str
    zero_ns: int
    tally: Tally
    shared: Shared
    dialer: Dialer
    keep: Callable[[RunRecord], None]
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when nobody begins anything new."""
    curtain: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when everybody goes home."""
    acked: list[ACKED] = field(default_factory=list)
    applied: list[APPLIED] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    acts: list[list[Any]] = field(default_factory=list)
    """Acts of moderators that were acknowledged, as the server's own documents."""
    attempts: list[list[Any]] = field(default_factory=list)
    """What cheats tried: kind, expected, got, µs."""
    contacts: list[str] = field(default_factory=list)
    """Ids of contact requests that were taken."""
    subscribers: dict[tuple[int, str], Any] = field(default_factory=dict)
    """Whoever shows standings (`subscriber.Subscriber`), by number in the plan and whose standings they are."""
    has_heats: bool = False
    """Whether the plan's heats were promised, and can be called."""
    expected: Mapping[str, int] = field(default_factory=dict)
    """How many people want to be in a lobby in time, by the name of the heats in the scenario."""
    starts: list[list[Any]] = field(default_factory=list)
    """Heats that were started, each with the moment at which their moderator said so (monotonic clock, ns)."""
    slow: frozenset[int] = frozenset()
    """Who will be a slow reader at some time: the kernel keeps little for them."""
    vanishing: frozenset[int] = frozenset()
    """Whose lines a fault lets go dead."""
    wheel: Wheel = field(default_factory=Wheel)
    """Wakes up what the networks of this worker's people hold up."""
    scripts: dict[int, Scripts] = field(default_factory=dict)
    """What people do again, by number in the plan; empty when they do as they like."""
    lives: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    """Everybody's evening, by number in the plan."""
    busy: set[int] = field(default_factory=set)
    """Who still does something that changes the standings."""
    devices: dict[int, Any] = field(default_factory=dict)
    """Devices in people's hands, by number in the plan (`device.Device`), for faults to reach."""
    may_fall: bool = False
    """Whether scores of honest players may fall: moderators void runs."""

    def now_us(self) -> int:
        """Return µs since the start."""
        return (monotonic_ns() - self.zero_ns) // 1000

    def since_start_us(self, at_ns: int) -> int:
        """Return a moment of the monotonic clock as µs since the start."""
        return (at_ns - self.zero_ns) // 1000

    def violation(self, oracle: str, text: str, person: Person) -> None:
        """Write down what must not be."""
        where = f"{person.group.name} {person.index}"
        self.violations.append(Violation(oracle, text, self.now_us() // 1000, where))

    def lost(self, code: int, *, wanted: bool) -> None:
        """Write down that a line has ended."""
        self.tally.mark("disconnects", f"{code} {'wanted' if wanted else 'unexpected'}")
        if not wanted:
            self.tally.count("disconnects.unexpected")

    async def until(self, moment_ms: int) -> None:
        """Wait for a moment since the start, or until it is over."""
        left_s = moment_ms / 1000 - self.now_us() / 1_000_000
        if left_s > 0:
            try:
                async with asyncio.timeout(left_s):
                    await self.over.wait()
            except TimeoutError:
                pass
