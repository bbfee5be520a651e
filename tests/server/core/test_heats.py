"""Heats as the desk steers them: from the promise to the last END."""

import pytest
from tests.support.arena import EVENT, MASTER, STAGE_TEXT, Hand, Phone, World

from knack_protocol.ids import HeatId, RunId
from knack_protocol.proof.commitments import parse
from knack_protocol.proof.leaves import roster_hash
from knack_protocol.proof.live import live_digest
from knack_protocol.proof.publics import stage_public
from knack_protocol.proof.seeds import Scope, commit, player_seed, seed, server_seed
from knack_protocol.rules.course import rules_hash
from knack_protocol.rules.log import ConnectionEvent, ConnectionKind, decode, h0
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.wire.messages import (
    Begin,
    Ended,
    Heat,
    HeatPhase,
    Live,
    Marked,
    Phase,
    Place,
    Resumed,
    Role,
    Scatter,
    Snapshot,
    View,
)
from knack_server.core import rows
from knack_server.core.acts import ActRefusal
from knack_server.core.desk import ActFault
from knack_server.core.facts import ActKind, DigestSent, HeatInterrupted, RunLogged
from knack_server.core.heats import HeatFault, HeatStep

H1 = HeatId("h1")


def _players(world: World, *names: str) -> list[Phone]:
    """Players who have joined and gathered in h1."""
    phones = []
    for name in names:
        phone = world.phone()
        phone.join(name)
        phone.gather()
        phones.append(phone)
    return phones


def _running(scope: Scope = Scope.PLAYER, *names: str) -> tuple[World, list[Hand]]:
    """A heat whose T0 has come."""
    world = World()
    world.desk.open(scope=scope)
    phones = _players(world, *(names or ("Anna", "Berta")))
    world.desk.start()
    world.pass_ms(3000)
    return world, [Hand(phone, phone.last(Begin)) for phone in phones]


def _steps(phone: Phone) -> list[HeatPhase]:
    """The phases that a connection was told, without repetitions."""
    told = [message.phase for message in phone.all(Heat)]
    return [phase for place, phase in enumerate(told) if place == 0 or told[place - 1] != phase]


# --- promises ---


def test_a_heat_is_promised_with_its_reruns_and_the_published_list_has_them_all() -> None:
    world = World()
    assert world.desk.prepare("h7", Scope.PLAYER, "sprint", 2) is None
    assert world.desk.prepare("h8", Scope.HEAT, "climb", 0) is None
    assert world.desk.publish() is None

    promised = parse(EVENT, world.event.published.text)
    assert list(promised) == ["h7", "h7-r1", "h7-r2", "h8"]
    own = server_seed(MASTER, EVENT, "h7-r1")
    assert promised[HeatId("h7-r1")].commit == commit(
        EVENT,
        "h7-r1",
        "sprint",
        Scope.PLAYER,
        rules_hash(),
        own,
    )


def test_after_the_publication_no_heat_can_be_added_and_nothing_is_published_twice() -> None:
    world = World()
    world.desk.prepare("h7")
    world.desk.publish()

    assert world.desk.prepare("h8") is HeatFault.PUBLISHED
    assert world.desk.publish() is HeatFault.PUBLISHED


@pytest.mark.parametrize(
    ("heat", "course", "reruns", "fault"),
    [
        ("run-1", "sprint", 0, HeatFault.HEAT_ID),
        ("H 1", "sprint", 0, HeatFault.HEAT_ID),
        ("", "sprint", 0, HeatFault.HEAT_ID),
        ("sprint", "sprint", 0, HeatFault.HEAT_ID),
        ("heats", "sprint", 0, HeatFault.HEAT_ID),
        ("x" * 31, "sprint", 1, HeatFault.HEAT_ID),
        ("h2", "marathon", 0, HeatFault.HEAT_COURSE),
        ("h2", "sprint", -1, HeatFault.HEAT_RERUNS),
        ("h2", "sprint", 10, HeatFault.HEAT_RERUNS),
        ("h1", "sprint", 0, HeatFault.HEAT_TAKEN),
        ("h1-r2", "sprint", 0, HeatFault.HEAT_TAKEN),
    ],
)
def test_what_cannot_be_a_heat_is_refused(heat: str, course: str, reruns: int, fault: HeatFault) -> None:
    world = World()
    world.desk.prepare("h1")

    assert world.desk.prepare(heat, Scope.PLAYER, course, reruns) is fault


