"""Orders of the organiser: given to the running server, or carried out on the data folder when none runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import uvloop

from knack_server.app import open_house
from knack_server.config import load_settings
from knack_server.shell import control

if TYPE_CHECKING:
    from knack_server.config import Settings


class OrderRefused(Exception):
    """An order that cannot be carried out; the text says why, in one line."""


def order(name: str, /, **arguments: str) -> dict[str, Any]:
    """Have an order carried out and return its answer.

    Errors: OrderRefused, ConfigError, ControlError, FolderError, StoreError.
    """
    settings = load_settings()
    answer = control.ask(settings.data_dir, name, arguments) if settings.data_dir.is_dir() else None
    if answer is None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            answer = runner.run(_carry_out(settings, name, arguments))
    if "error" in answer:
        raise OrderRefused(answer["error"])
    return answer


async def _carry_out(settings: Settings, name: str, arguments: dict[str, str]) -> dict[str, Any]:
    async with open_house(settings) as house:
        return await house.orders.obey(name, arguments)
