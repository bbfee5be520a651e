"""Row 19 of the threat table, and roles: pages of other sites, tokens that are worth nothing, people above their place.

Which origins, tokens and commands there are to be refused is proved one by one in tests/server/shell/test_socket.py,
test_host.py and test_desk.py; here somebody combines them, and an honest player plays on beside it.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import pytest
from tests.support.adversary import Contender
from tests.support.adversary_referee import judge, results
from tests.support.line import HandshakeRefused, Line
from tests.support.site import Site

from knack_protocol.ids import CourseName
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.messages import (
    Hello,
    Join,
    Leave,
    Move,
    Moved,
    Prepare,
    Reject,
    Role,
    Start,
    View,
    Watch,
    Welcome,
)
from knack_server.core import arena
from knack_server.core.sessions import Sessions
from knack_server.shell.host import Host

pytestmark = pytest.mark.asyncio

SPRINT = CourseName("sprint")
EVIL = "http://evil.example"


def code(reply: Any) -> int:
    assert isinstance(reply, Reject), reply
    return reply.code


async def shakes_hands(site: Site, *headers: tuple[str, str]) -> int:
    try:
        await site.line(headers=headers)
    except HandshakeRefused as refused:
        return refused.status
    return 101


async def unharmed(site: Site, twin: Contender) -> None:
    """See that an honest player goes on as if nothing had been."""
    site.pass_ms(3000)
    assert isinstance(await twin.try_move(), Moved)
    assert (await judge(site, twin.run)).score == twin.score > 0


# --- pages of other sites ---


async def hijack(site: Site) -> None:
    (twin,) = await Contender.enter(site, "Anna")
    desk = await site.desk()
    before = await results(site)
    own = f"http://127.0.0.1:{site.port}"

    for origin in (EVIL, f"{own}.evil.example", "null", own.replace("http", "ws")):
        assert await shakes_hands(site, ("Origin", origin)) == 403
        for path, body in (
            ("/api/desk/acts", {"kind": "void", "target": twin.run, "reason": "because"}),
            ("/api/contact", {"form": "x", "email": "a@b.example"}),
        ):
            answer = await site.http.post(path, headers=desk | {"Origin": origin}, json=body)
            assert answer.status_code == 403
    for path in ("/api/standings", "/api/event", "/api/desk/runs"):
        answer = await site.http.get(path, headers=desk | {"Origin": EVIL})
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        assert "set-cookie" not in answer.headers  # nothing rides on a foreign page's request

    assert await results(site) == before
    assert await shakes_hands(site, ("Origin", own)) == 101
    await unharmed(site, twin)


async def test_a_page_of_another_site_gains_nothing_even_with_a_token(ring: Site) -> None:
    await hijack(ring)


# --- tokens ---


async def dead_tokens(site: Site) -> list[str]:
    """Return tokens that were good once, or look it: left, revoked, altered, or the hash that the database holds."""
    left = await site.player("Berta")
    await left.ask(Leave)
    revoked = (await site.house.orders.desk_add("mia"))["token"]
    await site.house.orders.desk_revoke("mia")
    living = await site.player("Dora")
    altered = living.token[:-2] + ("A" if living.token[-2] != "A" else "Q") + living.token[-1]
    stolen = [
        sha256(living.token.encode()).hexdigest(),
        living.token.lower(),
        living.token[:-1],
        living.token + "=",
    ]
    return [left.token, revoked, altered, *stolen]


async def use_dead_tokens(site: Site) -> None:
    (twin,) = await Contender.enter(site, "Anna")
    tokens = await dead_tokens(site)
    before = await results(site)

    for token in tokens:
        line = await site.line()
        for role in (Role.PLAYER, Role.DESK):
            assert code(await line.hello(role, token)) == RejectCode.UNKNOWN_SESSION
        assert code(await line.ask(Move, *twin.fields())) == RejectCode.HELLO_FIRST
        for path in ("/api/desk", f"/api/desk/runs/{twin.run}"):
            answer = await site.http.get(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401

    assert await results(site) == before
    await unharmed(site, twin)


async def test_tokens_of_ended_sessions_and_tokens_made_of_others_gain_nothing(ring: Site) -> None:
    await use_dead_tokens(ring)


async def test_a_session_whose_name_was_erased_is_over_for_whoever_holds_its_token(ring: Site) -> None:
    cheat = await ring.player("Mallory")
    await ring.house.host.do(lambda now: (None, ring.house.host.arena.forget(now.unix_ms + 1)))

    assert await cheat.closed() == CloseCode.SESSION_ENDED
    (twin,) = await Contender.enter(ring, "Anna")
    line = await ring.line()
    assert code(await line.hello(token=cheat.token)) == RejectCode.UNKNOWN_SESSION
    await unharmed(ring, twin)


# --- roles ---


async def climb(site: Site) -> None:
    """Try everything that is not one's own from every place there is, one after another on the same line."""
    (twin,) = await Contender.enter(site, "Anna")
    other = await site.player("Berta")
    desk_token = (await site.house.orders.desk_add("ada"))["token"]
    before = await results(site)
    moves: list[tuple[Any, ...]] = [
        (Prepare, SPRINT),
        (Start, twin.run, bytes(16)),
        (Move, *twin.fields()),
        (Leave,),
    ]

    async def all_refused(line: Line, commands: list[tuple[Any, ...]], expected: set[int]) -> None:
        assert {code(await line.ask(*command)) for command in commands} <= expected

    nobody = await site.line()
    await all_refused(nobody, [*moves, (Join, "Mallory")], {RejectCode.HELLO_FIRST})
    assert code(await nobody.hello(Role.DESK, twin.line.token)) == RejectCode.UNKNOWN_SESSION
    assert isinstance(await nobody.hello(Role.WATCHER, twin.line.token), Welcome)
    await all_refused(
        nobody,
        [
            *moves,
            (Join, "Mallory"),
            (Hello, Role.DESK, "", desk_token),
            (Hello, Role.PLAYER, "", twin.line.token),
        ],
        {RejectCode.NOT_ALLOWED},
    )
    assert code(await nobody.ask(Watch, SPRINT, View.DESK, 0, 0)) == RejectCode.NOT_ALLOWED
    desk = await site.watcher(Role.DESK, desk_token)
    await all_refused(desk, [*moves, (Join, "Mallory")], {RejectCode.NOT_ALLOWED})
    unjoined = await site.line()
    await unjoined.hello()
    await all_refused(unjoined, moves, {RejectCode.NOT_JOINED})
    await all_refused(
        other,
        [(Watch, SPRINT, View.DESK, 0, 0), (Hello, Role.DESK, "", desk_token)],
        {RejectCode.NOT_ALLOWED},
    )
    await all_refused(other, moves[1:3], {RejectCode.NOT_YOUR_RUN})
    answer = await site.http.get("/api/desk/runs", headers={"Authorization": f"Bearer {other.token}"})
    assert answer.status_code == 401

    assert await results(site) == before
    await unharmed(site, twin)


async def test_climbing_from_role_to_role_gains_nothing(ring: Site) -> None:
    await climb(ring)


@pytest.mark.parametrize(
    ("where", "name", "weakness", "attack"),
    [
        (Host, "admits", lambda self, origin, host: True, hijack),
        (Sessions, "end", lambda self, player: None, use_dead_tokens),
        (arena, "_PLAYERS_ONLY", (), climb),
    ],
    ids=["any origin", "sessions that never end", "any role"],
)
async def test_a_server_that_lets_strangers_in_is_found_out(
    where: Any,
    name: str,
    weakness: Any,
    attack: Callable[[Site], Awaitable[None]],
    ring: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(where, name, weakness)

    with pytest.raises(AssertionError):
        await attack(ring)