def test_nothing_is_published_without_a_heat_and_nothing_opened_without_publication() -> None:
    world = World()
    assert world.desk.publish() is HeatFault.NO_HEATS
    world.desk.prepare("h1")
    assert world.desk.step("h1", HeatStep.OPEN) is HeatFault.NOT_PUBLISHED
    world.desk.publish()
    assert world.desk.step("h9", HeatStep.OPEN) is HeatFault.UNKNOWN_HEAT


# --- from the lobby to T0 ---


def test_the_frozen_roster_goes_out_to_everybody_before_the_public_part_exists() -> None:
    world = World()
    screen = world.phone()
    screen.hello(role=Role.WATCHER)
    world.desk.open()
    anna, berta = _players(world, "Anna", "Berta")
    world.desk.step("h1", HeatStep.FREEZE)

    told = screen.last(Heat)
    assert told.roster_hash == roster_hash([anna.player, berta.player])
    assert (told.phase, told.members, told.public, told.run) == (HeatPhase.FROZEN, 2, "", "")
    assert anna.last(Heat).roster_hash == told.roster_hash
    assert anna.last(Heat).run != berta.last(Heat).run
    assert anna.last(Heat).place is Place.MEMBER
    world.desk.step("h1", HeatStep.TYPE, STAGE_TEXT)
    assert screen.last(Heat).public == f"stage:{STAGE_TEXT}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x" * 39, HeatFault.STAGE_TEXT),
        (" " * 30 + "x" * 39, HeatFault.STAGE_TEXT),
        ("x" * 40 + "\n" + "y", HeatFault.STAGE_TEXT),
        ("x" * 1001, HeatFault.STAGE_TEXT),
        ("drand:" + "x" * 40, HeatFault.DRAND),
        ("  x" + "y" * 40, None),
    ],
)
def test_the_public_part_is_a_text_of_forty_characters_and_more(text: str, fault: HeatFault | None) -> None:
    world = World()
    world.desk.open()
    _players(world, "Anna")
    world.desk.step("h1", HeatStep.FREEZE)

    assert world.desk.step("h1", HeatStep.TYPE, text) is fault


def test_nobody_tries_texts_out_and_nothing_happens_out_of_turn() -> None:
    world = World()
    world.desk.open()
    assert world.desk.step("h1", HeatStep.OPEN) is HeatFault.WRONG_PHASE
    assert world.desk.step("h1", HeatStep.FREEZE) is HeatFault.EMPTY_LOBBY
    assert world.desk.step("h1", HeatStep.TYPE, STAGE_TEXT) is HeatFault.WRONG_PHASE
    _players(world, "Anna")
    world.desk.step("h1", HeatStep.FREEZE)
    assert world.desk.step("h1", HeatStep.START) is HeatFault.NOT_TYPED
    world.desk.step("h1", HeatStep.TYPE, STAGE_TEXT)
    assert world.desk.step("h1", HeatStep.TYPE, STAGE_TEXT[::-1]) is HeatFault.WRONG_PHASE
    world.desk.step("h1", HeatStep.START)
    assert world.desk.step("h1", HeatStep.START) is HeatFault.WRONG_PHASE


def test_everybody_gets_the_first_board_at_t0_and_not_a_byte_earlier() -> None:
    world = World()
    world.desk.open()
    phones = _players(world, "Anna", "Berta", "Clara")
    world.desk.start()
    assert all(phone.last(Heat).wait_ms == 3000 for phone in phones)
    world.pass_ms(2999)
    assert all(phone.last(Begin) is None for phone in phones)
    world.pass_ms(1)

    begins = [phone.last(Begin) for phone in phones]
    assert len({begin.board for begin in begins}) == 1
    assert {begin.t0_unix_ms for begin in begins} == {phones[0].last(Heat).t0_unix_ms}
    assert all(begin.grace_ms == 40 for begin in begins)
    assert _steps(phones[0]) == [
        HeatPhase.OPEN, HeatPhase.FROZEN, HeatPhase.COUNTDOWN, HeatPhase.RUNNING,
    ]  # fmt: skip


@pytest.mark.parametrize("scope", Scope)
def test_boards_and_chains_follow_from_the_promise_and_the_typed_text(scope: Scope) -> None:
    world, hands = _running(scope)
    public = stage_public(STAGE_TEXT)
    key = seed(server_seed(MASTER, EVENT, "h1"), EVENT, "h1", public)
    for hand in hands:
        phone, begin = hand.phone, hand.phone.last(Begin)
        own = player_seed(key, phone.player) if scope is Scope.PLAYER else None
        tiles = SeededTiles(key, own)
        assert begin.board == tiles.first_board(0).symbols
        assert begin.head == h0(
            EVENT, "h1", phone.player, begin.commit, rules_hash(), begin.t0_unix_ms, begin.grace_ms
        )
        assert begin.commit == world.event.heats[H1].commit
        moved = hand.move()
        fallen = {column: fill for column, fill in enumerate(moved.steps[0]) if fill}
        assert all(tiles.falling(0, column, 0).startswith(fill) for column, fill in fallen.items())


