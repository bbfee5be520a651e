"""Every column says what it is for, and personal data on what ground and until when."""

import re
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from knack_server import store
from knack_server.store import schema

FOLDER = Path(store.__file__).parent
COLUMNS = [column for table in schema.metadata.tables.values() for column in table.columns]

PERSONAL = {
    "players.name",
    "players.skeleton",
    "players.token_hash",
    "players.joined_at_ms",
    "acts.desk",
    "acts.text",
    "acts.reason",
    "contacts.first_name",
    "contacts.last_name",
    "contacts.email",
    "contacts.concern",
    "contacts.done_by",
    "desk_tokens.token_hash",
    "desk_tokens.name",
}


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_column_says_what_it_is_for(column: schema.Column[object]) -> None:
    assert column.comment
    assert column.comment.endswith(".")


def test_personal_data_has_a_legal_basis_and_an_end_and_nothing_else_is_personal() -> None:
    assert {str(column) for column in COLUMNS if "GDPR" in (column.comment or "")} == PERSONAL
    for column in COLUMNS:
        if str(column) in PERSONAL:
            assert re.search(r"Personal; Art\. 6\(1\)\([bf]\) GDPR: .+; kept .+\.", column.comment or "")


def test_the_data_map_is_the_schema_as_a_page() -> None:
    assert (FOLDER / "COLUMNS.md").read_text() == schema.column_map(), "write column_map() into COLUMNS.md"


def test_every_table_is_explained() -> None:
    assert all(table.comment for table in schema.metadata.tables.values())


def test_postgresql_understands_every_table_and_index() -> None:
    for table in schema.metadata.tables.values():
        assert str(CreateTable(table).compile(dialect=postgresql.dialect()))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=postgresql.dialect()))


def test_only_one_module_speaks_to_sqlite_in_its_own_words() -> None:
    for module in FOLDER.glob("*.py"):
        if module.name != "sqlite.py":
            assert not re.search(r"PRAGMA|exec_driver_sql|\btext\(", module.read_text()), module.name
