"""`knackpunkt export`: the rows of the server, without it."""

import asyncio
import csv
import hashlib
import json
from io import StringIO
from pathlib import Path

import pytest
from tests.server.cli.conftest import Knackpunkt
from tests.support import lives
from tests.support.database import record

from knack_protocol.ids import CourseName
from knack_server.shell.folder import DATABASE_NAME

FAIR = lives.EventId("fair")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two events; at the current one Anna and Bob have finished, and Cleo's name asks for trouble."""
    folder = tmp_path / "data"
    folder.mkdir()
    facts = [
        *lives.event("fair"),
        lives.player("Fay", FAIR),
        *lives.in_play("f", "Fay", at=FAIR),
        *lives.logged("f", lives.move(1, 500, 30)),
        *lives.event(),
        *(lives.player(name) for name in ("Anna", "Bob", "Cleo")),
        *lives.finished("a", "Anna", 300, 900),
        *lives.finished("b", "Bob", 400, 900),
        *lives.finished("c", "Cleo", 50, 900, CourseName("climb")),
    ]
    asyncio.run(record(folder / DATABASE_NAME, facts))
    return folder


def test_json_brings_the_rows_with_their_hash(knackpunkt: Knackpunkt, folder: Path) -> None:
    outcome = knackpunkt("export", "--format", "json", folder=folder)

    document = json.loads(outcome.out)
    assert (outcome.code, outcome.err) == (0, "")
    assert (document["event"], document["course"]) == ("demo", "sprint")
    assert [row[:6] for row in document["rows"]] == [
        ["run-b", 1, "p-bob", "Bob", 400, 900],
        ["run-a", 2, "p-anna", "Anna", 300, 900],
    ]
    rows = json.dumps(document["rows"], ensure_ascii=False, separators=(",", ":")).encode()
    assert document["sha256"] == hashlib.sha256(rows).hexdigest()


def test_csv_has_a_header_and_the_same_rows(knackpunkt: Knackpunkt, folder: Path) -> None:
    document = json.loads(knackpunkt("export", "--format", "json", folder=folder).out)

    header, *rows = csv.reader(StringIO(knackpunkt("export", folder=folder).out))

    assert header == ["run", "rank", "player", "name", "score", "time_ms", "state"]
    assert rows == [[str(cell) for cell in row] for row in document["rows"]]


def test_another_course_and_another_event_are_chosen_by_name(knackpunkt: Knackpunkt, folder: Path) -> None:
    climb = json.loads(knackpunkt("export", "--format", "json", "--course", "climb", folder=folder).out)
    fair = json.loads(knackpunkt("export", "--format", "json", "--event", "fair", folder=folder).out)

    assert [row[0] for row in climb["rows"]] == ["run-c"]
    assert [(row[0], row[4], row[6]) for row in fair["rows"]] == [("run-f", 30, 1)]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--event", "nowhere"), "knackpunkt: there is no event nowhere"),
        (("--course", "marathon"), "knackpunkt: there is no course or heat marathon"),
        (("--format", "xml"), "Error: Invalid value for '--format': 'xml' is not one of"),
    ],
)
def test_what_is_not_there_exits_2(
    knackpunkt: Knackpunkt, folder: Path, arguments: tuple[str, ...], line: str
) -> None:
    outcome = knackpunkt("export", *arguments, folder=folder)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines()[-1].startswith(line)


def test_without_a_database_there_is_nothing_to_export(knackpunkt: Knackpunkt, tmp_path: Path) -> None:
    outcome = knackpunkt("export")

    assert outcome.code == 2
    assert outcome.err == f"knackpunkt: there is no database {tmp_path / 'data' / DATABASE_NAME}\n"
    assert not (tmp_path / "data").exists()