def test_in_scope_player_a_faster_friend_is_no_preview() -> None:
    for scope, same in ((Scope.HEAT, True), (Scope.PLAYER, False)):
        _, (anna, berta) = _running(scope)
        assert (anna.move().steps == berta.move().steps) is same


def test_a_member_who_is_away_at_t0_is_in_the_log_and_may_come_late() -> None:
    world = World()
    world.desk.open()
    anna, berta = _players(world, "Anna", "Berta")
    world.desk.start()
    berta.hang_up()
    world.pass_ms(4000)
    run = anna.last(Heat)
    late = berta.come_back()

    resumed = late.last(Resumed)
    assert (resumed.phase, resumed.clock_ms) == (Phase.PLAYING, 1000)
    events = [decode(f.payload) for f in world.facts if isinstance(f, RunLogged) and f.run == resumed.run]
    assert events == [
        ConnectionEvent(1, 0, ConnectionKind.LOST), ConnectionEvent(2, 1000, ConnectionKind.RESUMED),
    ]  # fmt: skip
    assert late.last(Heat).run == resumed.run != run.run
    assert resumed.grace_ms == 0


def test_the_start_of_a_heat_ends_its_members_solo_runs() -> None:
    world = World()
    world.desk.open()
    (anna,) = _players(world, "Anna")
    solo = anna.begin().run
    world.desk.start()

    assert (anna.last(Ended).run, int(anna.last(Ended).reason)) == (solo, 2)
    world.pass_ms(3000)
    assert anna.last(Begin).run != solo


def test_a_heats_run_does_not_count_against_the_limit_of_runs() -> None:
    world = World(runs_max=1)
    world.desk.open()
    (anna,) = _players(world, "Anna")
    world.desk.start()
    world.pass_ms(3000)

    assert anna.last(Begin) is not None
    assert anna.start() is not None


# --- while it runs ---


def test_the_standings_of_the_heat_are_live_and_open_play_shows_none_of_it() -> None:
    world, (anna, berta) = _running()
    screen = world.phone()
    screen.hello(role=Role.WATCHER)
    screen.watch(View.TOP, "h1")
    screen.watch(View.LATEST, "h1")
    anna.move()
    world.pass_ms(500)
    berta.move()
    world.pass_ms(500)

    shown = rows.top(world.event, "h1", None)
    assert {row.run for row in shown} == {anna.run, berta.run}
    assert rows.top(world.event, "sprint", None) == []
    assert [row.player for row in rows.top(world.event, "heats", None)] == [row.player for row in shown]
    assert screen.last(Snapshot) is not None


def test_every_feed_of_an_event_has_a_number_of_its_own() -> None:
    world, _ = _running()
    names = ["sprint", "climb", "heats", "h1", "h1-r1", "h1-r2"]
    numbers = {world.event.feed_number(name, view) for name in names for view in View}

    assert len(numbers) == len(names) * len(View)


def test_once_a_second_everybody_learns_the_digest_over_the_roster() -> None:
    world, (anna, berta) = _running()
    anna.move()
    world.pass_ms(5500)

    told = [message for message in anna.phone.all(Live) if message.heat == "h1"]
    assert [message.k for message in told] == [0, 1, 2, 3, 4, 5]
    in_order = sorted((anna, berta), key=lambda hand: hand.phone.player)
    chains = [(hand.seq, hand.head) for hand in in_order]
    assert told[-1].digest == live_digest(EVENT, H1, told[-1].k, chains)
    assert [message for message in anna.phone.all(Live) if message.heat == ""] == []


def test_the_heat_is_over_with_its_last_run_and_a_last_digest_holds_every_end() -> None:
    world, (anna, berta) = _running()
    anna.move()
    world.pass_ms(89_900)
    assert anna.phone.last(Heat).phase is HeatPhase.RUNNING
    world.pass_ms(200)

    assert anna.phone.last(Heat).phase is HeatPhase.OVER
    assert {int(hand.phone.last(Ended).reason) for hand in (anna, berta)} == {0}
    last = anna.phone.last(Live)
    in_order = sorted((anna, berta), key=lambda hand: hand.phone.player)
    chains = [(hand.phone.last(Ended).seq, hand.phone.last(Ended).head) for hand in in_order]
    assert last.digest == live_digest(EVENT, H1, last.k, chains)
    ks = [fact.k for fact in world.facts if isinstance(fact, DigestSent) and fact.heat == "h1"]
    assert ks == sorted(set(ks))
    before = len(anna.phone.all(Live))
    world.pass_ms(3000)
    assert len(anna.phone.all(Live)) == before


