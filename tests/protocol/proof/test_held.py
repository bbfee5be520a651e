import json

import pytest

from knack_loadtest.staged.phones import held_by
from knack_loadtest.staged.stage import Stage, staged_heat, staged_solo
from knack_protocol.ids import PlayerId
from knack_protocol.proof import held
from knack_protocol.proof.form import Malformed
from knack_protocol.proof.held import Held


def kept() -> Held:
    stage = Stage()
    staged_heat(stage, "h1", 2, 1)
    staged_solo(stage, "run-1", "p1", 2)
    return held_by(stage, PlayerId("p1"))


def test_a_held_file_comes_back_however_it_was_formatted() -> None:
    file = kept()
    data = held.pack(file)
    assert held.parse(data) == file
    assert held.parse(json.dumps(json.loads(data), indent=2, ensure_ascii=True).encode()) == file


def test_a_phone_that_has_heard_of_nothing_yet_has_a_file_all_the_same() -> None:
    empty = {"commitments": None, "heats": [], "runs": [], "digests": [], "acts": []}
    data = json.dumps({"format": "knackpunkt held 1", "event": "demo", "key": "00" * 32, **empty}).encode()
    assert held.parse(data).runs == ()


def test_a_prepared_run_has_neither_nonce_nor_t0() -> None:
    document = json.loads(held.pack(kept()))
    document["runs"][0] |= {"nonce": None, "t0_unix_ms": None, "grace_ms": None, "receipts": []}
    assert held.parse(json.dumps(document).encode()).runs[0].t0_unix_ms is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "knackpunkt held 2"),
        (["event"], "DEMO"),
        (["key"], "00" * 31),
        (["name"], "Ada"),
        (["runs", 0, "token"], "x"),
        (["runs", 0, "heat"], "H"),
        (["runs", 0, "nonce"], "00"),
        (["runs", 0, "grace_ms"], 251),
        (["runs", 0, "receipts", 0, "head"], "00"),
        (["digests", 0, "k"], 2**32),
        (["acts", 0, "count"], -1),
        (["heats", 0, "public"], ""),
    ],
)
def test_what_is_no_held_file_is_refused(path: list[str | int], value: object) -> None:
    document = json.loads(held.pack(kept()))
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(Malformed):
        held.parse(json.dumps(document).encode())


def test_a_held_file_names_nobody_and_opens_nothing() -> None:
    fields = set(json.loads(held.pack(kept()))) | set(json.loads(held.pack(kept()))["runs"][0])
    assert not fields & {"name", "token", "address", "email"}
