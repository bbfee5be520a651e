"""What moderators do takes effect at once, everywhere, and can be taken back."""

from typing import Any

import pytest
from tests.support.arena import Hand, World

from knack_protocol.wire.messages import Delta, Ended, Role, Snapshot, View
from knack_server.core.acts import ActRefusal
from knack_server.core.desk import ActFault
from knack_server.core.facts import Acted, ActKind


def _act(world: World, kind: ActKind, target: str, text: str = "", reason: str = "because") -> Any:
    result, effects = world.arena.act(world.event, "Mia", kind, target, text, reason, world.now)
    world.perform(effects)
    return result


def _played(world: World, name: str, moves: int) -> Hand:
    phone = world.phone()
    phone.join(name)
    hand = phone.begin()
    for _ in range(moves):
        hand.move_in_time()
    world.pass_ms(100_000)
    return hand


def _ranks(world: World) -> list[str]:
    return [standing.run for standing in world.event.standings["sprint"]]


def _screen_names(world: World) -> list[str]:
    screen = world.phone()
    screen.hello(role=Role.WATCHER)
    screen.watch(View.TOP)
    return [row.name for row in screen.last(Snapshot).rows]


def test_a_voided_run_leaves_the_standings_and_comes_back_when_restored() -> None:
    world = World()
    hand = _played(world, "Anna", 3)

    _act(world, ActKind.VOID, hand.run)
    assert _ranks(world) == []
    _act(world, ActKind.RESTORE, hand.run)
    assert _ranks(world) == [hand.run]


def test_the_next_best_run_takes_the_place_of_a_voided_one() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    runs = []
    for moves in (6, 1):
        hand = phone.begin()
        for _ in range(moves):
            hand.move_in_time()
        world.pass_ms(100_000)
        runs.append(hand.run)
    assert _ranks(world) == [runs[0]]

    _act(world, ActKind.VOID, runs[0])

    assert _ranks(world) == [runs[1]]


def test_an_undo_takes_any_act_back_and_may_itself_be_undone() -> None:
    world = World()
    hand = _played(world, "Anna", 3)
    void = _act(world, ActKind.VOID, hand.run)
    undo = _act(world, ActKind.UNDO, str(void.number))
    assert _ranks(world) == [hand.run]

    _act(world, ActKind.UNDO, str(undo.number))

    assert _ranks(world) == []
    assert _act(world, ActKind.UNDO, "99") == ActRefusal.UNKNOWN_ACT


def test_voiding_a_run_in_play_ends_it_and_tells_its_player() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    hand.move()

    _act(world, ActKind.VOID, hand.run)

    assert (phone.last(Ended).reason, phone.last(Ended).rank) == (3, 0)
    assert world.event.runs[hand.run].play is None


def test_a_voided_run_in_its_countdown_never_begins() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    run = phone.start()

    _act(world, ActKind.VOID, run)
    world.pass_ms(5000)

    assert phone.last(Ended).reason == 3
    assert world.event.runs[run].play is None


def test_a_hidden_name_is_gone_from_every_screen_within_a_second() -> None:
    world = World()
    hand = _played(world, "Anna", 2)
    screen = world.phone()
    screen.hello(role=Role.WATCHER)
    screen.watch(View.TOP)

    _act(world, ActKind.HIDE_NAME, hand.phone.player)
    world.pass_ms(1000)

    assert [row.name for row in screen.last(Delta).rows] == [""]
    assert _screen_names(world) == [""]


def test_a_replaced_name_is_a_name_like_any_other() -> None:
    world = World()
    hand = _played(world, "Anna", 2)

    assert _act(world, ActKind.REPLACE_NAME, hand.phone.player, "\u202e") == ActFault.NAME
    _act(world, ActKind.REPLACE_NAME, hand.phone.player, "  Player 7 ")
    world.pass_ms(250)
    assert _screen_names(world) == ["Player 7"]
    _act(world, ActKind.SHOW_NAME, hand.phone.player)
    world.pass_ms(250)
    assert _screen_names(world) == ["Anna"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "line\nbreak"])
def test_every_act_needs_a_reason_that_can_be_read(reason: str) -> None:
    world = World()
    hand = _played(world, "Anna", 1)

    assert _act(world, ActKind.VOID, hand.run, reason=reason) == ActFault.REASON
    assert not any(isinstance(fact, Acted) for fact in world.facts)


def test_nothing_can_be_done_to_what_is_not_there() -> None:
    world = World()

    assert _act(world, ActKind.VOID, "run-nowhere") == ActFault.UNKNOWN_RUN
    assert _act(world, ActKind.HIDE_NAME, "p-nobody") == ActFault.UNKNOWN_PLAYER


def test_acts_are_still_in_effect_after_a_restart() -> None:
    world = World()
    anna, berta = _played(world, "Anna", 3), _played(world, "Berta", 2)
    _act(world, ActKind.VOID, anna.run)
    _act(world, ActKind.HIDE_NAME, berta.phone.player)

    after = world.restarted()

    assert _ranks(after) == [berta.run]
    assert _screen_names(after) == [""]


def test_the_desk_sees_every_run_with_what_was_done_to_it() -> None:
    world = World()
    hand = _played(world, "Anna", 2)
    _act(world, ActKind.VOID, hand.run)
    _act(world, ActKind.REPLACE_NAME, hand.phone.player, "Player 7")
    token, effects = world.arena.add_desk("Mia", world.now)
    world.perform(effects)
    desk = world.phone()
    desk.hello(role=Role.DESK, token=token)
    desk.watch(View.DESK)

    (row,) = desk.last(Snapshot).rows
    assert (row.run, row.name, row.shown_name, row.rank) == (hand.run, "Anna", "Player 7", 0)
    assert (row.state, row.moves, row.end_reason) == (2 | 4 | 8, 2, 0)
