"""The order of the standings, held against a plain sort of everything after every step."""

import json
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from knack_protocol.ids import PlayerId, RunId
from knack_protocol.wire.messages import Row, RowState
from knack_server.core import standings
from knack_server.core.standings import (
    Standing,
    Standings,
    canonical_rows_json,
    canonical_rows_sha256,
)

ANNA, BEN = PlayerId("p-anna"), PlayerId("p-ben")


def run(name: str) -> RunId:
    return RunId(f"run-{name}")


def standings_of(*lines: str) -> Standings:
    """Build standings from lines `RUN PLAYER SCORE TIME`."""
    standings = Standings()
    for line in lines:
        name, player, score, time_ms = line.split()
        standings.put(run(name), PlayerId(f"p-{player}"), int(score), int(time_ms))
        standings._check()
    return standings


def listing(standings: Standings) -> list[str]:
    """Write standings as lines `RANK PLAYER SCORE TIME RUN`."""
    return [f"{standings.rank(s.player)} {s.player[2:]} {s.score} {s.time_ms} {s.run[4:]}" for s in standings]


def test_more_points_stand_first_and_then_the_smaller_time() -> None:
    standings = standings_of("a anna 300 9000", "b ben 400 9000", "c cem 300 8000")
    assert listing(standings) == ["1 ben 400 9000 b", "2 cem 300 8000 c", "3 anna 300 9000 a"]


def test_equal_points_and_time_share_a_rank_and_the_next_rank_counts_them_all() -> None:
    standings = standings_of("a doa 100 5", "b cem 300 9", "c ben 300 9", "d anna 400 9")
    assert listing(standings) == ["1 anna 400 9 d", "2 ben 300 9 c", "2 cem 300 9 b", "4 doa 100 5 a"]


def test_a_player_stands_with_the_best_run_and_with_its_own_time() -> None:
    standings = standings_of("a anna 300 1000", "b anna 500 80000", "c anna 400 10")
    assert standings.standing(ANNA) == Standing(run("b"), ANNA, 500, 80000)
    assert len(standings) == 1


def test_removing_the_best_run_brings_the_next_best_back_and_putting_it_again_restores_it() -> None:
    standings = standings_of("a anna 300 10", "b anna 500 20", "c ben 400 10")
    standings.remove(run("b"), ANNA)
    standings._check()
    assert listing(standings) == ["1 ben 400 10 c", "2 anna 300 10 a"]
    standings.put(run("b"), ANNA, 500, 20)
    standings._check()
    assert listing(standings) == ["1 anna 500 20 b", "2 ben 400 10 c"]


def test_a_player_without_any_run_left_has_no_standing_and_rank_0() -> None:
    standings = standings_of("a anna 300 10")
    standings.remove(run("a"), ANNA)
    standings._check()
    assert standings.standing(ANNA) is None
    assert standings.rank(ANNA) == 0
    assert standings.window(ANNA, 3) == []
    assert list(standings) == []


def test_a_score_of_0_has_no_standing() -> None:
    standings = standings_of("a anna 0 0")
    assert len(standings) == 0
    assert standings.rank(ANNA) == 0


def test_a_running_run_moves_as_its_score_rises() -> None:
    standings = standings_of("a anna 300 10", "b ben 30 5")
    assert standings.rank(BEN) == 2
    standings.put(run("b"), BEN, 330, 900)
    standings._check()
    assert standings.rank(BEN) == 1
    assert standings.rank(ANNA) == 2


def test_removing_an_unknown_run_changes_nothing() -> None:
    standings = standings_of("a anna 300 10")
    standings.remove(run("never"), ANNA)
    standings.remove(run("never"), BEN)
    standings._check()
    assert listing(standings) == ["1 anna 300 10 a"]


def test_of_two_equal_runs_the_smaller_id_stands_whichever_came_first() -> None:
    forth = standings_of("a anna 300 10", "b anna 300 10")
    back = standings_of("b anna 300 10", "a anna 300 10")
    assert listing(forth) == listing(back) == ["1 anna 300 10 a"]


def test_a_page_is_in_order_wherever_it_begins() -> None:
    standings = standings_of("a anna 400 9", "b ben 300 9", "c cem 300 9", "d doa 300 9", "e eva 100 5")
    players = ["p-anna", "p-ben", "p-cem", "p-doa", "p-eva"]
    for start in range(6):
        for stop in range(start, 7):
            assert [s.player for s in standings.between(start, stop)] == players[start:stop]
    assert [standings.index(PlayerId(player)) for player in players] == [0, 1, 2, 3, 4]
    assert standings.index(PlayerId("p-nobody")) is None


def test_the_top_is_new_after_every_change_in_it_and_right_after_every_change_below() -> None:
    standings = standings_of("a anna 400 9", "b ben 300 9", "c cem 200 9", "d doa 100 9")
    players = ["p-anna", "p-ben", "p-cem", "p-doa"]
    assert [s.player for s in standings.top(2)] == players[:2]
    standings.put(run("d"), PlayerId("p-doa"), 150, 9)
    standings._check()
    assert [s.player for s in standings.top(2)] == players[:2]
    standings.put(run("e"), PlayerId("p-eva"), 300, 8)
    assert [s.player for s in standings.top(2)] == ["p-anna", "p-eva"]
    standings.remove(run("a"), ANNA)
    assert [s.player for s in standings.top(2)] == ["p-eva", "p-ben"]
    standings.put(run("b"), BEN, 300, 10)
    assert standings.top(2)[1] == Standing(run("b"), BEN, 300, 10)
    standings.put(run("b"), BEN, 0, 0)
    assert [s.player for s in standings.top(3)] == ["p-eva", "p-cem", "p-doa"]
    assert [s.player for s in standings.top(9)] == ["p-eva", "p-cem", "p-doa"]
    standings.put(run("f"), PlayerId("p-finn"), 1, 0)
    assert [s.player for s in standings.top(9)] == ["p-eva", "p-cem", "p-doa", "p-finn"]


