"""One request, one document; every failure has words."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest

from knack_client.api import Api
from knack_client.errors import HttpError, Unreachable

pytestmark = pytest.mark.asyncio


class Asked:
    """What a request was: method, path, query, headers, body."""

    def __init__(self, head: bytes, body: bytes) -> None:
        request, *lines = head.decode().split("\r\n")
        self.method, target, _ = request.split(" ")
        parts = urlsplit(target)
        self.path, self.query = parts.path, {name: value[0] for name, value in parse_qs(parts.query).items()}
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self.body = json.loads(body) if body else None


@asynccontextmanager
async def answering(answer: Callable[[Asked], tuple[int, str]]) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n")
        length = next(
            (int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0
        )
        status, text = answer(Asked(head, await reader.readexactly(length)))
        body = text.encode()
        writer.write(
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_document_is_asked_for_with_event_query_and_token() -> None:
    asked: list[Asked] = []

    def answer(request: Asked) -> tuple[int, str]:
        asked.append(request)
        return 200, '{"rows": []}'

    async with answering(answer) as http:
        document = await Api(http, "fair", "secret").get("/api/desk/runs", course="sprint", search="", page=2)
    assert document == {"rows": []}
    assert (asked[0].method, asked[0].path) == ("GET", "/api/desk/runs")
    assert asked[0].query == {"event": "fair", "course": "sprint", "page": "2"}
    assert asked[0].headers["authorization"] == "Bearer secret"


async def test_a_document_is_sent_as_json_and_without_a_token_there_is_no_header() -> None:
    asked: list[Asked] = []

    def answer(request: Asked) -> tuple[int, str]:
        asked.append(request)
        return 201, '{"number": 3}'

    async with answering(answer) as http:
        assert await Api(http).post("/api/desk/acts", {"reason": "Grüße"}) == {"number": 3}
    assert (asked[0].method, asked[0].body) == ("POST", {"reason": "Grüße"})
    assert asked[0].headers["content-type"] == "application/json"
    assert "authorization" not in asked[0].headers


async def test_an_error_has_the_servers_word_and_its_words() -> None:
    async with answering(lambda _: (400, '{"error": "reason", "message": "Give a reason."}')) as http:
        with pytest.raises(HttpError, match="Give a reason") as caught:
            await Api(http).post("/api/desk/acts", {})
    assert (caught.value.status, caught.value.error) == (400, "reason")


@pytest.mark.parametrize("body", ["Not Found", "", "[]", "null"])
async def test_an_error_without_a_document_still_has_its_status(body: str) -> None:
    async with answering(lambda _: (404, body)) as http:
        with pytest.raises(HttpError, match="404") as caught:
            await Api(http).get("/nothing")
    assert caught.value.error == ""


async def test_a_server_that_is_not_there_is_said_so() -> None:
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9"):
        await Api("http://127.0.0.1:9").get("/api/event")


async def test_an_answer_that_is_no_json_is_the_servers_fault() -> None:
    async with answering(lambda _: (200, "<html>")) as http:
        with pytest.raises(HttpError, match="not JSON"):
            await Api(http).get("/api/event")


async def test_something_is_deleted_by_its_path() -> None:
    asked: list[Asked] = []

    def answer(request: Asked) -> tuple[int, str]:
        asked.append(request)
        return 200, '{"event": "rehearsal-x"}'

    async with answering(answer) as http:
        document = await Api(http, token="secret").delete("/api/desk/rehearsals/rehearsal-x")

    assert document == {"event": "rehearsal-x"}
    (request,) = asked
    assert (request.method, request.path, request.body) == (
        "DELETE",
        "/api/desk/rehearsals/rehearsal-x",
        None,
    )
    assert request.headers["authorization"] == "Bearer secret"
    assert "content-type" not in request.headers
