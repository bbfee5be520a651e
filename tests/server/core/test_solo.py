"""Solo runs outside their moves: commitment, countdown, T0, restart."""

from dataclasses import replace

import pytest
from tests.support.arena import MASTER, UNIX_0_MS, World, rejected

from knack_protocol.proof.seeds import Scope, client_public, commit, seed, server_seed
from knack_protocol.rules.log import ConnectionEvent, ConnectionKind, EndEvent, decode, h0
from knack_protocol.rules.replay import LogMismatch
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Begin, Ended, Prepare, Prepared, Resumed, Start, Started
from knack_server.core.facts import RunBegun, RunLogged, RunPrepared, RunStarted


def _log(world: World, run: str) -> list[object]:
    return [decode(fact.payload) for fact in world.facts if isinstance(fact, RunLogged) and fact.run == run]


def test_a_run_is_committed_to_before_the_device_has_said_a_word() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")

    prepared = phone.send(Prepare, "sprint")

    bound = server_seed(MASTER, "demo", prepared.run)
    rules_hash = world.arena.floor.rules_hash
    assert prepared.commit == commit("demo", prepared.run, "sprint", Scope.HEAT, rules_hash, bound)
    assert prepared.run.startswith("run-")
    assert any(isinstance(fact, RunPrepared) and fact.commit == prepared.commit for fact in world.facts)


def test_asking_again_gives_the_same_run_so_nobody_shops_for_seeds() -> None:
    phone = World().phone()
    phone.join("Anna")

    first, second, other = (phone.send(Prepare, course) for course in ("sprint", "sprint", "climb"))

    assert (first.run, first.commit) == (second.run, second.commit)
    assert other.run != first.run


def test_the_first_board_is_dealt_at_t0_from_the_seed_of_both_sides_and_not_a_byte_earlier() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    nonce = bytes(range(16))
    run = phone.start("sprint", nonce)

    world.pass_ms(2999)
    assert phone.last(Begin) is None
    world.pass_ms(1)

    begin = phone.last(Begin)
    joint = seed(server_seed(MASTER, "demo", run), "demo", run, client_public(nonce))
    assert begin.board == SeededTiles(joint).first_board(0).symbols
    assert begin.t0_unix_ms == UNIX_0_MS + 3000
    assert begin.head == h0(
        "demo",
        run,
        phone.player,
        begin.commit,
        world.arena.floor.rules_hash,
        begin.t0_unix_ms,
        begin.grace_ms,
    )


def test_the_countdown_measures_the_line() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")

    assert phone.begin().phone.last(Begin).grace_ms == 40


def test_without_eight_answers_there_is_no_grace() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    phone.answers_pings = False
    phone.start()
    world.pass_ms(1600)
    phone.answers_pings = True  # 7 pings are left: t = 1600, 1800, …, 2800
    world.pass_ms(1400)

    assert phone.last(Begin).grace_ms == 0


def test_grace_is_never_more_than_a_quarter_of_a_second() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    phone.answers_pings = False
    run = phone.start()
    world.play(run).round_trips_ms += [900] * 8
    world.pass_ms(3000)

    assert phone.last(Begin).grace_ms == 250


@pytest.mark.parametrize("kind", ["unknown", "foreign", "twice"])
def test_only_ones_own_prepared_run_can_be_started_once(kind: str) -> None:
    world = World()
    phone, other = world.phone(), world.phone()
    phone.join("Anna")
    other.join("Berta")
    mine = phone.send(Prepare, "sprint").run
    theirs = other.send(Prepare, "sprint").run
    run, code = {
        "unknown": ("run-nowhere", RejectCode.UNKNOWN_RUN),
        "foreign": (theirs, RejectCode.NOT_YOUR_RUN),
        "twice": (mine, RejectCode.ALREADY_STARTED),
    }[kind]
    if kind == "twice":
        assert isinstance(phone.send(Start, mine, bytes(16)), Started)

    assert rejected(phone.send(Start, run, bytes(16))) == code


def test_who_has_not_joined_cannot_prepare_or_start() -> None:
    phone = World().phone()
    phone.hello()

    assert rejected(phone.send(Prepare, "sprint")) == RejectCode.NOT_JOINED
    assert rejected(phone.send(Start, "run-x", bytes(16))) == RejectCode.NOT_JOINED


def test_there_is_no_third_course() -> None:
    phone = World().phone()
    phone.join("Anna")

    assert rejected(phone.send(Prepare, "marathon")) == RejectCode.UNKNOWN_COURSE


def test_an_event_may_limit_the_runs_and_every_started_one_counts() -> None:
    world = World(runs_max=1)
    phone = world.phone()
    phone.join("Anna")
    phone.begin()

    assert rejected(phone.send(Prepare, "climb")) == RejectCode.NO_RUNS_LEFT


