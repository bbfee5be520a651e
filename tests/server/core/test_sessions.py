"""Who is there: hello, join, leave, come back."""

import pytest
from tests.support.arena import World, rejected

from knack_protocol.rules.log import ConnectionKind, decode
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.messages import Done, Ended, Hello, Join, Joined, Leave, Ping, Resumed, Role, Welcome
from knack_server.core.facts import PlayerJoined, RunLogged, SessionEnded


def test_a_hello_tells_where_one_is() -> None:
    welcome = World().phone().hello()

    assert isinstance(welcome, Welcome)
    assert (welcome.event, welcome.title, welcome.player) == ("demo", "Demo", "")
    assert [(course.name, course.level_count) for course in welcome.courses] == [("sprint", 1), ("climb", 40)]


def test_nothing_is_answered_before_hello() -> None:
    assert rejected(World().phone().send(Ping)) == RejectCode.HELLO_FIRST


def test_a_second_hello_is_refused() -> None:
    phone = World().phone()
    phone.hello()

    assert rejected(phone.hello()) == RejectCode.NOT_ALLOWED


def test_an_unknown_event_is_refused_and_hello_may_come_again() -> None:
    phone = World().phone()

    assert rejected(phone.hello(event="nowhere")) == RejectCode.UNKNOWN_EVENT
    assert isinstance(phone.hello(event="demo"), Welcome)


def test_joining_records_the_player_with_a_hash_of_the_token_only() -> None:
    world = World()
    joined = world.phone().join("  Anna  ")

    fact = next(fact for fact in world.facts if isinstance(fact, PlayerJoined))
    assert (fact.name, joined.name) == ("Anna", "Anna")
    assert joined.token.encode() not in fact.token_hash
    assert not any(joined.token in str(fact) for fact in world.facts)


@pytest.mark.parametrize("name", ["Anna", "anna", "ANNA", "  Anna"])
def test_a_name_that_looks_taken_is_refused_with_a_free_one(name: str) -> None:
    world = World()
    world.phone().join("Anna")
    second = world.phone()
    second.hello()

    reply = second.send(Join, name)

    assert rejected(reply) == RejectCode.NAME_TAKEN
    assert isinstance(second.send(Join, reply.detail), Joined)


@pytest.mark.parametrize(
    ("name", "why"), [("A", "too_short"), ("x" * 21, "too_long"), ("a\u202eb", "characters")]
)
def test_what_is_no_name_is_refused_with_the_reason(name: str, why: str) -> None:
    phone = World().phone()
    phone.hello()

    reply = phone.send(Join, name)

    assert (rejected(reply), reply.detail) == (RejectCode.NAME_INVALID, why)


def test_a_player_cannot_join_twice_on_one_session() -> None:
    phone = World().phone()
    phone.join("Anna")

    assert rejected(phone.send(Join, "Berta")) == RejectCode.ALREADY_JOINED


def test_a_token_brings_the_session_back_and_the_older_connection_goes() -> None:
    world = World()
    old = world.phone()
    old.join("Anna")
    new = world.phone()

    welcome = new.hello(token=old.token)

    assert (welcome.player, welcome.name) == (old.player, "Anna")
    assert old.closed == CloseCode.REPLACED
    assert world.event.players[old.player].peer.connection == new.connection


def test_coming_back_twice_within_a_second_has_to_wait() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    world.phone().hello(token=phone.token)
    hasty = world.phone()

    reply = hasty.hello(token=phone.token)
    assert (rejected(reply), reply.wait_ms) == (RejectCode.TOO_SOON, 1000)

    world.pass_ms(1000)
    assert isinstance(hasty.hello(token=phone.token), Welcome)


def test_a_made_up_token_opens_nothing() -> None:
    phone = World().phone()

    assert rejected(phone.hello(token="x" * 43)) == RejectCode.UNKNOWN_SESSION
    assert isinstance(phone.hello(), Welcome)


def test_a_token_of_another_event_opens_nothing_here() -> None:
    world = World()
    world.perform(world.arena.add_event("other", "Other", None, world.now))
    phone = world.phone()
    phone.join("Anna")

    assert rejected(world.phone().hello(token=phone.token, event="other")) == RejectCode.UNKNOWN_SESSION


