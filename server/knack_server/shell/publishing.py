"""What is published: bundles to check, receipts to keep, the key they are signed with, and the names beside them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from knack_protocol.ids import EventId, HeatId, RunId
from knack_protocol.proof.signing import fingerprint
from knack_server.core.entry import Entry, RunState
from knack_server.core.facts import OPEN_PLAY
from knack_server.core.heat import HeatPhase
from knack_server.shell.addresses import qr_svg
from knack_server.shell.faults import event_of, unknown_event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from knack_server.core.event import Event
    from knack_server.core.publication import Publisher, Publishers
    from knack_server.shell.host import Host
    from knack_server.store.queries import Queries

    Key = tuple[str, EventId, str]
    """What is made: the kind of a bundle, its event, and which of them."""

T = TypeVar("T")

FRESH_FOR_MS = 5000
"""A hall that asks at once is answered from one making; nobody needs a bundle that is younger, unless somebody acted."""

KEPT_MAX = 32
KEPT_BYTES_MAX = 64 << 20
"""Bundles kept for that, and their bytes; one of a day's open play has some MiB."""


class Made(NamedTuple):
    """A bundle that was made a moment ago."""

    at_ms: int
    act_count: int
    """A phone that has heard of a later act would be contradicted by it."""
    data: bytes


