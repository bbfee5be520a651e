"""Live digests: what everybody learns once a second of the runs in play."""

from tests.support.arena import World

from knack_protocol.proof.live import live_digest
from knack_protocol.wire.messages import Live, Role
from knack_server.core.facts import DigestSent


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
    assert [message.k for message in digests] == list(range(len(digests)))
    assert len(digests) in (2, 3)
    assert digests[-1].digest == live_digest("demo", "", digests[-1].k, [(run.seq, run.head) for run in runs])  # type: ignore[arg-type]
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
    assert after.digest == live_digest("demo", "", after.k, [(1, run.head)])  # type: ignore[arg-type]
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

    assert [f.k for f in after.facts if isinstance(f, DigestSent)] == list(range(len(sent) + 3))


def test_no_digest_goes_out_while_nothing_can_be_recorded() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    phone.begin()
    world.perform(world.arena.recording(can_record=False))
    before = len(phone.all(Live))
    world.pass_ms(3000)

    assert len(phone.all(Live)) == before
