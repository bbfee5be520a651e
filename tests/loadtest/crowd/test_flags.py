"""Whose runs are looked at: honest people's, at most so many, the same ones for the same seed."""

from typing import Any

import pytest

from knack_client.errors import Unreachable
from knack_loadtest.crowd import flags
from knack_loadtest.crowd.flags import LOOKED_MAX, TRIES, look, raised_on, to_look_at
from knack_loadtest.crowd.plan import make_plan
from knack_loadtest.crowd.records import Move, RunRecord
from knack_loadtest.crowd.scenario.reading import read

PLAN = make_plan(
    read(
        """
[scenario]
name = "few"
title = "Few"
about = "Few people."
duration = "20s"

[players.casual]
count = 300
skill = "casual"

[players.beat]
count = 2
skill = "casual"
pacing = "metronome"

[players.limit]
count = 2
skill = "bot_limit"

[cheats.all]
count = 1
""",
        "few.toml",
    )
)
REPORT = {
    "needs_review": True,
    "review_by_chance": {"flagged": 0, "of": 6000, "least": 0, "most": 0.0006},
    "flags": [{"kind": "reaction", "is_raised": True}, {"kind": "streak", "is_raised": False}],
}


def played(person: int) -> RunRecord:
    return RunRecord(f"run-{person}", "sprint", "", person=person, moves=[Move(1, 9, 0, 0)])


def test_only_who_plays_as_a_person_is_honest() -> None:
    looked = to_look_at(PLAN, [played(person.number) for person in PLAN.people])

    assert len(looked) == LOOKED_MAX
    assert {where.partition(" ")[0] for where in looked.values()} == {"players.casual"}


def test_the_same_runs_are_drawn_in_whatever_order_they_were_written_down() -> None:
    runs = [played(person.number) for person in PLAN.people]

    assert to_look_at(PLAN, runs) == to_look_at(PLAN, runs[::-1])


def test_a_run_without_a_move_says_nothing() -> None:
    assert to_look_at(PLAN, [RunRecord("run-1", "sprint", "", person=1)]) == {}


class Desk:
    """A desk that answers after some requests that it does not."""

    def __init__(self, *, unanswered: int = 0, report: dict[str, Any] | None = REPORT) -> None:
        self.unanswered = unanswered
        self.report = report

    async def get(self, _path: str) -> Any:
        if self.unanswered:
            self.unanswered -= 1
            raise Unreachable("busy")
        return self.report


@pytest.mark.asyncio
async def test_the_desk_says_which_flags_are_raised() -> None:
    (found,) = await look(Desk(), {"run-1": "players.casual 1"})  # type: ignore[arg-type]

    assert (found.raised, found.needs_review, found.review_by_chance) == (("reaction",), True, 0.0006)
    assert await raised_on(Desk(), "run-1") == ("reaction",)  # type: ignore[arg-type]
    assert await look(Desk(report=None), {"run-1": ""}) == []  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_a_desk_that_is_busy_is_asked_again_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flags, "AGAIN_AFTER_S", 0)

    assert await raised_on(Desk(unanswered=TRIES - 1), "run-1")  # type: ignore[arg-type]
    with pytest.raises(Unreachable):
        await raised_on(Desk(unanswered=TRIES), "run-1")  # type: ignore[arg-type]
