"""Rehearsals: beside what is in earnest, reached by their id alone, and deleted whole."""

import gc
import weakref
from typing import Any

import pytest
from tests.support.arena import EVENT, Phone, World, rejected

from knack_protocol.ids import EventId
from knack_protocol.proof.seeds import Scope
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.messages import Gather, Join, Role, View, Welcome
from knack_server.core import event as event_module
from knack_server.core.event import Event
from knack_server.core.facts import EventAdded, EventKind, RehearsalDeleted
from knack_server.core.heats import HeatStep
from knack_server.core.rehearsals import LIFETIME_MS, LOOK_EVERY_MS, RehearsalFault


def done(world: World, answer: tuple[Any, list[Any]]) -> Any:
    result, effects = answer
    world.perform(effects)
    return result


def rehearsal(world: World, title: str = "A try") -> Event:
    opened = done(world, world.arena.add_rehearsal(title, world.now))
    assert isinstance(opened, Event), opened
    return opened


def deleted(world: World, named: str) -> RehearsalFault | None:
    fault = done(world, world.arena.delete_rehearsal(named))
    assert fault is None or isinstance(fault, RehearsalFault)
    return fault


def joined(world: World, event: EventId, name: str = "Anna") -> Phone:
    phone = world.phone()
    phone.hello(event=event)
    reply = phone.send(Join, name)
    phone.token, phone.player = reply.token, reply.player
    return phone


def heat(world: World, event: Event) -> Phone:
    """Open a heat in an event and let somebody gather."""
    arena = world.arena
    assert done(world, arena.prepare_heat(event, "h1", "sprint", Scope.PLAYER, 0, world.now)) is None
    assert done(world, arena.publish_heats(event, lambda _text: bytes(64), world.now)) is None
    assert done(world, arena.step_heat(event, "h1", HeatStep.OPEN, "", world.now)) is None
    phone = joined(world, event.id, "Heatherette")
    phone.send(Gather, "h1")
    return phone


def test_a_rehearsal_is_an_event_of_its_own_that_never_becomes_the_current_one() -> None:
    world = World()
    opened = rehearsal(world)

    assert opened.id.startswith("rehearsal-")
    assert len(opened.id) == len("rehearsal-") + 16
    assert (opened.kind, world.event.kind) == (EventKind.REHEARSAL, EventKind.LIVE)
    assert world.arena.floor.current == EVENT
    added = EventAdded(opened.id, "A try", world.now.unix_ms, None, EventKind.REHEARSAL)
    assert world.facts[-1] == added
    stranger = world.phone()
    assert stranger.hello().event == EVENT
    assert world.phone().hello(event=opened.id).event == opened.id


def test_two_rehearsals_of_one_server_never_have_the_same_id_or_seed() -> None:
    world = World()
    ids = []
    for _ in range(20):
        ids.append(rehearsal(world).id)
        assert deleted(world, ids[-1]) is None

    assert len(set(ids)) == 20


def test_there_is_one_at_a_time() -> None:
    world = World()
    first = rehearsal(world)

    assert done(world, world.arena.add_rehearsal("another", world.now)) is RehearsalFault.EXISTS
    deleted(world, first.id)
    assert rehearsal(world).id != first.id


def test_what_is_no_rehearsal_is_not_deleted_and_nothing_is_deleted_twice() -> None:
    world = World()
    opened = rehearsal(world)
    before = list(world.facts)

    assert deleted(world, EVENT) is RehearsalFault.LIVE
    assert deleted(world, "") is RehearsalFault.UNKNOWN
    assert deleted(world, "nowhere") is RehearsalFault.UNKNOWN
    assert world.facts == before
    assert deleted(world, opened.id) is None
    assert world.facts == [*before, RehearsalDeleted(opened.id)]
    assert deleted(world, opened.id) is RehearsalFault.UNKNOWN
    assert list(world.arena.floor.events) == [EVENT]


def test_everybody_in_it_is_sent_away_for_good_and_nobody_else() -> None:
    world = World()
    opened = rehearsal(world)
    live = joined(world, EVENT)
    player, screen = joined(world, opened.id), world.phone()
    screen.hello(role=Role.WATCHER, event=opened.id)
    for phone in (live, player):
        phone.watch(View.OWN)
    screen.watch(View.TOP)

    deleted(world, opened.id)

    assert player.closed == screen.closed == CloseCode.SESSION_ENDED
    assert live.closed is None
    again = world.phone()
    assert rejected(again.hello(event=opened.id)) == RejectCode.UNKNOWN_EVENT
    assert rejected(again.hello(token=player.token)) == RejectCode.UNKNOWN_SESSION
    assert isinstance(again.hello(event=EVENT), Welcome)
    assert list(world.arena.floor.sessions.values()) == list(world.event.players.values())


def test_who_speaks_while_it_is_deleted_is_heard_no_more() -> None:
    world = World()
    opened = rehearsal(world)
    phone = world.phone()
    phone.hello(event=opened.id)
    _, effects = world.arena.delete_rehearsal(opened.id)  # told, but the socket still stands

    told = len(phone.told)
    world.receive(phone, world.encode(Join(9, "Anna")))
    world.perform(effects)

    assert len(phone.told) == told
    assert phone.closed == CloseCode.SESSION_ENDED


