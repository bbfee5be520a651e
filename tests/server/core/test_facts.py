"""The durable records are values: frozen, equal by content, and complete in the union."""

import dataclasses
import inspect
import typing

import pytest

from knack_protocol.ids import PlayerId, RunId
from knack_server.core import facts
from knack_server.core.facts import ClockMarked, Fact, SessionEnded

KINDS = typing.get_args(Fact)


def test_the_union_names_every_fact_of_the_module() -> None:
    defined = [
        kind
        for _, kind in inspect.getmembers(facts, inspect.isclass)
        if kind.__module__ == facts.__name__ and dataclasses.is_dataclass(kind)
    ]
    assert set(KINDS) == set(defined)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_fact_is_frozen_slotted_and_explained(kind: type) -> None:
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)
    assert kind.__doc__ is not None
    assert not kind.__doc__.startswith(f"{kind.__name__}("), "the generated text explains nothing"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_number_of_a_fact_has_a_unit_or_is_a_count(kind: type) -> None:
    counts = {"runs_max", "seq", "score", "moves", "reason", "number", "k"}
    for field in dataclasses.fields(kind):
        if field.type in (int, int | None):
            assert field.name.endswith("_ms") or field.name in counts


def test_facts_compare_by_content_and_cannot_be_changed() -> None:
    assert ClockMarked(RunId("run-a"), 5) == ClockMarked(RunId("run-a"), 5)
    assert ClockMarked(RunId("run-a"), 5) != ClockMarked(RunId("run-a"), 6)
    with pytest.raises(dataclasses.FrozenInstanceError):
        SessionEnded(PlayerId("p"), 1).at_ms = 2
