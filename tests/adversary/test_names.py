"""Rows 17 and 28 of the threat table: many accounts, names that pose as somebody else's, names that are markup.

Which names look alike is proved in tests/server/core/test_names.py, and that pages show a name as text and nothing else
in tests/browser/test_desk_texts.py.
"""

import asyncio

import pytest
from tests.support.adversary import Contender
from tests.support.adversary_referee import judge, results, standings
from tests.support.site import Site

from knack_protocol.ids import CourseName
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Join, Joined, Leave, Moved, Prepare, Reject, Snapshot, View, Watch
from knack_server.core.names import Skeletons

pytestmark = pytest.mark.asyncio

SPRINT = CourseName("sprint")

MARKUP = [
    "<script>x()</script>",
    "<img src=x onerror=x",
    "<svg/onload=alert()>",
    '"><b>bold</b>',
    "' onclick='x()",
    "--></style><h1>hi",
    "javascript:alert(1)",
    "{{7*7}} ${7*7}",
    "&lt;i&gt; &amp;",
    "%3Cscript%3E",
    "\\u003cscript\\u003e",
    "'; DROP TABLE runs--",
    "=HYPERLINK(x)",
    "../../etc/passwd",
]

BREAKING = [
    "Anna\u202eanA",
    "An\u200bna",
    "Anna\0",
    "Anna\r\nX: y",
    "\x1b[2J Anna",
    "Anna\u2028",
    "Anna\ufe0f",
    "A" + "\u0301" * 40,
    "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace") * 3,
]

LOOK_ALIKES = ["anna", "ANNA", " Anna ", "Аnna", "Αnna", "Annа", "𝐀nna", "Ａnna", "Anna\u00a0"]


async def race_for_a_name(site: Site) -> None:
    """Let twenty phones ask for one name at once, and as many for one that looks like it."""
    (twin,) = await Contender.enter(site, "Anna")
    lines = [await site.line() for _ in range(20)]
    for line in lines:
        await line.hello()

    replies = await asyncio.gather(*(line.ask(Join, "Mallory") for line in lines))

    assert [type(reply) for reply in replies].count(Joined) == 1
    refused = [reply for reply in replies if isinstance(reply, Reject)]
    assert {reply.code for reply in refused} == {RejectCode.NAME_TAKEN}
    before = await results(site)
    waiting = [line for line, reply in zip(lines, replies, strict=True) if isinstance(reply, Reject)]
    for name, line in zip(LOOK_ALIKES, waiting, strict=False):
        reply = await line.ask(Join, name)
        assert isinstance(reply, Reject), name
        assert reply.code == RejectCode.NAME_TAKEN
    assert await results(site) == before
    assert isinstance(await twin.try_move(), Moved)
    assert [(row[3], row[4]) for row in await standings(site)] == [("Anna", twin.score)]


async def test_many_phones_that_ask_for_one_name_or_its_look_alikes_get_it_once(ring: Site) -> None:
    await race_for_a_name(ring)


async def test_one_person_with_many_accounts_has_many_runs_and_none_of_them_better_for_it(ring: Site) -> None:
    """Five names at once and then one in ten seconds; each has a run of its own, with a seed and a row of its own.

    What several accounts see of one another's tiles matters in heats alone: in open play no two runs share a seed.
    """
    (twin,) = await Contender.enter(ring, "Anna")
    line = await ring.line()
    await line.hello()
    promises = []
    for number in range(5):
        joined = await line.ask(Join, f"Mallory {number}")
        assert isinstance(joined, Joined)
        promises.append(await line.ask(Prepare, SPRINT))
        await line.ask(Leave)

    reply = await line.ask(Join, "Mallory 5")

    assert (reply.code, reply.wait_ms) == (RejectCode.TOO_MANY, 10_000)
    assert len({promise.run for promise in promises}) == len({promise.commit for promise in promises}) == 5
    assert isinstance(await twin.try_move(), Moved)
    assert (await judge(ring, twin.run)).score == twin.score


async def test_names_that_are_markup_are_told_as_they_were_typed_and_stand_in_no_page(ring: Site) -> None:
    cheats = await Contender.enter(ring, *MARKUP)
    (twin,) = await Contender.enter(ring, "Anna")
    for contender in (*cheats, twin):
        assert isinstance(await contender.try_move(), Moved)
    ring.pass_ms(1000)
    screen = await ring.watcher()
    await screen.ask(Watch, SPRINT, View.TOP, 0, 0)

    shown = {row.name for row in (await screen.next(Snapshot)).rows}
    answer = await ring.http.get("/api/standings")

    assert shown == {*MARKUP, "Anna"} == {row[3] for row in answer.json()["rows"]}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for page in ("/", "/screen", "/desk", "/contact", "/privacy", "/e/demo", "/api/join.svg"):
        text = (await ring.http.get(page)).text
        assert not [name for name in MARKUP[:6] if name in text]


async def test_names_that_would_break_a_line_or_a_screen_are_nobodys(ring: Site) -> None:
    (twin,) = await Contender.enter(ring, "Anna")
    before = await results(ring)

    for name in BREAKING:
        line = await ring.line()
        await line.hello()
        reply = await line.ask(Join, name)
        assert isinstance(reply, Reject), name
        assert reply.code == RejectCode.NAME_INVALID, name

    assert await results(ring) == before
    assert isinstance(await twin.try_move(), Moved)


async def test_a_server_that_goes_by_the_letter_is_found_out(
    ring: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Skeletons, "skeleton", lambda self, text: text)

    with pytest.raises(AssertionError):
        await race_for_a_name(ring)
