"""A subscriber reads its own writes: what was acknowledged with a version is shown by it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from knack_client.standings import Standings
from knack_loadtest.crowd.people.subscriber import REPAIR_WITHIN_US, Subscriber
from knack_loadtest.crowd.tally import Tally
from knack_protocol.ids import CourseName, PlayerId
from knack_protocol.wire.messages import Row, View

pytestmark = pytest.mark.asyncio

SPRINT = CourseName("sprint")


class Stage:
    """As much of a stage as a subscriber needs, on a clock that the test sets."""

    def __init__(self) -> None:
        self.us = 1
        self.tally = Tally()
        self.may_fall = False
        self.seen: list[str] = []

    def now_us(self) -> int:
        return self.us

    def violation(self, oracle: str, text: str, _person: Any) -> None:
        self.seen.append(f"{oracle}: {text}")


def subscriber(stage: Stage, view: View = View.OWN) -> Subscriber:
    asyncio.get_running_loop()
    made = Subscriber(stage, SimpleNamespace(number=1), None, SPRINT, view, is_sampled=False)  # type: ignore[arg-type]
    made.player = PlayerId("p5")
    return made


def row(number: int, score: int = 0) -> Row:
    return Row(f"run-{number}", number, f"p{number}", "", score or 1000 - number, 0, 0)  # type: ignore[arg-type]


def shows(who: Subscriber, version: int, *rows: Row, epoch: int = 7) -> None:
    who.standings = Standings(SPRINT, who.standings.view, epoch, version, rows)
    who._read_own_writes()


async def test_a_version_that_shows_less_than_was_acknowledged_with_it_is_a_breach() -> None:
    stage = Stage()
    who = subscriber(stage)
    who.acknowledged(7, 3, 90)

    shows(who, 2, row(5, 30))
    assert stage.seen == []
    shows(who, 3, row(5, 60))
    assert stage.seen == [
        "read_your_writes: sprint: version 3 shows 60 for a player whose 90 points were acknowledged with an earlier one"
    ]


async def test_what_is_shown_in_time_is_forgotten() -> None:
    stage = Stage()
    who = subscriber(stage)
    who.acknowledged(7, 3, 90)

    shows(who, 4, row(5, 120))
    shows(who, 5, row(5, 30))

    assert stage.seen == []


async def test_who_comes_into_another_part_of_the_standings_may_wait_for_it_but_not_for_long() -> None:
    stage = Stage()
    who = subscriber(stage)
    who.acknowledged(7, 3, 90)

    shows(who, 3, row(9))
    stage.us += REPAIR_WITHIN_US
    shows(who, 4, row(9))
    assert stage.seen == []
    stage.us += 1
    shows(who, 5, row(9))
    assert len(stage.seen) == 1


async def test_where_moderators_void_runs_scores_may_fall() -> None:
    stage = Stage()
    stage.may_fall = True
    who = subscriber(stage)
    who.acknowledged(7, 3, 90)

    shows(who, 3, row(5, 30))

    assert stage.seen == []


@pytest.mark.parametrize(
    ("shown", "first_fault"),
    [
        ([1, 2, 3, 7, 8, 9, 10, 11, 12, 13], ""),
        ([1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], ""),
        ([1, 2, 3, 8, 9, 10, 11, 12, 13], "place 4"),
        ([1, 2, 3, 7, 8, 10, 11, 12, 13], "place 6"),
        ([1, 2, 3], "shows 3 rows"),
    ],
)
async def test_the_own_view_is_the_podium_and_one_part_around_the_own_standing(
    shown: list[int], first_fault: str
) -> None:
    who = subscriber(Stage())
    who.player = PlayerId("p10")
    whole: list[Any] = [row(number) for number in range(1, 31)]
    who.standings = Standings(SPRINT, View.OWN, 7, 3, tuple(row(number) for number in shown))

    assert who.differs(whole).startswith(first_fault)
    assert bool(who.differs(whole)) == bool(first_fault)


async def test_the_top_view_is_the_first_fifty() -> None:
    who = subscriber(Stage(), View.TOP)
    whole: list[Any] = [row(number) for number in range(1, 81)]

    who.standings = Standings(SPRINT, View.TOP, 7, 3, tuple(whole[:50]))
    assert who.differs(whole) == ""
    who.standings = Standings(SPRINT, View.TOP, 7, 3, (*whole[:49], whole[50]))
    assert who.differs(whole).startswith("place 50: shows rank 51")
