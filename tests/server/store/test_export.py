"""Standings folded from the store alone, and what a spreadsheet is told."""

import asyncio
import csv
import hashlib
import json
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import lives
from tests.support.database import record
from tests.support.stories import Story

from knack_protocol.ids import CourseName, EventId, PlayerId, RunId
from knack_protocol.proof.seeds import Scope
from knack_protocol.rules import log
from knack_protocol.wire.messages import Row
from knack_server.core import rows
from knack_server.core.facts import ActKind, Fact
from knack_server.store.errors import StoreMissing
from knack_server.store.export import FORMULA_STARTS, Listing, as_csv, as_json, listing
from knack_server.store.opening import open_for_reading

PEOPLE = [*lives.event(), *(lives.player(name) for name in ("Anna", "Ben", "Cem"))]


def folded(path: Path, *facts: Fact, event: EventId | None = None) -> list[tuple[object, ...]]:
    """Record facts and return the rows of the sprint, as an export beside the server sees them."""

    async def run() -> list[tuple[object, ...]]:
        await record(path, [*PEOPLE, *facts])
        async with await open_for_reading(path) as store:
            return [tuple(row) for row in (await listing(store, event, lives.SPRINT)).rows]

    return asyncio.run(run())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "knack.sqlite"


def test_the_best_run_of_each_player_stands_and_ties_share_a_rank(path: Path) -> None:
    rows = folded(
        path,
        *lives.finished("a", "Anna", 300, 9),
        *lives.finished("b", "Anna", 200, 1),
        *lives.finished("c", "Ben", 300, 9),
        *lives.finished("d", "Cem", 30, 1),
    )
    assert rows == [
        ("run-a", 1, "p-anna", "Anna", 300, 9, 0),
        ("run-c", 1, "p-ben", "Ben", 300, 9, 0),
        ("run-d", 3, "p-cem", "Cem", 30, 1, 0),
    ]


def test_a_run_in_play_stands_with_its_last_scoring_event_and_is_marked_as_running(path: Path) -> None:
    events = [
        lives.move(1, 500, 30),
        lives.move(2, 1500, 1200),
        log.level(3, 3600, 1, 50, 1250, bytes(8)),
        log.illegal(4, 4000, 4000, 1, 1),
        log.connection(5, 5000, log.ConnectionKind.LOST),
    ]
    rows = folded(path, *lives.in_play("a", "Anna"), *lives.logged("a", *events), *lives.in_play("b", "Ben"))
    assert rows == [("run-a", 1, "p-anna", "Anna", 1250, 1500, 1)]


def test_moderators_acts_decide_who_stands_and_what_is_shown(path: Path) -> None:
    rows = folded(
        path,
        *lives.finished("a", "Anna", 300, 9),
        *lives.finished("b", "Anna", 200, 9),
        *lives.finished("c", "Ben", 250, 9),
        *lives.finished("d", "Cem", 100, 9),
        lives.act(1, ActKind.VOID, "run-a"),
        lives.act(2, ActKind.HIDE_NAME, "p-ben"),
        lives.act(3, ActKind.REPLACE_NAME, "p-cem", "Cem B."),
        lives.act(4, ActKind.VOID, "run-d"),
        lives.act(5, ActKind.UNDO, "4"),
    )
    assert rows == [
        ("run-c", 1, "p-ben", "", 250, 9, 0),
        ("run-b", 2, "p-anna", "Anna", 200, 9, 0),
        ("run-d", 3, "p-cem", "Cem B.", 100, 9, 0),
    ]


def test_another_event_is_another_list_and_an_unknown_one_is_missing(path: Path) -> None:
    others = [*lives.event("other"), lives.player("Zoe", EventId("other"))]
    run = lives.finished("z", "Zoe", 30, 1)
    run[0] = lives.prepared("z", "Zoe", at=EventId("other"))
    rows = folded(path, *others, *run, *lives.finished("a", "Anna", 60, 1), event=lives.DEMO)
    assert [row[0] for row in rows] == ["run-a"]
    with pytest.raises(StoreMissing, match="there is no event nowhere"):
        asyncio.run(_list(path, EventId("nowhere")))
    assert [row.run for row in asyncio.run(_list(path, None)).rows] == ["run-z"], "the current event"


