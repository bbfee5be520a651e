"""The end of an event, as the desk orders it over HTTP, and why it cannot be yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from knack_server.core.ending import EndFault, in_play
from knack_server.shell.desk import desk_route, not_recording
from knack_server.shell.faults import event_of, fault
from knack_server.shell.public import json_body

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from knack_server.core.event import Event
    from knack_server.core.publication import Publishers
    from knack_server.shell.host import Host


class EndRoutes:
    """The end's part of the HTTP interface."""

    def __init__(self, host: Host, publishers: Publishers) -> None:
        self._host = host
        self._floor = host.arena.floor
        self._publishers = publishers

    def routes(self) -> list[BaseRoute]:
        """Return the routes of this part."""
        return [desk_route(self._floor, "/api/desk/event", self.step, "POST")]

    async def step(self, request: Request, name: str) -> Response:
        """End the event for good."""
        del name
        form = await json_body(request)
        event = event_of(self._floor, request)
        if form.get("step") != "end":
            return fault("step", "The only step is end.")
        if not self._floor.recording:
            return not_recording()
        sign = self._publishers.of(event.id, event.kind).sign_commitments
        refused = await self._host.do(lambda now: self._host.arena.end_event(event, sign, now))
        if refused is None:
            return JSONResponse({"event": event.id, "title": event.title, "ended_at_ms": event.ended_unix_ms})
        document: dict[str, Any] = {"error": refused.value, "message": why_not(event, refused)}
        if refused is EndFault.IN_PLAY:
            document |= in_play(event)._asdict()
        return JSONResponse(document, 409)


def why_not(event: Event, refused: EndFault) -> str:
    """Say in a sentence why the event was not ended."""
    if refused is EndFault.ENDED:
        return "The event has ended already."
    runs, heats = in_play(event)
    reasons = [f"{runs} {'run is' if runs == 1 else 'runs are'} in play"] if runs else []
    if heats:
        names = ", ".join(heats)
        reasons.append(
            f"{'heat' if len(heats) == 1 else 'heats'} {names} must be played, closed or voided first"
        )
    return f"The event goes on: {'; '.join(reasons)}."
