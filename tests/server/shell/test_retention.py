"""The daily job deletes what is due and nothing else."""

import asyncio
from pathlib import Path

import pytest
from tests.support.site import Site, open_site

from knack_server.shell import retention
from knack_server.shell.retention import DAY_MS, delete_daily
from knack_server.store.queries import Queries

pytestmark = pytest.mark.asyncio


async def ask(site: Site, concern: str) -> None:
    request = {
        "form": concern,
        "first_name": "Inge",
        "last_name": "Müller",
        "email": "inge@example.org",
        "concern": concern,
    }
    assert (await site.http.post("/api/contact", json=request)).status_code == 201


async def concerns(site: Site) -> list[str]:
    return [row.concern for row in (await Queries(site.house.store).contacts_page()).rows]


def files_with(folder: Path, octets: bytes) -> list[str]:
    return [file.name for file in folder.iterdir() if file.is_file() and octets in file.read_bytes()]


async def days_pass(site: Site, days: int) -> None:
    site.clock.ahead_ms += days * DAY_MS
    job = asyncio.create_task(delete_daily(site.house.host, site.house.settings.retention_days))
    await asyncio.sleep(0)  # the job begins
    await site.settled()
    job.cancel()
    await asyncio.wait([job])


async def test_requests_are_kept_as_long_as_is_set_and_not_a_day_longer(tmp_path: Path) -> None:
    async with open_site(tmp_path, retention_days=30) as site:
        await ask(site, "old")
        await days_pass(site, 29)
        await ask(site, "young")

        assert await concerns(site) == ["young", "old"]
        await days_pass(site, 1)

        assert await concerns(site) == ["young"]
        await days_pass(site, 29)
        assert await concerns(site) == []


async def test_nothing_of_a_deleted_request_is_left_in_any_file(tmp_path: Path) -> None:
    async with open_site(tmp_path, retention_days=1) as site:
        await ask(site, "a secret concern")
        await days_pass(site, 2)

    assert files_with(tmp_path, b"secret concern") == []


async def test_the_job_comes_again_every_day(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "DAY_MS", 1)
    await ask(site, "old")
    site.clock.ahead_ms += 200 * DAY_MS

    job = asyncio.create_task(delete_daily(site.house.host, 1))
    async with asyncio.timeout(60):
        while await concerns(site):
            await asyncio.sleep(0)
    await ask(site, "next")
    async with asyncio.timeout(60):
        while await concerns(site):
            await asyncio.sleep(0)
    job.cancel()
    await asyncio.wait([job])


async def test_the_first_time_is_at_the_start(tmp_path: Path) -> None:
    async with open_site(tmp_path) as site:
        await ask(site, "old")
    async with open_site(tmp_path, retention_days=1) as site:
        assert await concerns(site) == ["old"]
    async with open_site(tmp_path, retention_days=1) as site:
        await days_pass(site, 2)
        assert await concerns(site) == []
