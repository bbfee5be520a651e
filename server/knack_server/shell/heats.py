"""Heats over HTTP: what the desk orders, and the signed list of commitments that everybody may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from knack_protocol.proof.commitments import predecessors
from knack_protocol.proof.publics import STAGE_LENGTH_MAX, STAGE_LENGTH_MIN
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.signing import fingerprint
from knack_server.core.heat import Heat, HeatPhase
from knack_server.core.heats import HeatFault, HeatStep
from knack_server.shell.desk import desk_route, not_recording
from knack_server.shell.faults import event_of, fault
from knack_server.shell.public import heat_status, json_body

if TYPE_CHECKING:
    from starlette.requests import Request

    from knack_server.core.event import Event
    from knack_server.core.publication import Publishers
    from knack_server.shell.host import Host


class HeatRoutes:
    """The heats' part of the HTTP interface."""

    def __init__(self, host: Host, publishers: Publishers) -> None:
        self._host = host
        self._floor = host.arena.floor
        self._publishers = publishers

    def routes(self) -> list[BaseRoute]:
        """Return the routes of this part; all but the list itself stand behind a desk token."""
        return [
            Route("/api/commitments", self.commitments),
            desk_route(self._floor, "/api/desk/heats", self.heats),
            desk_route(self._floor, "/api/desk/heats", self.prepare, "POST"),
            desk_route(self._floor, "/api/desk/heats/{heat}", self.step, "POST"),
            desk_route(self._floor, "/api/desk/commitments", self.publish, "POST"),
        ]

    async def commitments(self, request: Request) -> Response:
        """Give the published list with its signature, and the key that people compare; the list is null before."""
        event = event_of(self._floor, request)
        return JSONResponse(await self._host.look(lambda _now: self._published(event)))

    async def heats(self, request: Request, name: str) -> Response:
        """List the event's heats and what was published."""
        del name
        event = event_of(self._floor, request)
        return JSONResponse(await self._host.look(lambda _now: self._document(event)))

    async def prepare(self, request: Request, name: str) -> Response:
        """Commit to a heat and its reruns, as long as the list is not out."""
        del name
        form, event = await json_body(request), event_of(self._floor, request)
        scope, reruns = _SCOPES.get(str(form.get("scope", "player"))), form.get("reruns", 0)
        if scope is None:
            return fault("scope", "The scope is player or heat.")
        if type(reruns) is not int:
            return _refusal(HeatFault.HEAT_RERUNS)
        heat, course = (str(form.get(field, "")) for field in ("heat", "course"))
        if not self._floor.recording:
            return not_recording()
        refused = await self._host.do(
            lambda now: self._host.arena.prepare_heat(event, heat, course, scope, reruns, now)
        )
        return JSONResponse(self._document(event), 201) if refused is None else _refusal(refused)

    async def publish(self, request: Request, name: str) -> Response:
        """Sign and publish the list; it never changes again."""
        del name
        await json_body(request)
        event = event_of(self._floor, request)
        sign = self._publishers.of(event.id, event.kind).sign_commitments
        if not self._floor.recording:
            return not_recording()
        refused = await self._host.do(lambda now: self._host.arena.publish_heats(event, sign, now))
        return JSONResponse(self._document(event), 201) if refused is None else _refusal(refused)

    async def step(self, request: Request, name: str) -> Response:
        """Take a heat one step further."""
        del name
        form, event = await json_body(request), event_of(self._floor, request)
        try:
            step = HeatStep(str(form.get("step")))
        except ValueError:
            return fault("step", "The steps are open, close, freeze, type and start.")
        heat, text = request.path_params["heat"], str(form.get("text", ""))
        if not self._floor.recording:
            return not_recording()
        refused = await self._host.do(lambda now: self._host.arena.step_heat(event, heat, step, text, now))
        return JSONResponse(self._document(event)) if refused is None else _refusal(refused)

    def _published(self, event: Event) -> dict[str, Any]:
        published, key = event.published, self._publishers.of(event.id, event.kind).key
        return {
            "event": event.id,
            "text": published.text if published is not None else None,
            "signature": published.signature.hex() if published is not None else None,
            "key": key.hex(),
            "fingerprint": fingerprint(key),
        }

    def _document(self, event: Event) -> dict[str, Any]:
        return {
            "published": self._published(event) if event.published is not None else None,
            "heats": [_heat(event, heat) for heat in event.heats.values()],
        }


def _heat(event: Event, heat: Heat) -> dict[str, Any]:
    before = predecessors(heat.id, event.heats)
    return {
        **(heat_status(event, heat.listing) or {}),
        "scope": heat.scope.name.lower(),
        "commit": heat.commit.hex(),
        "rerun_of": before[0] if before else None,
        "may_open": heat.phase is HeatPhase.PREPARED
        and event.published is not None
        and not event.has_ended
        and all(map(event.acts.is_heat_voided, before)),
        "may_close": heat.phase is HeatPhase.OPEN,
        "members": [
            {"player": player.id, "name": player.name, "is_here": player.peer is not None}
            for player in heat.members.values()
        ],
        "roster_hash": heat.roster_hash.hex(),
        "public": heat.public.decode(),
        "t0_unix_ms": heat.t0_unix_ms,
    }


def _refusal(refused: HeatFault) -> Response:
    return fault(refused.value, _FAULTS[refused])


_SCOPES = {scope.name.lower(): scope for scope in Scope}

_FAULTS = {
    HeatFault.HEAT_ID: "An id is 1 to 32 of a-z, 0-9 and -, with room for its reruns, and not run-…, heats… or a course.",
    HeatFault.HEAT_TAKEN: "There is a heat or a rerun with that id.",
    HeatFault.HEAT_COURSE: "There is no such course.",
    HeatFault.HEAT_RERUNS: "Prepare 0 to 9 reruns, and at most 500 heats in all.",
    HeatFault.PUBLISHED: "The list of commitments is out; no heat can be added.",
    HeatFault.NOT_PUBLISHED: "Publish the list of commitments first.",
    HeatFault.NO_HEATS: "Prepare a heat first.",
    HeatFault.UNKNOWN_HEAT: "There is no such heat.",
    HeatFault.VOID_FIRST: "A rerun is opened when its heat and every earlier rerun are voided.",
    HeatFault.WRONG_PHASE: "The heat is not that far, or already further.",
    HeatFault.EMPTY_LOBBY: "Nobody has gathered.",
    HeatFault.STAGE_TEXT: f"The text needs {STAGE_LENGTH_MIN} to {STAGE_LENGTH_MAX} characters and no control characters.",
    HeatFault.DRAND: "drand: is reserved for heats with a network; type a text on stage.",
    HeatFault.NOT_TYPED: "Type the text first.",
    HeatFault.ENDED: "The event is over.",
}
