"""Published schemas are what the code does."""

import json
from importlib.resources import files

from knack_loadtest.crowd.metrics import METRICS, TABLES
from knack_loadtest.crowd.scenario.keys import SECTIONS
from knack_loadtest.crowd.scenario.schema import scenario_schema

SCHEMAS = files("knack_loadtest.crowd") / "schemas"


def test_the_schema_of_scenarios_is_the_table_of_keys() -> None:
    assert json.loads((SCHEMAS / "scenario.schema.json").read_text()) == scenario_schema()


def test_every_key_fills_a_field_of_its_model() -> None:
    for section in SECTIONS:
        fields = set(section.makes.__dataclass_fields__)
        assert {key.field for key in section.keys} <= fields
        assert fields - {key.field for key in section.keys} <= {"name", "arrive"}


def test_every_figure_has_a_name_of_its_own_and_a_meaning() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    assert [metric.name for metric in METRICS if not metric.meaning.endswith(".")] == []


def test_the_schema_of_results_knows_every_table() -> None:
    tables = json.loads((SCHEMAS / "result.schema.json").read_text())["properties"]["tables"]

    assert set(tables["required"]) == {*TABLES, "cheats", "skills", "networks"}
