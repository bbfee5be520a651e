"""Errors over HTTP: JSON for programs, whatever they asked and however wrong, and a line of text for people."""

from collections.abc import Iterator

import pytest
from starlette.routing import Route
from tests.support.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")

OF_NO_EVENT = {
    ("GET", "/api/contact"),  # a form is anybody's
    ("GET", "/api/desk/rehearsals"),
    ("POST", "/api/desk/rehearsals"),
    ("POST", "/api/desk/receipts"),  # the receipt says of which event it is
    ("GET", "/api/runs/{run}/bundle"),  # a run says it, too
    ("GET", "/api/runs/{run}/receipt"),
    ("GET", "/api/runs/{run}/receipt.svg"),
    ("POST", "/api/desk/contacts/{contact}"),  # and a request
}
"""What is not asked of an event."""


def asked(site: Site) -> Iterator[tuple[str, str]]:
    """Every method and address of the API."""
    for route in site.server.config.app._app.routes:
        if isinstance(route, Route) and route.path.startswith("/api/"):
            yield from ((method, route.path) for method in sorted(route.methods or ()) if method != "HEAD")


async def test_whatever_is_asked_of_an_unknown_event_is_refused_in_a_word_and_a_sentence(door: Site) -> None:
    of_an_event = [asked_for for asked_for in asked(door) if asked_for not in OF_NO_EVENT]
    assert set(asked(door)) > OF_NO_EVENT
    moderator = await door.desk()
    for method, path in of_an_event:
        address = path.format(run="run-x", heat="h9", event="nowhere")
        query = {"event": "nowhere"}
        answer = await door.http.request(
            method, address, params=query, headers=moderator, json={} if method == "POST" else None
        )
        assert answer.status_code == 404, (method, path)
        assert answer.json() == {"error": "unknown_event", "message": "There is no such event."}


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("DELETE", "/api/standings", 405, "method_not_allowed"),
        ("GET", "/api/standings?course=marathon", 404, "unknown_course"),
        ("GET", "/api/join.svg", 404, "no_address"),
        ("POST", "/api/contact", 415, "content_type"),
    ],
    ids=["no address", "no method", "no course", "nobody can join", "no JSON"],
)
async def test_programs_are_told_in_json_what_they_did_wrong(
    door: Site, method: str, path: str, status: int, error: str
) -> None:
    answer = await door.http.request(method, path)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["message"].endswith(".")


async def test_a_method_that_is_not_taken_is_answered_with_those_that_are(door: Site) -> None:
    answer = await door.http.delete("/api/standings")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}


async def test_people_who_open_what_is_not_there_read_a_line_of_text(door: Site) -> None:
    answer = await door.http.get("/nowhere")
    assert (answer.status_code, answer.text) == (404, "Not Found\n")
    assert answer.headers["Content-Type"].startswith("text/plain")
