"""Which statement writes which fact, and in which order within a commit."""

import typing

import pytest
from sqlalchemy.dialects import postgresql
from tests.support import lives

from knack_server.core.facts import (
    ActKind,
    ClockMarked,
    ContactsDeleted,
    DeskTokenAdded,
    DeskTokenRevoked,
    Fact,
    RunBegun,
    RunEnded,
    RunLogged,
    RunPrepared,
    RunStarted,
)
from knack_server.store.places import Places
from knack_server.store.recording import GROUPED, LONE, writings

RECORDINGS = GROUPED | LONE


def kind_of(writing: object) -> type[Fact]:
    return next(kind for kind, recording in RECORDINGS.items() if recording is writing.recording)


def test_every_kind_of_fact_has_exactly_one_recording() -> None:
    assert set(RECORDINGS) == set(typing.get_args(Fact))
    assert not GROUPED.keys() & LONE.keys()


@pytest.mark.parametrize("kind", RECORDINGS, ids=lambda kind: kind.__name__)
def test_postgresql_understands_every_recording(kind: type[Fact]) -> None:
    assert str(RECORDINGS[kind].statement.compile(dialect=postgresql.dialect()))


def test_facts_of_many_runs_go_out_as_one_statement_a_kind_in_the_order_of_a_life() -> None:
    facts = [*lives.finished("a", "Anna", 30, 5), *lives.finished("b", "Ben", 60, 5)]
    facts.insert(4, ClockMarked(lives.run_id("a"), 5))
    written = list(writings(facts, Places(1, {})))
    assert [kind_of(writing) for writing in written] == [
        RunPrepared,
        RunStarted,
        RunBegun,
        RunLogged,
        ClockMarked,
        RunEnded,
    ]
    assert [len(writing.rows) for writing in written] == [2, 2, 2, 4, 1, 2]


def test_rare_facts_keep_their_place_among_all_others() -> None:
    void = lives.act(1, ActKind.VOID, "run-a")
    facts = [*lives.event(), lives.player("Anna"), *lives.in_play("a", "Anna"), void, lives.player("Ben")]
    assert [kind_of(writing).__name__ for writing in writings(facts, Places(1, {}))] == [
        "EventAdded",
        "EventMadeCurrent",
        "PlayerJoined",
        "RunPrepared",
        "RunStarted",
        "RunBegun",
        "Acted",
        "PlayerJoined",
    ]


def test_a_token_may_be_revoked_and_given_anew_under_the_same_name() -> None:
    facts = [DeskTokenAdded("kim", b"1", 1), DeskTokenRevoked("kim", 2), DeskTokenAdded("kim", b"2", 3)]
    assert [kind_of(writing) for writing in writings(facts, Places(1, {}))] == [type(fact) for fact in facts]


def test_positions_count_facts_in_the_order_of_submission() -> None:
    facts = [*lives.event(), lives.player("Anna"), *lives.in_play("a", "Anna"), lives.player("Ben")]
    positions = {
        (kind_of(writing).__name__, row[-1])
        for writing in writings(facts, Places(10, {}))
        for row in writing.rows
        if writing.recording.parameters[-1] == "position"
    }
    assert positions == {
        ("EventAdded", 10),
        ("EventMadeCurrent", 11),
        ("PlayerJoined", 12),
        ("RunPrepared", 13),
        ("RunStarted", 14),
        ("RunBegun", 15),
        ("PlayerJoined", 16),
    }


def test_nothing_to_write_is_no_statement() -> None:
    assert list(writings([], Places(1, {}))) == []
    assert [len(writing.rows) for writing in writings([ContactsDeleted(5)], Places(1, {}))] == [1]
