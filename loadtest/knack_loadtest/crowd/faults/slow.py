"""Slow readers: phones in pockets, whose sockets are open and whose apps read nothing."""

from knack_loadtest.crowd.faults.struck import Struck
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.scenario.model import Fault


async def slow(stage: Stage, fault: Fault, victims: Struck) -> None:
    """Let everybody who is struck stop reading for a while."""
    for victim in victims:
        device = stage.devices.get(victim.number)
        if device is not None:
            device.stall(fault.for_ms)