@pytest.mark.parametrize("moment_ms", [0, 1000, 3000, 4200, 20_000])
def test_nothing_is_recorded_of_it_any_more_whatever_was_under_way(moment_ms: int) -> None:
    world = World()
    opened = rehearsal(world)
    in_heat = heat(world, opened)
    solo, screen = joined(world, opened.id), world.phone()
    screen.hello(role=Role.WATCHER, event=opened.id)
    screen.watch(View.TOP)
    solo.watch(View.OWN)
    solo.start()
    world.arena.step_heat(opened, "h1", HeatStep.FREEZE, "", world.now)
    world.arena.step_heat(opened, "h1", HeatStep.TYPE, "x" * 40, world.now)
    world.perform(world.arena.step_heat(opened, "h1", HeatStep.START, "", world.now)[1])
    world.pass_ms(moment_ms)

    deleted(world, opened.id)

    end = len(world.facts)
    assert world.facts[-1] == RehearsalDeleted(opened.id)
    world.hang_up(in_heat)
    world.hang_up(solo)
    world.pass_ms(300_000)
    assert world.facts[end:] == []


def test_its_memory_is_freed() -> None:
    world = World()
    opened = weakref.ref(rehearsal(world))
    name = opened().id  # type: ignore[union-attr]
    phones = [joined(world, name), world.phone()]
    phones[0].watch(View.OWN)
    phones[0].begin().move()
    phones[1].hello(role=Role.WATCHER, event=name)
    phones[1].watch(View.TOP)

    deleted(world, name)

    world.pass_ms(300_000)  # what was set for later finds that it has become pointless, and goes
    gc.collect()
    assert opened() is None


def test_another_event_is_not_touched() -> None:
    alone, beside = World(), World()
    for world in (alone, beside):
        hand = joined(world, EVENT).begin()
        hand.move()
        if world is beside:
            opened = rehearsal(world)
            joined(world, opened.id).start()
            deleted(world, opened.id)
        hand.move_in_time()
        world.pass_ms(100_000)

    (mine,), (theirs,) = (list(world.event.standings["sprint"]) for world in (alone, beside))
    assert (mine.score, mine.time_ms) == (theirs.score, theirs.time_ms)
    assert mine.score > 0


def test_its_id_is_only_told_to_whoever_asks_what_there_is() -> None:
    world = World()
    opened = rehearsal(world)
    joined(world, EVENT).begin()
    screen = world.phone()
    screen.hello(role=Role.WATCHER)
    screen.watch(View.TOP)
    joined(world, opened.id)

    world.pass_ms(5000)

    seen = b"".join(frame for connection, frame in world.stream if connection <= screen.connection)
    assert opened.id.encode() not in seen


def test_nobody_joins_a_full_rehearsal_and_a_competition_is_never_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_module, "REHEARSAL_PLAYERS_MAX", 2)
    world = World()
    opened = rehearsal(world)
    for name in ("Anna", "Berta"):
        joined(world, opened.id, name)
        joined(world, EVENT, name)
    third = world.phone()
    third.hello(event=opened.id)

    assert rejected(third.send(Join, "Clara")) == RejectCode.CLOSED_EVENT
    assert joined(world, EVENT, "Clara").token


def test_one_that_was_left_behind_is_deleted_when_its_time_is_up() -> None:
    world = World()
    opened = rehearsal(world)
    phone = joined(world, opened.id)

    world.pass_ms(LIFETIME_MS - LOOK_EVERY_MS)
    assert opened.id in world.arena.floor.events
    world.pass_ms(2 * LOOK_EVERY_MS)

    assert opened.id not in world.arena.floor.events
    assert phone.closed is not None
    assert EVENT in world.arena.floor.events


def test_its_time_goes_on_while_the_server_is_away_and_waits_while_nothing_can_be_recorded() -> None:
    world = World()
    opened = rehearsal(world)
    world = world.restarted(LIFETIME_MS)
    world.perform(world.arena.recording(False))
    world.pass_ms(2 * LOOK_EVERY_MS)
    assert opened.id in world.arena.floor.events

    world.perform(world.arena.recording(True))
    world.pass_ms(LOOK_EVERY_MS)

    assert opened.id not in world.arena.floor.events


def test_a_restart_finds_a_rehearsal_as_it_was_and_a_deleted_one_nowhere() -> None:
    world = World()
    opened = rehearsal(world)
    phone = joined(world, opened.id)
    hand = phone.begin()
    hand.move()

    after = world.restarted()

    assert after.arena.floor.events[opened.id].kind is EventKind.REHEARSAL
    assert after.arena.floor.events[opened.id].runs[hand.run].score > 0
    deleted(after, opened.id)
    last = after.restarted()
    assert list(last.arena.floor.events) == [EVENT]
    last.pass_ms(300_000)
    assert last.facts[-1] == RehearsalDeleted(opened.id)
