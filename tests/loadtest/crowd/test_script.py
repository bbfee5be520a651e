"""Scripts: what was recorded of somebody is done again, at its times, and where the board allows it."""

from random import Random

from knack_client.bots.skills import SKILLS
from knack_loadtest.crowd.people.script import Script, Scripts, Step, scripts
from knack_loadtest.crowd.records import ILLEGAL, OK, UNKNOWN, Move, RunRecord
from knack_loadtest.crowd.tally import Tally
from knack_protocol.rules.board import Board
from knack_protocol.rules.swaps import CANONICAL_ORDER, Swap, legal_swaps

BOARD = Board.parse(
    """
    01201201
    12012012
    20120120
    01021201
    12102012
    20120120
    01201201
    12012012
    """
)


def move(seq: int, t_arr: int, outcome: str = OK, cell: int = 9) -> Move:
    return Move(seq, cell, 0, 0, 1, outcome, t_arr)


def record(person: int, t0: int | None, *moves: Move, heat: str = "") -> RunRecord:
    made = RunRecord(f"run-{person}-{t0}", "sprint", "", heat=heat, person=person, t0_unix_ms=t0)
    made.moves = list(moves)
    return made


def times(script: Script) -> list[int]:
    return [step.t_arr for step in script.steps]


def test_runs_are_done_again_in_their_order_and_heats_by_their_names() -> None:
    found = scripts(
        [
            record(1, 2000, move(1, 22)),
            record(1, 1000, move(1, 11), move(2, 12)),
            record(1, 1500, move(1, 99), heat="final"),
            record(2, 1000, move(1, 33)),
            record(3, None, move(1, 44)),
        ]
    )

    assert set(found) == {1, 2}
    assert times(found[1].begin("")) == [11, 12]
    assert times(found[1].begin("final")) == [99]
    assert times(found[1].begin("")) == [22]
    assert found[1].begin("").is_over
    assert found[1].begin("semifinal").is_over


def test_only_what_was_acknowledged_is_done_again() -> None:
    moves = [
        move(3, 30, ILLEGAL),
        move(1, 10),
        move(2, 20, UNKNOWN),
        move(2, 21),
        move(4, 40, "rejected_late"),
    ]
    script = scripts([record(1, 1, *moves)])[1].begin("")

    assert [(step.t_arr, step.was_legal) for step in script.steps] == [(10, True), (21, True), (30, False)]


def test_a_move_is_due_when_it_came_then_and_never_before_the_board_opens() -> None:
    script = Script([Step(500, Swap(9, 0), was_legal=True)])

    assert script.due_us(1_000_000, 1_100_000, 0) == 1_500_000
    assert script.due_us(1_000_000, 1_100_000, 700) == 1_800_000


def test_a_swap_is_made_again_where_the_board_takes_it_as_that_of_then_did() -> None:
    legal = legal_swaps(BOARD)
    illegal = next(swap for swap in CANONICAL_ORDER if swap not in set(legal))
    script = Script(
        [
            Step(1, legal[0], was_legal=True),
            Step(2, illegal, was_legal=False),
            Step(3, illegal, was_legal=True),
            Step(4, legal[0], was_legal=False),
        ]
    )
    tally, chosen = Tally(), list[Swap]()
    while not script.is_over:
        chosen.append(script.choose(BOARD, SKILLS["fast"], Random(1), tally))

    assert chosen[:2] == [legal[0], illegal]
    assert all(swap in legal for swap in chosen[2:])
    assert dict(tally.counts) == {"replay.same": 2, "replay.other": 2}


def test_who_was_not_recorded_does_nothing() -> None:
    assert Scripts().begin("").is_over
