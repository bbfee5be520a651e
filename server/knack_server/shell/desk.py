"""What moderators ask over HTTP, each request with their personal token in `Authorization: Bearer`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from knack_protocol.ids import CourseName, RunId
from knack_protocol.proof import receipt
from knack_protocol.proof.form import Malformed
from knack_server.core import rows
from knack_server.core.entry import RunState
from knack_server.core.facts import Acted, ActKind, ContactId
from knack_server.core.flags.leak import RESAMPLES_LIST, RESAMPLES_MAX
from knack_server.core.sessions import token_hash
from knack_server.shell.faults import Fault, event_of, fault
from knack_server.shell.flagging import Flagging, report_document
from knack_server.shell.public import json_body
from knack_server.shell.replaying import log_document, replay_document

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from knack_server.core.entry import Entry
    from knack_server.core.event import Event
    from knack_server.core.floor import Floor
    from knack_server.core.publication import Publisher, Publishers
    from knack_server.shell.host import Host
    from knack_server.store.queries import Queries

    Handler = Callable[[Request, str], Awaitable[Response]]

PAGE_ROWS = 50


def desk_route(floor: Floor, path: str, handler: Handler, method: str = "GET") -> Route:
    """Return a route behind a desk token; the handler is told whose it is."""

    async def guarded(request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        name = floor.desks.get(token_hash(token)) if scheme.lower() == "bearer" else None
        if name is None:
            return JSONResponse(
                {"error": "token", "message": "This needs a desk token."},
                401,
                headers={"WWW-Authenticate": "Bearer"},
            )
        answer = await handler(request, name)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return Route(path, guarded, methods=[method])


class DeskRoutes:
    """The moderators' part of the HTTP interface."""

    def __init__(self, host: Host, queries: Queries, publishers: Publishers) -> None:
        self._host = host
        self._floor = host.arena.floor
        self._queries = queries
        self._publishers = publishers
        self._flagging = Flagging(queries, host.arena.runs.fresh_run)

    def routes(self) -> list[BaseRoute]:
        """Return the routes of this part, every one behind a desk token."""
        return [
            self._route("/api/desk", self.me),
            self._route("/api/desk/runs", self.runs),
            self._route("/api/desk/runs/{run}", self.run),
            self._route("/api/desk/runs/{run}/flags", self.flags),
            self._route("/api/desk/acts", self.acts),
            self._route("/api/desk/acts", self.act, "POST"),
            self._route("/api/desk/receipts", self.receipt, "POST"),
            self._route("/api/desk/contacts", self.contacts),
            self._route("/api/desk/contacts/{contact}", self.mark_contact, "POST"),
        ]

    async def me(self, request: Request, name: str) -> Response:
        """Say whose token this is and which event the page is about."""
        event = event_of(self._floor, request)
        ended_at_ms = await self._host.look(lambda _now: event.ended_unix_ms)
        return JSONResponse(
            {"name": name, "event": event.id, "kind": event.kind.value, "ended_at_ms": ended_at_ms}
        )

    async def runs(self, request: Request, name: str) -> Response:
        """List runs of a course, newest first, 50 a page, those whose player's name has `search` in it."""
        del name
        event, query = event_of(self._floor, request), request.query_params
        course = CourseName(query.get("course", "sprint"))
        if course not in event.by_course:
            raise Fault(404, "unknown_course", "There is no such course.")
        search, page = query.get("search", "").casefold(), _page(request)
        return JSONResponse(await self._host.look(lambda _now: _runs_document(event, course, search, page)))

    async def run(self, request: Request, name: str) -> Response:
        """Give a run's log and replay; the replay of a run in play ends with its latest move."""
        del name
        event = event_of(self._floor, request)
        entry = self._entry(event, request.path_params["run"])
        document = await self._host.look(lambda _now: _run_document(event, entry))
        stored = await self._queries.run_log(entry.run)
        if stored is None:
            raise Fault(404, "unknown_run", "That run was never started.")
        grace_ms = stored.run.grace_ms
        document |= {
            "grace_ms": grace_ms,
            "events": log_document(stored.events),
            "replay": {"levels": [], "moves": []},
        }
        if grace_ms is not None and not document["hidden"]:
            fresh = self._host.arena.runs.fresh_run(entry, stored.run.nonce, grace_ms)
            document["replay"] = replay_document(fresh, stored.events)
        return JSONResponse(document)

    async def flags(self, request: Request, name: str) -> Response:
        """Say what is unusual about a run, for people to judge; `resamples` 200 looks closer than the usual 40."""
        del name
        event = event_of(self._floor, request)
        entry = self._entry(event, request.path_params["run"])
        resamples = _RESAMPLES.get(request.query_params.get("resamples", ""))
        if resamples is None:
            return fault("resamples", "There are 40 resamples, or 200.")
        await self._host.look(lambda _now: None)  # what is known of the run by now is recorded
        report = await self._flagging.report(event, entry, resamples)
        return JSONResponse(None if report is None else report_document(report))

    async def acts(self, request: Request, name: str) -> Response:
        """List what moderators did, newest first, and whether it still is in effect."""
        del name
        event = event_of(self._floor, request)
        acts = await self._host.look(lambda _now: [_act(event, act) for act in reversed(list(event.acts))])
        return JSONResponse({"acts": acts})

    async def act(self, request: Request, name: str) -> Response:
        """Do an act; the answer leaves when it is recorded and every screen has been told."""
        form, event = await json_body(request), event_of(self._floor, request)
        try:
            kind = ActKind(str(form.get("kind")))
        except ValueError:
            return fault("kind", "There is no such act.")
        target, text, reason = (str(form.get(field, "")) for field in ("target", "text", "reason"))
        if not self._floor.recording:
            return not_recording()
        done = await self._host.do(
            lambda now: self._host.arena.act(event, name, kind, target, text, reason, now)
        )
        if not isinstance(done, Acted):
            return fault(done.value, _FAULTS[done.value])
        return JSONResponse(_act(event, done), 201)

    async def receipt(self, request: Request, name: str) -> Response:
        """Say what a receipt is worth: valid, voided, superseded by a better run or a rerun of the same player, or forged.

        A receipt names its event itself, so any desk can read it. Forged is what does not agree with what is stored;
        `signed` then tells whether our key has signed it, which would mean that what is stored was changed.
        """
        del name
        text = "".join(
            str((await json_body(request)).get("text", "")).split()
        )  # pasted text may be broken into lines
        signed = self._publisher_of(text).is_genuine(text)
        found = await self._received(text) if signed else None
        if found is None:
            unknown = dict.fromkeys(("event", "run", "player", "name", "course", "score"))
            return JSONResponse({"verdict": "forged", "signed": signed, **unknown})
        event, entry = found
        return JSONResponse(
            {
                "verdict": await self._host.look(lambda _now: _worth(event, entry)),
                "signed": True,
                "event": event.id,
                "run": entry.run,
                "player": entry.player.id,
                "name": entry.player.name,
                "course": entry.course,
                "score": entry.score,
            }
        )

    async def contacts(self, request: Request, name: str) -> Response:
        """List contact requests, newest first, 50 a page."""
        del name
        event, page = event_of(self._floor, request), _page(request)
        found = await self._queries.contacts_page(event.id, request.query_params.get("search", ""), page - 1)
        return JSONResponse(
            {"total": found.count, "page": page, "contacts": [asdict(row) for row in found.rows]},
        )

    async def mark_contact(self, request: Request, name: str) -> Response:
        """Set or take back the done mark of a contact request."""
        form = await json_body(request)
        done = form.get("done")
        if not isinstance(done, bool):
            return fault("done", "Say whether it is done: true or false.")
        contact = ContactId(request.path_params["contact"])
        if not await self._queries.has_contact(contact):
            return fault("unknown_contact", "There is no such request (any more).", 404)
        if not self._floor.recording:
            return not_recording()
        await self._host.do(lambda now: (None, self._host.arena.mark_contact(contact, done, name, now)))
        return JSONResponse({"id": contact, "done": done})

    async def _received(self, text: str) -> tuple[Event, Entry] | None:
        """Find the run of a receipt, provided that exactly this genuine receipt is what is stored of it."""
        said = receipt.parse(text)
        event = self._floor.event(said.event)
        entry = event.runs.get(said.run) if event is not None else None
        if event is None or entry is None or entry.state is not RunState.ENDED:
            return None
        stored = await self._queries.run_log(entry.run)
        if stored is None:  # a finished run is recorded, but its rehearsal may have been deleted meanwhile
            return None
        own = self._publishers.of(event.id, event.kind).receipt(
            event.id, entry.run, entry.player.id, entry.score, stored.events, entry.heat
        )
        return (event, entry) if own == text else None

    def _publisher_of(self, text: str) -> Publisher:
        """Return who would have signed a receipt; what is none, or of no event of ours, nobody else would."""
        try:
            event = self._floor.event(receipt.parse(text).event)
        except Malformed:
            event = None
        return self._publishers.organisers if event is None else self._publishers.of(event.id, event.kind)

    def _route(self, path: str, handler: Handler, method: str = "GET") -> Route:
        return desk_route(self._floor, path, handler, method)

    def _entry(self, event: Event, run: str) -> Entry:
        entry = event.runs.get(RunId(run))
        if entry is None:
            raise Fault(404, "unknown_run", "There is no such run.")
        return entry


