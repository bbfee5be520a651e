"""What a restart gets back: the facts, in the order in which they were recorded."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support import lives
from tests.support.arena import EVENT, World
from tests.support.database import committed, record, writing

from knack_protocol.ids import CourseName, EventId, HeatId
from knack_server.core import rows
from knack_server.core.facts import (
    ActKind,
    ClockMarked,
    DeskTokenAdded,
    DeskTokenRevoked,
    DigestSent,
    EventAdded,
    EventEnded,
    EventMadeCurrent,
    Fact,
    HeatClosed,
    HeatInterrupted,
    HeatOpened,
    HeatOver,
    LobbyChanged,
    NamesErased,
    PlayerJoined,
    RunLogged,
    SessionEnded,
)
from knack_server.store.export import listing
from knack_server.store.loading import load_all


async def loaded(path: Path, facts: Sequence[Fact]) -> list[Fact]:
    """Record facts, restart, and load them."""
    await record(path, facts)
    async with writing(path) as (store, _):
        return await load_all(store)


@pytest.mark.asyncio
async def test_facts_come_back_in_the_order_in_which_they_were_recorded(tmp_path: Path) -> None:
    facts: list[Fact] = [
        *lives.event(),
        DeskTokenAdded("kim", b"k" * 32, 5),
        lives.player("Anna"),
        lives.player("Ben"),
        SessionEnded(lives.player_id("Anna"), 9),
        lives.prepared("a", "Anna"),
        lives.prepared("b", "Ben"),
        *lives.event("other"),
        lives.act(1, ActKind.HIDE_NAME, "p-anna"),
        *lives.in_play("c", "Ben"),
        *lives.logged("c", lives.move(1, 500, 30), lives.move(2, 1500, 90)),
        ClockMarked(lives.run_id("c"), 2500),
        DeskTokenRevoked("kim", 11),
        DeskTokenAdded("kim", b"n" * 32, 12),
        lives.act(2, ActKind.UNDO, "1"),
        EventMadeCurrent(lives.DEMO),
    ]
    expected = [fact for place, fact in enumerate(facts) if place != 1]  # demo was made current twice
    assert await loaded(tmp_path / "knack.sqlite", facts) == expected


@pytest.mark.asyncio
async def test_a_lobby_that_was_closed_and_opened_anew_is_open_and_its_event_ends_last(
    tmp_path: Path,
) -> None:
    heat = HeatId("h1")
    ben = lives.player_id("Ben")
    last = [HeatOpened(lives.DEMO, heat, 14), EventEnded(lives.DEMO, 15)]
    facts: list[Fact] = [
        *lives.event(),
        lives.player("Ben"),
        *lives.promised("h1"),
        LobbyChanged(lives.DEMO, heat, ben, is_in=True, at_ms=11),
        LobbyChanged(lives.DEMO, heat, ben, is_in=False, at_ms=12),
        HeatClosed(lives.DEMO, heat, 13),
    ]
    assert await loaded(tmp_path / "knack.sqlite", facts) == facts
    found = await loaded(tmp_path / "again.sqlite", [*facts, *last])

    assert found == [fact for fact in [*facts, *last] if fact != lives.promised("h1")[-1]]


@pytest.mark.asyncio
async def test_a_heat_comes_back_step_by_step_with_its_lobby_and_its_runs(tmp_path: Path) -> None:
    heat = HeatId("h1")
    facts: list[Fact] = [
        *lives.event(),
        *lives.promised(),
        lives.player("Anna"),
        lives.player("Ben"),
        LobbyChanged(lives.DEMO, heat, lives.player_id("Ben"), is_in=True, at_ms=1),
        LobbyChanged(lives.DEMO, heat, lives.player_id("Ben"), is_in=False, at_ms=2),
        *lives.heat_begun("h1", a="Anna", b="Ben"),
        HeatInterrupted(lives.DEMO, heat, 7),
        HeatOver(lives.DEMO, heat, 8),
    ]
    assert await loaded(tmp_path / "knack.sqlite", facts) == facts


@pytest.mark.asyncio
async def test_a_wall_clock_that_goes_back_changes_no_order(tmp_path: Path) -> None:
    events = [EventAdded(EventId(f"e{number}"), "", 1000 - number, None) for number in range(5)]
    assert await loaded(tmp_path / "knack.sqlite", events) == events


@pytest.mark.asyncio
async def test_ended_runs_bring_the_last_event_of_their_log_only_and_in_play_all_of_it(
    tmp_path: Path,
) -> None:
    facts = [
        *lives.event(),
        lives.player("Anna"),
        *lives.finished("a", "Anna", 30, 500),
        *lives.in_play("b", "Anna"),
        *lives.logged("b", *(lives.move(seq, seq * 500, 30) for seq in range(1, 6))),
    ]
    back = await loaded(tmp_path / "knack.sqlite", facts)
    assert [(fact.run, fact.seq) for fact in back if isinstance(fact, RunLogged)] == [
        ("run-a", 2),
        *(("run-b", seq) for seq in range(1, 6)),
    ]


@pytest.mark.asyncio
async def test_of_many_marks_of_a_clock_the_last_counts_and_none_after_the_end(tmp_path: Path) -> None:
    marks = [ClockMarked(lives.run_id(run), ms) for ms in (1000, 2000, 3000) for run in "ab"]
    facts = [
        *lives.event(),
        lives.player("Anna"),
        *lives.in_play("a", "Anna"),
        *lives.in_play("b", "Anna"),
        *marks,
        *lives.logged("a", lives.move(1, 1, 30)),
        *lives.ended("a", 30, 1),
    ]
    back = await loaded(tmp_path / "knack.sqlite", facts)
    assert [fact for fact in back if isinstance(fact, ClockMarked)] == [ClockMarked(lives.run_id("b"), 3000)]


@pytest.mark.asyncio
async def test_positions_go_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "knack.sqlite"
    facts = [*lives.event(), lives.player("Anna"), *lives.in_play("a", "Anna"), lives.player("Ben")]
    for fact in facts:
        await record(path, [fact])
    async with writing(path) as (store, _):
        assert await load_all(store) == facts


@pytest.mark.asyncio
async def test_an_erased_player_comes_back_without_name_and_token(tmp_path: Path) -> None:
    later = PlayerJoined(lives.DEMO, lives.player_id("Ben"), "Ben", "ben", b"b" * 32, lives.UNIX_MS + 1000)
    facts = [*lives.event(), lives.player("Anna"), later, NamesErased(lives.UNIX_MS + 1000)]
    back = [fact for fact in await loaded(tmp_path / "knack.sqlite", facts) if isinstance(fact, PlayerJoined)]
    assert back == [
        PlayerJoined(lives.DEMO, lives.player_id("Anna"), "", "p-anna", b"", lives.UNIX_MS + 1),
        later,
    ]


NAMES = ("Anna", "Ben", "Cem")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lengths=st.lists(st.integers(0, 4), min_size=1, max_size=8),
    order=st.randoms(use_true_random=False),
    cuts=st.lists(st.integers(0, 60), max_size=6),
)
def test_however_lives_mingle_and_commits_fall_every_life_comes_back(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], order: object, cuts: list[int]
) -> None:
    """Runs get as far as `lengths` says; their facts mingle at random and go out in submissions cut at random."""
    stories: list[list[Fact]] = []
    for number, length in enumerate(lengths):
        whole = lives.finished(f"{number}", NAMES[number % 3], 30 + number, 500)
        stories.append(whole[: length + 1 if length < 4 else None])
    facts: list[Fact] = [*lives.event(), *(lives.player(name) for name in NAMES)]
    while any(stories):
        facts.append(order.choice([story for story in stories if story]).pop(0))
    folder = tmp_path_factory.mktemp("lives")

    async def run() -> list[Fact]:
        async with writing(folder / "knack.sqlite") as (_, writer):
            edges = sorted({0, len(facts), *(cut for cut in cuts if cut < len(facts))})
            for start, stop in pairwise(edges):
                writer.submit(facts[start:stop], lambda: None)
            await committed(writer)
        async with writing(folder / "knack.sqlite") as (store, _):
            return await load_all(store)

    back = asyncio.run(run())
    placed = [fact for fact in back if fact in facts]
    assert placed == back, "nothing was invented"
    durable = [fact for fact in facts if not isinstance(fact, RunLogged)]
    assert set(durable) <= set(back)
    ordered = [fact for fact in facts if type(fact).__name__ in {"RunPrepared", "RunStarted", "RunEnded"}]
    assert [fact for fact in back if fact in ordered] == ordered


@pytest.mark.asyncio
async def test_the_core_stands_again_as_it_stood_and_the_export_agrees_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "knack.sqlite"
    world = World()
    hands = []
    for number, name in enumerate(("Anna", "Ben", "Cem", "Dóra")):
        phone = world.phone()
        phone.join(name)
        hands.append(phone.begin("sprint" if number < 3 else "climb"))
    for turn in range(9):
        for number, hand in enumerate(hands):
            if turn < 4 + number:
                hand.move_in_time()
    world.pass_ms(1000)
    for hand in hands[:2]:
        again = hand.phone.begin("sprint")  # abandons the run in play
        again.move_in_time()
    _, effects = world.arena.act(world.event, "kim", ActKind.VOID, hands[2].run, "", "two hands", world.now)
    world.perform(effects)
    world.pass_ms(2000)
    await record(path, world.facts)
    async with writing(path) as (store, _):
        facts = await load_all(store)
        again = World(world.tile_source, facts)
        for course in (CourseName("sprint"), CourseName("climb")):
            before = rows.top(world.event, course, None)
            assert before, "there is something to compare"
            assert rows.top(again.event, course, None) == before
            assert (await listing(store, EVENT, course)).rows == before
            assert rows.latest(again.event, course) == rows.latest(world.event, course)
            assert [row.run for row in rows.desk(again.event, course).rows] == [
                row.run for row in rows.desk(world.event, course).rows
            ]


@pytest.mark.asyncio
async def test_of_the_live_digests_only_the_last_comes_back(tmp_path: Path) -> None:
    sent = [DigestSent(lives.DEMO, HeatId(""), k, bytes([k]) * 32) for k in range(3)]
    heat = DigestSent(lives.DEMO, HeatId("h1"), 0, bytes(32))

    found = await loaded(tmp_path / "knack.sqlite", [*lives.event(), *sent, heat])

    assert found[-2:] == [sent[-1], heat]
