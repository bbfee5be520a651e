"""Who would use rehearsals against a competition: to delete it, to be in two at once, to record into what is gone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route
from tests.support.site import Site, open_site

from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Role

pytestmark = pytest.mark.asyncio

PATH = "/api/desk/rehearsals"

OF_NO_EVENT = {"/api/desk/rehearsals", "/api/desk/receipts", "/api/desk/contacts/{contact}"}
"""What is sent there is about all events, or names what it is about by itself."""


async def rehearsal(site: Site, desk: dict[str, str]) -> str:
    answer = await site.http.post(PATH, json={}, headers=desk)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["event"])


async def test_nobody_without_a_good_desk_token_opens_lists_or_deletes_any(tmp_path: Path) -> None:
    async with open_site(tmp_path / "data") as site:
        desk = await site.desk()
        event = await rehearsal(site, desk)
        line = await site.player("Mallory", event)
        revoked = await site.desk("mallory")
        await site.house.orders.desk_revoke("mallory")

        for headers in (
            {},
            {"Authorization": f"Bearer {line.token}"},
            revoked,
            {"Authorization": "Bearer x"},
        ):
            assert (await site.http.post(PATH, json={}, headers=headers)).status_code == 401
            assert (await site.http.get(PATH, headers=headers)).status_code == 401
            assert (await site.http.delete(f"{PATH}/{event}", headers=headers)).status_code == 401
        assert event in site.house.host.arena.floor.events
        assert not line.is_closed


@pytest.mark.parametrize(
    ("named", "status", "error"),
    [
        ("demo", 409, "not_a_rehearsal"),
        ("nowhere", 404, "unknown_event"),
        ("rehearsal-aaaaaaaaaaaaaaaa", 404, "unknown_event"),
        ("%2e%2e", 404, None),
        ("demo%00", 404, "unknown_event"),
        ("%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404, None),
    ],
    ids=["live", "unknown", "made up", "dots", "nul", "script"],
)
async def test_only_a_rehearsal_is_deleted(
    tmp_path: Path, named: str, status: int, error: str | None
) -> None:
    async with open_site(tmp_path / "data") as site:
        await site.play(await site.player("Anna"))
        before = (await site.http.get("/api/standings")).content

        refused = await site.http.delete(f"{PATH}/{named}", headers=await site.desk())

        assert refused.status_code == status, refused.text
        if error is not None:
            assert refused.json()["error"] == error
        assert b"<script>" not in refused.content
        assert (await site.http.get("/api/standings")).content == before


async def test_deleting_twice_at_once_deletes_once(tmp_path: Path) -> None:
    async with open_site(tmp_path / "data") as site:
        desk = await site.desk()
        event = await rehearsal(site, desk)

        answers = await asyncio.gather(*(site.http.delete(f"{PATH}/{event}", headers=desk) for _ in range(4)))

        assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]


async def test_an_id_cannot_be_chosen_so_that_a_competition_never_has_a_rehearsals_seeds(
    tmp_path: Path,
) -> None:
    async with open_site(tmp_path / "data") as site:
        desk = await site.desk()
        for body in ({"event": "demo"}, {"event": "fair"}, {"title": "demo", "event": "rehearsal-mine"}):
            answer = await site.http.post(PATH, json=body, headers=desk)
            event = answer.json()["event"]
            assert event not in {"demo", "fair", "rehearsal-mine"}
            refused = await site.house.orders.event_add(event, "x")
            assert refused["error"].startswith("an id that begins with rehearsal- is drawn")
            await site.http.delete(f"{PATH}/{event}", headers=desk)
        refused = await site.house.orders.event_use(await rehearsal(site, desk))
        assert "is a rehearsal" in refused["error"]
        assert site.house.host.arena.floor.current == "demo"


async def test_a_session_of_a_rehearsal_is_none_of_a_competition(tmp_path: Path) -> None:
    async with open_site(tmp_path / "data") as site:
        event = await rehearsal(site, await site.desk())
        inside = await site.player("Mallory", event)
        outside = await site.player("Anna")

        for token, elsewhere in ((inside.token, "demo"), (outside.token, event)):
            answer = await (await site.line()).hello(Role.PLAYER, token, elsewhere)
            assert answer.code == RejectCode.UNKNOWN_SESSION


def addresses(site: Site) -> list[str]:
    """Every address that something about an event can be sent to."""
    routes = [route for route in site.server.config.app._app.routes if isinstance(route, Route)]
    return [r.path for r in routes if "POST" in (r.methods or ()) and r.path not in OF_NO_EVENT]


async def test_what_arrives_for_a_rehearsal_that_was_deleted_on_its_way_is_refused(tmp_path: Path) -> None:
    """A body that takes its time: its event was there when it began, and is gone when it has come."""
    first_half, second_half = (
        b'{"kind": "hide_name", "target": "p-x", "reason": "x", "step": "end", "heat": "h2", "course": "sprint", ',
        b'"form": "f", "first_name": "A", "last_name": "B", "email": "a@b.example", "concern": "x", "website": ""}',
    )
    async with open_site(tmp_path / "data") as site:
        desk = await site.desk()
        found = addresses(site)
        assert len(found) == 6
        for address in found:
            event = await rehearsal(site, desk)
            path = f"{address.format(heat='h1')}?event={event}"
            has_begun, is_gone = asyncio.Event(), asyncio.Event()

            async def body(
                has_begun: asyncio.Event = has_begun, is_gone: asyncio.Event = is_gone
            ) -> AsyncIterator[bytes]:
                yield first_half
                has_begun.set()
                await is_gone.wait()
                yield second_half

            headers = desk | {"Content-Type": "application/json"}
            sending = asyncio.create_task(site.http.post(path, content=body(), headers=headers))
            await has_begun.wait()
            await site.http.get(f"/api/event?event={event}")  # the first half has been taken by now
            assert (await site.http.delete(f"{PATH}/{event}", headers=desk)).status_code == 200
            is_gone.set()
            assert (await sending).status_code == 404, address
        await site.settled()
        assert (await site.http.get("/ready")).status_code == 200


async def test_the_file_of_a_server_keeps_no_word_of_a_rehearsal(tmp_path: Path) -> None:
    folder = tmp_path / "data"

    def left() -> list[str]:
        return [file.name for file in folder.iterdir() if file.is_file() and b"Canary" in file.read_bytes()]

    async with open_site(folder) as site:
        desk = await site.desk()
        event: Any = (await site.http.post(PATH, json={"title": "Canary hall"}, headers=desk)).json()["event"]
        hand = await site.play(await site.player("Canary Anna", event))
        contact = {"form": "f", "first_name": "Canary", "last_name": "B", "email": "a@b.example"}
        sent = contact | {"concern": "Canary " * 50, "website": ""}
        assert (await site.http.post(f"/api/contact?event={event}", json=sent)).status_code == 201
        act = {"kind": "void", "target": hand.run, "text": "", "reason": "Canary"}
        await site.http.post(f"/api/desk/acts?event={event}", json=act, headers=desk)
        await site.settled()
        assert left() != []
        await site.http.delete(f"{PATH}/{event}", headers=desk)
    assert left() == []
