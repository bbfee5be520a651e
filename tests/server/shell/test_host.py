"""The core behind real sockets: sessions that come and go, roles, runs in real connections, a disk that is full."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.site import Site, open_site

from knack_protocol.ids import CourseName, RunId
from knack_protocol.rules.log import ConnectionEvent, ConnectionKind, EndEvent, decode
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.limits import COUNTDOWN_PONGS_MIN
from knack_protocol.wire.messages import (
    Begin,
    Delta,
    Done,
    Ended,
    EndReason,
    Hello,
    Join,
    Leave,
    Move,
    Moved,
    Phase,
    Ping,
    Pong,
    Prepare,
    Recording,
    Reject,
    Resumed,
    Resync,
    Role,
    Snapshot,
    Start,
    Status,
    Unwatch,
    View,
    Watch,
    Watching,
    Welcome,
)
from knack_server.store import writer as writer_module
from knack_server.store.errors import StoreUnwritable
from knack_server.store.opening import Store
from knack_server.store.queries import Queries

pytestmark = pytest.mark.asyncio

SPRINT = CourseName("sprint")


def code(reply: Any) -> int:
    assert isinstance(reply, Reject), reply
    return reply.code


async def logged(site: Site, run: RunId) -> list[Any]:
    await site.settled()
    stored = await Queries(site.house.store).run_log(run)
    assert stored is not None
    return [decode(event.payload) for event in stored.events]


# --- sessions ---


async def test_a_newer_connection_replaces_the_older_one_in_the_middle_of_a_run(site: Site) -> None:
    older = await site.player("Anna")
    hand = await site.play(older, 2)

    newer = await site.line()
    welcome = await newer.hello(token=older.token)
    resumed = await newer.next(Resumed)

    assert (welcome.player, welcome.name) == (hand.player, "Anna")
    assert await older.closed() == CloseCode.REPLACED
    hand.mirror.resumed(resumed, None)
    hand.line = newer
    await hand.move()
    kinds = [event.kind for event in await logged(site, hand.run) if isinstance(event, ConnectionEvent)]
    assert kinds == [ConnectionKind.REPLACED]


async def test_who_loses_the_line_comes_back_to_a_run_whose_clock_went_on(site: Site) -> None:
    anna = await site.player("Anna")
    hand = await site.play(anna, 1)

    await anna.hang_up()
    site.pass_ms(5000)
    back = await site.line()
    await back.hello(token=anna.token)
    resumed = await back.next(Resumed)

    assert resumed.phase is Phase.PLAYING
    assert resumed.clock_ms >= 5000
    assert resumed.last is not None
    hand.mirror.resumed(resumed, None)
    hand.line = back
    await hand.move()
    kinds = [event.kind for event in await logged(site, hand.run) if isinstance(event, ConnectionEvent)]
    assert kinds == [ConnectionKind.LOST, ConnectionKind.RESUMED]


async def test_a_move_whose_reply_was_lost_is_answered_again_and_played_once(site: Site) -> None:
    anna = await site.player("Anna")
    hand = await site.play(anna, 1)
    site.pass_ms(2000)
    fields = hand.fields(*hand.swap())
    moved = await anna.ask(Move, *fields)
    await anna.hang_up()
    site.pass_ms(1000)
    back = await site.line()
    await back.hello(token=anna.token)
    await back.next(Resumed)

    again = await back.ask(Move, *fields)

    assert (again.seq, again.head, again.score, again.steps) == (
        moved.seq,
        moved.head,
        moved.score,
        moved.steps,
    )


async def test_coming_back_twice_within_a_second_is_too_soon(site: Site) -> None:
    anna = await site.player("Anna")
    for is_first in (True, False):
        line = await site.line()
        reply = await line.hello(token=anna.token)
        if is_first:
            assert isinstance(reply, Welcome)
    assert code(reply) == RejectCode.TOO_SOON
    assert 1 <= reply.wait_ms <= 1000

    site.pass_ms(reply.wait_ms)

    assert isinstance(await line.hello(token=anna.token), Welcome)


async def test_a_run_that_ended_meanwhile_is_told_of_at_the_return(site: Site) -> None:
    anna = await site.player("Anna")
    hand = await site.play(anna, 3)
    await anna.hang_up()
    site.pass_ms(100_000)

    back = await site.line()
    await back.hello(token=anna.token)
    ended = await back.next(Ended)

    hand.mirror.ended(ended, was_away=True)
    assert (ended.reason, ended.t, ended.score, ended.rank) == (EndReason.TIME, 90_000, hand.score, 1)


async def test_the_clock_ends_a_run_whether_or_not_its_player_is_there(site: Site) -> None:
    anna, bob = await site.player("Anna"), await site.player("Bob")
    here, away = await site.play(anna, 1), await site.play(bob, 1)
    await bob.hang_up()

    site.pass_ms(90_000)

    here.mirror.ended(await anna.next(Ended), was_away=False)
    for hand in (here, away):
        end = (await logged(site, hand.run))[-1]
        assert end == EndEvent(end.seq, 90_000, EndReason.TIME, hand.score, 1)


async def test_leave_ends_the_session_and_the_next_player_joins_on_the_same_connection(site: Site) -> None:
    line = await site.player("Anna")
    hand = await site.play(line, 1)

    assert isinstance(await line.ask(Leave), Done)

    assert code(await line.ask(Move, *hand.fields(*hand.swap()))) == RejectCode.NOT_JOINED
    other = await site.line()
    assert code(await other.hello(token=line.token)) == RejectCode.UNKNOWN_SESSION
    assert (await line.ask(Join, "Bob")).name == "Bob"
    site.pass_ms(90_000)
    assert (await logged(site, hand.run))[-1].reason == EndReason.TIME


@pytest.mark.parametrize(
    "token", ["x", "A" * 43, "\0" * 64, "ß" * 32], ids=["short", "right length", "zeros", "longest"]
)
async def test_a_token_that_was_never_given_out_opens_nothing(site: Site, token: str) -> None:
    line = await site.line()

    for role in (Role.PLAYER, Role.DESK):
        assert code(await line.hello(role, token)) == RejectCode.UNKNOWN_SESSION

    assert isinstance(await line.hello(), Welcome)


async def test_a_token_of_one_event_opens_nothing_in_another(site: Site) -> None:
    await site.house.orders.event_add("fair", "The fair")
    anna = await site.player("Anna")
    line = await site.line()

    assert code(await line.hello(token=anna.token, event="fair")) == RejectCode.UNKNOWN_SESSION
    assert code(await line.hello(token=anna.token, event="nowhere")) == RejectCode.UNKNOWN_EVENT
    assert (await line.hello(token=anna.token, event="demo")).event == "demo"


async def test_tokens_and_nonces_are_long_and_different(site: Site) -> None:
    lines = [await site.player(name) for name in ("Anna", "Bob", "Cleo")]

    assert len({line.token for line in lines}) == 3
    assert all(len(line.token) >= 43 for line in lines)


# --- roles ---


async def test_nothing_but_hello_comes_first(site: Site) -> None:
    line = await site.line()

    for command in (
        (Ping,),
        (Join, "Anna"),
        (Leave,),
        (Prepare, SPRINT),
        (Watch, SPRINT, View.TOP, 0, 0),
        (Unwatch, 0),
    ):
        assert code(await line.ask(*command)) == RejectCode.HELLO_FIRST


@pytest.mark.parametrize("role", [Role.WATCHER, Role.DESK])
async def test_who_is_no_player_cannot_play(site: Site, role: Role) -> None:
    token = (await site.house.orders.desk_add("ada"))["token"]
    anna = await site.player("Anna")
    hand = await site.play(anna, 1)
    line = await site.watcher(role, token)

    site.pass_ms(2000)
    for command in (
        (Join, "Mallory"),
        (Leave,),
        (Prepare, SPRINT),
        (Start, hand.run, bytes(16)),
        (Move, *hand.fields(*hand.swap())),
        (Hello, Role.PLAYER, "", anna.token),
    ):
        assert code(await line.ask(*command)) == RejectCode.NOT_ALLOWED

    await hand.move()


@pytest.mark.parametrize("role", [Role.PLAYER, Role.WATCHER])
async def test_the_desks_view_needs_a_desks_token(site: Site, role: Role) -> None:
    line = await site.watcher(role)

    assert code(await line.ask(Watch, SPRINT, View.DESK, 0, 0)) == RejectCode.NOT_ALLOWED

    assert isinstance(await line.ask(Watch, SPRINT, View.TOP, 0, 0), Watching)


async def test_a_players_token_opens_no_desk_and_a_desks_token_no_player(site: Site) -> None:
    token = (await site.house.orders.desk_add("ada"))["token"]
    anna = await site.player("Anna")
    line = await site.line()

    assert code(await line.hello(Role.DESK, anna.token)) == RejectCode.UNKNOWN_SESSION
    assert code(await line.hello(Role.PLAYER, token)) == RejectCode.UNKNOWN_SESSION


async def test_nobody_moves_or_starts_somebody_elses_run(site: Site) -> None:
    anna, mallory = await site.player("Anna"), await site.player("Mallory")
    hand = await site.play(anna, 1)
    prepared = await anna.ask(Prepare, CourseName("climb"))

    site.pass_ms(2000)

    assert code(await mallory.ask(Move, *hand.fields(*hand.swap()))) == RejectCode.NOT_YOUR_RUN
    assert code(await mallory.ask(Start, prepared.run, bytes(16))) == RejectCode.NOT_YOUR_RUN
    assert code(await mallory.ask(Move, "run-x", 1, bytes(8), 0, 0)) == RejectCode.UNKNOWN_RUN
    await hand.move()


# --- a run ---


async def test_a_run_from_its_promise_to_its_end_is_what_the_rules_make_of_it(site: Site) -> None:
    anna = await site.player("Anna")

    hand = await site.play(anna, 40)
    site.pass_ms(90_000)
    ended = await anna.next(Ended)

    hand.mirror.ended(ended, was_away=False)
    assert ended.score == hand.score > 0
    stored = await Queries(site.house.store).run_log(hand.run)
    assert stored is not None
    hashes = {event.seq: event.hash for event in stored.events}
    assert all(hashes[receipt.seq] == receipt.head for receipt in hand.mirror.receipts if receipt.seq)


async def test_pings_of_the_countdown_measure_a_grace_of_a_real_line(site: Site) -> None:
    anna, deaf = await site.player("Anna"), await site.player("Deaf")
    deaf.answers_pings = False
    for line in (anna, deaf):
        prepared = await line.ask(Prepare, SPRINT)
        await line.ask(Start, prepared.run, bytes(16))

    for before in range(COUNTDOWN_PONGS_MIN):
        await anna.pinged(before)
        await anna.ask(Ping)  # its answer shows that the pong before it has arrived
        site.pass_ms(200)
    site.pass_ms(3000)
    begin, ungraced = await anna.next(Begin), await deaf.next(Begin)

    assert len(set(anna.pings)) == len(anna.pings) >= COUNTDOWN_PONGS_MIN
    assert all(len(payload) == 8 for payload in anna.pings)
    assert 0 <= begin.grace_ms < 200
    assert ungraced.grace_ms == 0


async def test_a_pong_that_answers_no_ping_earns_no_grace(site: Site) -> None:
    anna = await site.player("Anna")
    anna.answers_pings = False
    prepared = await anna.ask(Prepare, SPRINT)
    await anna.ask(Start, prepared.run, bytes(16))

    site.pass_ms(1000)
    for number in range(10):
        await anna.frame(10, number.to_bytes(8, "big"))
    await anna.ask(Ping)
    site.pass_ms(2000)

    assert (await anna.next(Begin)).grace_ms == 0


async def test_a_refused_move_leaves_nothing(site: Site) -> None:
    anna = await site.player("Anna")
    prepared = await anna.ask(Prepare, SPRINT)
    started = await anna.ask(Start, prepared.run, bytes(16))
    assert code(await anna.ask(Move, prepared.run, 1, bytes(8), 0, 0)) == RejectCode.OUT_OF_ORDER
    site.pass_ms(started.countdown_ms)
    begin = await anna.next(Begin)

    for seq, head in ((2, begin.head[:8]), (0, begin.head[:8]), (1, bytes(8))):
        assert code(await anna.ask(Move, prepared.run, seq, head, 0, 0)) == RejectCode.OUT_OF_ORDER

    assert await logged(site, prepared.run) == []


# --- standings ---


async def test_a_score_moves_on_every_screen_and_the_reply_names_the_version_that_shows_it(
    site: Site,
) -> None:
    anna = await site.player("Anna")
    screens = [await site.watcher() for _ in range(3)]
    for screen in screens:
        watching = await screen.ask(Watch, SPRINT, View.TOP, 0, 0)
        assert (await screen.next(Snapshot)).feed == watching.feed
    hand = await site.begin(anna)

    moved = await hand.move()

    for screen in screens:
        delta = await screen.next(Delta)
        assert delta.to == moved.version
        assert [(row.name, row.score, row.state) for row in delta.rows] == [("Anna", moved.score, 1)]


async def test_a_screen_that_comes_back_gets_what_it_missed(site: Site) -> None:
    anna = await site.player("Anna")
    screen, other = await site.watcher(), await site.watcher()
    for line in (screen, other):
        await line.ask(Watch, SPRINT, View.TOP, 0, 0)
    snapshot = await screen.next(Snapshot)
    await screen.hang_up()
    hand = await site.begin(anna)
    for _ in range(3):
        await hand.move()
        await other.next(Delta)

    back = await site.watcher()
    watching = await back.ask(Watch, SPRINT, View.TOP, snapshot.epoch, snapshot.version)
    delta = await back.next(Delta)

    assert (delta.from_, delta.to) == (snapshot.version, watching.version)
    assert [row.score for row in delta.rows] == [hand.score]


async def test_an_epoch_that_is_not_ours_is_answered_by_a_fresh_start(site: Site) -> None:
    screen = await site.watcher()

    watching = await screen.ask(Watch, SPRINT, View.TOP, 1, 1)

    assert (await screen.next(Resync)).epoch == watching.epoch
    assert (await screen.next(Snapshot)).epoch == watching.epoch


# --- a full disk ---


class Disk:
    """Stands before the store's writing and can be full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        write: Callable[..., Any] = Store.write

        async def write_if_there_is_room(store: Store, writings: Any) -> None:
            if self.is_full:
                raise StoreUnwritable("the disk is full")
            await write(store, writings)

        monkeypatch.setattr(Store, "write", write_if_there_is_room)
        monkeypatch.setattr(writer_module, "RETRY_S", 0.01)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


