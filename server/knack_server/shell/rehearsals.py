"""Rehearsals over HTTP: a moderator's load tester opens one, plays in it, and deletes it whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from knack_server.core.event import Event, fit_title
from knack_server.core.rehearsals import LIFETIME_MS, RehearsalFault
from knack_server.shell.desk import desk_route, not_recording
from knack_server.shell.faults import fault
from knack_server.shell.public import json_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from knack_server.shell.host import Host

DEFAULT_TITLE = "Rehearsal"


class RehearsalRoutes:
    """The rehearsals' part of the HTTP interface, every route behind a desk token."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._floor = host.arena.floor
        self._all = host.arena.rehearsals.all

    def routes(self) -> list[BaseRoute]:
        """Return the routes of this part."""
        return [
            desk_route(self._floor, "/api/desk/rehearsals", self.rehearsals),
            desk_route(self._floor, "/api/desk/rehearsals", self.add, "POST"),
            desk_route(self._floor, "/api/desk/rehearsals/{event}", self.delete, "DELETE"),
        ]

    async def rehearsals(self, request: Request, name: str) -> Response:
        """List the rehearsals that there are, also one that somebody has left behind."""
        del request, name
        found = await self._host.look(lambda _now: [_document(event) for event in self._all()])
        return JSONResponse({"rehearsals": found})

    async def add(self, request: Request, name: str) -> Response:
        """Open one; whoever is told its id gets there."""
        del name
        title = fit_title(str((await json_body(request)).get("title", DEFAULT_TITLE)))
        if title is None:
            return fault("title", "A title has 1 to 80 visible characters.")
        if not self._floor.recording:
            return not_recording()
        opened = await self._host.do(lambda now: self._host.arena.add_rehearsal(title, now))
        if isinstance(opened, RehearsalFault):
            there = [event.id for event in self._all()]
            return JSONResponse(
                {"error": opened.value, "message": why_not(opened, there), "events": there}, 409
            )
        return JSONResponse(_document(opened), 201)

    async def delete(self, request: Request, name: str) -> Response:
        """Delete one whole; the answer leaves when nothing of it is read any more."""
        del name
        event = request.path_params["event"]
        if not self._floor.recording:
            return not_recording()
        refused = await self._host.do(lambda _now: self._host.arena.delete_rehearsal(event))
        if refused is not None:
            status = 404 if refused is RehearsalFault.UNKNOWN else 409
            return fault(refused.value, why_not(refused), status)
        return JSONResponse({"event": event})


def why_not(refused: RehearsalFault, there: Sequence[str] = ()) -> str:
    """Say in a sentence why a rehearsal was not opened, where some are `there`, or an event not deleted."""
    match refused:
        case RehearsalFault.EXISTS:
            names = ", ".join(there)
            return f"There is a rehearsal already, {names}; two at once would measure each other. Delete it first."
        case RehearsalFault.UNKNOWN:
            return "There is no such event."
        case RehearsalFault.LIVE:
            return "That is no rehearsal; what is played in earnest is never deleted."


def _document(event: Event) -> dict[str, Any]:
    return {
        "event": event.id,
        "title": event.title,
        "players": len(event.players),
        "added_at_ms": event.added_unix_ms,
        "ends_at_ms": event.added_unix_ms + LIFETIME_MS,
    }
