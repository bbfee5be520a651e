"""A stored run as the desk's page plays it: golden runs, replayed, are what their vectors say."""

import json
from pathlib import Path
from typing import Any

import pytest

from knack_protocol.rules.log import ConnectionKind, LoggedEvent
from knack_protocol.rules.replay import LogMismatch
from knack_protocol.rules.vectors import run_of_vector
from knack_server.shell.replaying import log_document, replay_document

VECTORS = Path(__file__).parents[3] / "protocol/vectors/rules"


def vector(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return document


def played(document: dict[str, Any], *, is_over: bool = True) -> list[LoggedEvent]:
    """Play a vector; return the log that a server would have stored."""
    run = run_of_vector(document)
    events = [
        event for sent in document["inputs"] for event in run.move(sent["t_arr"], sent["i"], sent["d"]).events
    ]
    return [*events, *run.expire()] if is_over else events


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*.json")), ids=lambda path: path.stem)
def test_the_replay_of_a_golden_run_shows_what_its_vector_expects(path: Path) -> None:
    document = vector(path.stem)
    expect = document["expect"]
    recorded = [reply for reply in expect["replies"] if reply["verdict"] in {"ok", "illegal"}]

    replay = replay_document(run_of_vector(document), played(document))

    assert [level["board"] for level in replay["levels"]] == expect["boards"]
    assert [move["verdict"] for move in replay["moves"]] == [reply["verdict"] for reply in recorded]
    for move, reply in zip(replay["moves"], recorded, strict=True):
        if reply["verdict"] == "ok":
            shown = (move["steps"], move["points"], move["score"], move["board"])
            assert shown == (reply["fills"], reply["points"], reply["score"], reply["board"])
        else:
            assert (move["steps"], move["points"], move["shuffle"], move["level"]) == ([], 0, None, None)
    assert json.loads(json.dumps(replay)) == replay


def test_a_shuffle_and_a_new_level_stand_at_the_move_that_brought_them() -> None:
    shuffled = replay_document(run_of_vector(vector("sprint-shuffle")), played(vector("sprint-shuffle")))
    climbed = replay_document(run_of_vector(vector("climb-solo-quick")), played(vector("climb-solo-quick")))

    assert (
        [move["board"] for move in shuffled["moves"] if move["shuffle"]]
        == [move["shuffle"] for move in shuffled["moves"] if move["shuffle"]]
        != []
    )
    reached = [move["level"] for move in climbed["moves"] if move["level"] is not None]
    assert reached == [level["level"] for level in climbed["levels"][1:]] != []
    for level in climbed["levels"][1:]:
        (move,) = [move for move in climbed["moves"] if move["level"] == level["level"]]
        assert move["board"] == level["board"]
        assert level["start_ms"] == move["lock_end"]


def test_the_log_names_every_field_and_the_chains_hash() -> None:
    run = run_of_vector(vector("climb-solo-quick"))
    first = vector("climb-solo-quick")["inputs"][0]
    events = [
        *run.move(first["t_arr"], first["i"], first["d"]).events,
        *run.connection(first["t_arr"] + 1, ConnectionKind.LOST),
        *run.expire(),
    ]

    moved, lost, end = log_document(events)

    assert set(moved) == {
        "type", "seq", "t_arr", "t_eff", "cell", "direction", "steps", "points", "score", "board8", "hash"
    }  # fmt: skip
    assert (moved["type"], moved["seq"], moved["cell"]) == ("move", 1, first["i"])
    assert (lost["type"], lost["kind"], end["type"], end["reason"]) == ("connection", 0, "end", 0)
    assert [event["hash"] for event in (moved, lost, end)] == [event.hash.hex() for event in events]


def test_the_replay_of_a_run_in_play_ends_with_its_latest_move() -> None:
    document = vector("climb-solo-quick")
    events = played(document, is_over=False)

    replay = replay_document(run_of_vector(document), events[:5])

    assert [move["seq"] for move in replay["moves"]] == [1, 2, 3, 4, 5]


def test_a_log_that_was_tampered_with_is_no_replay() -> None:
    document = vector("climb-solo-quick")
    events = played(document)
    richer = events[0].payload[:21] + b"\xff" + events[0].payload[22:]

    with pytest.raises(LogMismatch):
        replay_document(run_of_vector(document), [events[0]._replace(payload=richer), *events[1:]])
