"""The daily job that deletes what is due."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knack_server.shell.host import Host

DAY_MS = 24 * 60 * 60 * 1000


async def delete_daily(host: Host, retention_days: int) -> None:
    """Delete contact requests and names that are older than they may get, now and every day from now on."""
    while True:
        await host.do(lambda now: (None, host.arena.forget(now.unix_ms - retention_days * DAY_MS)))
        await asyncio.sleep(DAY_MS / 1000)
