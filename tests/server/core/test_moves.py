"""The way of a move: its place in the chain, its verdict, its answer."""

import pytest
from tests.support.arena import Hand, World, rejected

from knack_protocol.rules.board import Board
from knack_protocol.rules.log import chain, decode
from knack_protocol.rules.swaps import is_legal, is_swap
from knack_protocol.wire.codec import Malformed
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.messages import Delta, Ended, Move, Moved, Reject, Snapshot, Status, View
from knack_server.core.facts import Fact, RunEnded, RunLogged


def _hand(course: str = "sprint") -> tuple[World, Hand]:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    return world, phone.begin(course)


def _illegal(board: Board) -> tuple[int, int]:
    return next(
        (cell, direction)
        for cell in range(64)
        for direction in (0, 1)
        if is_swap(cell, direction) and not is_legal(board.planes, cell, direction)
    )


def _logged(world: World) -> list[RunLogged]:
    return [fact for fact in world.facts if isinstance(fact, RunLogged)]


def test_a_move_is_played_recorded_and_answered_with_its_receipt() -> None:
    world, hand = _hand()
    start = hand.head

    reply = hand.move()

    assert isinstance(reply, Moved)
    (logged,) = _logged(world)
    assert reply.head == logged.hash == chain(start, logged.payload)
    assert (reply.seq, reply.score) == (1, decode(logged.payload).score)


def test_a_move_names_the_version_that_first_shows_it() -> None:
    world, hand = _hand()
    screen = world.phone()
    screen.hello()
    screen.watch(View.TOP)
    seen = screen.last(Snapshot).version

    reply = hand.move()
    world.pass_ms(250)

    delta = screen.last(Delta)
    assert (screen.last(Snapshot).epoch, delta.to) == (reply.epoch, reply.version)
    assert delta.from_ <= seen < delta.to
    assert [(row.run, row.score, row.state) for row in delta.rows] == [(hand.run, reply.score, 1)]


def test_an_illegal_swap_is_logged_locked_and_answered_as_illegal() -> None:
    world, hand = _hand()

    reply = hand.move(*_illegal(hand.board))

    assert (reply.verdict, reply.points, reply.steps, reply.lock_end) == (1, 0, (), reply.t_eff + 300)
    assert len(_logged(world)) == 1


def test_a_move_in_the_lock_is_early_leaves_nothing_and_says_how_long_to_wait() -> None:
    world, hand = _hand()
    hand.move()
    before = len(world.facts)

    reply = hand.move()

    assert rejected(reply) == RejectCode.EARLY
    assert len(world.facts) == before
    world.pass_ms(reply.wait_ms - 1)
    assert rejected(hand.move()) == RejectCode.EARLY
    world.pass_ms(1)
    assert isinstance(hand.move(), Moved)


def test_a_late_move_ends_the_run_and_is_refused() -> None:
    world, hand = _hand()
    world.pass_ms(90_039)  # deadline and 39 of the 40 ms of grace: t_eff is 89,999
    assert isinstance(hand.move(), Moved)

    world, hand = _hand()
    # The timer at deadline + grace is what ends a run; a frame stamped at that very ms but handled first is late.
    play = world.play(hand.run)
    play.zero_ms -= 90_040
    assert rejected(hand.move()) == RejectCode.LATE
    assert hand.phone.last(Ended).reason == 0


def test_after_the_end_a_move_is_over() -> None:
    world, hand = _hand()
    world.pass_ms(95_000)

    assert rejected(hand.move()) == RejectCode.OVER


@pytest.mark.parametrize("change", ["seq", "head", "before", "after"])
def test_a_frame_that_does_not_build_on_the_chains_end_is_out_of_order(change: str) -> None:
    world, hand = _hand()
    run, seq, head, cell, direction = hand.move_frame(0, 0)
    frame = {
        "seq": (run, seq + 1, head, cell, direction),
        "head": (run, seq, bytes(8), cell, direction),
        "before": (run, 0, head, cell, direction),
        "after": (run, 2**32 - 1, head, cell, direction),
    }[change]

    assert rejected(hand.phone.send(Move, *frame)) == RejectCode.OUT_OF_ORDER
    assert not _logged(world)


def test_a_move_before_t0_is_out_of_order() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    run = phone.start()

    assert rejected(phone.send(Move, run, 1, bytes(8), 0, 0)) == RejectCode.OUT_OF_ORDER


def test_nobody_moves_in_somebody_elses_run() -> None:
    world, hand = _hand()
    other = world.phone()
    other.join("Berta")

    assert rejected(other.send(Move, *hand.move_frame(0, 0))) == RejectCode.NOT_YOUR_RUN
    assert rejected(other.send(Move, "run-nowhere", 1, bytes(8), 0, 0)) == RejectCode.UNKNOWN_RUN