def test_whoever_was_told_the_top_may_do_with_it_what_they_like() -> None:
    standings = standings_of("a anna 400 9", "b ben 300 9")
    standings.top(2).clear()
    assert [s.player for s in standings.top(2)] == [ANNA, BEN]


def test_the_window_stops_at_both_ends() -> None:
    standings = standings_of(*(f"{i} x{i} {1000 - i} 0" for i in range(9)))
    players = [f"p-x{i}" for i in range(9)]
    assert [s.player for s in standings.window(PlayerId("p-x0"), 3)] == players[:4]
    assert [s.player for s in standings.window(PlayerId("p-x4"), 3)] == players[1:8]
    assert [s.player for s in standings.window(PlayerId("p-x8"), 3)] == players[5:]
    assert [s.player for s in standings.top(2)] == players[:2]
    assert [s.player for s in standings.top(99)] == players


def test_canonical_rows_are_tight_utf8_json_and_the_hash_is_of_exactly_these_bytes() -> None:
    rows = [Row(run("a"), 1, ANNA, 'Ä"🏁', 300, 9, RowState.RUNNING)]
    assert canonical_rows_json(rows) == '[["run-a",1,"p-anna","Ä\\"🏁",300,9,1]]'.encode()
    assert json.loads(canonical_rows_json(rows)) == [list(row) for row in rows]
    # printf '[]' | sha256sum
    assert canonical_rows_sha256([]) == "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"


class Plain:
    """The slow, obvious standings: a dictionary of runs, sorted whenever somebody asks."""

    def __init__(self) -> None:
        self.runs: dict[RunId, Standing] = {}

    def order(self) -> list[Standing]:
        best: dict[PlayerId, Standing] = {}
        for standing in sorted(self.runs.values(), key=lambda s: (-s.score, s.time_ms, s.run)):
            if standing.score > 0:
                best.setdefault(standing.player, standing)
        return sorted(best.values(), key=lambda s: (-s.score, s.time_ms, s.player))

    def rank(self, player: PlayerId) -> int:
        mine = [s for s in self.order() if s.player == player]
        better = [s for s in self.order() for m in mine if (s.score, -s.time_ms) > (m.score, -m.time_ms)]
        return 1 + len(better) if mine else 0


RUNS = st.integers(0, 39)
SCORES = st.integers(0, 4).map(lambda n: n * 30)
TIMES = st.integers(0, 3)


class StandingsMachine(RuleBasedStateMachine):
    """Runs of ten players start, score, are voided and restored in any order, sometimes after a start with results.

    The head that is kept is smaller than all that there is, so that changes happen before its end, at it and below.
    """

    def __init__(self) -> None:
        super().__init__()
        self.few = patch.object(standings, "HEAD_MAX", 7)
        self.few.start()
        self.standings = Standings()
        self.plain = Plain()

    def teardown(self) -> None:
        self.few.stop()

    @initialize(results=st.dictionaries(RUNS, st.tuples(SCORES, TIMES)))
    def start(self, results: dict[int, tuple[int, int]]) -> None:
        known = [
            Standing(run(str(number)), PlayerId(f"p{number % 10}"), score, time_ms)
            for number, (score, time_ms) in results.items()
        ]
        self.standings.fill(known)
        self.plain.runs |= {standing.run: standing for standing in known}

    @rule(number=RUNS, score=SCORES, time_ms=TIMES)
    def put(self, number: int, score: int, time_ms: int) -> None:
        player = PlayerId(f"p{number % 10}")
        self.standings.put(run(str(number)), player, score, time_ms)
        self.plain.runs[run(str(number))] = Standing(run(str(number)), player, score, time_ms)

    @rule(number=RUNS)
    def remove(self, number: int) -> None:
        self.standings.remove(run(str(number)), PlayerId(f"p{number % 10}"))
        self.plain.runs.pop(run(str(number)), None)

    @rule(count=st.integers(-1, 12))
    def look_at_the_top(self, count: int) -> None:
        assert self.standings.top(count) == self.plain.order()[: max(count, 0)]

    @precondition(lambda self: len(self.standings))
    @rule(place=st.integers(0, 9), around=st.integers(0, 4))
    def look_around(self, place: int, around: int) -> None:
        order = self.plain.order()
        place %= len(order)
        expected = order[max(place - around, 0) : place + around + 1]
        assert self.standings.window(order[place].player, around) == expected

    @invariant()
    def everything_is_as_a_plain_sort_says(self) -> None:
        self.standings._check()
        order = self.plain.order()
        assert list(self.standings) == order
        assert self.standings.top(3) == order[:3]
        assert len(self.standings) == len(order)
        for number in range(10):
            player = PlayerId(f"p{number}")
            assert self.standings.rank(player) == self.plain.rank(player)
            assert self.standings.standing(player) == next((s for s in order if s.player == player), None)
        assert self.standings.between(2, 7) == order[2:7]


TestStandingsAgainstAPlainSort = StandingsMachine.TestCase
TestStandingsAgainstAPlainSort.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