def test_a_heat_without_a_scoring_move_counts_the_courses_full_time_in_the_sum() -> None:
    world = World()
    world.desk.prepare("h1", reruns=0)
    world.desk.prepare("h2", reruns=0)
    world.desk.publish()
    world.desk.step("h1", HeatStep.OPEN)
    anna, berta = _players(world, "Anna", "Berta")
    world.desk.start("h1")
    world.pass_ms(3000)
    hands = [Hand(phone, phone.last(Begin)) for phone in (anna, berta)]
    for hand in hands:
        hand.move()
    world.pass_ms(91_000)
    world.desk.step("h2", HeatStep.OPEN)
    anna.gather("h2")
    world.desk.start("h2")
    world.pass_ms(3000)
    Hand(anna, anna.last(Begin)).move()

    entries = world.event.heats
    first, second = (entries[HeatId(heat)].runs[anna.player] for heat in ("h1", "h2"))
    others = entries[H1].runs[berta.player]
    summed = {row.player: row for row in rows.top(world.event, "heats", None)}
    assert summed[anna.player].score == first.score + second.score
    assert summed[anna.player].time_ms == first.scored_at_ms + second.scored_at_ms
    assert summed[berta.player].time_ms == others.scored_at_ms + 90_000
    assert summed[anna.player].run == RunId(anna.player)


# --- void and rerun ---


def test_a_voided_heat_ends_at_once_counts_nowhere_and_its_rerun_may_be_played() -> None:
    world, (anna, berta) = _running()
    anna.move()
    assert world.desk.step("h1-r1", HeatStep.OPEN) is HeatFault.VOID_FIRST
    world.desk.act(ActKind.VOID_HEAT, "h1")

    assert int(anna.phone.last(Ended).reason) == 3
    assert berta.phone.last(Heat).phase is HeatPhase.VOIDED
    assert rows.top(world.event, "h1", None) == rows.top(world.event, "heats", None) == []
    assert world.desk.step("h1-r2", HeatStep.OPEN) is HeatFault.VOID_FIRST
    assert world.desk.step("h1-r1", HeatStep.OPEN) is None
    assert anna.phone.gather("h1-r1") is not None
    assert anna.phone.last(Heat).place is Place.MEMBER


def test_the_void_of_a_heat_can_be_undone_until_its_rerun_is_opened() -> None:
    world, (anna, _) = _running()
    anna.move()
    world.desk.act(ActKind.VOID_HEAT, "h1")
    assert world.desk.act(ActKind.UNDO, "1").number == 2
    assert [row.run for row in rows.top(world.event, "h1", None)] == [anna.run]
    world.desk.act(ActKind.UNDO, "2")
    world.desk.step("h1-r1", HeatStep.OPEN)

    assert world.desk.act(ActKind.UNDO, "3") is ActFault.RERUN_OPENED
    assert world.desk.act(ActKind.UNDO, "9") is ActRefusal.UNKNOWN_ACT


def test_a_heat_voided_in_its_lobby_is_over_and_lets_its_players_go() -> None:
    world = World()
    world.desk.open()
    (anna,) = _players(world, "Anna")
    assert world.desk.act(ActKind.VOID_HEAT, "h2") is ActFault.UNKNOWN_HEAT
    assert world.desk.act(ActKind.VOID_HEAT, "h1-r1") is ActFault.UNKNOWN_HEAT
    world.desk.act(ActKind.VOID_HEAT, "h1")
    world.desk.step("h1-r1", HeatStep.OPEN)
    anna.gather("h1-r1")

    assert (anna.last(Heat).heat, anna.last(Heat).place) == ("h1-r1", Place.MEMBER)


def test_a_heat_voided_in_its_countdown_never_shows_a_board() -> None:
    world = World()
    world.desk.open()
    (anna,) = _players(world, "Anna")
    world.desk.start()
    world.pass_ms(1000)
    world.desk.act(ActKind.VOID_HEAT, "h1")
    world.pass_ms(5000)

    assert anna.last(Begin) is None
    assert int(anna.last(Ended).reason) == 3
    assert anna.last(Heat).phase is HeatPhase.VOIDED


def test_one_run_of_a_heat_may_be_voided_alone() -> None:
    world, (anna, berta) = _running()
    anna.move()
    berta.move()
    world.desk.act(ActKind.VOID, anna.run)

    assert [row.run for row in rows.top(world.event, "h1", None)] == [berta.run]
    assert [row.player for row in rows.top(world.event, "heats", None)] == [berta.phone.player]
    assert berta.phone.last(Heat).phase is HeatPhase.RUNNING


