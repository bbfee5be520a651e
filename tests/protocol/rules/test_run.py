import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from knack_protocol.ids import CourseName, EventId, PlayerId
from knack_protocol.rules import log
from knack_protocol.rules.board import Board
from knack_protocol.rules.course import CLIMB, SPRINT, Course, Level
from knack_protocol.rules.log import ConnectionKind, EndReason
from knack_protocol.rules.run import Outcome, Run, Verdict
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import CANONICAL_ORDER, legal_swaps
from knack_protocol.rules.vectors import run_of_vector

# RULES.md, section 9.
SEED = bytes.fromhex("d2a53ed8f3e2730cfb5fa040fca25a5ef1d2c87682da75f35a373b422dfd7a43")
COMMIT = bytes.fromhex("b515d50abeaece6e6e75f2d41e7639960331c1506b5d30d12ecbdda59c794543")
RULES_HASH = hashlib.sha256(b"rules").digest()
ENDLESS = Course(CourseName("sprint"), (Level(0, 4_000_000_000),))


def run_of(*levels: tuple[int, int], grace_ms: int = 0) -> Run:
    course = Course(CourseName("test"), tuple(Level(*level) for level in levels))
    return Run(course, SeededTiles(SEED), bytes(32), grace_ms)


def first_legal(run: Run) -> tuple[int, int]:
    return legal_swaps(run.board)[0]


def some_illegal(run: Run) -> tuple[int, int]:
    return next(swap for swap in CANONICAL_ORDER if swap not in legal_swaps(run.board))


def play(run: Run, t_arr: int) -> Outcome:
    return run.move(t_arr, *first_legal(run))


def state(run: Run) -> dict[str, object]:
    return {name: getattr(run, name) for name in Run.__slots__ if not name.startswith("_")}


def vector(name: str) -> tuple[Run, list[dict[str, int]]]:
    path = Path(__file__).parents[3] / "protocol/vectors/rules" / f"{name}.json"
    document = json.loads(path.read_text())
    return run_of_vector(document), document["inputs"]


def test_sixty_moves_end_in_the_hash_that_the_rules_print() -> None:
    h0 = log.h0(EventId("demo"), "h1", PlayerId("p1"), COMMIT, RULES_HASH, 1_700_000_000_000, 0)
    assert h0.hex() == "07f66c6ad3b665b6708a3eacf431fb313d1fe7db70e4b10535f38884bd8efdbf"
    run = Run(ENDLESS, SeededTiles(SEED), h0, 0)
    first_eight = []
    for number in range(60):
        swap = first_legal(run)
        outcome = run.move(run.lock_end_ms + 900, *swap)
        assert outcome.t_arr == outcome.t_eff
        if number < 8:
            first_eight.append((*swap, len(outcome.steps), outcome.points, outcome.score))
    assert first_eight == [
        (7, 1, 1, 30, 30),
        (21, 0, 1, 30, 60),
        (2, 1, 3, 135, 195),
        (2, 0, 1, 30, 225),
        (3, 0, 1, 30, 255),
        (9, 0, 3, 180, 435),
        (1, 0, 1, 30, 465),
        (15, 1, 1, 30, 495),
    ]
    assert (run.score, run.shuffles, run.moves, run.seq) == (3165, 0, 60, 60)
    assert str(run.board).split() == [
        "31201045",
        "55014232",
        "42003214",
        "21203023",
        "35510301",
        "43104341",
        "32202053",
        "55344541",
    ]
    assert run.head.hex() == "79da1ebc2fdbb8afec5cf17b858590a8da0ffde34ac06ee9a95424bb694b59f0"


def test_a_legal_move_is_logged_with_the_board_after_it() -> None:
    run = run_of((0, 90_000))
    outcome = run.move(900, 7, 1)
    assert (outcome.verdict, outcome.t_eff, outcome.points, outcome.score) == (Verdict.OK, 900, 30, 30)
    assert (outcome.lock_end_ms, run.lock_end_ms, run.scored_at_ms) == (1400, 1400, 900)
    drawn = [sum(len(step[column]) for step in outcome.steps) for column in range(8)]
    payload = log.move(1, 900, 900, 7, 1, 1, 30, 30, log.board8(run.board, drawn, 0))
    assert outcome.events == ((1, payload, log.chain(bytes(32), payload)),)
    assert (run.seq, run.head) == (1, outcome.events[0].hash)


@pytest.mark.parametrize(("wait_ms", "verdict"), [(-151, Verdict.EARLY), (-150, Verdict.OK), (0, Verdict.OK)])
def test_a_frame_may_come_150_ms_before_its_lock_ends(wait_ms: int, verdict: Verdict) -> None:
    run = run_of((0, 90_000))
    play(run, 900)
    before = state(run)
    outcome = play(run, 1400 + wait_ms)
    assert outcome.verdict is verdict
    if verdict is Verdict.EARLY:
        assert state(run) == before
        assert outcome.events == ()
    else:
        assert outcome.t_eff == 1400


