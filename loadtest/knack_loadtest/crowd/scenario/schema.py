"""The table of keys as JSON schema, for editors and for whoever writes scenarios by program."""

from typing import Any

from knack_loadtest.crowd.scenario import keys
from knack_loadtest.crowd.scenario.keys import REQUIRED, Section


def scenario_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a scenario."""
    tables = {section.title: _named(section) for section in keys.GROUPS}
    for section in keys.GROUPS:
        tables[section.title]["additionalProperties"]["properties"]["arrive"] = _table(keys.ARRIVE)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of crowd",
        "type": "object",
        "required": ["scenario"],
        "additionalProperties": False,
        "properties": {
            "scenario": _table(keys.FRAME),
            **tables,
            "heats": _named(keys.HEATS),
            "faults": {"type": "array", "items": _table(keys.FAULT)},
            "expect": _table(keys.EXPECT),
        },
    }


def _named(section: Section) -> dict[str, Any]:
    return {"type": "object", "description": section.meaning, "additionalProperties": _table(section)}


def _table(section: Section) -> dict[str, Any]:
    return {
        "type": "object",
        "description": section.meaning,
        "required": [key.name for key in section.keys if key.default is REQUIRED],
        "additionalProperties": False,
        "properties": {key.name: {**key.kind.schema(), "description": key.meaning} for key in section.keys},
    }
