"""Outages: what a scenario does to the server itself. Only to one that the tester has started: it is nobody else's."""

import asyncio

from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.scenario.model import Fault
from knack_loadtest.crowd.server import FreshServer


def moment_ms(fault: Fault, seed: int, place: int) -> int:
    """Return when the scenario's fault number `place` strikes the server: somewhere within its time."""
    return fault.at_ms + round(chance(seed, "outage", place).random() * fault.within_ms)


async def kill(server: FreshServer, for_s: float) -> None:
    """Take the process away in the middle of whatever it does, and start another one on the same folder and port.

    Raises:
        ServerError: it does not open again.
    """
    await server.kill()
    await asyncio.sleep(for_s)
    await server.start()


async def restart(server: FreshServer, for_s: float) -> None:
    """Let the server end in good order, and start it again.

    Raises:
        ServerError: it does not open again.
    """
    await server.stop()
    await asyncio.sleep(for_s)
    await server.start()


async def stop(server: FreshServer, for_s: float) -> None:
    """Let the process stand still; everything that is sent to it waits."""
    server.suspend()
    try:
        await asyncio.sleep(for_s)
    finally:
        server.resume()