def test_grace_is_taken_off_the_arrival() -> None:
    run = run_of((0, 90_000), grace_ms=100)
    assert play(run, 1000).t_eff == 900
    assert play(run, 1400 + 100 - 151).verdict is Verdict.EARLY
    assert play(run, 1400 + 100 - 150).t_eff == 1400


def test_no_move_counts_before_t0() -> None:
    run = run_of((0, 90_000), grace_ms=100)
    assert play(run, 40).t_eff == 0


@pytest.mark.parametrize(("t_arr", "verdict"), [(2_099, Verdict.OK), (2_100, Verdict.LATE)])
def test_a_run_s_last_fair_millisecond_counts(t_arr: int, verdict: Verdict) -> None:
    run = run_of((0, 2_000), grace_ms=100)
    outcome = play(run, t_arr)
    assert outcome.verdict is verdict
    if verdict is Verdict.LATE:
        assert [log.decode(event.payload) for event in outcome.events] == [run.end]
        assert run.end == log.EndEvent(1, 2_000, EndReason.TIME, 0, 0)


def test_a_lock_that_reaches_the_deadline_ends_the_run_with_the_next_frame() -> None:
    run = run_of((0, 1_000))
    play(run, 700)
    assert play(run, 800).verdict is Verdict.LATE
    assert run.end is not None
    assert run.end.t == 1_000


def test_nothing_follows_the_end() -> None:
    run = run_of((0, 1_000))
    run.expire()
    before = state(run)
    assert run.move(0, 7, 1).verdict is Verdict.OVER
    assert run.move(0, 7, 1).events == ()
    assert run.connection(0, ConnectionKind.LOST) == ()
    assert run.expire() == ()
    assert run.finish(5, EndReason.VOIDED) == ()
    assert state(run) == before


def test_an_illegal_swap_is_logged_and_locks_for_300_ms() -> None:
    run = run_of((0, 90_000))
    board = run.board
    outcome = run.move(500, *some_illegal(run))
    assert (outcome.verdict, outcome.points, outcome.steps, outcome.lock_end_ms) == (
        Verdict.ILLEGAL,
        0,
        (),
        800,
    )
    assert log.decode(outcome.events[0].payload) == log.IllegalEvent(1, 500, 500, *some_illegal(run))
    assert (run.board, run.moves, run.score, run.scored_at_ms) == (board, 0, 0, 0)


def test_a_lock_lasts_300_ms_a_step_and_never_longer_than_two_seconds() -> None:
    run, inputs = vector("long-cascade")
    locks = {}
    for sent in inputs:
        outcome = run.move(sent["t_arr"], sent["i"], sent["d"])
        if outcome.verdict is Verdict.OK:
            locks[len(outcome.steps)] = outcome.lock_end_ms - outcome.t_eff
    run = run_of((0, 4_000_000_000))
    for _ in range(300):
        outcome = play(run, run.lock_end_ms)
        locks[len(outcome.steps)] = outcome.lock_end_ms - outcome.t_eff
    assert locks == {steps: min(200 + 300 * steps, 2000) for steps in locks}
    assert {1, 2, 3, 4, 5, 8} <= set(locks)


def test_a_goal_opens_the_next_level_with_its_own_board_and_columns() -> None:
    run = run_of((30, 10_000), (60, 5_000))
    outcome = play(run, 1_001)
    assert outcome.level is not None
    assert outcome.level == (1, 1_501 + 1_500, 60, 5_000, 80, SeededTiles(SEED).first_board(1))
    assert (outcome.points, outcome.score, outcome.lock_end_ms) == (30, 110, 3_001)
    assert (run.level, run.level_points, run.level_start_ms, run.deadline_ms) == (1, 0, 3_001, 8_001)
    assert run.board == outcome.level.board
    assert run.boards == [SeededTiles(SEED).first_board(0), run.board]
    moved, opened = (log.decode(event.payload) for event in outcome.events)
    assert isinstance(moved, log.MoveEvent)
    assert moved.score == 30
    assert opened == log.LevelEvent(2, 3_001, 1, 80, 110, log.board8(run.board, [0] * 8, 0))
    fills = play(run, 3_001).steps[0]
    for column, entered in enumerate(fills):
        assert SeededTiles(SEED).falling(1, column, 0).startswith(entered)


@pytest.mark.parametrize(
    ("t_eff", "bonus"), [(0, 100), (1, 90), (8_999, 10), (9_000, 10), (9_001, 0), (9_999, 0)]
)
def test_the_bonus_counts_whole_seconds_left(t_eff: int, bonus: int) -> None:
    outcome = play(run_of((30, 10_000), (0, 1)), t_eff)
    assert outcome.level is not None
    assert outcome.level.bonus == bonus


