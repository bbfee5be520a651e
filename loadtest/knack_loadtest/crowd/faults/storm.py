"""A storm: a hall's Wi-Fi goes down, and everybody is back within seconds."""

import asyncio

from knack_loadtest.crowd.faults.struck import Struck
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.scenario.model import Fault


async def storm(stage: Stage, fault: Fault, victims: Struck) -> None:
    """Drop the lines of everybody who is struck, spread over `within`."""
    due = sorted(
        (victim.random.random() * fault.within_ms, victim.number, victim.is_rude) for victim in victims
    )
    begun_ms = stage.now_us() / 1000
    for after_ms, number, is_rude in due:
        left_ms = begun_ms + after_ms - stage.now_us() / 1000
        if left_ms > 1:
            await asyncio.sleep(left_ms / 1000)
        device = stage.devices.get(number)
        if device is not None:
            device.drop(rude=is_rude)
