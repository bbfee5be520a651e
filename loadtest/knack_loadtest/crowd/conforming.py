"""Whether a document is of the form that one of our schemas gives: as much of JSON Schema (draft 2020-12) as those use."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_KNOWN: Final = {
    *("$schema", "$id", "$defs", "$ref", "title", "description", "type", "enum", "const", "required"),
    *(
        "properties",
        "additionalProperties",
        "items",
        "minItems",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
    ),
    "pattern",
}


def faults_of(value: Any, schema: Schema, root: Schema | None = None, path: str = "$") -> Iterator[str]:
    """Yield what is wrong with a value, each with its path: `$.verdict: word is missing`.

    Args:
        value: What `json.loads` made.
        schema: What it has to be; a keyword that this reader does not know is an error of ours.
        root: Where `$ref` looks names up; the schema itself when not given.
        path: What the value is called.
    """
    root = schema if root is None else root
    assert set(schema) <= _KNOWN, f"{path}: this reader does not know {set(schema) - _KNOWN}"
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from faults_of(value, root["$defs"][name], root, path)
        return
    wanted = schema.get("type")
    if wanted is not None:
        kinds = [wanted] if isinstance(wanted, str) else wanted
        if not any(_is(value, kind) for kind in kinds):
            yield f"{path}: is {type(value).__name__}, not {' or '.join(kinds)}"
            return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    if isinstance(value, str):
        yield from _in_text(value, schema, path)
    if _is(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{path}: {value} is out of bounds"
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{path}: has {len(value)} items"
        for number, item in enumerate(value):
            yield from faults_of(item, schema.get("items", {}), root, f"{path}[{number}]")
    if isinstance(value, dict):
        yield from _in_object(value, schema, root, path)


def _in_text(value: str, schema: Schema, path: str) -> Iterator[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{path}: has {len(value)} characters"
    if not re.search(schema.get("pattern", ""), value):
        yield f"{path}: {value!r} is not like {schema['pattern']}"


def _in_object(value: Mapping[str, Any], schema: Schema, root: Schema, path: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}: {name} is missing"
    for name, item in value.items():
        inner = properties.get(name, schema.get("additionalProperties", {}))
        if inner is False:
            yield f"{path}: {name} is not known"
        elif inner is not True:
            yield from faults_of(item, inner, root, f"{path}.{name}")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])