def test_points_past_a_goal_are_paid_and_not_carried_over() -> None:
    run = run_of((31, 10_000), (31, 10_000), (0, 1))
    play(run, 9_100)
    assert (run.level, run.level_points) == (0, 30)
    play(run, run.lock_end_ms)
    assert (run.level, run.level_points, run.score) == (1, 0, 60)


def test_the_last_goal_ends_the_run_with_its_bonus() -> None:
    run = run_of((30, 10_000))
    outcome = play(run, 1_000)
    assert (outcome.verdict, outcome.level, outcome.score) == (Verdict.OK, None, 120)
    assert run.end == log.EndEvent(2, 1_000, EndReason.COURSE_DONE, 120, 1)
    assert [log.decode(event.payload) for event in outcome.events][1:] == [run.end]


@pytest.mark.parametrize("reason", [EndReason.ABANDONED, EndReason.VOIDED])
def test_a_run_can_be_ended_from_outside_and_its_score_stands(reason: EndReason) -> None:
    run = run_of((0, 90_000))
    play(run, 100)
    (event,) = run.finish(777, reason)
    assert log.decode(event.payload) == run.end == log.EndEvent(2, 777, reason, 30, 1)


def test_a_run_that_expires_ends_at_its_level_s_deadline() -> None:
    run = run_of((30, 10_000), (0, 5_000))
    play(run, 500)
    run.expire()
    assert run.end is not None
    assert (run.end.t, run.end.reason) == (1_000 + 1_500 + 5_000, EndReason.TIME)


def test_sixty_connection_events_are_logged_and_no_more() -> None:
    run = run_of((0, 90_000))
    logged = [run.connection(t, ConnectionKind.LOST) for t in range(61)]
    assert [len(events) for events in logged] == [1] * 60 + [0]
    assert run.seq == 60
    assert play(run, 100).events[0].seq == 61


@pytest.mark.parametrize(("t", "count"), [(0, 1), (1_000, 1), (1_001, 0)])
def test_no_connection_event_is_logged_after_the_deadline(t: int, count: int) -> None:
    assert len(run_of((0, 1_000)).connection(t, ConnectionKind.RESUMED)) == count


class Counted(SeededTiles):
    """Tiles that count how many first boards were drawn."""

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed)
        self.asked: list[int] = []

    def first_board(self, level: int) -> Board:
        self.asked.append(level)
        return super().first_board(level)


def test_a_first_board_drawn_ahead_is_drawn_once_and_the_same() -> None:
    tiles = Counted(SEED)
    run = Run(replace(CLIMB, levels=(Level(30, 9_000), Level(0, 9_000))), tiles, bytes(32), 0)
    run.draw_ahead()
    run.draw_ahead()
    assert tiles.asked == [0, 1]
    assert run.boards == [SeededTiles(SEED).first_board(0)]
    play(run, 0)
    run.draw_ahead()
    assert tiles.asked == [0, 1]
    assert run.board == SeededTiles(SEED).first_board(1)


def test_the_last_level_has_nothing_to_draw_ahead() -> None:
    tiles = Counted(SEED)
    Run(SPRINT, tiles, bytes(32), 0).draw_ahead()
    assert tiles.asked == [0]


def test_a_dead_board_is_shuffled_and_the_columns_stay_where_they_are() -> None:
    run, inputs = vector("two-shuffles")
    drawn = [0] * 8
    numbers = []
    for sent in inputs:
        outcome = run.move(sent["t_arr"], sent["i"], sent["d"])
        for step in outcome.steps:
            drawn = [count + len(entered) for count, entered in zip(drawn, step, strict=True)]
        if outcome.shuffle is None:
            assert [event.payload[0] for event in outcome.events] == [log.EventKind.MOVE]
            continue
        moved, shuffled = (log.decode(event.payload) for event in outcome.events)
        assert isinstance(moved, log.MoveEvent)
        assert isinstance(shuffled, log.ShuffleEvent)
        assert run.board == outcome.shuffle
        assert shuffled.board8 == log.board8(outcome.shuffle, drawn, shuffled.z + 1)
        assert moved.board8 != shuffled.board8
        assert outcome.lock_end_ms == outcome.t_eff + min(200 + 300 * len(outcome.steps), 2000)
        numbers.append(shuffled.z)
    assert numbers == [0, 1]


def test_a_goal_reached_on_a_dead_board_shuffles_nothing() -> None:
    run, inputs = vector("goal-on-dead-board")
    outcome = next(o for sent in inputs if (o := run.move(sent["t_arr"], sent["i"], sent["d"])).level)
    assert outcome.shuffle is None
    assert run.shuffles == 0
    assert [event.payload[0] for event in outcome.events] == [log.EventKind.MOVE, log.EventKind.LEVEL]
