"""What is due is forgotten: names and sessions go, runs and ranks stay."""

from tests.support.arena import World, rejected

from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.messages import Joined, Role, Snapshot, View
from knack_server.core.facts import ContactsDeleted, NamesErased


def test_a_name_that_is_due_is_gone_and_its_run_stands_without_it() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    phone.begin().move()
    world.pass_ms(100_000)
    due = world.now.unix_ms

    world.perform(world.arena.forget(due))

    screen = world.phone()
    screen.hello(role=Role.WATCHER)
    world.pass_ms(250)
    screen.watch(View.TOP)
    (row,) = screen.last(Snapshot).rows
    assert (row.name, row.score > 0) == ("", True)
    assert phone.closed == CloseCode.SESSION_ENDED
    assert rejected(world.phone().hello(token=phone.token)) == RejectCode.UNKNOWN_SESSION
    assert world.facts[-2:] == [ContactsDeleted(due), NamesErased(due)]


def test_a_freed_name_may_be_taken_by_somebody_else() -> None:
    world = World()
    world.phone().join("Anna")
    world.perform(world.arena.forget(world.now.unix_ms + 1))

    assert isinstance(world.phone().join("Anna"), Joined)


def test_who_joined_later_keeps_everything() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    world.perform(world.arena.forget(world.now.unix_ms))

    assert phone.closed is None
    assert world.event.players[phone.player].name == "Anna"


def test_what_was_forgotten_stays_forgotten_after_a_restart() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    world.perform(world.arena.forget(world.now.unix_ms + 1))

    after = world.restarted()

    assert after.event.players[phone.player].name == ""
    assert rejected(after.phone().hello(token=phone.token)) == RejectCode.UNKNOWN_SESSION
