"""A storm: a hall's Wi-Fi goes down, and everybody is back within seconds."""

from knack_loadtest.crowd.faults.struck import Struck, one_by_one
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.scenario.model import Fault


async def storm(stage: Stage, fault: Fault, victims: Struck) -> None:
    """Drop the lines of everybody who is struck, spread over `within`."""
    async for victim, device in one_by_one(stage, fault, victims):
        device.drop(rude=victim.is_rude)