def test_without_a_current_event_an_export_says_so(path: Path) -> None:
    asyncio.run(record(path, lives.event()[:1]))
    with pytest.raises(StoreMissing, match="no event is the current one"):
        asyncio.run(_list(path, None))


async def _list(path: Path, event: EventId | None) -> Listing:
    async with await open_for_reading(path) as store:
        return await listing(store, event, lives.SPRINT)


def listed(*names: str) -> Listing:
    rows = [
        Row(RunId(f"run-{place}"), place, PlayerId(f"p-{place}"), name, 900 - place, 5, place % 2)
        for place, name in enumerate(names, 1)
    ]
    return Listing(lives.DEMO, lives.SPRINT, rows)


def test_json_has_the_rows_as_the_http_interface_sends_them_and_the_hash_of_exactly_these() -> None:
    text = as_json(listed("Änne", "=1+1"))
    document = json.loads(text)
    assert document["rows"] == [
        ["run-1", 1, "p-1", "Änne", 899, 5, 1],
        ["run-2", 2, "p-2", "=1+1", 898, 5, 0],
    ]
    rows = text[text.index("[[") : text.index("]]") + 2]
    assert document["sha256"] == hashlib.sha256(rows.encode()).hexdigest()
    assert (document["event"], document["course"]) == ("demo", "sprint")


def test_csv_has_a_header_and_a_line_a_row() -> None:
    assert as_csv(listed("Änne", 'Q"uote, comma')) == (
        "run,rank,player,name,score,time_ms,state\r\n"
        "run-1,1,p-1,Änne,899,5,1\r\n"
        'run-2,2,p-2,"Q""uote, comma",898,5,0\r\n'
    )


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(FORMULA_STARTS), max_size=5)
)
def test_no_name_is_ever_a_formula_and_every_name_can_be_read_back(names: list[str]) -> None:
    table = list(csv.reader(StringIO(as_csv(listed(*names)), newline="")))
    cells = [row[3] for row in table[1:]]
    assert not any(cell.startswith(FORMULA_STARTS) for cell in cells)
    assert [
        cell.removeprefix("'") if name.startswith(FORMULA_STARTS) else cell
        for cell, name in zip(cells, names, strict=True)
    ] == names


def test_heats_and_their_sum_are_exported_as_the_server_shows_them(path: Path) -> None:
    story = Story({"h1": ("sprint", Scope.PLAYER), "h2": ("sprint", Scope.HEAT)})
    for name in ("Anna", "Berta", "Clara"):
        story.person(name)
    story.play_heat("h1", "Anna", "Berta")
    story.world.desk.act(ActKind.VOID_HEAT, "h1")
    story.play_heat("h1-r1", "Anna", "Berta", "Clara", moves=1)
    story.world.desk.act(
        ActKind.VOID, story.world.event.heats["h1-r1"].runs[story.person("Clara").player].run
    )
    for step in ("open", "freeze", "type", "start"):
        story.step("h2", step)
        for name in ("Anna", "Clara"):
            story.person(name).phone.gather("h2")
    story.world.pass_ms(3000)
    story.person("Anna").move()
    story.person("Clara").move()

    async def exported() -> None:
        await record(path, story.world.facts)
        async with await open_for_reading(path) as store:
            for name in ("h1", "h1-r1", "h2", "heats"):
                shown = rows.top(story.world.event, CourseName(name), None)
                assert list((await listing(store, None, CourseName(name))).rows) == shown, name
                assert bool(shown) is (name in {"h1-r1", "h2", "heats"})

    asyncio.run(exported())
