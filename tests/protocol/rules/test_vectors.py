import copy
import json
from pathlib import Path

import pytest

from knack_loadtest.oracle.vectors import expectation
from knack_protocol.rules.vectors import check_vector

VECTORS = sorted((Path(__file__).parents[3] / "protocol/vectors/rules").glob("*.json"))
MOVE = {"verdict", "steps", "points", "score", "fills", "board"}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_engine_answers_as_the_vector_says(path: Path) -> None:
    document = json.loads(path.read_text())
    assert check_vector(document) == []
    assert document["name"] == path.stem
    assert document["why"]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_plain_engine_answers_as_the_vector_says(path: Path) -> None:
    document = json.loads(path.read_text())
    assert expectation(document) == document["expect"]


def course_done() -> dict[str, object]:
    return json.loads(next(path for path in VECTORS if path.stem == "course-done").read_text())


@pytest.mark.parametrize("field", ["commit", "seed", "boards", "events", "score", "last_hash"])
def test_a_wrong_end_is_a_difference(field: str) -> None:
    document = course_done()
    document["expect"][field] = "wrong"
    (difference,) = check_vector(document)
    assert difference.startswith(f"{field}: expected 'wrong', found")


@pytest.mark.parametrize("field", sorted(MOVE))
def test_a_wrong_reply_is_a_difference(field: str) -> None:
    document = course_done()
    document["expect"]["replies"][0][field] = "wrong"
    (difference,) = check_vector(document)
    assert difference.startswith(f"reply 1 {field}: expected 'wrong', found")


def test_a_reply_too_few_is_a_difference() -> None:
    document = course_done()
    document["expect"]["replies"].pop()
    assert check_vector(document)[0] == "number of replies: expected 5, found 6"


@pytest.mark.parametrize(
    "changed",
    ["event", "heat", "player", "scope", "server_seed", "public", "rules_hash", "t0_unix_ms", "grace_ms"],
)
def test_every_field_of_a_vector_counts(changed: str) -> None:
    document = course_done()
    others = {
        "scope": "player",
        "server_seed": "00" * 32,
        "public": "00",
        "rules_hash": "00" * 32,
        "t0_unix_ms": 1,
    }
    document[changed] = others.get(changed, 31 if changed == "grace_ms" else "other")
    assert check_vector(document) != []


def broken_vectors() -> list[object]:
    broken: list[object] = [None, [], {}, "vector", 7]
    whole = course_done()
    for field in whole:
        if field not in {"name", "why"}:
            broken.extend({**whole, field: value} for value in (None, "zz", -1))
            less = copy.deepcopy(whole)
            del less[field]
            broken.append(less)
    broken.append({**whole, "inputs": [{"t_arr": 0, "i": 7, "d": 0}]})
    broken.append({**whole, "course": [{"goal": 0, "time_ms": 1}] * 2})
    return broken


@pytest.mark.parametrize("document", broken_vectors())
def test_what_is_no_vector_is_told_and_never_raises(document: object) -> None:
    assert check_vector(document) != []