def test_leaving_ends_the_session_for_good_and_frees_the_device() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")

    assert isinstance(phone.send(Leave), Done)

    assert any(isinstance(fact, SessionEnded) for fact in world.facts)
    assert isinstance(phone.send(Join, "Berta"), Joined)
    assert rejected(world.phone().hello(token=phone.token)) == RejectCode.UNKNOWN_SESSION


def test_one_connection_cannot_take_all_good_names() -> None:
    world = World()
    phone = world.phone()
    phone.hello()
    for number in range(5):
        assert isinstance(phone.send(Join, f"Player {number}"), Joined)
        phone.send(Leave)

    reply = phone.send(Join, "Player 5")
    assert (rejected(reply), reply.wait_ms) == (RejectCode.TOO_MANY, 10_000)
    world.pass_ms(10_000)
    assert isinstance(phone.send(Join, "Player 5"), Joined)


def test_a_run_goes_on_when_its_player_leaves_and_ends_at_its_time() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    hand.move()
    phone.send(Leave)

    world.pass_ms(95_000)

    assert world.event.runs[hand.run].end_reason == 0


@pytest.mark.parametrize("role", [Role.WATCHER, Role.DESK])
def test_only_players_may_play(role: Role) -> None:
    world = World()
    token, effects = world.arena.add_desk("Mia", world.now)
    world.perform(effects)
    phone = world.phone()
    phone.hello(role=role, token=token)

    assert rejected(phone.send(Join, "Anna")) == RejectCode.NOT_ALLOWED


def test_a_desk_needs_its_token_and_loses_it_when_revoked() -> None:
    world = World()
    token, effects = world.arena.add_desk("Mia", world.now)
    world.perform(effects)
    assert rejected(world.phone().hello(role=Role.DESK, token="wrong")) == RejectCode.UNKNOWN_SESSION
    desk = world.phone()
    assert isinstance(desk.hello(role=Role.DESK, token=token), Welcome)

    world.perform(world.arena.revoke_desk("Mia", world.now))

    assert desk.closed == CloseCode.SESSION_ENDED
    assert rejected(world.phone().hello(role=Role.DESK, token=token)) == RejectCode.UNKNOWN_SESSION


def test_a_connection_that_says_nothing_is_closed_after_ten_seconds() -> None:
    world = World()
    silent, speaking = world.phone(), world.phone()
    speaking.hello()

    world.pass_ms(9_999)
    assert silent.closed is None
    world.pass_ms(1)

    assert (silent.closed, speaking.closed) == (CloseCode.SILENT, None)


def _connection_kinds(world: World) -> list[ConnectionKind]:
    events = [decode(fact.payload) for fact in world.facts if isinstance(fact, RunLogged)]
    return [event.kind for event in events if hasattr(event, "kind")]


def test_a_lost_line_is_logged_and_the_resume_brings_everything() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    reply = hand.move()
    phone.hang_up()
    world.pass_ms(2000)
    again = world.phone()
    again.hello(token=phone.token)

    resumed = again.last(Resumed)
    run = world.play(hand.run).live_run()
    assert (resumed.seq, resumed.head) == (run.seq, run.head)
    assert (resumed.clock_ms, resumed.score, resumed.board) == (2000, reply.score, run.board.symbols)
    assert resumed.last.head == reply.head
    assert _connection_kinds(world) == [ConnectionKind.LOST, ConnectionKind.RESUMED]


def test_a_newer_connection_is_logged_as_one_replacement() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    phone.begin()
    world.phone().hello(token=phone.token)

    assert _connection_kinds(world) == [ConnectionKind.REPLACED]


def test_who_comes_back_after_the_end_is_told_how_it_ended() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    score = hand.move().score
    phone.hang_up()
    world.pass_ms(100_000)
    again = world.phone()
    again.hello(token=phone.token)

    ended = again.last(Ended)
    assert (ended.run, ended.score, ended.rank) == (hand.run, score, 1)


def test_a_hello_as_desk_is_not_a_player_hello() -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    desk = world.phone()

    assert rejected(desk.send(Hello, Role.DESK, "", phone.token)) == RejectCode.UNKNOWN_SESSION
