"""The reader of schemas that the load tester has, with all faults at once."""

from typing import Any

from knack_loadtest.crowd import conforming


def faults_of(value: Any, schema: dict[str, Any]) -> list[str]:
    """Return what is wrong with a value, each with its path."""
    return list(conforming.faults_of(value, schema))