class Publishing:
    """The part of the HTTP interface from which strangers check us."""

    def __init__(self, host: Host, queries: Queries, publishers: Publishers) -> None:
        self._host = host
        self._floor = host.arena.floor
        self._queries = queries
        self._publishers = publishers
        self._kept: OrderedDict[Key, Made] = OrderedDict()
        self._making = asyncio.Lock()
        host.arena.rehearsals.when_gone = self._forget

    def routes(self) -> list[BaseRoute]:
        """Return the routes of this part."""
        return [
            Route("/api/key", self.key),
            Route("/api/bundle", self.open_bundle),
            Route("/api/names", self.names),
            Route("/api/event/bundle", self.event_bundle),
            Route("/api/heats/{heat}/bundle", self.heat_bundle),
            Route("/api/runs/{run}/bundle", self.run_bundle),
            Route("/api/runs/{run}/receipt", self.receipt),
            Route("/api/runs/{run}/receipt.svg", self.receipt_svg),
        ]

    async def key(self, request: Request) -> Response:
        """Give the public key that everything of an event is signed with, and its fingerprint."""
        key = self._publisher(event_of(self._floor, request)).key
        return JSONResponse({"key": key.hex(), "fingerprint": fingerprint(key)})

    async def open_bundle(self, request: Request) -> Response:
        """Give the bundle of all finished runs of open play so far."""
        event = await self._host.look(lambda _now: event_of(self._floor, request))

        async def make() -> bytes:
            played = _there(await self._queries.open_play(event.id))
            return await asyncio.to_thread(self._publisher(event).open_play, played)

        return _download(await self._made(("open", event.id, ""), make), f"{event.id}-open.knack.json")

    async def event_bundle(self, request: Request) -> Response:
        """Give the bundle of an event that has ended: everything, and every seed that was never used."""
        event = event_of(self._floor, request)
        if not await self._host.look(lambda _now: event.has_ended):
            return _refusal("event_not_ended")

        async def make() -> bytes:
            played = _there(await self._queries.whole_event(event.id))
            return await asyncio.to_thread(self._publisher(event).event, played)

        return _download(await self._made(("event", event.id, ""), make), f"{event.id}.knack.json")

    async def heat_bundle(self, request: Request) -> Response:
        """Give the bundle of a heat that is over: its seed is revealed now, and never before."""
        event = event_of(self._floor, request)
        heat = HeatId(request.path_params["heat"])
        refused = await self._host.look(lambda _now: _heat_refusal(event, heat))
        if refused:
            return _refusal(refused)

        async def make() -> bytes:
            played = _there(await self._queries.heat(event.id, heat))
            return await asyncio.to_thread(self._publisher(event).heat, played)

        return _download(await self._made(("heat", event.id, heat), make), f"{event.id}-{heat}.knack.json")

    async def run_bundle(self, request: Request) -> Response:
        """Give the bundle of one finished run of open play; a heat's runs are published with their heat."""
        found = await self._host.look(lambda _now: self._finished(request, even_in_heats=False))
        if isinstance(found, Response):
            return found
        event, entry = found

        async def make() -> bytes:
            played = _there(await self._queries.solo_run(event.id, entry.run))
            return await asyncio.to_thread(self._publisher(event).solo_run, played)

        return _download(await self._made(("run", event.id, entry.run), make), f"{entry.run}.knack.json")

    async def names(self, request: Request) -> Response:
        """Give the names that stand beside the bundles, as the public sees them; never hashed, so they can be erased."""
        event = event_of(self._floor, request)
        players = await self._host.look(
            lambda _now: [
                {"name": event.shown_name(player), "player": player.id} for player in event.players.values()
            ]
        )
        return JSONResponse({"event": event.id, "format": "knackpunkt names 1", "players": players})

    async def receipt(self, request: Request) -> Response:
        """Give the signed receipt of a finished run."""
        found = await self._receipt(request)
        return found if isinstance(found, Response) else JSONResponse({"receipt": found})

    async def receipt_svg(self, request: Request) -> Response:
        """Give that receipt as a QR code."""
        found = await self._receipt(request)
        return found if isinstance(found, Response) else Response(qr_svg(found), media_type="image/svg+xml")

    async def _receipt(self, request: Request) -> str | Response:
        found = await self._host.look(lambda _now: self._finished(request, even_in_heats=True))
        if isinstance(found, Response):
            return found
        event, entry = found
        stored = _there(await self._queries.run_log(entry.run))
        return self._publisher(event).receipt(
            event.id, entry.run, entry.player.id, entry.score, stored.events, entry.heat
        )

    async def _made(self, what: Key, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """Make a bundle off the loop, one at a time, or hand out the one just made."""
        async with self._making:
            made, now_ms = self._kept.get(what), self._host.clock.now().ms
            act_count = await self._host.look(lambda _now: len(_there(self._floor.events.get(what[1])).acts))
            if made is None or made.act_count < act_count or now_ms - made.at_ms > FRESH_FOR_MS:
                made = Made(now_ms, act_count, await make())
                _there(self._floor.events.get(what[1]))
                self._kept[what] = made
                self._kept.move_to_end(what)
                self._forget_oldest()
            return made.data

    def _forget_oldest(self) -> None:
        kept = self._kept
        while len(kept) > KEPT_MAX or (
            len(kept) > 1 and sum(len(made.data) for made in kept.values()) > KEPT_BYTES_MAX
        ):
            kept.popitem(last=False)

    def _forget(self, event: EventId) -> None:
        """Let go of the bundles of a rehearsal that is gone."""
        for what in [what for what in self._kept if what[1] == event]:
            del self._kept[what]

    def _publisher(self, event: Event) -> Publisher:
        return self._publishers.of(event.id, event.kind)

    def _finished(self, request: Request, *, even_in_heats: bool) -> tuple[Event, Entry] | Response:
        """Find a finished run, in whichever event it was played."""
        run = RunId(request.path_params["run"])
        for event in self._floor.events.values():
            entry = event.runs.get(run)
            if entry is None:
                continue
            if entry.heat != OPEN_PLAY and not even_in_heats:
                return _refusal("published_with_heat", heat=entry.heat, bundle=_address(event, entry.heat))
            return (event, entry) if entry.state is RunState.ENDED else _refusal("run_not_over")
        return _refusal("unknown_run")


def _there(found: T | None) -> T:
    """Return what was recorded; where there is nothing, it was of a rehearsal that somebody has just deleted."""
    if found is None:
        raise unknown_event()
    return found


_REFUSALS = {
    "unknown_run": (404, "There is no such run."),
    "unknown_heat": (404, "There is no such heat."),
    "run_not_over": (409, "That run is not over yet."),
    "published_with_heat": (409, "That run is published with its heat."),
    "heat_not_over": (409, "That heat is not over yet: nothing of it is revealed before."),
    "event_not_ended": (409, "The event goes on; everything is published when it is over."),
    "never_played": (409, "That heat was voided before it began; its seed is opened with the whole event."),
}
"""Why something is not published: status and a sentence for a person, by the word for a page."""


def _refusal(error: str, **more: str) -> Response:
    status, message = _REFUSALS[error]
    return JSONResponse({"error": error, "message": message, **more}, status)


def _heat_refusal(event: Event, named: HeatId) -> str:
    heat = event.heats.get(named)
    if heat is None or event.published is None:
        return "unknown_heat"
    if heat.was_played:
        return ""
    return "never_played" if heat.phase is HeatPhase.OVER else "heat_not_over"


def _address(event: Event, heat: HeatId) -> str:
    return f"/api/heats/{quote(heat)}/bundle?{urlencode({'event': event.id})}"


def _download(data: bytes, name: str) -> Response:
    return Response(
        data, media_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
