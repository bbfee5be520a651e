"""Standings go from version to version, whole, or not at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knack_client.standings import Standings, is_running
from knack_protocol.ids import CourseName, PlayerId, RunId
from knack_protocol.wire.messages import Delta, Row, RowState, Snapshot, View

SPRINT = CourseName("sprint")


def row(number: int, rank: int, score: int = 100, state: int = 0) -> Row:
    return Row(RunId(f"run-{number}"), rank, PlayerId(f"p-{number}"), f"Name {number}", score, 1000, state)


def keys(standings: Standings | None) -> list[str]:
    assert standings is not None
    return [row.run for row in standings.rows]


def top(*rows: Row, version: int = 5) -> Standings:
    after = Standings(SPRINT, View.TOP).after(Snapshot(1, 7, version, rows))
    assert after is not None
    return after


def test_a_snapshot_replaces_everything() -> None:
    after = top(row(1, 1)).after(Snapshot(1, 8, 2, [row(3, 2), row(2, 1)]))
    assert keys(after) == ["run-2", "run-3"]
    assert after is not None
    assert (after.epoch, after.version) == (8, 2)


def test_a_delta_changes_adds_and_removes_rows() -> None:
    before = top(row(1, 1), row(2, 2), row(3, 3))
    after = before.after(Delta(1, 7, 5, 6, [row(3, 1, 500), row(1, 2), row(4, 3)], [RunId("run-2")]))
    assert keys(after) == ["run-3", "run-1", "run-4"]
    assert after is not None
    assert after.rows[0].score == 500
    assert keys(before) == ["run-1", "run-2", "run-3"]


def test_a_delta_from_an_earlier_version_is_right_for_whoever_is_later() -> None:
    after = top(row(1, 1)).after(Delta(1, 7, 2, 9, [row(1, 1, 900)], []))
    assert after is not None
    assert (after.version, after.rows[0].score) == (9, 900)


@pytest.mark.parametrize(
    "delta", [Delta(1, 7, 6, 8, [], []), Delta(1, 9, 5, 6, [], [])], ids=["beyond", "epoch"]
)
def test_a_delta_that_does_not_go_on_from_here_is_a_gap(delta: Delta) -> None:
    assert top(row(1, 1)).after(delta) is None


def test_news_that_are_old_change_nothing() -> None:
    before = top(row(1, 1))
    assert before.after(Delta(1, 7, 3, 5, [row(1, 1, 900)], [])) is before


def test_equal_ranks_stand_in_the_order_of_their_players_and_no_rank_comes_last() -> None:
    assert keys(top(row(9, 0), row(3, 2), row(2, 2), row(1, 1))) == ["run-1", "run-2", "run-3", "run-9"]


def test_the_newest_results_come_first() -> None:
    latest = Standings(SPRINT, View.LATEST).after(Snapshot(1, 7, 5, [row(2, 1), row(1, 2)]))
    assert latest is not None
    after = latest.after(Delta(1, 7, 5, 6, [row(3, 4), row(2, 2)], [RunId("run-1")]))
    assert keys(after) == ["run-3", "run-2"]


def test_a_move_is_shown_from_its_version_on_and_in_any_later_epoch() -> None:
    standings = top(version=5)
    assert standings.shows(7, 5)
    assert not standings.shows(7, 6)
    assert standings.shows(6, 900)
    assert not Standings(SPRINT, View.TOP).shows(7, 5)


def test_a_player_is_found_where_they_stand() -> None:
    standings = top(row(1, 1), row(2, 0))
    assert standings.of(PlayerId("p-1")) == row(1, 1)
    assert standings.of(PlayerId("p-2")) is None
    assert standings.of(PlayerId("p-3")) is None


def test_a_run_in_play_is_marked() -> None:
    assert is_running(row(1, 1, state=RowState.RUNNING | RowState.NOT_BEST))
    assert not is_running(row(1, 1, state=RowState.VOIDED))


@given(
    scores=st.lists(st.dictionaries(st.integers(1, 9), st.integers(0, 999)), min_size=2, max_size=12),
    skip=st.sets(st.integers(1, 11)),
)
@settings(deadline=None)
def test_deltas_lead_to_what_a_snapshot_shows_however_they_are_put_together(
    scores: list[dict[int, int]], skip: set[int]
) -> None:
    def rows_at(version: int) -> dict[str, Row]:
        ranked = sorted(scores[version].items(), key=lambda item: (-item[1], item[0]))
        return {f"run-{n}": row(n, rank, score) for rank, (n, score) in enumerate(ranked, 1)}

    standings = top(*rows_at(0).values(), version=0)
    since = 0
    for version in range(1, len(scores)):
        if version in skip and version < len(scores) - 1:
            continue  # conflated with the next one
        old, new = rows_at(since), rows_at(version)
        changed = [new_row for key, new_row in new.items() if old.get(key) != new_row]
        gone = [RunId(key) for key in old if key not in new]
        after = standings.after(Delta(1, 7, since, version, changed, gone))
        assert after is not None
        standings, since = after, version

    assert standings.rows == top(*rows_at(len(scores) - 1).values()).rows
