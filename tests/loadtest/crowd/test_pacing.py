"""When moves are due: after thought, or on a schedule that no server can move."""

from itertools import pairwise
from random import Random

import pytest

from knack_loadtest.crowd.people.pacing import STARTS_WITHIN_MS, pacing
from knack_loadtest.crowd.scenario.model import Players
from knack_loadtest.crowd.shapes import SHAPES, Arrive, arrivals
from knack_loadtest.crowd.skills import LOOKS_AWAY_MS, SKILLS


def group(**fields: object) -> Players:
    usual = {
        "count": 1,
        "skill": "casual",
        "arrive": Arrive(),
        "course": "sprint",
        "runs": 1,
        "alone": True,
        "gap_ms": 0,
    }
    usual |= {"pacing": "human", "every_ms": 2500, "follows": True, "go_at_ms": None}
    return Players(name="players.a", **{**usual, **fields})  # type: ignore[arg-type]


def test_people_think_after_the_board_has_opened() -> None:
    due = pacing(group(), SKILLS["casual"], Random(1), 0, is_go=False)

    thoughts_ms = [(due(5_000_000, 700) - 5_700_000) / 1000 for _ in range(400)]

    assert min(thoughts_ms) > 0
    assert sorted(thoughts_ms)[200] == pytest.approx(1600, rel=0.15)
    assert max(thoughts_ms) > LOOKS_AWAY_MS


def test_a_schedule_does_not_wait_for_answers() -> None:
    beat, slow = (
        pacing(group(pacing="metronome"), SKILLS["casual"], Random(4), 1000, is_go=False) for _ in range(2)
    )

    moments = [beat(now, 0) for now in range(100)]

    assert [slow(now * 90_000_000, 2000) for now in range(100)] == moments
    assert all(2_000_000 <= later - sooner <= 3_000_000 for sooner, later in pairwise(moments))
    assert 1000 <= moments[0] <= 1000 + 2_750_000


def test_who_waits_for_the_word_moves_at_once() -> None:
    firsts = [
        pacing(group(), SKILLS["casual"], Random(seed), 0, is_go=True)(0, 0) / 1000 for seed in range(50)
    ]

    assert sum(first <= STARTS_WITHIN_MS for first in firsts) >= 45  # but for who just then looked away


@pytest.mark.parametrize("shape", SHAPES)
def test_everybody_comes_in_order_and_within_the_shape(shape: str) -> None:
    arrive = Arrive(shape, at_ms=1000, over_ms=10_000, rate_per_s=20, step=30, every_ms=500)

    moments = arrivals(200, arrive, Random(3))

    assert len(moments) == 200
    assert moments == sorted(moments)
    assert moments[0] >= 1000
    assert moments[-1] <= 21_000
    assert arrivals(200, arrive, Random(3)) == moments
