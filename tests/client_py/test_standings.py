"""Standings go from version to version, whole, or not at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knack_client.standings import Standings, is_running
from knack_protocol.ids import CourseName, PlayerId, RunId
from knack_protocol.wire.messages import (
    Delta,
    DeskRow,
    NumberedDeskRow,
    NumberedRow,
    Row,
    RowState,
    Snapshot,
    View,
)

SPRINT = CourseName("sprint")


def row(number: int, score: int = 100, time_ms: int = 1000, state: int = 0) -> NumberedRow:
    return NumberedRow(
        number, RunId(f"run-{number}"), PlayerId(f"p-{number}"), f"Name {number}", score, time_ms, state
    )


def snapshot(
    *rows: NumberedRow | NumberedDeskRow, version: int = 5, skipped: int = 0, rank: int = 0
) -> Snapshot:
    return Snapshot(1, 7, version, skipped, rank, rows)


def delta(
    from_: int,
    to: int,
    *rows: NumberedRow,
    gains: list[int] | None = None,
    gone: list[int] | None = None,
    skipped: int = 0,
    rank: int = 0,
) -> Delta:
    return Delta(1, from_, to - from_, skipped, rank, rows, gains or [], gone or [])


def keys(standings: Standings | None) -> list[str]:
    assert standings is not None
    return [row.run for row in standings.rows]


def ranks(standings: Standings | None) -> list[int]:
    assert standings is not None
    return [row.rank for row in standings.rows]


def shown(message: Snapshot, view: View = View.TOP) -> Standings:
    after = Standings(SPRINT, view).after(message)
    assert after is not None
    return after


def top(*rows: NumberedRow, version: int = 5) -> Standings:
    return shown(snapshot(*rows, version=version))


def test_a_snapshot_replaces_everything() -> None:
    after = top(row(1)).after(Snapshot(1, 8, 2, 0, 0, [row(3, 10), row(2, 20)]))
    assert keys(after) == ["run-2", "run-3"]
    assert after is not None
    assert (after.epoch, after.version) == (8, 2)


def test_a_delta_changes_adds_and_removes_rows() -> None:
    before = top(row(1, 300), row(2, 200), row(3, 100))
    after = before.after(delta(5, 6, row(4, 50), gains=[3, 400, 1000], gone=[2]))
    assert keys(after) == ["run-3", "run-1", "run-4"]
    assert after is not None
    assert after.rows[0] == Row(RunId("run-3"), 1, PlayerId("p-3"), "Name 3", 500, 2000, 0)
    assert keys(before) == ["run-1", "run-2", "run-3"]


def test_a_row_that_gained_nothing_is_of_a_run_that_is_over() -> None:
    marked = RowState.RUNNING | RowState.NOT_BEST
    before = top(row(1, 300, state=marked), row(2, 200, state=RowState.RUNNING))
    after = before.after(delta(5, 6, gains=[1, 0, 0]))
    assert after is not None
    assert [each.state for each in after.rows] == [RowState.NOT_BEST, RowState.RUNNING]
    assert [each.score for each in after.rows] == [300, 200]


def test_a_delta_from_an_earlier_version_is_right_for_whoever_is_later() -> None:
    after = top(row(1)).after(delta(2, 9, gains=[1, 800, 0]))
    assert after is not None
    assert (after.version, after.rows[0].score) == (9, 900)


@pytest.mark.parametrize(
    "message",
    [delta(6, 8), delta(5, 6, gains=[2, 1, 1]), delta(5, 6, gains=[1, 30])],
    ids=["beyond", "unknown number", "not three"],
)
def test_a_delta_that_does_not_go_on_from_here_is_a_gap(message: Delta) -> None:
    assert top(row(1)).after(message) is None


def test_a_delta_before_any_snapshot_is_a_gap() -> None:
    assert Standings(SPRINT, View.TOP).after(delta(0, 1)) is None


def test_news_that_are_old_change_nothing() -> None:
    before = top(row(1))
    assert before.after(delta(3, 5, gains=[1, 800, 0])) is before


def test_equals_share_a_rank_and_stand_in_the_order_of_their_players() -> None:
    standings = top(row(9, 50), row(3, 80), row(2, 80), row(1, 90), row(4, 80, 999))
    assert keys(standings) == ["run-1", "run-4", "run-2", "run-3", "run-9"]
    assert ranks(standings) == [1, 2, 3, 3, 5]


def test_ranks_go_on_behind_those_that_are_left_out() -> None:
    rows = [row(1, 900), row(2, 800), row(3, 800), row(4, 50), row(5, 50), row(6, 40)]
    own = shown(snapshot(*rows, skipped=96, rank=98), View.OWN)
    assert ranks(own) == [1, 2, 2, 98, 98, 102]

    passed = own.after(delta(5, 6, skipped=97, rank=99))
    assert ranks(passed) == [1, 2, 2, 99, 99, 103]


def test_a_row_behind_the_gap_that_equals_the_podium_shares_its_rank() -> None:
    rows = [row(1, 70), row(2, 70), row(3, 70), row(4, 70)]
    assert ranks(shown(snapshot(*rows, skipped=5, rank=1), View.OWN)) == [1, 1, 1, 1]


def test_a_players_neighbours_are_cut_out_of_a_page() -> None:
    own = shown(snapshot(*[row(number, 100 - number) for number in range(1, 30)]), View.OWN)

    assert [each.rank for each in own.around(PlayerId("p-20"))] == [1, 2, 3, 17, 18, 19, 20, 21, 22, 23]
    assert [each.rank for each in own.around(PlayerId("p-2"))] == [1, 2, 3, 4, 5]
    assert [each.rank for each in own.around(PlayerId("p-99"))] == [1, 2, 3]


def test_the_newest_results_come_first_and_have_no_ranks() -> None:
    latest = shown(snapshot(row(2), row(1)), View.LATEST)
    after = latest.after(delta(5, 6, row(3), row(2, 900), gone=[1]))
    assert keys(after) == ["run-3", "run-2"]
    assert ranks(after) == [0, 0]


def test_rows_of_the_desk_come_as_they_are() -> None:
    desk = DeskRow(RunId("run-1"), 4, PlayerId("p-1"), "Ada", 30, 1, 0, "", 3, 1, 0)
    assert shown(snapshot(NumberedDeskRow(8, *desk)), View.DESK).rows == (desk,)


def test_a_move_is_shown_from_its_version_on_and_in_any_later_epoch() -> None:
    standings = top(version=5)
    assert standings.shows(7, 5)
    assert not standings.shows(7, 6)
    assert standings.shows(6, 900)
    assert not Standings(SPRINT, View.TOP).shows(7, 5)


def test_a_player_is_found_where_they_stand() -> None:
    standings = top(row(1))
    assert standings.of(PlayerId("p-1")) == standings.rows[0]
    assert standings.of(PlayerId("p-3")) is None
    assert shown(snapshot(row(2)), View.LATEST).of(PlayerId("p-2")) is None


def test_a_run_in_play_is_marked() -> None:
    marked, unmarked = top(
        row(1, 2, state=RowState.RUNNING | RowState.NOT_BEST), row(2, 1, state=RowState.VOIDED)
    ).rows
    assert is_running(marked)
    assert not is_running(unmarked)


@given(
    scores=st.lists(st.dictionaries(st.integers(1, 9), st.integers(0, 5)), min_size=2, max_size=12),
    skip=st.sets(st.integers(1, 11)),
)
@settings(deadline=None)
def test_deltas_lead_to_what_a_snapshot_shows_however_they_are_put_together(
    scores: list[dict[int, int]], skip: set[int]
) -> None:
    def rows_at(version: int) -> dict[int, NumberedRow]:
        return {number: row(number, score) for number, score in scores[version].items()}

    standings = top(*rows_at(0).values(), version=0)
    since = 0
    for version in range(1, len(scores)):
        if version in skip and version < len(scores) - 1:
            continue  # conflated with the next one
        old, new = rows_at(since), rows_at(version)
        fresh = [row for number, row in new.items() if number not in old or row.score < old[number].score]
        gains = [
            part
            for number, row in new.items()
            if number in old and row.score > old[number].score
            for part in (number, row.score - old[number].score, 0)
        ]
        gone = [number for number in old if number not in new]
        after = standings.after(delta(since, version, *fresh, gains=gains, gone=gone))
        assert after is not None
        standings, since = after, version

    final = sorted(scores[-1].values(), reverse=True)
    assert standings.rows == top(*rows_at(len(scores) - 1).values()).rows
    assert ranks(standings) == [1 + final.index(score) for score in final]
