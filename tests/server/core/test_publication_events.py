"""What is published of a whole event: everything that was played, and everything that was promised."""

from pathlib import Path

import pytest
from tests.support.arena import EVENT, MASTER, World
from tests.support.published import event_bundle, open_bundle
from tests.support.stories import Story, weekend

from knack_protocol.proof import bundle
from knack_protocol.proof.bundle import EventBundle
from knack_protocol.proof.seeds import Scope, server_seed
from knack_server.core import rows
from knack_server.core.contact import ContactRequest, check_contact
from knack_server.core.facts import ActKind

pytestmark = pytest.mark.asyncio


async def _published(folder: Path, story: Story) -> tuple[bytes, EventBundle]:
    data = await event_bundle(folder, story.world.facts)
    published = bundle.unpack(data)
    assert isinstance(published, EventBundle)
    return data, published


async def test_an_event_is_published_whole_and_nobody_who_was_there_contradicts_it(tmp_path: Path) -> None:
    story = weekend()

    data, published = await _published(tmp_path, story)

    story.check(data)
    assert [heat.heat for heat in published.heats] == ["h1", "h1-r1", "h2"]
    assert published.open.in_play == ()
    assert len(published.open.runs) == 2


async def test_every_seed_that_was_promised_and_never_used_is_opened(tmp_path: Path) -> None:
    story = weekend()

    _, published = await _published(tmp_path, story)

    assert [unused.heat for unused in published.unused_heats] == ["c1", "c1-r1", "h2-r1"]
    (prepared,) = published.unused_runs
    assert (
        story.world.event.runs[prepared.run].player is story.world.event.players[story.person("Clara").player]
    )
    for opened, name in ((published.unused_heats[0], "c1"), (prepared, prepared.run)):
        assert opened.server_seed == server_seed(MASTER, EVENT, name)


async def test_the_sums_are_those_that_the_screens_have_shown(tmp_path: Path) -> None:
    story = weekend()

    _, published = await _published(tmp_path, story)

    (total,) = published.sums
    assert (total.course, list(total.heats)) == ("sprint", ["h1-r1", "h2"])
    shown = rows.top(story.world.event, "heats", None)
    assert [(row.player, row.score, row.time_ms) for row in total.rows] == [
        (row.player, row.score, row.time_ms) for row in shown
    ]
    assert len(shown) == 3


async def test_a_heat_that_was_frozen_and_voided_is_opened_and_its_runs_are_none(tmp_path: Path) -> None:
    story = Story({"h1": ("sprint", Scope.PLAYER)})
    story.step("h1", "open")
    story.person("Anna").phone.gather("h1")
    story.step("h1", "freeze")
    story.step("h1", "type")
    run = story.world.event.heats["h1"].runs[story.person("Anna").player].run
    assert str(story.world.desk.act(ActKind.VOID, run)) == "unknown_run"
    story.end()

    data, published = await _published(tmp_path, story)

    story.check(data)
    assert published.heats == ()
    assert [unused.heat for unused in published.unused_heats] == ["h1", "h1-r1"]
    assert published.unused_runs == ()
    assert str(story.world.desk.act(ActKind.UNDO, "1")) == "never_played"


async def test_an_event_without_a_heat_or_a_player_is_published_too(tmp_path: Path) -> None:
    story = Story({})
    story.end()

    data, published = await _published(tmp_path, story)

    story.check(data)
    assert published.commitments.text == f"m3/1 commitments\n{EVENT}\n"
    assert published.heats == published.sums == published.unused_heats == ()


async def test_acts_after_the_end_count(tmp_path: Path) -> None:
    story = weekend()
    before = story.world.event.heats["h2"].runs[story.person("Clara").player].run
    story.world.desk.act(ActKind.VOID, before)

    data, published = await _published(tmp_path, story)

    story.check(data)
    assert len(published.acts.list) == 3
    assert [row.player for row in published.sums[0].rows].count(story.person("Clara").player) == 0


async def test_after_the_end_open_play_alone_still_passes_the_check(tmp_path: Path) -> None:
    story = weekend()

    story.check(await open_bundle(tmp_path, story.world.facts))


async def test_nothing_published_of_an_event_names_a_player_or_holds_a_token(tmp_path: Path) -> None:
    story = weekend()
    world = story.world
    asked = check_contact(
        {
            "form": "f",
            "first_name": "Grace",
            "last_name": "Hopper",
            "email": "grace@example.org",
            "concern": "A booth",
        }
    )
    assert isinstance(asked, ContactRequest)
    world.perform(world.arena.ask_contact(world.event, asked, world.now)[1])

    data, _ = await _published(tmp_path, story)

    secrets = [
        *("Grace", "Hopper", "grace@example.org", "booth"),
        "Anna",
        "Berta",
        "Clara",
        "Mia",
        "because",
        *(p.token for p in story.people.values()),
    ]
    for secret in secrets:
        assert secret.encode() not in data


async def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    world = World()
    world.desk.prepare("h1")
    world.desk.end_event()

    assert await event_bundle(tmp_path, world.facts) == await event_bundle(tmp_path, world.facts)
