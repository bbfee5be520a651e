"""The lobby: who may come, who may go, and what everybody learns of it."""

from tests.support.arena import Phone, World, rejected

from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Done, Heat, HeatPhase, Leave, Place, Role, Scatter
from knack_server.core.heats import HeatStep


def _world() -> tuple[World, Phone]:
    world = World()
    world.desk.open()
    anna = world.phone()
    anna.join("Anna")
    return world, anna


def test_a_heat_that_is_only_prepared_is_told_to_nobody() -> None:
    world = World()
    world.desk.prepare("h1")
    world.desk.publish()
    phone = world.phone()
    phone.join("Anna")

    assert phone.all(Heat) == []
    assert rejected(phone.gather()) == RejectCode.UNKNOWN_HEAT


def test_who_says_hello_learns_of_every_heat_that_was_opened_with_its_promise() -> None:
    world, anna = _world()

    assert [told.heat for told in anna.all(Heat)] == ["h1"]
    assert anna.last(Heat).commit == world.event.heats["h1"].commit
    assert anna.last(Heat).place is Place.OUTSIDE


def test_gathering_is_answered_and_counted_once() -> None:
    world, anna = _world()
    assert isinstance(anna.gather(), Done)
    assert isinstance(anna.gather(), Done)

    assert (anna.last(Heat).members, anna.last(Heat).place) == (1, Place.MEMBER)
    assert len(world.event.heats["h1"].members) == 1


def test_how_many_have_gathered_reaches_everybody_with_the_next_publication_only() -> None:
    world, _ = _world()
    screen = world.phone()
    screen.hello(role=Role.WATCHER)
    before = len(screen.all(Heat))
    others = [world.phone() for _ in range(5)]
    for number, phone in enumerate(others):
        phone.join(f"Guest {number}")
        phone.gather()
    assert len(screen.all(Heat)) == before
    world.pass_ms(250)

    assert [told.members for told in screen.all(Heat)[before:]] == [5]


def test_nobody_joins_or_leaves_after_the_freeze() -> None:
    world, anna = _world()
    anna.gather()
    world.desk.step("h1", HeatStep.FREEZE)
    berta = world.phone()
    berta.join("Berta")

    assert rejected(berta.gather()) == RejectCode.HEAT_CLOSED
    assert rejected(anna.send(Scatter)) == RejectCode.HEAT_CLOSED
    assert anna.last(Heat).phase is HeatPhase.FROZEN


def test_who_scatters_or_ends_the_session_is_out_and_who_only_loses_the_line_is_not() -> None:
    world, anna = _world()
    berta, clara = world.phone(), world.phone()
    berta.join("Berta")
    clara.join("Clara")
    for phone in (anna, berta, clara):
        phone.gather()
    assert isinstance(anna.send(Scatter), Done)
    assert anna.last(Heat).place is Place.OUTSIDE
    berta.send(Leave)
    clara.hang_up()

    assert list(world.event.heats["h1"].members) == [clara.player]
    assert clara.come_back().last(Heat).place is Place.MEMBER


def test_a_player_is_in_one_lobby_at_a_time() -> None:
    world = World()
    for heat in ("h1", "h2"):
        world.desk.prepare(heat)
    world.desk.publish()
    for heat in ("h1", "h2"):
        world.desk.step(heat, HeatStep.OPEN)
    anna = world.phone()
    anna.join("Anna")
    anna.gather("h1")
    anna.gather("h2")

    assert [len(world.event.heats[heat].members) for heat in ("h1", "h2")] == [0, 1]
    world.desk.step("h2", HeatStep.FREEZE)
    assert rejected(anna.gather("h1")) == RejectCode.HEAT_CLOSED


def test_watchers_and_strangers_do_not_gather() -> None:
    world, _ = _world()
    screen, stranger = world.phone(), world.phone()
    screen.hello(role=Role.WATCHER)
    stranger.hello()

    assert rejected(screen.gather()) == RejectCode.NOT_ALLOWED
    assert rejected(stranger.gather()) == RejectCode.NOT_JOINED
    assert rejected(stranger.send(Scatter)) == RejectCode.NOT_JOINED
