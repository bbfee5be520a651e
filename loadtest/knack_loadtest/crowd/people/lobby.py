"""How players come to a heat: when its lobby opens, or too late; and how they lose their line in it."""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from knack_client.errors import HeatMissed, Rejected
from knack_client.player import Player
from knack_client.run import Run
from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.people.device import Device
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person, Seat
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import HeatPhase

LOST_AFTER_S: Final = {"countdown": (0.2, 2.5), "middle": (5.0, 40.0)}
"""When the line is lost, counted from the countdown's beginning: within it, or while everybody plays."""

OPENED: Final = frozenset(HeatPhase) - {HeatPhase.CLOSED}
FROZEN: Final = OPENED - {HeatPhase.OPEN}
"""Phases of a lobby that was opened, and of a roster that was frozen; later ones among them, for who looks late."""

T = TypeVar("T")


async def take_part(stage: Stage, person: Person, player: Player, seat: Seat, heat: str) -> Run | None:
    """Come to a heat, and return the run in it when its countdown has begun; None where it is played without this player.

    Raises:
        KnackClientError: the client is over.
    """
    wanted = FROZEN if seat.is_late else OPENED
    if await or_over(stage, player.heard_of(heat, wanted)) is None:
        return None
    try:
        await player.gather(heat)
        if seat.is_late:
            stage.violation("heats", f"{heat} took somebody in after its roster was frozen", person)
        run = await player.called(heat)
    except HeatMissed:
        stage.tally.count("heats.missed")
        return None
    except Rejected as rejected:
        if rejected.code is not RejectCode.HEAT_CLOSED:
            raise
        stage.tally.count("heats.late" if seat.is_late else "heats.missed")
        return None
    stage.tally.count("heats.members")
    return run


def lose_line(
    stage: Stage, person: Person, device: Device, seat: Seat, heat: str
) -> asyncio.TimerHandle | None:
    """Let the line go when the plan says so; returns the timer, to be cancelled when the run is over before."""
    if not seat.loses_line:
        return None
    drawn = chance(stage.seed, heat, person.group.name, person.index, "line")
    after_s = drawn.uniform(*LOST_AFTER_S[seat.loses_line])
    return asyncio.get_running_loop().call_later(after_s, lambda: device.drop(rude=False))


async def or_over(stage: Stage, waiting: Awaitable[T]) -> T | None:
    """Wait for something, or until nobody begins anything new; then return None."""
    waits, over = asyncio.ensure_future(waiting), asyncio.ensure_future(stage.over.wait())
    try:
        await asyncio.wait((waits, over), return_when=asyncio.FIRST_COMPLETED)
        return waits.result() if waits.done() else None
    finally:
        waits.cancel()
        over.cancel()