async def test_a_full_disk_is_told_moves_are_refused_and_afterwards_play_goes_on(
    site: Site, disk: Disk
) -> None:
    anna, screen = await site.player("Anna"), await site.watcher()
    hand = await site.play(anna, 2)
    disk.is_full = True
    site.pass_ms(2000)
    cell, direction = hand.swap()
    pending = await anna.send(Move, *hand.fields(cell, direction))

    assert (await anna.next(Status)).state == (await screen.next(Status)).state == Recording.NOT_NOW
    reject = await anna.ask(Move, *hand.fields(cell, direction))
    assert (code(reject), reject.wait_ms) == (RejectCode.NOT_RECORDING, 1000)
    assert code(await anna.ask(Leave)) == RejectCode.NOT_RECORDING
    assert isinstance(await anna.ask(Ping), Pong)
    assert not [message for message in anna.told if isinstance(message, Moved)]

    disk.is_full = False
    assert (await anna.next(Status)).state == Recording.AGAIN
    moved = await anna.until(lambda message: getattr(message, "req", None) == pending)
    hand.mirror.moved(moved, cell, direction)
    await hand.move()


async def test_who_comes_while_the_disk_is_full_is_welcomed_and_told(site: Site, disk: Disk) -> None:
    anna = await site.player("Anna")
    hand = await site.play(anna, 1)
    disk.is_full = True
    site.pass_ms(2000)
    await anna.send(Move, *hand.fields(*hand.swap()))
    await anna.next(Status)

    line = await site.line()
    assert isinstance(await line.hello(), Welcome)
    assert (await line.next(Status)).state == Recording.NOT_NOW
    assert code(await line.ask(Join, "Bob")) == RejectCode.NOT_RECORDING
    back = await site.line()
    assert isinstance(await back.hello(token=anna.token), Welcome)
    disk.is_full = False

    assert (await back.next(Resumed)).moves == 2
    assert (await line.ask(Join, "Bob")).name == "Bob"


async def test_nothing_that_a_full_disk_kept_from_the_log_was_acknowledged(
    tmp_path: Path, disk: Disk
) -> None:
    async with open_site(tmp_path) as site:
        anna = await site.player("Anna")
        hand = await site.play(anna, 3)
        disk.is_full = True
        site.pass_ms(2000)
        await anna.send(Move, *hand.fields(*hand.swap()))
        await anna.next(Status)
        receipts = hand.mirror.receipts
        stored = await Queries(site.house.store).run_log(hand.run)
        disk.is_full = False

    assert stored is not None
    assert [(event.seq, event.hash) for event in stored.events] == [
        (receipt.seq, receipt.head) for receipt in receipts if receipt.seq
    ]
