"""As much of JSON Schema (draft 2020-12) as our own schemas use."""

import re
from collections.abc import Iterator
from typing import Any

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
KNOWN = {
    *(
        "$schema",
        "$id",
        "$defs",
        "$ref",
        "title",
        "description",
        "type",
        "enum",
        "const",
        "required",
        "properties",
    ),
    *("additionalProperties", "items", "minItems", "minimum", "maximum", "minLength", "maxLength", "pattern"),
}


def faults_of(
    value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, path: str = "$"
) -> list[str]:
    """Return what is wrong with a value, each with its path."""
    return list(_faults(value, schema, root or schema, path))


def _faults(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[str]:
    assert set(schema) <= KNOWN, f"{path}: this reader does not know {set(schema) - KNOWN}"
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from _faults(value, root["$defs"][name], root, path)
        return
    wanted = schema.get("type")
    if wanted is not None and not any(
        _is(value, kind) for kind in ([wanted] if isinstance(wanted, str) else wanted)
    ):
        yield f"{path}: is {type(value).__name__}, not {wanted}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1 << 30):
            yield f"{path}: has {len(value)} characters"
        if not re.search(schema.get("pattern", ""), value):
            yield f"{path}: {value!r} is not like {schema['pattern']}"
    if _is(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{path}: {value} is out of bounds"
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{path}: has {len(value)} items"
        for number, item in enumerate(value):
            yield from _faults(item, schema.get("items", {}), root, f"{path}[{number}]")
    if isinstance(value, dict):
        yield from _in_object(value, schema, root, path)


def _in_object(
    value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], path: str
) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}: {name} is missing"
    for name, item in value.items():
        more = schema.get("additionalProperties", {})
        inner = properties.get(name, more)
        if inner is False:
            yield f"{path}: {name} is not known"
        elif inner is not True:
            yield from _faults(item, inner, root, f"{path}.{name}")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES[kind])