def test_the_same_frame_again_gets_the_same_answer_and_moves_nothing() -> None:
    world, hand = _hand()
    swap = _illegal(hand.board)
    frame = hand.move_frame(*swap)
    first = hand.phone.send(Move, *frame)
    facts = len(_logged(world))
    world.pass_ms(5000)

    again = hand.phone.send(Move, *frame)

    assert isinstance(again, Moved)
    assert (again.seq, again.head, again.t_arr, again.req) == (
        first.seq,
        first.head,
        first.t_arr,
        first.req + 1,
    )
    assert len(_logged(world)) == facts


def test_the_same_frame_is_answered_after_a_reconnect_and_after_a_restart() -> None:
    world, hand = _hand()
    frame = hand.move_frame(*_illegal(hand.board))
    first = hand.phone.send(Move, *frame)
    hand.phone.hang_up()
    back = world.phone()
    back.hello(token=hand.phone.token)
    assert back.send(Move, *frame).head == first.head

    after = world.restarted()
    again = after.phone()
    again.hello(token=hand.phone.token)
    assert again.send(Move, *frame).head == first.head


def test_only_the_latest_frame_is_answered_from_store() -> None:
    world, hand = _hand()
    frame = hand.move_frame(*_illegal(hand.board))
    hand.phone.send(Move, *frame)
    play = world.play(hand.run)
    hand.seq, hand.head, hand.lock_end = play.run.seq, play.run.head, play.run.lock_end_ms
    assert isinstance(hand.move_in_time(), Moved)

    assert rejected(hand.phone.send(Move, *frame)) == RejectCode.OUT_OF_ORDER


def test_a_refused_frame_may_come_again_and_is_judged_anew() -> None:
    world, hand = _hand()
    hand.move()
    frame = hand.move_frame(*_illegal(world.play(hand.run).run.board))
    assert rejected(hand.phone.send(Move, *frame)) == RejectCode.EARLY
    world.pass_ms(3000)

    assert isinstance(hand.phone.send(Move, *frame), Moved)


def test_reaching_the_goal_opens_the_next_level_in_the_same_answer() -> None:
    world, hand = _hand("climb")
    reply = hand.move_in_time()
    while reply.level is None:
        reply = hand.move_in_time()

    run = world.play(hand.run).live_run()
    assert (reply.level.level, reply.level.goal, reply.level.board) == (1, 1275, run.boards[1].symbols)
    assert reply.level.start_ms == reply.lock_end == run.level_start_ms
    world.pass_ms(reply.level.start_ms + 60_000 + 40)
    assert hand.phone.last(Ended).t == reply.level.start_ms + 60_000


def test_nothing_recorded_is_missing_after_a_run() -> None:
    world, hand = _hand("climb")
    for _ in range(30):
        hand.move_in_time()
    world.pass_ms(200_000)

    sequence = [fact.seq for fact in _logged(world)]
    ended = [fact for fact in world.facts if isinstance(fact, RunEnded)]
    assert sequence == list(range(1, len(sequence) + 1))
    assert [(fact.score, fact.moves) for fact in ended] == [(hand.phone.last(Ended).score, 30)]


def test_more_than_ten_messages_a_second_are_refused_and_a_flood_is_closed() -> None:
    world, hand = _hand()
    world.pass_ms(5000)
    for _ in range(20):
        hand.phone.send(Move, hand.run, 99, bytes(8), 0, 0)
    reply = hand.phone.send(Move, hand.run, 99, bytes(8), 0, 0)
    assert (rejected(reply), reply.wait_ms) == (RejectCode.TOO_MANY, 100)
    assert hand.phone.closed is None

    for _ in range(20):
        hand.phone.send(Move, hand.run, 99, bytes(8), 0, 0)
    assert hand.phone.closed == CloseCode.FLOODING


def test_reconnecting_refills_nobodys_bucket() -> None:
    world, hand = _hand()
    world.pass_ms(5000)
    for _ in range(20):
        hand.phone.send(Move, hand.run, 99, bytes(8), 0, 0)
    again = world.phone()
    again.hello(token=hand.phone.token)

    assert rejected(again.send(Move, hand.run, 99, bytes(8), 0, 0)) == RejectCode.TOO_MANY


def test_the_third_malformed_message_closes_the_connection() -> None:
    world = World()
    phone = world.phone()
    phone.hello()
    for expected in (None, None, CloseCode.MALFORMED):
        world.receive_malformed(phone, Malformed(RejectCode.MALFORMED, 7, "why"))
        assert phone.closed == expected

    assert [message.code for message in phone.all(Reject)] == [RejectCode.MALFORMED] * 3


def test_while_nothing_can_be_recorded_moves_are_refused_and_everybody_knows() -> None:
    world, hand = _hand()
    world.perform(world.arena.recording(can_record=False))
    facts: list[Fact] = list(world.facts)

    assert hand.phone.last(Status).state == 1
    assert rejected(hand.move()) == RejectCode.NOT_RECORDING
    assert world.facts == facts
    world.perform(world.arena.recording(can_record=True))
    assert hand.phone.last(Status).state == 0
    assert isinstance(hand.move(), Moved)
