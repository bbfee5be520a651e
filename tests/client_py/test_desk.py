"""A desk says who it is, follows every run, and asks for acts in the words of the interface."""

from typing import Any

import pytest
from tests.client_py.fake_server import Line, NoWait, serving

from knack_client.desk import Desk
from knack_client.errors import SessionEnded
from knack_protocol.ids import PlayerId, RunId
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    IN_PLAY,
    DeskRow,
    Hello,
    NumberedDeskRow,
    Reject,
    Role,
    Snapshot,
    View,
    Watch,
    Watching,
)

pytestmark = pytest.mark.asyncio


def desk_at(url: str) -> Desk:
    return Desk(url, "desk-token", random=NoWait())


async def test_a_desk_shows_its_token_and_follows_every_run() -> None:
    shown = DeskRow(RunId("run-1"), 0, PlayerId("p-1"), "Ada", 0, 0, 1, "Ada", 0, 1, IN_PLAY)

    async def feed(line: Line) -> None:
        hello = await line.welcome(PlayerId(""))
        assert (hello.role, hello.token) == (Role.DESK, "desk-token")
        watch = await line.expect(Watch)
        assert watch.view is View.DESK
        await line.send(Watching(watch.req, 2, 7, 1), Snapshot(2, 7, 1, 0, 0, [NumberedDeskRow(0, *shown)]))
        await line.until_closed()

    async with serving(feed) as url, desk_at(url) as desk:
        live = await desk.watch("sprint")
        assert (await live.reached(7, 1)).rows == (shown,)
        assert await desk.watch("sprint") is live


async def test_a_token_that_nobody_knows_is_told_on_entering() -> None:
    async def refuse(line: Line) -> None:
        hello = await line.expect(Hello)
        await line.send(Reject(hello.req, RejectCode.UNKNOWN_SESSION, 0, ""))
        await line.until_closed()

    async with serving(refuse) as url:
        with pytest.raises(SessionEnded):
            await desk_at(url).__aenter__()


class Recorder:
    """Stands for the server's HTTP: notes what is asked, answers with what is expected."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[Any] = []

    async def get(self, path: str, **query: Any) -> Any:
        self.asked.append((path, query))
        return self.answer

    async def post(self, path: str, document: Any) -> Any:
        self.asked.append((path, document))
        return self.answer


async def asked_by(call: str, *arguments: Any, answer: Any, **named: Any) -> tuple[Any, Any]:
    desk = Desk("ws://127.0.0.1:9", "desk-token")
    desk._api = recorder = Recorder(answer)  # type: ignore[assignment]
    result = await getattr(desk, call)(*arguments, **named)
    return recorder.asked[0], result


@pytest.mark.parametrize(
    ("call", "arguments", "act"),
    [
        ("void", ("run-1", "two players"), ("void", "run-1", "")),
        ("restore", ("run-1", "my mistake"), ("restore", "run-1", "")),
        ("hide_name", ("p-1", "rude"), ("hide_name", "p-1", "")),
        ("replace_name", ("p-1", "Guest", "rude"), ("replace_name", "p-1", "Guest")),
        ("show_name", ("p-1", "fine"), ("show_name", "p-1", "")),
        ("undo", (12, "wrong one"), ("undo", "12", "")),
    ],
)
async def test_an_act_names_its_kind_its_target_and_its_reason(
    call: str, arguments: tuple[Any, ...], act: tuple[str, str, str]
) -> None:
    (path, document), result = await asked_by(call, *arguments, answer={"number": 1})
    kind, target, text = act
    assert path == "/api/desk/acts"
    assert document == {"kind": kind, "target": target, "text": text, "reason": arguments[-1]}
    assert result == {"number": 1}


async def test_lists_are_asked_for_by_page_and_search() -> None:
    page = {"total": 0, "page": 2, "rows": []}
    asked, result = await asked_by("runs", "climb", "ada", 2, answer=page)
    assert asked == ("/api/desk/runs", {"course": "climb", "search": "ada", "page": 2})
    assert result == page
    asked, _ = await asked_by("contacts", answer={"total": 0, "page": 1, "contacts": []})
    assert asked == ("/api/desk/contacts", {"search": "", "page": 1})


async def test_single_things_are_asked_for_by_their_id() -> None:
    assert await asked_by("me", answer={"name": "Grace", "event": "demo"}) == (("/api/desk", {}), "Grace")
    assert await asked_by("acts", answer={"acts": [1]}) == (("/api/desk/acts", {}), [1])
    asked, _ = await asked_by("run", "run-1", answer={"run": "run-1"})
    assert asked == ("/api/desk/runs/run-1", {})
    asked, _ = await asked_by("run", "../x?", answer={})
    assert asked == ("/api/desk/runs/..%2Fx%3F", {})
    asked, _ = await asked_by("mark_contact", "c-1", answer={}, done=True)
    assert asked == ("/api/desk/contacts/c-1", {"done": True})
