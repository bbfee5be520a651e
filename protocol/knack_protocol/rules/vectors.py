"""Golden runs: what any engine for these rules must answer, held against this one (RULES.md, section 9)."""

from collections.abc import Iterator, Mapping
from typing import Any

from knack_protocol.ids import CourseName, EventId, PlayerId
from knack_protocol.proof import seeds
from knack_protocol.rules.course import Course, Level
from knack_protocol.rules.log import h0
from knack_protocol.rules.run import Outcome, Run, Verdict
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import is_swap


def check_vector(document: Mapping[str, Any]) -> list[str]:
    """Play a vector and return every difference from what it expects, in words; none: it passed.

    A document that is no vector has one difference: that it is none.
    """
    try:
        return list(_differences(document))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as broken:
        return [f"not a vector: {type(broken).__name__}: {broken}"]


def run_of_vector(document: Mapping[str, Any]) -> Run:
    """Return the fresh run that a vector describes.

    Raises:
        KeyError, TypeError, ValueError: the document is no vector.
    """
    event, heat, player = EventId(document["event"]), str(document["heat"]), PlayerId(document["player"])
    course = Course(
        CourseName(document["course_name"]),
        tuple(Level(level["goal"], level["time_ms"]) for level in document["course"]),
    )
    commit, seed = _promise(document)
    own = seeds.player_seed(seed, player) if _scope(document) is seeds.Scope.PLAYER else None
    rules_hash, grace_ms = bytes.fromhex(document["rules_hash"]), document["grace_ms"]
    start = h0(event, heat, player, commit, rules_hash, document["t0_unix_ms"], grace_ms)
    return Run(course, SeededTiles(seed, own), start, grace_ms)


def _scope(document: Mapping[str, Any]) -> seeds.Scope:
    return {"heat": seeds.Scope.HEAT, "player": seeds.Scope.PLAYER}[document["scope"]]


def _promise(document: Mapping[str, Any]) -> tuple[bytes, bytes]:
    event, heat, course = EventId(document["event"]), document["heat"], CourseName(document["course_name"])
    server_seed = bytes.fromhex(document["server_seed"])
    commit = seeds.commit(
        event, heat, course, _scope(document), bytes.fromhex(document["rules_hash"]), server_seed
    )
    return commit, seeds.seed(server_seed, event, heat, bytes.fromhex(document["public"]))


def _differences(document: Mapping[str, Any]) -> Iterator[str]:
    expect = document["expect"]
    commit, seed = _promise(document)
    run = run_of_vector(document)
    yield from _compared("commit", expect["commit"], commit.hex())
    yield from _compared("seed", expect["seed"], seed.hex())
    inputs, replies = document["inputs"], expect["replies"]
    yield from _compared("number of replies", len(replies), len(inputs))
    for number, (sent, expected) in enumerate(zip(inputs, replies, strict=False), start=1):
        if not is_swap(sent["i"], sent["d"]):
            raise ValueError(f"input {number}: no swap {sent['i']}, {sent['d']}")
        reply = _reply(run.move(sent["t_arr"], sent["i"], sent["d"]), run)
        for field in sorted(reply.keys() | expected.keys()):
            yield from _compared(f"reply {number} {field}", expected.get(field), reply.get(field))
    run.expire()
    yield from _compared("boards", expect["boards"], [board.digits for board in run.boards])
    yield from _compared("events", expect["events"], run.seq)
    yield from _compared("score", expect["score"], run.score)
    yield from _compared("last_hash", expect["last_hash"], run.head.hex())


def _reply(outcome: Outcome, run: Run) -> dict[str, Any]:
    """Return what a vector says about a move; `board` is the one after level change or shuffle."""
    reply: dict[str, Any] = {"verdict": outcome.verdict.name.lower()}
    if outcome.verdict is Verdict.OK:
        reply["steps"] = len(outcome.steps)
        reply["points"] = outcome.points
        reply["score"] = outcome.score
        reply["fills"] = [[list(column) for column in step] for step in outcome.steps]
        reply["board"] = run.board.digits
    return reply


def _compared(what: str, expected: object, found: object) -> Iterator[str]:
    if expected != found:
        yield f"{what}: expected {expected!r}, found {found!r}"
