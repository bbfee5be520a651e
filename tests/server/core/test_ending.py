"""The end of an event: only when nobody plays, told to everybody, and for good."""

from collections.abc import Callable

import pytest
from tests.support.arena import EVENT, STAGE_TEXT, Phone, World, rejected

from knack_protocol.ids import CourseName, HeatId
from knack_protocol.proof.commitments import parse
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Closed, Done, Heat, Join, Leave, Live, Prepare, Role, Start, View
from knack_server.core import rows
from knack_server.core.ending import EndFault, in_play
from knack_server.core.facts import ActKind, CommitmentsPublished, DigestSent, EventEnded
from knack_server.core.heats import HeatFault, HeatStep


def _joined(world: World, name: str = "Anna") -> Phone:
    phone = world.phone()
    phone.join(name)
    return phone


def _gathered(world: World) -> Phone:
    world.desk.open()
    phone = _joined(world)
    phone.gather()
    return phone


def test_an_ended_event_is_told_to_everybody_and_to_whoever_comes_later() -> None:
    world = World()
    world.desk.open()
    world.desk.step("h1", HeatStep.CLOSE)
    anna, screen = _joined(world), world.phone()
    screen.hello(role=Role.WATCHER)
    stranger = world.phone()

    assert world.desk.end_event() is None

    closed = Closed(world.now.unix_ms)
    assert anna.told[-1] == screen.told[-1] == closed
    assert stranger.all(Closed) == []
    world.pass_ms(2000)
    assert anna.come_back().last(Closed) == closed
    stranger.hello()
    assert stranger.last(Closed) == closed


def test_nobody_joins_prepares_starts_or_gathers_any_more_but_one_may_watch_and_leave() -> None:
    world = World()
    world.desk.prepare("h1")
    world.desk.publish()
    anna, berta = _joined(world), _joined(world, "Berta")
    prepared = anna.send(Prepare, CourseName("sprint"))
    assert world.desk.end_event() is None

    stranger = world.phone()
    stranger.hello()
    for reply in (
        stranger.send(Join, "Clara"),
        anna.send(Prepare, CourseName("sprint")),
        anna.send(Prepare, CourseName("climb")),
        anna.send(Start, prepared.run, bytes(16)),
        berta.gather(),
    ):
        assert rejected(reply) == RejectCode.CLOSED_EVENT
    assert type(anna.watch(View.TOP)).__name__ == "Watching"
    assert isinstance(anna.send(Leave), Done)


def test_the_desk_steers_no_heat_any_more() -> None:
    world = World()
    world.desk.prepare("h1")
    world.desk.end_event()

    assert world.desk.prepare("h2") is HeatFault.ENDED
    assert world.desk.publish() is HeatFault.ENDED
    assert world.desk.step("h1", HeatStep.OPEN) is HeatFault.ENDED


def _countdown(world: World) -> None:
    _joined(world).start()


def _run(world: World) -> None:
    _joined(world).begin()


def _lobby(world: World) -> None:
    world.desk.open()


def _frozen(world: World) -> None:
    _gathered(world)
    world.desk.step("h1", HeatStep.FREEZE)


def _heat(world: World) -> None:
    _gathered(world)
    world.desk.start()
    world.pass_ms(4000)


@pytest.mark.parametrize(
    ("goes_on", "runs", "heats"),
    [
        (_countdown, 1, []),
        (_run, 1, []),
        (_lobby, 0, ["h1"]),
        (_frozen, 0, ["h1"]),
        (_heat, 1, ["h1"]),
    ],
)
def test_an_event_in_which_something_goes_on_is_not_ended(
    goes_on: Callable[[World], None], runs: int, heats: list[str]
) -> None:
    world = World()
    goes_on(world)
    before = len(world.facts)

    assert world.desk.end_event() is EndFault.IN_PLAY
    assert in_play(world.event) == (runs, heats)
    assert len(world.facts) == before
    assert not world.event.has_ended


