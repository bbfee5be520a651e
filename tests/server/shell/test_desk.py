"""The moderators' part of HTTP: tokens, runs, logs and replays, acts, contact requests."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.support.site import Site

from knack_protocol.ids import CourseName, EventId
from knack_protocol.rules.log import EndReason
from knack_protocol.wire.codes import CloseCode
from knack_protocol.wire.messages import (
    IN_PLAY,
    Delta,
    Ended,
    Ping,
    Pong,
    Prepare,
    Role,
    RowState,
    Snapshot,
    Start,
    View,
    Watch,
)
from knack_server.shell import host
from knack_server.store.queries import Queries
from knack_server.store.recording import Writing

pytestmark = pytest.mark.asyncio

SPRINT = CourseName("sprint")

ROUTES = [
    ("GET", "/api/desk"),
    ("GET", "/api/desk/runs"),
    ("GET", "/api/desk/runs/run-x"),
    ("GET", "/api/desk/acts"),
    ("POST", "/api/desk/acts"),
    ("GET", "/api/desk/contacts"),
    ("POST", "/api/desk/contacts/c-x"),
]


class Moderator:
    """Somebody at the desk."""

    def __init__(self, site: Site, headers: dict[str, str]) -> None:
        self.site = site
        self.headers = headers

    async def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = await self.site.http.get(f"/api/desk{path}", params=query, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json() if status == 200 else answer.text

    async def post(self, path: str, **body: Any) -> httpx.Response:
        kind = {"Content-Type": "application/json"}
        return await self.site.http.post(
            f"/api/desk{path}", content=json.dumps(body), headers=self.headers | kind
        )

    async def act(self, kind: str, target: Any, text: str = "", reason: str = "because") -> Any:
        answer = await self.post("/acts", kind=kind, target=target, text=text, reason=reason)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def refused(self, kind: Any, target: Any, text: str = "", reason: Any = "because") -> str:
        answer = await self.post("/acts", kind=kind, target=target, text=text, reason=reason)
        assert answer.status_code == 400, answer.text
        assert set(answer.json()) == {"error", "message"}
        return str(answer.json()["error"])


@pytest_asyncio.fixture
async def ada(site: Site) -> AsyncIterator[Moderator]:
    yield Moderator(site, await site.desk("ada"))


async def standings(site: Site) -> list[list[Any]]:
    rows: list[list[Any]] = (await site.http.get("/api/standings")).json()["rows"]
    return rows


# --- tokens ---


async def test_without_a_desk_token_there_is_401_and_nothing_else(site: Site) -> None:
    good = (await site.house.orders.desk_add("ada"))["token"]
    anna = await site.player("Anna")
    for method, path in ROUTES:
        for token in (
            "",
            f"Basic {good}",
            good,
            "Bearer",
            "Bearer x",
            f"Bearer {good}x",
            f"Bearer {anna.token}",
        ):
            headers = {"Authorization": token} if token else {}

            answer = await site.http.request(method, path, headers=headers, json={})

            assert answer.status_code == 401, (method, path, token)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["error"] == "token"


async def test_a_token_in_the_address_is_none(site: Site) -> None:
    good = (await site.house.orders.desk_add("ada"))["token"]

    assert (await site.http.get(f"/api/desk?token={good}&access_token={good}")).status_code == 401


async def test_a_token_says_whose_it_is(ada: Moderator) -> None:
    assert await ada.get("") == {"name": "ada", "event": "demo", "kind": "live", "ended_at_ms": None}
    assert "no such event" in await ada.get("", status=404, event="nowhere")


async def test_a_revoked_token_is_worthless_at_once_and_its_desk_is_closed(
    site: Site, ada: Moderator
) -> None:
    grace = Moderator(site, await site.desk("grace"))
    desks = [
        await site.watcher(Role.DESK, moderator.headers["Authorization"].split()[1])
        for moderator in (ada, grace)
    ]

    await site.house.orders.desk_revoke("ada")

    assert await desks[0].closed() == CloseCode.SESSION_ENDED
    await ada.get("", status=401)
    assert isinstance(await desks[1].ask(Ping), Pong)
    assert (await grace.get(""))["name"] == "grace"


# --- runs ---


async def test_the_desk_sees_every_run_live(site: Site, ada: Moderator) -> None:
    desk = await site.watcher(Role.DESK, ada.headers["Authorization"].split()[1])
    await desk.ask(Watch, SPRINT, View.DESK, 0, 0)
    assert (await desk.next(Snapshot)).rows == ()
    anna = await site.player("Anna")

    hand = await site.play(anna, 1)

    row = (await desk.until(lambda push: isinstance(push, Delta) and push.rows[0].score == hand.score)).rows[
        0
    ]
    assert (row.run, row.player, row.name, row.shown_name) == (hand.run, hand.player, "Anna", "Anna")
    assert (row.moves, row.end_reason, row.state) == (1, IN_PLAY, RowState.RUNNING)
    assert row.started_unix_ms > 1_600_000_000_000


async def test_runs_are_listed_newest_first_found_by_name_and_paged(site: Site, ada: Moderator) -> None:
    for number in range(53):
        line = await site.player(f"Player {number:02}")
        await site.play(line, 0)
        await line.hang_up()
    await site.settled()

    first, second, third = [await ada.get("/runs", page=page) for page in (1, 2, 3)]

    assert [(page["total"], page["page"], len(page["rows"])) for page in (first, second, third)] == [
        (53, 1, 50), (53, 2, 3), (53, 3, 0)
    ]  # fmt: skip
    names = [row[3] for row in first["rows"] + second["rows"]]
    assert names == [f"Player {number:02}" for number in reversed(range(53))]
    found = await ada.get("/runs", search="LAYER 07")
    assert (found["total"], found["rows"][0][3]) == (1, "Player 07")
    assert (await ada.get("/runs", search="100%"))["total"] == 0
    assert (await ada.get("/runs", course="climb"))["total"] == 0
    for page in ("0", "-1", "x", "99999999", "²"):
        assert (await ada.get("/runs", page=page))["page"] == 1
    await ada.get("/runs", status=404, course="marathon")
    await ada.get("/runs", status=404, event="nowhere")


async def test_a_player_is_found_by_both_names(site: Site, ada: Moderator) -> None:
    hand = await site.play(await site.player("Rude"), 1)
    await ada.act("replace_name", hand.player, "Polite")

    for search in ("rude", "polite"):
        (row,) = (await ada.get("/runs", search=search))["rows"]
        assert (row[3], row[7], row[6]) == ("Rude", "Polite", RowState.RUNNING | RowState.NAME_HIDDEN)


async def test_a_runs_log_and_replay_are_what_was_played(site: Site, ada: Moderator) -> None:
    anna = await site.player("Anna")
    hand = await site.begin(anna)
    first_board = hand.mirror.run.board
    replies = [await hand.move() for _ in range(5)]
    boards = []
    site.pass_ms(90_000)
    await anna.next(Ended)

    run = await ada.get(f"/runs/{hand.run}")

    assert (run["run"], run["player"], run["name"], run["shown_name"]) == (
        hand.run,
        hand.player,
        "Anna",
        "Anna",
    )
    assert (run["course"], run["grace_ms"], run["state"]) == ("sprint", hand.mirror.run.grace_ms, 0)
    assert [event["type"] for event in run["events"] if event["type"] != "shuffle"] == ["move"] * 5 + ["end"]
    assert run["events"][-1]["score"] == hand.score
    assert run["events"][-1]["reason"] == EndReason.TIME
    hashes = {event["seq"]: event["hash"] for event in run["events"]}
    assert all(hashes[receipt.seq] == receipt.head.hex() for receipt in hand.mirror.receipts if receipt.seq)
    (level,) = run["replay"]["levels"]
    assert (level["level"], level["time_ms"], level["board"]) == (0, 90_000, first_board.digits)
    for move, reply in zip(run["replay"]["moves"], replies, strict=True):
        assert (move["t_arr"], move["t_eff"], move["points"], move["score"]) == (
            reply.t_arr, reply.t_eff, reply.points, reply.score
        )  # fmt: skip
        assert move["steps"] == [[list(column) for column in step] for step in reply.steps]
        assert move["verdict"] == "ok"
        boards.append(move["board"])
    assert boards[-1] == hand.mirror.run.board.digits


async def test_a_run_in_play_and_one_in_its_countdown_can_be_looked_at(site: Site, ada: Moderator) -> None:
    anna, bob = await site.player("Anna"), await site.player("Bob")
    hand = await site.play(anna, 2)
    await site.begin(bob, "climb")
    prepared = await bob.ask(Prepare, SPRINT)
    await bob.ask(Start, prepared.run, bytes(16))

    playing = await ada.get(f"/runs/{hand.run}")
    counting_down = await ada.get(f"/runs/{prepared.run}")

    assert playing["replay"]["moves"][-1]["score"] == hand.score
    assert playing["state"] == RowState.RUNNING
    assert (counting_down["events"], counting_down["replay"]) == ([], {"levels": [], "moves": []})
    assert counting_down["grace_ms"] is None


async def test_levels_of_a_climb_are_in_the_replay(site: Site, ada: Moderator) -> None:
    anna = await site.player("Anna")
    hand = await site.begin(anna, "climb")
    while hand.mirror.run.level == 0 and not hand.mirror.is_over:
        await hand.move()
    await hand.move()

    run = await ada.get(f"/runs/{hand.run}")

    first, second = run["replay"]["levels"]
    assert (first["level"], first["goal"], second["level"]) == (0, 1000, 1)
    assert second["start_ms"] == hand.mirror.run.level_start_ms
    assert [event["type"] for event in run["events"]].count("level") == 1
    assert [move["level"] for move in run["replay"]["moves"]].count(1) == 1


async def test_a_run_that_is_not_there_is_not_found(site: Site, ada: Moderator) -> None:
    for run in ("run-x", "x", "%00", "run-x%2f..%2facts"):
        await ada.get(f"/runs/{run}", status=404)


# --- acts ---


async def test_a_voided_run_gives_way_to_the_next_best_and_is_restored(site: Site, ada: Moderator) -> None:
    anna = await site.player("Anna")
    small = await site.play(anna, 1)
    big = await site.play(anna, 1)
    while big.score <= small.score:
        await big.move()
    site.pass_ms(90_000)
    screen = await site.watcher()
    await screen.ask(Watch, SPRINT, View.TOP, 0, 0)
    (shown,) = (await screen.next(Snapshot)).rows
    assert [row[0] for row in await standings(site)] == [shown.run] == [big.run]

    act = await ada.act("void", big.run, reason="a bot")

    assert (act["event"], act["number"], act["desk"], act["kind"]) == ("demo", 1, "ada", "void")
    assert (act["target"], act["reason"], act["in_effect"]) == (big.run, "a bot", True)
    assert [row[0] for row in await standings(site)] == [small.run]
    delta = await screen.next(Delta)
    assert ([row.run for row in delta.rows], delta.gone) == ([small.run], (shown.number,))
    (row,) = [row for row in (await ada.get("/runs"))["rows"] if row[0] == big.run]
    assert (row[1], row[6]) == (0, RowState.VOIDED | RowState.NOT_BEST)
    await ada.act("restore", big.run)
    assert [row[0] for row in await standings(site)] == [big.run]


async def test_a_void_in_the_middle_ends_the_run_at_once(site: Site, ada: Moderator) -> None:
    anna = await site.player("Anna")
    hand = await site.play(anna, 2)

    await ada.act("void", hand.run)
    ended = await anna.next(Ended)

    hand.mirror.ended(ended, was_away=False)
    assert (ended.reason, ended.score, ended.rank) == (EndReason.VOIDED, hand.score, 0)
    assert await standings(site) == []


async def test_a_name_is_hidden_replaced_and_shown_on_every_screen(site: Site, ada: Moderator) -> None:
    hand = await site.play(await site.player("Rude"), 1)
    screen = await site.watcher()
    await screen.ask(Watch, SPRINT, View.TOP, 0, 0)
    await screen.next(Snapshot)

    for kind, text, shown in (
        ("hide_name", "ignored", ""),
        ("replace_name", " Polite ", "Polite"),
        ("show_name", "", "Rude"),
    ):
        act = await ada.act(kind, hand.player, text)

        assert act["text"] == (shown if kind == "replace_name" else "")
        assert [row.name for row in (await screen.next(Delta)).rows] == [shown]
        assert [row[3] for row in await standings(site)] == [shown]


async def test_every_act_can_be_undone_and_so_can_the_undo(site: Site, ada: Moderator) -> None:
    hand = await site.play(await site.player("Rude"), 1)
    await ada.act("hide_name", hand.player)

    undo = await ada.act("undo", "1")
    assert [row[3] for row in await standings(site)] == ["Rude"]
    await ada.act("undo", undo["number"])
    assert [row[3] for row in await standings(site)] == [""]

    acts = (await ada.get("/acts"))["acts"]
    assert [(act["number"], act["kind"], act["in_effect"]) for act in acts] == [
        (3, "undo", True), (2, "undo", False), (1, "hide_name", True)
    ]  # fmt: skip
    assert await ada.refused("undo", "2") == "already_undone"


async def test_acts_carry_the_name_of_who_did_them(site: Site, ada: Moderator) -> None:
    grace = Moderator(site, await site.desk("grace"))
    hand = await site.play(await site.player("Anna"), 1)

    await ada.act("void", hand.run)
    await grace.act("restore", hand.run)

    assert [act["desk"] for act in (await ada.get("/acts"))["acts"]] == ["grace", "ada"]


async def test_what_makes_no_sense_is_refused_with_a_word_and_changes_nothing(
    site: Site, ada: Moderator
) -> None:
    hand = await site.play(await site.player("Anna"), 1)
    run, player = hand.run, hand.player

    for reason in ("", "  ", "x" * 301, "line\nfeed", "\ud800", "\x00"):
        assert await ada.refused("void", run, reason=reason) == "reason"
    for kind in ("delete", "", None, 1, [], {}):
        assert await ada.refused(kind, run) == "kind"
    for target in ("run-x", "", player, None, 5, [run], {"run": run}):
        assert await ada.refused("void", target) == "unknown_run"
        assert await ada.refused("restore", target) == "unknown_run"
    for target in ("p-x", "", run, None):
        assert await ada.refused("hide_name", target) == "unknown_player"
    for target in ("0", "1", "-1", "x", "", None, "9" * 5000):
        assert await ada.refused("undo", target) == "unknown_act"
    for text in ("", "x", "y" * 21, "a\u202eb", "\u2800\u2800"):
        assert await ada.refused("replace_name", player, text) == "name"
    assert (await ada.get("/acts"))["acts"] == []
    assert [row[:4] for row in await standings(site)] == [[run, 1, player, "Anna"]]


async def test_acts_of_one_event_reach_nothing_in_another(site: Site, ada: Moderator) -> None:
    await site.house.orders.event_add("fair", "The fair")
    hand = await site.play(await site.player("Anna"), 1)

    answer = await ada.post("/acts?event=fair", kind="void", target=hand.run, reason="wrong event")

    assert (answer.status_code, answer.json()["error"]) == (400, "unknown_run")
    assert len(await standings(site)) == 1


async def test_nothing_that_is_not_recorded_is_told_to_anybody(
    site: Site, ada: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = await site.play(await site.player("Anna"), 1)
    write, may_write = site.house.store.write, asyncio.Event()

    async def stalled(writings: list[Writing]) -> None:
        await may_write.wait()
        await write(writings)

    monkeypatch.setattr(site.house.store, "write", stalled)
    monkeypatch.setattr(host, "LOOK_WITHIN_S", 0.02)
    void = asyncio.create_task(ada.post("/acts", kind="void", target=hand.run, reason="x"))
    while not len(site.house.host.arena.floor.events[EventId("demo")].acts):
        await asyncio.sleep(0)
    public = ["/api/standings", "/api/event", "/api/names", "/api/bundle"]
    desk = ["", "/runs", f"/runs/{hand.run}", f"/runs/{hand.run}/flags", "/acts", "/heats"]
    addresses = [*public, *(f"/api/desk{address}" for address in desk)]
    told = {address: await site.http.get(address, headers=ada.headers) for address in addresses}
    assert {address: answer.status_code for address, answer in told.items()} == dict.fromkeys(addresses, 503)

    monkeypatch.undo()
    may_write.set()
    assert (await void).status_code == 201
    assert [act["kind"] for act in (await ada.get("/acts"))["acts"]] == ["void"]
    assert await standings(site) == []


async def test_while_nothing_can_be_recorded_nothing_is_done(site: Site, ada: Moderator) -> None:
    hand = await site.play(await site.player("Anna"), 1)
    contact = await ask_contact(site)
    site.house.host.recording(False)

    act = await ada.post("/acts", kind="void", target=hand.run, reason="x")
    mark = await asyncio.wait_for(ada.post(f"/contacts/{contact}", done=True), 60)

    assert (act.status_code, act.json()["error"]) == (503, "not_recording")
    assert (mark.status_code, mark.json()["error"]) == (503, "not_recording")
    site.house.host.recording(True)
    assert (await ada.get("/acts"))["acts"] == []
    assert (await ada.get("/contacts"))["contacts"][0]["done_at_ms"] is None


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
async def test_a_page_of_another_origin_cannot_act_even_with_a_token(
    site: Site, ada: Moderator, origin: str
) -> None:
    hand = await site.play(await site.player("Anna"), 1)
    body = {"kind": "void", "target": hand.run, "text": "", "reason": "x"}

    answer = await site.http.post("/api/desk/acts", json=body, headers={**ada.headers, "Origin": origin})

    assert answer.status_code == 403
    assert (await ada.get("/acts"))["acts"] == []


# --- contact requests ---


async def ask_contact(site: Site, event: str = "", **changed: str) -> str:
    request = {
        "form": f"f-{len(changed)}{changed}",
        "first_name": "Inge",
        "last_name": "Müller",
        "email": "inge@example.org",
        "concern": "The <b>tram</b> stop",
        **changed,
    }
    answer = await site.http.post(f"/api/contact?event={event}", json=request)
    assert answer.status_code == 201
    return str(answer.json()["id"])


async def test_requests_are_listed_as_they_were_typed_and_marked_as_done(site: Site, ada: Moderator) -> None:
    contact = await ask_contact(site)

    (listed,) = (await ada.get("/contacts"))["contacts"]
    assert (listed["contact"], listed["concern"], listed["done_at_ms"], listed["done_by"]) == (
        contact, "The <b>tram</b> stop", None, ""
    )  # fmt: skip
    done = await ada.post(f"/contacts/{contact}", done=True)
    assert (done.status_code, done.json()) == (200, {"id": contact, "done": True})
    (marked,) = (await ada.get("/contacts"))["contacts"]
    assert marked["done_by"] == "ada"
    assert marked["done_at_ms"] > 0
    await ada.post(f"/contacts/{contact}", done=False)
    assert (await ada.get("/contacts"))["contacts"] == [listed]


async def test_requests_are_paged_searched_and_kept_apart_by_event(site: Site, ada: Moderator) -> None:
    await site.house.orders.event_add("fair", "The fair")
    for number in range(52):
        await ask_contact(site, concern=f"Concern {number}")
    await ask_contact(site, event="fair", concern="At the fair")

    first, second = [await ada.get("/contacts", page=page) for page in (1, 2)]

    assert [(page["total"], page["page"], len(page["contacts"])) for page in (first, second)] == [
        (52, 1, 50), (52, 2, 2)
    ]  # fmt: skip
    assert first["contacts"][0]["concern"] == "Concern 51"
    assert [row["concern"] for row in (await ada.get("/contacts", search="concern 17"))["contacts"]] == [
        "Concern 17"
    ]
    assert (await ada.get("/contacts", search="%"))["total"] == 0
    assert [row["concern"] for row in (await ada.get("/contacts", event="fair"))["contacts"]] == [
        "At the fair"
    ]


async def test_a_mark_says_true_or_false_of_a_request_that_is_there(site: Site, ada: Moderator) -> None:
    contact = await ask_contact(site)

    for done in (None, 1, "true", []):
        assert (await ada.post(f"/contacts/{contact}", done=done)).status_code == 400
    assert (await ada.post("/contacts/c-x", done=True)).status_code == 404

    assert (await Queries(site.house.store).contacts_page()).rows[0].done_at_ms is None
