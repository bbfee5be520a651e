"""What the desk's detectors make of the crowd's honest people: a sample of their runs, looked at as a moderator would.

A flag decides nothing. Some ask for a review only together with another, because an expert among beginners raises them, too;
and chance brings a review now and then: the desk itself says how often at the most (docs/detectors.md).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from knack_client.api import Api
from knack_client.errors import Unreachable
from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.plan import Person, Plan
from knack_loadtest.crowd.records import RunRecord
from knack_loadtest.crowd.scenario.model import Players
from knack_loadtest.crowd.skills import SKILLS

LOOKED_MAX: Final = 200
"""Runs that are looked at: each takes the server some 20 ms, and its first look at a hall as much for 200 others."""

TRIES: Final = 3
"""A desk that has to examine a whole hall first may take longer than a request waits."""


AGAIN_AFTER_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """What the desk says of a run: the flags that are raised, and whether they ask for a review.

    `review_by_chance` is the share of honest runs that the desk asks to be reviewed at the most, by its own measurement.
    """

    run: str
    where: str
    raised: tuple[str, ...]
    needs_review: bool
    review_by_chance: float


def is_honest(person: Person) -> bool:
    """Tell whether somebody plays as a person does, so that a flag would be a false one."""
    group = person.group
    return isinstance(group, Players) and group.pacing == "human" and SKILLS[group.skill].is_human


def to_look_at(plan: Plan, records: Sequence[RunRecord]) -> Mapping[str, str]:
    """Draw the runs of honest people that are looked at, with whose they are."""
    where = {p.number: f"{p.group.name} {p.index}" for p in plan.people if is_honest(p)}
    runs = sorted(
        (record.run, where[record.person]) for record in records if record.person in where and record.moves
    )
    drawn = chance(plan.seed, "flags")
    return dict(drawn.sample(runs, min(len(runs), LOOKED_MAX)))


async def look(api: Api, runs: Mapping[str, str]) -> list[Look]:
    """Ask the desk for its flags on runs.

    Raises:
        HttpError: the desk refused.
        Unreachable: it does not answer.
    """
    return [found for run, where in runs.items() if (found := await _look(api, run, where)) is not None]


async def raised_on(api: Api, run: str) -> tuple[str, ...]:
    """Return the flags that are raised on a run, which may be in play.

    Raises:
        HttpError, Unreachable: as for `look`.
    """
    report = await _report(api, run)
    return () if report is None else _raised(report)


async def _look(api: Api, run: str, where: str) -> Look | None:
    report = await _report(api, run)
    if report is None:
        return None
    most = float(report["review_by_chance"]["most"])
    return Look(run, where, _raised(report), bool(report["needs_review"]), most)


async def _report(api: Api, run: str) -> dict[str, Any] | None:
    for attempt in range(TRIES):
        try:
            report: dict[str, Any] | None = await api.get(f"/api/desk/runs/{run}/flags")
        except Unreachable:
            if attempt + 1 == TRIES:
                raise
            await asyncio.sleep(AGAIN_AFTER_S)
        else:
            return report
    raise AssertionError("the last try returns or raises")


def _raised(report: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(flag["kind"]) for flag in report["flags"] if flag["is_raised"])
