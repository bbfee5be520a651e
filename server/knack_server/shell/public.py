"""What anybody may ask over HTTP: the event, its standings, how to join, the rules, and the contact form."""

from __future__ import annotations

import json
from collections import OrderedDict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

import knack_server
from knack_protocol.ids import CourseName, HeatId
from knack_protocol.rules.course import COURSES, rules_document
from knack_server.core import rows
from knack_server.core.contact import ContactRequest, check_contact
from knack_server.core.ratelimit import TokenBucket
from knack_server.core.standings import canonical_rows_sha256
from knack_server.shell.addresses import qr_svg
from knack_server.shell.faults import Fault, event_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from knack_server.core.event import Event
    from knack_server.shell.host import Host

BODY_BYTES_MAX = 65_536
"""A contact request with the longest concern, every character escaped, is under 30 KiB."""

BUCKETS_MAX = 10_000
"""Contact forms and addresses remembered for their rate; the oldest are forgotten first."""

_PER_FORM = (Fraction(3, 600), 3)
"""Requests per second and burst of one form: three in ten minutes, for somebody who corrects themselves."""

_PER_ADDRESS = (Fraction(60, 600), 60)
"""The same of one address: a hall behind one router never meets it, a script does at once."""


class Buckets:
    """A token bucket for every key, for the keys seen last."""

    def __init__(self, rate: tuple[Fraction, int]) -> None:
        self._rate = rate
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, key: str, now_ms: int) -> int:
        """Take one token of the key's bucket; return 0 or the ms to wait."""
        bucket = self._buckets.setdefault(key, TokenBucket(*self._rate))
        self._buckets.move_to_end(key)
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
        return bucket.take(now_ms)