def test_a_run_prepared_under_the_limit_cannot_be_started_over_it() -> None:
    world = World(runs_max=1)
    phone = world.phone()
    phone.join("Anna")
    second = phone.send(Prepare, "climb").run
    phone.begin()

    assert rejected(phone.send(Start, second, bytes(16))) == RejectCode.NO_RUNS_LEFT


def test_starting_another_run_abandons_the_one_in_play_and_its_score_stands() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    score = hand.move().score
    world.pass_ms(1500)
    phone.start("climb")

    end = _log(world, hand.run)[-1]
    assert end == EndEvent(2, 1500, 2, score, 1)
    assert world.event.standings["sprint"].rank(phone.player) == 1
    assert phone.last(Ended).reason == 2


def test_during_a_countdown_nothing_else_can_be_started() -> None:
    phone = World().phone()
    phone.join("Anna")
    phone.start("sprint")
    other = phone.send(Prepare, "climb").run

    reply = phone.send(Start, other, bytes(16))

    assert (rejected(reply), reply.wait_ms) == (RejectCode.TOO_SOON, 3000)


def test_who_is_absent_at_t0_is_logged_as_lost_at_0_and_the_clock_runs() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    run = phone.start()
    phone.hang_up()
    world.pass_ms(3000)

    assert _log(world, run) == [ConnectionEvent(1, 0, ConnectionKind.LOST)]
    assert world.play(run).clock_ms(world.now) == 0


def test_who_comes_back_in_the_countdown_is_told_how_long_it_still_takes() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    run = phone.start()
    phone.hang_up()
    world.pass_ms(1200)
    again = world.phone()
    again.hello(token=phone.token)

    resumed = again.last(Resumed)
    assert (resumed.run, resumed.phase, resumed.clock_ms, resumed.board) == (run, 0, -1800, b"")
    world.pass_ms(1800)
    assert again.last(Begin).run == run


def test_a_run_ends_by_the_servers_own_timer_at_deadline_and_grace() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    world.pass_ms(90_039)
    assert phone.last(Ended) is None
    world.pass_ms(1)

    ended = phone.last(Ended)
    assert (ended.run, ended.reason, ended.t, ended.score, ended.rank) == (hand.run, 0, 90_000, 0, 0)


def test_after_a_restart_the_clock_stands_until_the_player_is_back() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    receipt = hand.move().head
    world.pass_ms(10_400)

    after = world.restarted()
    after.pass_ms(7000)
    again = after.phone()
    again.hello(token=phone.token)

    resumed = again.last(Resumed)
    assert (
        resumed.clock_ms == 9_600
    )  # the last mark: one every 900 ms, the first when the world began 3 s before T0
    assert resumed.last.head == receipt
    assert _log(after, hand.run)[-1] == ConnectionEvent(2, 9_600, ConnectionKind.SERVER_AWAY)
    after.pass_ms(80_440)
    assert again.last(Ended).t == 90_000


def test_after_thirty_seconds_the_clock_goes_on_without_the_player() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    hand.move()
    world.pass_ms(5100)

    after = world.restarted()
    after.pass_ms(29_999)
    assert after.play(hand.run).clock_ms(after.now) == 5100
    after.pass_ms(1001)

    assert after.play(hand.run).clock_ms(after.now) == 6100
    assert [event.kind for event in _log(after, hand.run)[1:]] == [
        ConnectionKind.SERVER_AWAY,
        ConnectionKind.LOST,
    ]


def test_a_restart_in_the_countdown_deals_the_board_when_the_player_is_back() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    run = phone.start()
    world.pass_ms(1000)

    after = world.restarted()
    again = after.phone()
    again.hello(token=phone.token)

    resumed = again.last(Resumed)
    assert (resumed.phase, resumed.clock_ms, resumed.grace_ms) == (1, 0, 0)
    assert len(resumed.board) == 64
    assert RunBegun(run, 0) in after.facts


def test_a_second_restart_before_the_player_is_back_loses_nothing() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    hand.move()
    world.pass_ms(4200)

    twice = world.restarted().restarted()
    again = twice.phone()
    again.hello(token=phone.token)

    assert again.last(Resumed).clock_ms == 4200


def test_a_prepared_run_survives_a_restart() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    prepared = phone.send(Prepare, "sprint")

    after = world.restarted()
    again = after.phone()
    again.hello(token=phone.token)

    same = again.send(Prepare, "sprint")
    assert isinstance(same, Prepared)
    assert (same.run, same.commit) == (prepared.run, prepared.commit)
    assert isinstance(again.send(Start, same.run, bytes(16)), Started)
    assert any(isinstance(fact, RunStarted) for fact in after.facts)


def test_a_log_that_gives_another_chain_than_was_recorded_is_not_played_on() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    phone.begin()
    phone.hang_up()  # one CONNECTION: no tile depends on it, only the chain
    world.facts = [
        replace(fact, hash=bytes(32)) if isinstance(fact, RunLogged) else fact for fact in world.facts
    ]

    with pytest.raises(LogMismatch, match="another chain"):
        world.restarted()
