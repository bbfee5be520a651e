"""Slow readers: phones in pockets, whose sockets are open and whose apps read nothing."""

import asyncio

from knack_loadtest.crowd.faults.struck import Struck
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.scenario.model import Fault


async def slow(stage: Stage, fault: Fault, victims: Struck) -> None:
    """Let everybody who is struck stop reading for a while."""
    devices = [stage.devices[victim.number] for victim in victims if victim.number in stage.devices]
    await asyncio.gather(*(device.stall(fault.for_ms / 1000) for device in devices))