class Public:
    """The open part of the HTTP interface."""

    def __init__(self, host: Host, join_url: str | None, retention_days: int) -> None:
        self._host = host
        self._floor = host.arena.floor
        self._join_url = join_url
        self._retention_days = retention_days
        self._forms = Buckets(_PER_FORM)
        self._addresses = Buckets(_PER_ADDRESS)

    def routes(self) -> list[BaseRoute]:
        """Return the routes of this part."""
        return [
            Route("/healthz", self.healthz),
            Route("/ready", self.ready),
            Route("/rules.json", self.rules),
            Route("/api/event", self.event),
            Route("/api/standings", self.standings),
            Route("/api/join", self.join),
            Route("/api/join.svg", self.join_svg),
            Route("/api/contact", self.contact_form, methods=["GET"]),
            Route("/api/contact", self.contact, methods=["POST"]),
        ]

    async def healthz(self, request: Request) -> Response:
        """Say that the process lives and its loop turns."""
        del request
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """Say whether players are welcome: 503 while nothing can be recorded, or the server is about to go."""
        del request
        ready = self._host.readiness()
        return JSONResponse(ready, 200 if all(ready.values()) else 503)

    async def rules(self, request: Request) -> Response:
        """Give the rules file, byte for byte what `rules_hash` is the SHA-256 of."""
        del request
        return Response(rules_document(), media_type="application/json")

    async def event(self, request: Request) -> Response:
        """Describe the event: title, courses with their levels, its heats, whether it is over."""
        event = event_of(self._floor, request)
        if not self._floor.recording:  # a page has to open to say so, and nothing is decided meanwhile
            return JSONResponse(self._document(event))
        return JSONResponse(await self._host.look(lambda _now: self._document(event)))

    def _document(self, event: Event) -> dict[str, Any]:
        courses = [
            {"name": c.name, "levels": [level._asdict() for level in c.levels]} for c in COURSES.values()
        ]
        promised = event.heats.values() if event.published is not None else ()
        return {
            "event": event.id,
            "title": event.title,
            "kind": event.kind.value,
            "ended_at_ms": event.ended_unix_ms,
            "courses": courses,
            "heats": [heat_status(event, heat.listing) for heat in promised],
            "retention_days": self._retention_days,
            "version": knack_server.__version__,
        }

    async def standings(self, request: Request) -> Response:
        """Give all standings of a course with their version and the SHA-256 of their canonical rows."""
        event = event_of(self._floor, request)
        course = CourseName(request.query_params.get("course", "sprint"))
        if course not in event.feeds:
            raise Fault(404, "unknown_course", "There is no such course or heat.")
        feed = event.feeds[course]
        version, all_rows, heat = await self._host.look(
            lambda _now: (feed.stamp(), rows.top(event, course, None), heat_status(event, course))
        )
        return JSONResponse(
            {
                "event": event.id,
                "course": course,
                "epoch": feed.epoch,
                "version": version,
                "sha256": canonical_rows_sha256(all_rows),
                "rows": all_rows,
                "heat": heat,
            }
        )

    async def join(self, request: Request) -> Response:
        """Give the address that phones can reach, or null when only this computer can join."""
        return JSONResponse({"url": self._join_address(event_of(self._floor, request))})

    async def join_svg(self, request: Request) -> Response:
        """Give that address as a QR code."""
        address = self._join_address(event_of(self._floor, request))
        if address is None:
            raise Fault(404, "no_address", "Only this computer can join.")
        return Response(qr_svg(address), media_type="image/svg+xml")

    async def contact_form(self, request: Request) -> Response:
        """Give a fresh form: its token, which limits how often it is sent, and how long requests are kept."""
        del request
        form = self._floor.draw_id("f-")
        return JSONResponse({"form": form, "retention_days": self._retention_days}, headers=_NO_STORE)

    async def contact(self, request: Request) -> Response:
        """Keep a contact request; the answer leaves after its commit."""
        form, event = await json_body(request), event_of(self._floor, request)
        checked = check_contact(form)
        if not isinstance(checked, ContactRequest):
            return JSONResponse({"errors": checked}, 400)
        now = self._host.clock.now()
        address = request.client.host if request.client else ""
        wait_ms = max(
            self._forms.take(str(form.get("form", address))[:64], now.ms),
            self._addresses.take(address, now.ms),
        )
        if wait_ms:
            return JSONResponse({"wait_ms": wait_ms}, 429, headers={"Retry-After": str(-(-wait_ms // 1000))})
        if not self._floor.recording:
            return await not_recording(request, TimeoutError())
        if form.get(
            "website"
        ):  # a field that no person sees: a program has filled it in and is told what it wants
            return JSONResponse({"id": self._floor.draw_id("c-")}, 201)
        contact = await self._host.do(lambda moment: self._host.arena.ask_contact(event, checked, moment))
        return JSONResponse({"id": contact}, 201)

    def _join_address(self, event: Event) -> str | None:
        if self._join_url is None:
            return None
        return self._join_url if event.id == self._floor.current else f"{self._join_url}/e/{event.id}"


def heat_status(event: Event, listing: CourseName) -> dict[str, Any] | None:
    """Say where the heat of that name stands, and whether its bundle can be had; None when it is none."""
    heat = event.heats.get(HeatId(listing))
    if heat is None:
        return None
    voided = event.acts.is_heat_voided(heat.id)
    return {
        "heat": heat.id,
        "course": heat.course,
        "phase": heat.phase.value,
        "voided": voided,
        "interrupted": heat.is_interrupted,
        "bundle": heat.was_played,
    }


async def not_recording(request: Request, error: Exception) -> Response:
    """Answer what cannot be answered yet, because it would tell of something that is not recorded."""
    del request, error
    return JSONResponse({"wait_ms": 1000}, 503, headers={"Retry-After": "1"})


_NO_STORE = {"Cache-Control": "no-store"}


async def json_body(request: Request) -> dict[str, Any]:
    """Read a JSON object of bounded size from a page of ours.

    Raises:
        Fault: 403 for a page of another origin, 413, 415 or 400 for a body that is none.
    """
    origin = request.headers.get("origin")
    if origin is not None and not request.app.state.host.admits(origin, request.headers.get("host", "")):
        raise Fault(403, "origin", "Pages of other origins may not do that.")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Fault(415, "content_type", "Send application/json.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise Fault(413, "too_long", "That is too long.")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Fault(400, "json", "That is not JSON.") from None
    if not isinstance(document, dict):
        raise Fault(400, "json", "Send a JSON object.")
    return document
