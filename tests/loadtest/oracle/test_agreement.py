"""The two engines, written apart from the same text, held against each other on random runs."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knack_loadtest.oracle import board as plain
from knack_loadtest.oracle.run import PlainRun, Reply
from knack_protocol.ids import CourseName
from knack_protocol.rules.course import CLIMB, SPRINT, Course, Level
from knack_protocol.rules.log import ConnectionKind
from knack_protocol.rules.run import Outcome, Run, Verdict
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import CANONICAL_ORDER

SEEDS = st.binary(min_size=32, max_size=32)

QUICK_LEVELS = st.lists(
    st.builds(Level, goal=st.integers(30, 900), time_ms=st.integers(1, 30_000)), min_size=1, max_size=4
)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    kind = draw(st.sampled_from(["sprint", "climb", "quick"]))
    if kind != "quick":
        return SPRINT if kind == "sprint" else CLIMB
    levels = draw(QUICK_LEVELS)
    if draw(st.booleans()):
        levels[-1] = levels[-1]._replace(goal=0)
    return Course(CourseName("quick"), tuple(levels))


@dataclass(frozen=True)
class Sent:
    """A move as a player makes it: `wait_ms` after the lock's end; the n-th legal swap, or any swap."""

    wait_ms: int
    pick: int
    legal: bool


@dataclass(frozen=True)
class Line:
    """A change of the connection."""

    after_ms: int
    kind: ConnectionKind


MOVES = st.builds(
    Sent,
    wait_ms=st.one_of(st.integers(0, 900), st.integers(-450, 30), st.sampled_from([-151, -150, 0, 9_000])),
    pick=st.integers(0, 111),
    legal=st.integers(0, 5).map(bool),
)
COMMANDS = st.lists(
    st.one_of(*[MOVES] * 9, st.builds(Line, st.integers(0, 900), st.sampled_from(ConnectionKind))),
    max_size=30,
)


def swap_of(sent: Sent, oracle: PlainRun) -> tuple[int, int]:
    choices = list(plain.legal_swaps(oracle.cells)) if sent.legal else []
    choices = choices or plain.swaps()
    return choices[sent.pick % len(choices)]


def assert_same_reply(outcome: Outcome, reply: Reply, run: Run) -> None:
    assert outcome.verdict.name.lower() == reply.verdict
    if outcome.verdict is Verdict.OK:
        assert len(outcome.steps) == reply.steps
        assert (outcome.points, outcome.score) == (reply.points, reply.score)
        assert [[list(column) for column in step] for step in outcome.steps] == reply.fills
        assert list(run.board.symbols) == reply.board


def assert_same_run(run: Run, oracle: PlainRun) -> None:
    assert run.seq == len(oracle.events)
    assert run.head == oracle.hashes[-1]
    assert (run.score, run.moves, run.level, run.level_points) == (
        oracle.score,
        oracle.moves,
        oracle.level,
        oracle.level_points,
    )
    assert (run.lock_end_ms, run.level_start_ms) == (oracle.lock_end, oracle.start)
    assert list(run.board.symbols) == oracle.cells
    assert [list(board.symbols) for board in run.boards] == oracle.boards
    assert (run.end is not None) == oracle.ended


@settings(max_examples=60, deadline=None)
@given(
    course=courses(),
    seed=SEEDS,
    player_seed=st.none() | SEEDS,
    grace_ms=st.sampled_from([0, 1, 149, 150, 151, 250]) | st.integers(0, 250),
    commands=COMMANDS,
    ahead=st.booleans(),
)
def test_both_engines_answer_and_log_the_same(
    course: Course,
    seed: bytes,
    player_seed: bytes | None,
    grace_ms: int,
    commands: list[Sent | Line],
    ahead: bool,
) -> None:
    h0 = bytes(32)
    run = Run(course, SeededTiles(seed, player_seed), h0, grace_ms)
    oracle = PlainRun([tuple(level) for level in course.levels], seed, player_seed, h0, grace_ms)
    written = []
    for command in commands:
        if ahead:
            run.draw_ahead()
        if isinstance(command, Line):
            t = run.lock_end_ms + command.after_ms
            written += run.connection(t, command.kind)
            oracle.connection(t, command.kind)
        else:
            i, d = swap_of(command, oracle)
            t_arr = max(run.lock_end_ms + grace_ms + command.wait_ms, 0)
            outcome = run.move(t_arr, i, d)
            written += outcome.events
            assert_same_reply(outcome, oracle.move(t_arr, i, d), run)
        assert_same_run(run, oracle)
    written += run.expire()
    oracle.expire()
    assert_same_run(run, oracle)
    assert [event.payload for event in written] == oracle.events
    assert [event.hash for event in written] == oracle.hashes[1:]
    assert [event.seq for event in written] == list(range(1, len(written) + 1))


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(
    course=courses(),
    seed=SEEDS,
    player_seed=st.none() | SEEDS,
    grace_ms=st.integers(0, 250),
    commands=COMMANDS,
)
def test_both_engines_answer_and_log_the_same_at_length(
    course: Course, seed: bytes, player_seed: bytes | None, grace_ms: int, commands: list[Sent | Line]
) -> None:
    test_both_engines_answer_and_log_the_same.hypothesis.inner_test(
        course, seed, player_seed, grace_ms, commands, ahead=False
    )


def test_both_engines_know_the_same_swaps() -> None:
    assert [tuple(swap) for swap in CANONICAL_ORDER] == plain.swaps()
