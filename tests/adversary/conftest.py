"""Adversaries meet the server on the loop that it runs on."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvloop
from tests.support.adversary import open_ring
from tests.support.site import Site, open_site


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], Any]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest_asyncio.fixture
async def ring(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_ring(tmp_path / "data") as opened:
        yield opened


@pytest_asyncio.fixture
async def ring_of_heats(tmp_path: Path) -> AsyncIterator[Site]:
    """A server whose time a test sets forward, and whose tiles come from the seeds that are published."""
    async with open_site(tmp_path / "data") as opened:
        yield opened