def test_a_run_whose_clock_stands_after_a_restart_is_in_play() -> None:
    world = World()
    _run(world)
    after = world.restarted()

    assert after.desk.end_event() is EndFault.IN_PLAY


def test_an_event_ends_once_and_stays_so_after_a_restart() -> None:
    world = World()
    assert world.desk.end_event() is None
    assert world.desk.end_event() is EndFault.ENDED
    after = world.restarted()

    assert after.event.ended_unix_ms == world.event.ended_unix_ms
    assert after.desk.end_event() is EndFault.ENDED
    assert [type(fact) for fact in after.facts[-2:]] == [CommitmentsPublished, EventEnded]


def test_the_last_end_is_covered_by_a_digest_before_the_event_ends() -> None:
    world = World()
    anna = _joined(world)
    hand = anna.begin()
    world.pass_ms(1500)
    world.desk.act(ActKind.VOID, hand.run)
    before = len(anna.all(Live))

    assert world.desk.end_event() is None

    assert len(anna.all(Live)) == before + 1
    kinds = [type(fact) for fact in world.facts]
    assert kinds[-3:] == [DigestSent, CommitmentsPublished, EventEnded]
    world.pass_ms(5000)
    assert len(anna.all(Live)) == before + 1


def test_an_event_that_published_no_list_publishes_what_it_has_promised_at_its_end() -> None:
    world = World()
    world.desk.prepare("h1", reruns=1)
    world.desk.end_event()

    assert list(parse(EVENT, world.event.published.text)) == ["h1", "h1-r1"]


def test_moderators_decide_on_after_the_end() -> None:
    world = World()
    anna = _joined(world)
    hand = anna.begin()
    hand.move()
    world.pass_ms(100_000)
    world.desk.end_event()

    assert world.desk.act(ActKind.VOID, hand.run).number == 1
    assert rows.top(world.event, CourseName("sprint"), None) == []


# --- lobbies ---


def test_an_open_lobby_is_closed_again_and_everybody_is_out() -> None:
    world = World()
    anna = _gathered(world)
    screen = world.phone()
    screen.hello(role=Role.WATCHER)

    assert world.desk.step("h1", HeatStep.CLOSE) is None

    told = screen.last(Heat)
    assert (told.phase.name, told.members) == ("CLOSED", 0)
    assert anna.last(Heat).place.name == "OUTSIDE"
    assert rejected(anna.gather()) == RejectCode.UNKNOWN_HEAT
    assert world.phone().hello() is not None
    assert anna.come_back().all(Heat) == []
    assert world.desk.step("h1", HeatStep.CLOSE) is HeatFault.WRONG_PHASE


def test_a_closed_lobby_may_be_opened_anew_and_the_heat_be_played_also_after_a_restart() -> None:
    world = World()
    anna = _gathered(world)
    world.desk.step("h1", HeatStep.CLOSE)
    for number in range(2):
        world = world.restarted()
        assert world.event.heats[HeatId("h1")].phase.name == "PREPARED"
        assert world.event.heats[HeatId("h1")].members == {}
        assert world.desk.step("h1", HeatStep.OPEN) is None
        if number == 0:
            assert world.desk.step("h1", HeatStep.CLOSE) is None
    world = world.restarted()
    back = world.phone()
    back.hello(token=anna.token)
    back.gather()
    world.desk.start()
    world.pass_ms(3000)

    assert back.last(Heat).phase.name == "RUNNING"


def test_a_frozen_heat_is_not_closed() -> None:
    world = World()
    _frozen(world)
    assert world.desk.step("h1", HeatStep.CLOSE) is HeatFault.WRONG_PHASE
    world.desk.step("h1", HeatStep.TYPE, STAGE_TEXT)
    assert world.desk.step("h1", HeatStep.CLOSE) is HeatFault.WRONG_PHASE
