"""Moves that the scenario itself held up stand apart: they say nothing about how fast a server answers."""

from types import SimpleNamespace

import pytest

from knack_loadtest.crowd.people.player import _Life
from knack_loadtest.crowd.records import Move
from knack_loadtest.crowd.tally import Tally

INTENDED_US, SENT_US, HEARD_US = 1_000_000, 9_000_000, 9_200_000


@pytest.mark.parametrize(
    ("is_held", "has_lost_line", "figure", "stolen_us"),
    [
        (False, False, "move_ack", HEARD_US - INTENDED_US - 100_000),
        (True, False, "move_cut", 0),
        (False, True, "move_cut", 0),
    ],
    ids=["nobody's doing but the server's", "a heat that waits", "a line that was taken"],
)
def test_a_move_is_in_one_figure_or_the_other(
    *, is_held: bool, has_lost_line: bool, figure: str, stolen_us: int
) -> None:
    life = object.__new__(_Life)
    tally = Tally()
    life.stage = SimpleNamespace(  # type: ignore[assignment]
        tally=tally, now_us=lambda: HEARD_US, since_start_us=lambda at_ns: at_ns // 1000
    )
    move = Move(1, 9, 0, SENT_US * 1000, HEARD_US * 1000, "ok")
    life.witness = SimpleNamespace(move=move)  # type: ignore[assignment]
    life.device = SimpleNamespace(was_cut_since=lambda since_us: has_lost_line and since_us == INTENDED_US)  # type: ignore[assignment]
    life.is_held, life.fair_us = is_held, 100_000

    assert life._timed(INTENDED_US, 0, is_answered=True) == stolen_us
    assert {name for name in tally.histograms if name.startswith("move_") and name != "move_service"} == {
        figure
    }
    assert tally.counts["move_timeout"] == (figure == "move_ack")
