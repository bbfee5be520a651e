"""What the desk and the command line ask of the store."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support import lives
from tests.support.database import committed, writing

from knack_protocol.ids import CourseName, EventId
from knack_protocol.rules import log
from knack_server.core.facts import (
    ContactDone,
    ContactId,
    DeskTokenAdded,
    DeskTokenRevoked,
    EventMadeCurrent,
    Fact,
    RunPrepared,
)
from knack_server.store.queries import PAGE_ROWS, Queries, StoredDeskToken
from knack_server.store.writer import Writer

pytestmark = pytest.mark.asyncio

CLIMB = CourseName("climb")


class Asked(Queries):
    """Queries on a store that a test may write to."""

    writer: Writer

    async def given(self, *facts: Fact) -> None:
        await committed(self.writer, facts)


@pytest_asyncio.fixture
async def queries(tmp_path: Path) -> AsyncIterator[Asked]:
    async with writing(tmp_path / "knack.sqlite") as (store, writer):
        asked = Asked(store)
        asked.writer = writer
        await asked.given(*lives.event(), *lives.event("other"))
        yield asked


async def test_started_runs_come_newest_first_with_real_names(queries: Asked) -> None:
    await queries.given(lives.player("Anna"), lives.player("Ben"))
    await queries.given(*lives.finished("z", "Anna", 30, 500), *lives.in_play("a", "Ben"))
    await queries.given(lives.prepared("never", "Anna"), *lives.finished("c", "Ben", 60, 1, CLIMB))
    page = await queries.runs_page(lives.DEMO, lives.SPRINT)
    assert [(run.run, run.name) for run in page.rows] == [("run-a", "Ben"), ("run-z", "Anna")]
    assert page.count == 2
    assert [run.run for run in (await queries.runs_page(lives.DEMO, CLIMB)).rows] == ["run-c"]
    assert (await queries.runs_page(EventId("other"), lives.SPRINT)).rows == []


async def test_a_finished_run_shows_its_result_and_a_run_in_play_what_its_log_says(queries: Asked) -> None:
    await queries.given(
        lives.player("Anna"), *lives.finished("a", "Anna", 30, 500), *lives.in_play("b", "Anna")
    )
    level = log.level(3, 4000, 1, 50, 140, bytes(8))
    await queries.given(*lives.logged("b", lives.move(1, 500, 30), lives.move(2, 1500, 90), level))
    running, over = (await queries.runs_page(lives.DEMO, lives.SPRINT)).rows
    assert (over.score, over.scored_at_ms, over.moves, over.end_reason) == (30, 500, 1, log.EndReason.TIME)
    assert (running.score, running.scored_at_ms, running.moves, running.end_reason) == (140, 1500, 2, None)
    assert (running.grace_ms, running.t0_unix_ms) == (40, lives.UNIX_MS + 3003)


async def test_a_run_before_its_first_move_or_its_t0_has_nothing_yet(queries: Asked) -> None:
    await queries.given(lives.player("Anna"), lives.prepared("a", "Anna"), lives.started("a"))
    (run,) = (await queries.runs_page(lives.DEMO, lives.SPRINT)).rows
    assert (run.score, run.scored_at_ms, run.moves, run.end_reason, run.grace_ms) == (0, 0, 0, None, None)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("än", ["Ännchen"]),
        ("ÄN", ["Ännchen"]),
        ("n", ["100%_fun", "Ben", "Ännchen"]),
        ("%", ["100%_fun"]),
        ("_", ["100%_fun"]),
        ("'; --", []),
        ("", ["100%_fun", "Ben", "Ännchen"]),
    ],
)
async def test_a_search_finds_names_in_any_case_and_takes_signs_as_they_are(
    queries: Asked, search: str, found: list[str]
) -> None:
    for name in ("Ännchen", "Ben", "100%_fun"):
        await queries.given(lives.player(name), *lives.finished(name, name, 30, 1))
    page = await queries.runs_page(lives.DEMO, lives.SPRINT, search)
    assert [run.name for run in page.rows] == found
    assert page.count == len(found)


async def test_pages_do_not_overlap_and_the_last_one_may_be_short(queries: Asked) -> None:
    await queries.given(lives.player("Anna"))
    for number in range(2 * PAGE_ROWS + 3):
        await queries.given(*lives.finished(f"{number}", "Anna", 30, 1))
    pages = [await queries.runs_page(lives.DEMO, lives.SPRINT, page=page) for page in range(4)]
    assert [len(page.rows) for page in pages] == [PAGE_ROWS, PAGE_ROWS, 3, 0]
    assert [run.run for page in pages for run in page.rows] == [f"run-{n}" for n in reversed(range(103))]
    assert [(page.page, page.count) for page in pages] == [(0, 103), (1, 103), (2, 103), (3, 103)]


async def test_a_runs_log_is_every_event_with_its_hash_in_order(queries: Asked) -> None:
    story = lives.finished("a", "Anna", 30, 500)
    await queries.given(lives.player("Anna"), *story)
    found = await queries.run_log(lives.run_id("a"))
    assert found is not None
    assert [(event.seq, event.payload, event.hash) for event in found.events] == [
        (fact.seq, fact.payload, fact.hash)
        for fact in story
        if hasattr(fact, "payload")  # the log events
    ]
    assert found.run.score == 30
    commitment = next(fact.commit for fact in story if isinstance(fact, RunPrepared))
    assert found.run.commit == commitment
    assert len(found.run.nonce) == 16


async def test_a_run_that_is_unknown_or_never_started_has_no_log(queries: Asked) -> None:
    await queries.given(lives.player("Anna"), lives.prepared("a", "Anna"))
    assert await queries.run_log(lives.run_id("a")) is None
    assert await queries.run_log(lives.run_id("unknown")) is None


async def test_contact_requests_come_newest_first_and_can_be_searched_in_every_field(queries: Asked) -> None:
    other = replace(lives.contact("ben"), event=EventId("other"))
    await queries.given(lives.contact("anna", concern="Grünanlage"), other)
    everywhere = await queries.contacts_page()
    assert [request.contact for request in everywhere.rows] == ["c-ben", "c-anna"]
    assert everywhere.rows[1].first_name == "anna"
    assert everywhere.rows[1].last_name == "anna Muster"
    assert everywhere.rows[1].email == "anna@example.org"
    assert everywhere.rows[1].concern == "Grünanlage"
    for search in ("GRÜN", "anna@", "anna muster", "Anna"):
        assert [request.contact for request in (await queries.contacts_page(search=search)).rows] == [
            "c-anna"
        ]
    assert [request.contact for request in (await queries.contacts_page(EventId("other"))).rows] == ["c-ben"]
    assert (await queries.contacts_page(page=1)).rows == []
    assert (await queries.contacts_page(page=1)).count == 2


async def test_a_done_mark_names_the_moderator_and_can_be_taken_back(queries: Asked) -> None:
    contact = ContactId("c-anna")
    await queries.given(lives.contact("anna"), ContactDone(contact, 77, "kim"))
    (request,) = (await queries.contacts_page()).rows
    assert (request.done_at_ms, request.done_by) == (77, "kim")
    await queries.given(ContactDone(contact, None, "lou"))
    (request,) = (await queries.contacts_page()).rows
    assert (request.done_at_ms, request.done_by) == (None, "")


async def test_a_mark_on_a_request_that_was_deleted_meanwhile_is_no_bug(queries: Asked) -> None:
    await queries.given(ContactDone(ContactId("c-gone"), 77, "kim"))
    assert not await queries.has_contact(ContactId("c-gone"))
    await queries.given(lives.contact("anna"))
    assert await queries.has_contact(ContactId("c-anna"))


async def test_events_are_listed_and_the_last_one_made_current_is_the_current_one(queries: Asked) -> None:
    assert [(event.event, event.is_current) for event in await queries.events()] == [
        ("demo", False),
        ("other", True),
    ]
    await queries.given(EventMadeCurrent(lives.DEMO))
    assert [(event.event, event.is_current) for event in await queries.events()] == [
        ("demo", True),
        ("other", False),
    ]


async def test_desk_tokens_are_listed_with_the_revoked_ones_and_without_their_hashes(queries: Asked) -> None:
    await queries.given(DeskTokenAdded("kim", b"1" * 32, 1), DeskTokenRevoked("kim", 2))
    await queries.given(DeskTokenAdded("kim", b"2" * 32, 3))
    assert await queries.desk_tokens() == [StoredDeskToken("kim", 1, 2), StoredDeskToken("kim", 3, None)]
