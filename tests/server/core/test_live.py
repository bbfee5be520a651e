"""Live digests: what everybody learns once a second of the runs in play."""

from tests.support.arena import UNIX_0_MS, World

from knack_protocol.proof.acts import first_head, next_head
from knack_protocol.proof.live import live_digest
from knack_protocol.wire.messages import Live, Role
from knack_server.core.facts import Acted, ActKind, DigestSent
from knack_server.core.instant import Instant


def _watcher(world: World):
    phone = world.phone()
    phone.hello(role=Role.WATCHER)
    return phone


def test_nothing_goes_out_while_nobody_plays() -> None:
    world = World()
    screen = _watcher(world)
    world.pass_ms(5000)

    assert screen.all(Live) == []


def test_once_a_second_everybody_learns_the_digest_of_all_runs_in_play() -> None:
    world = World()
    screen = _watcher(world)
    anna, berta = world.phone(), world.phone()
    anna.join("Anna")
    berta.join("Berta")
    anna.start()
    berta.start("climb")
    world.pass_ms(3000)
    world.pass_ms(2500)

    digests = screen.all(Live)
    runs = [world.play(run).run for run in sorted(world.event.plays)]
    assert [message.k for message in digests] == [
        UNIX_0_MS // 1000 + 3,
        UNIX_0_MS // 1000 + 4,
        UNIX_0_MS // 1000 + 5,
    ]
    assert digests[-1].digest == live_digest("demo", "", digests[-1].k, [(run.seq, run.head) for run in runs])
    assert anna.all(Live) == berta.all(Live) == digests


def test_a_move_changes_the_digest() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    world.pass_ms(1000)
    before = phone.last(Live)
    hand.move()
    world.pass_ms(1000)

    run = world.play(hand.run).run
    after = phone.last(Live)
    assert after.digest == live_digest("demo", "", after.k, [(1, run.head)])
    assert after.digest != before.digest


def test_every_digest_is_recorded_and_the_count_goes_on_after_a_restart() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    phone.begin()
    world.pass_ms(3000)
    sent = phone.all(Live)
    assert [(f.k, f.digest) for f in world.facts if isinstance(f, DigestSent)] == [
        (m.k, m.digest) for m in sent
    ]

    after = world.restarted()
    after.pass_ms(2000)

    numbers = [f.k for f in after.facts if isinstance(f, DigestSent)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == len(sent) + 3


def test_a_clock_that_goes_back_sends_no_number_twice() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    phone.begin()
    world.pass_ms(2000)
    world.now = Instant(world.now.ms, world.now.unix_ms - 3_600_000)
    world.pass_ms(3000)

    numbers = [message.k for message in phone.all(Live)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_run_is_covered_once_more_after_its_end() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    world.pass_ms(1100)
    run = world.play(hand.run).run
    phone.start("climb")  # abandons the sprint
    world.pass_ms(1000)

    digest = phone.last(Live)
    assert digest.digest == live_digest("demo", "", digest.k, [(run.seq, run.head)])
    world.pass_ms(1000)
    assert phone.last(Live) == digest  # the climb is still in its countdown


def test_an_end_that_no_digest_has_covered_is_covered_after_a_restart() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    world.pass_ms(1100)
    run = world.play(hand.run).run
    phone.start("climb")

    after = world.restarted()

    last = [fact for fact in after.facts if isinstance(fact, DigestSent)][-1]
    assert last.digest == live_digest("demo", "", last.k, [(run.seq, run.head)])


def test_everybody_learns_how_many_acts_there_are_and_their_hash() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    phone.begin()
    world.pass_ms(1000)
    assert phone.last(Live).acts_head == first_head("demo")
    act, effects = world.arena.act(
        world.event, "Mia", ActKind.HIDE_NAME, phone.player, "", "a test", world.now
    )
    world.perform(effects)
    world.pass_ms(1000)

    live = phone.last(Live)
    assert isinstance(act, Acted)
    assert live.acts == 1
    assert live.acts_head == next_head(first_head("demo"), 1, act.at_ms, "hide_name", phone.player)


def test_no_digest_goes_out_while_nothing_can_be_recorded() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    phone.begin()
    world.perform(world.arena.recording(can_record=False))
    before = len(phone.all(Live))
    world.pass_ms(3000)

    assert len(phone.all(Live)) == before