# --- restarts ---


def test_after_a_restart_the_heat_goes_on_after_ten_seconds_for_all_at_once_and_is_marked() -> None:
    world, (anna, berta) = _running()
    anna.move()
    world.pass_ms(20_000)
    after = world.restarted()
    back = after.phone()
    back.hello(token=anna.phone.token)
    resumed = back.last(Resumed)
    assert resumed.phase is Phase.WAITING
    assert 19_000 <= resumed.clock_ms <= 20_000
    assert (back.last(Heat).phase, back.last(Heat).marked) == (HeatPhase.WAITING, Marked.INTERRUPTED)
    hand = Hand(back, back.last(Resumed))
    hand.seq, hand.head = resumed.seq, resumed.head
    assert hand.move().code == 18  # out of order: the clock stands
    after.pass_ms(9_999)
    assert back.last(Heat).phase is HeatPhase.WAITING
    after.pass_ms(1)

    assert back.last(Heat).phase is HeatPhase.RUNNING
    goes_on = back.last(Resumed)
    assert (goes_on.phase, goes_on.clock_ms) == (Phase.PLAYING, resumed.clock_ms)
    away = [
        (fact.run, event.t)
        for fact in after.facts
        if isinstance(fact, RunLogged)
        and isinstance(event := decode(fact.payload), ConnectionEvent)
        and event.kind is ConnectionKind.SERVER_AWAY
    ]
    assert sorted(away) == sorted((run, resumed.clock_ms) for run in (anna.run, berta.run))
    assert len([fact for fact in after.facts if isinstance(fact, HeatInterrupted)]) == 1
    after.pass_ms(90_000 - resumed.clock_ms + 300)
    assert (back.last(Heat).phase, back.last(Heat).marked) == (HeatPhase.OVER, Marked.INTERRUPTED)
    ks = [fact.k for fact in after.facts if isinstance(fact, DigestSent)]
    assert ks == sorted(set(ks))


def test_a_restart_in_the_countdown_begins_the_heat_for_all_ten_seconds_later() -> None:
    world = World()
    world.desk.open()
    (anna,) = _players(world, "Anna")
    world.desk.start()
    world.pass_ms(1000)
    after = world.restarted()
    back = after.phone()
    back.hello(token=anna.token)
    assert (back.last(Resumed).board, back.last(Heat).phase) == (b"", HeatPhase.WAITING)
    after.pass_ms(10_000)

    assert (back.last(Resumed).phase, back.last(Resumed).clock_ms) == (Phase.PLAYING, 0)
    assert len(back.last(Resumed).board) == 64


@pytest.mark.parametrize("steps", range(5))
def test_a_restart_at_any_step_of_the_way_changes_nothing_but_the_clock(steps: int) -> None:
    world = World()
    world.desk.open()
    anna, berta = _players(world, "Anna", "Berta")
    berta.send(Scatter)
    for step, text in ((HeatStep.FREEZE, ""), (HeatStep.TYPE, STAGE_TEXT), (HeatStep.START, ""))[:steps]:
        assert world.desk.step("h1", step, text) is None
    if steps == 4:
        world.pass_ms(95_000)
    before, after = world.event.heats[H1], world.restarted().event.heats[H1]

    assert list(after.members) == list(before.members) == [anna.player]
    assert (after.roster_hash, after.public) == (before.roster_hash, before.public)
    assert [entry.run for entry in after.runs.values()] == [entry.run for entry in before.runs.values()]
    assert (after.phase is before.phase) is (steps != 3)


def test_what_ended_before_a_restart_stands_as_it_did() -> None:
    world, (anna, berta) = _running()
    anna.move()
    berta.move()
    world.pass_ms(95_000)
    world.desk.act(ActKind.VOID, berta.run)
    after = world.restarted()

    for listing in ("h1", "heats", "sprint"):
        assert rows.top(after.event, listing, None) == rows.top(world.event, listing, None)
    assert after.event.published == world.event.published
    assert after.event.heats[H1].phase is world.event.heats[H1].phase


def test_a_server_that_died_between_the_last_end_and_the_last_digest_sends_it_after_its_start() -> None:
    world, _ = _running()
    world.pass_ms(95_000)
    last_end = max(place for place, fact in enumerate(world.facts) if type(fact).__name__ == "RunEnded")
    world.facts = world.facts[: last_end + 1]
    after = world.restarted()

    assert [type(fact).__name__ for fact in after.facts[last_end + 1 :]] == ["DigestSent", "HeatOver"]
