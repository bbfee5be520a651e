"""How anybody comes in: at their time, and again after a while when there is no room."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from knack_client.backoff import delay_ms
from knack_client.errors import ConnectionLost, Unreachable
from knack_loadtest.crowd.people.device import PATIENCE_S, Device
from knack_loadtest.crowd.people.stage import Stage

T = TypeVar("T")


async def come_in(stage: Stage, device: Device, enter: Callable[[], Awaitable[T]]) -> T | None:
    """Enter, and try again with a page's patience while the server cannot be reached; None when it never could.

    Raises:
        KnackClientError: the server did not want this person, which patience does not change.
    """
    give_up_us = stage.now_us() + int(PATIENCE_S * 1_000_000)
    attempt = 0
    while True:
        try:
            return await enter()
        except (Unreachable, ConnectionLost):
            if stage.over.is_set() or stage.now_us() > give_up_us:
                stage.tally.count("recover.failed")
                return None
        await asyncio.sleep(delay_ms(attempt, device.waits) / 1000)
        attempt += 1