def _runs_document(event: Event, course: CourseName, search: str, page: int) -> dict[str, Any]:
    found = [
        entry
        for entry in reversed(event.by_course[course])
        if search in entry.player.name.casefold() or search in event.shown_name(entry.player).casefold()
    ]
    shown = found[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    return {"total": len(found), "page": page, "rows": [rows.desk_row(event, entry) for entry in shown]}


def _run_document(event: Event, entry: Entry) -> dict[str, Any]:
    player, heat = entry.player, event.heat_of(entry)
    return {
        "run": entry.run,
        "player": player.id,
        "name": player.name,
        "shown_name": event.shown_name(player),
        "course": entry.course,
        "commit": entry.commit.hex(),
        "t0_unix_ms": entry.started_unix_ms,
        "state": rows.desk_row(event, entry).state,
        "heat": entry.heat,
        "hidden": heat is not None and heat.hides_boards,
    }


def _worth(event: Event, entry: Entry) -> str:
    if event.was_rerun_for(entry):
        return "superseded"
    if event.is_voided(entry):
        return "voided"
    standing = event.standings[entry.listing].standing(entry.player.id)
    return "valid" if standing is None or standing.run == entry.run else "superseded"


_RESAMPLES = {"": RESAMPLES_LIST, **{str(count): count for count in (RESAMPLES_LIST, RESAMPLES_MAX)}}

_FAULTS = {
    "reason": "Give a reason of 1 to 300 characters.",
    "unknown_run": "There is no such run, or its heat was not started.",
    "unknown_player": "There is no such player.",
    "unknown_act": "There is no such act.",
    "unknown_heat": "There is no such heat, or its lobby was never opened.",
    "never_played": "The heat was voided before it was started; that cannot be undone.",
    "rerun_opened": "The heat's rerun was opened; its void stays.",
    "already_undone": "That act has been undone already.",
    "name": "That is not fit to be a name.",
}


def not_recording() -> Response:
    """Say that it is not the moderator's doing."""
    return fault("not_recording", "Nothing can be recorded at the moment; try again soon.", 503)


def _page(request: Request) -> int:
    text = request.query_params.get("page", "1")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _act(event: Event, act: Acted) -> dict[str, Any]:
    return {**asdict(act), "in_effect": event.acts.is_in_effect(act.number)}
