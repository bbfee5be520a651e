"""What a request over HTTP is refused with: a word for the page and a sentence for a person, as JSON.

A route returns a `fault`; what is deeper inside raises a `Fault`, which comes out the same.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response

if TYPE_CHECKING:
    from starlette.requests import Request

    from knack_server.core.event import Event
    from knack_server.core.floor import Floor

API = "/api/"
"""What begins so is asked by programs; everything else is opened by people."""


class Fault(HTTPException):
    """A request that gets nothing but an error: its status, a word for the page, a sentence for a person."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(status, message)
        self.error = error


def fault(error: str, message: str, status: int = 400) -> Response:
    """Say why not, in a word for the page and a sentence for a person."""
    return JSONResponse({"error": error, "message": message}, status)


async def as_answer(request: Request, raised: Exception) -> Response:
    """Answer what was raised: a `Fault`, or a framework's word on an address or method that there is not."""
    assert isinstance(raised, HTTPException)
    if isinstance(raised, Fault):
        answer = fault(raised.error, raised.detail, raised.status_code)
    elif request.url.path.startswith(API):
        word = HTTPStatus(raised.status_code).name.lower()
        answer = fault(word, f"{raised.detail}.", raised.status_code)
    else:
        answer = PlainTextResponse(f"{raised.detail}\n", raised.status_code)
    answer.headers.update(raised.headers or {})
    return answer


def event_of(floor: Floor, request: Request) -> Event:
    """Return the event that a request names, or the current one; raises `Fault`."""
    event = floor.event(request.query_params.get("event", ""))
    if event is None:
        raise unknown_event()
    return event


def unknown_event() -> Fault:
    """Return what is raised where an event is not, or not any more."""
    return Fault(404, "unknown_event", "There is no such event.")
