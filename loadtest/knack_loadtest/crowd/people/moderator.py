"""A moderator's evening: looks at the runs, hides a name and shows it again, takes a run out."""

import asyncio
from time import monotonic_ns
from typing import Any

from knack_client.desk import Desk
from knack_client.errors import HttpError, KnackClientError, Unreachable
from knack_client.feed import Feed
from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person
from knack_loadtest.crowd.scenario.model import Moderators

REASON = "a load test's moderator"


async def live(stage: Stage, person: Person) -> None:
    """Live a moderator's evening."""
    group = person.group
    assert isinstance(group, Moderators)
    await stage.until(person.arrive_ms)
    if stage.over.is_set() or not stage.desk_token:
        return
    stage.busy.add(person.number)
    try:
        async with Desk(stage.address.socket, stage.desk_token, stage.event) as desk:
            feed = await desk.watch(group.course)
            async with asyncio.TaskGroup() as duties:
                duties.create_task(_hide_names(stage, person, desk, feed, group.hide_name_per_s))
                duties.create_task(_void_runs(stage, person, desk, feed, group.void_per_s))
    except* KnackClientError as failures:
        for failure in failures.exceptions:
            stage.tally.mark("client_faults", f"{type(failure).__name__}: {failure}"[:200])
        stage.tally.count("recover.failed")
    finally:
        stage.busy.discard(person.number)


async def _hide_names(stage: Stage, person: Person, desk: Desk, feed: Feed, per_s: float) -> None:
    random = chance(stage.seed, person.group.name, person.index, "names")
    while per_s and await _due(stage, random.expovariate(per_s)):
        rows = feed.standings.rows
        if rows:
            player = random.choice(rows).player
            await _act(stage, desk.hide_name(player, REASON))
            await _act(stage, desk.show_name(player, REASON))


async def _void_runs(stage: Stage, person: Person, desk: Desk, feed: Feed, per_s: float) -> None:
    random = chance(stage.seed, person.group.name, person.index, "voids")
    while per_s and await _due(stage, random.expovariate(per_s)):
        rows = feed.standings.rows
        if rows:
            await _act(stage, desk.void(random.choice(rows).run, REASON))


async def _due(stage: Stage, after_s: float) -> bool:
    """Wait; tell whether the evening still goes on."""
    await stage.until(stage.now_us() // 1000 + round(after_s * 1000))
    return not stage.over.is_set()


async def _act(stage: Stage, act: Any) -> None:
    asked_ns = monotonic_ns()
    try:
        done = await act
    except (HttpError, Unreachable) as refused:
        stage.tally.mark("client_faults", f"an act was refused: {refused}"[:200])
        return
    stage.tally.time("acts", (monotonic_ns() - asked_ns) / 1000)
    stage.tally.count("acts.done")
    stage.acts.append([done["number"], done["kind"], done["target"]])
