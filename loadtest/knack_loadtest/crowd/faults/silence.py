"""Lines that go dead without a word: no FIN, no RST, and whoever waits for an answer waits."""

from knack_loadtest.crowd.faults.struck import Struck, one_by_one
from knack_loadtest.crowd.networks.weather import MS_NS
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.scenario.model import Fault, Players
from knack_protocol.ids import CourseName
from knack_protocol.rules.course import COURSES
from knack_protocol.wire.limits import COUNTDOWN_MS, GRACE_MAX_MS


async def half_open(stage: Stage, fault: Fault, victims: Struck) -> None:
    """Let the lines of everybody who is struck go dead; their devices find out by the silence, and come back."""
    async for _, device in one_by_one(stage, fault, victims):
        device.vanish()


async def vanish(stage: Stage, fault: Fault, victims: Struck) -> None:
    """Let everybody who is struck be gone for good, as with an empty battery; only the server is left to find out.

    A run in play goes on to its deadline by itself, and changes the standings until then.
    """
    async for victim, device in one_by_one(stage, fault, victims):
        device.vanish()
        stage.lives[victim.number].cancel()
        for key in [key for key in stage.subscribers if key[0] == victim.number]:
            del stage.subscribers[key]
        stage.devices.pop(victim.number)
        group = device.person.group
        if isinstance(group, Players):
            levels = COURSES[CourseName(group.course)].levels
            left_ms = COUNTDOWN_MS + sum(level.time_ms for level in levels) + GRACE_MAX_MS
            run = -1 - victim.number  # the run's own mark beside its player's
            stage.busy.add(run)
            stage.wheel.at(stage.wheel.now_ns() + left_ms * MS_NS, lambda run=run: stage.busy.discard(run))  # type: ignore[misc]
