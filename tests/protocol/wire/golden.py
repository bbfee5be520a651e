"""The golden vectors of the wire, as JavaScript's tests read them too."""

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

PROTOCOL = Path(__file__).parents[3] / "protocol"


def vectors(folder: str) -> list[dict[str, Any]]:
    """All vectors of `wire` or `reject`, by name."""
    found = [
        json.loads(path.read_text("utf-8")) for path in sorted((PROTOCOL / "vectors" / folder).glob("*.json"))
    ]
    assert found, f"no vectors in {folder}"
    return found


GOOD = vectors("wire")
BAD = vectors("reject")


def names(of: Iterable[dict[str, Any]]) -> list[str]:
    return [vector["name"] for vector in of]


def written(value: Any) -> Any:
    """A message as the vectors write it: bins as `{"bin": hex}`, records by their fields' names."""
    if is_dataclass(value):
        parts = {field.name.rstrip("_"): written(getattr(value, field.name)) for field in fields(value)}
        return {"type": type(value).__name__.upper(), **parts}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: written(item) for name, item in value._asdict().items()}
    if isinstance(value, (list, tuple)):
        return [written(item) for item in value]
    if isinstance(value, bytes):
        return {"bin": value.hex()}
    return int(value) if isinstance(value, int) else value
