"""A desk: what moderators see and do, live and over HTTP."""

from random import Random
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from knack_client.address import Address
from knack_client.api import Api
from knack_client.feed import Feed
from knack_client.link import PATIENCE_S, Link
from knack_protocol.ids import CourseName, EventId
from knack_protocol.wire.messages import Role, View


class Desk:
    """One moderator at one event, as an async context manager.

        async with Desk("ws://127.0.0.1:8000", token) as desk:
            feed = await desk.watch("sprint")
            async for standings in feed:
                ...
            await desk.void(run, "played by two people")

    Every act carries the moderator's name, which the server knows by the token, and a reason.

    Args:
        url: The server's address, `ws:` or `http:`.
        token: A personal desk token (`knackpunkt desk add NAME`).
        event: Which competition; empty for the current one.
        random: Draws the waits between connections.
        patience_s: How long to try to come back after a connection has ended.

    Raises:
        Unreachable: on entering: there is no such server.
        SessionEnded: on entering: the server does not know the token.
    """

    def __init__(
        self,
        url: str,
        token: str,
        event: str = "",
        *,
        random: Random | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        address = Address.parse(url)
        self._api = Api(address.http, event, token)
        self._feeds: dict[CourseName, Feed] = {}
        self._link = Link(
            address.socket,
            Role.DESK,
            EventId(event),
            token,
            random=random,
            patience_s=patience_s,
        )

    async def __aenter__(self) -> Self:
        await self._link.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._link.close()

    @property
    def is_live(self) -> bool:
        """Tell whether the line stands at this moment."""
        return self._link.is_live

    async def watch(self, course: str) -> Feed:
        """Follow every run of a course, the newest 500, as `DeskRow`s; asked again, the same feed.

        Raises:
            Rejected: there is no such course.
            KnackClientError: the client is over.
        """
        name = CourseName(course)
        if name not in self._feeds:
            self._feeds[name] = await self._link.watch(Feed(name, View.DESK))
        return self._feeds[name]

    async def me(self) -> str:
        """Return the name that this token stands for."""
        return str((await self._api.get("/api/desk"))["name"])

    async def runs(self, course: str, search: str = "", page: int = 1) -> dict[str, Any]:
        """Return `{total, page, rows}`: 50 runs of a course, newest first, of players with `search` in their name.

        Raises:
            HttpError: there is no such course; so for every request below, when the server refuses it.
            Unreachable: there is no answer; so for every request below.
        """
        return await self._document("/api/desk/runs", course=course, search=search, page=page)

    async def run(self, run: str) -> dict[str, Any]:
        """Return a run with its log (`events`) and its replay (`replay`), as protocol/README.md describes them."""
        return await self._document(f"/api/desk/runs/{quote(run, safe='')}")

    async def acts(self) -> list[dict[str, Any]]:
        """Return what moderators did, newest first."""
        return list((await self._document("/api/desk/acts"))["acts"])

    async def void(self, run: str, reason: str) -> dict[str, Any]:
        """Take a run out of the standings; the player's next-best takes its place. Returns the act."""
        return await self._act("void", run, reason)

    async def restore(self, run: str, reason: str) -> dict[str, Any]:
        """Put a voided run back. Returns the act."""
        return await self._act("restore", run, reason)

    async def void_heat(self, heat: str, reason: str) -> dict[str, Any]:
        """Take a whole heat out of every standing; its next rerun may be opened then. Returns the act."""
        return await self._act("void_heat", heat, reason)

    async def hide_name(self, player: str, reason: str) -> dict[str, Any]:
        """Show a dash for a player's name everywhere. Returns the act."""
        return await self._act("hide_name", player, reason)

    async def replace_name(self, player: str, name: str, reason: str) -> dict[str, Any]:
        """Show another name for a player everywhere. Returns the act."""
        return await self._act("replace_name", player, reason, name)

    async def show_name(self, player: str, reason: str) -> dict[str, Any]:
        """Show a player's own name again. Returns the act."""
        return await self._act("show_name", player, reason)

    async def undo(self, act: int, reason: str) -> dict[str, Any]:
        """Take an act back by its number. Returns the act that did."""
        return await self._act("undo", str(act), reason)

    async def heats(self) -> list[dict[str, Any]]:
        """Return every prepared heat and where it stands, as protocol/README.md describes them."""
        return list((await self._document("/api/desk/heats"))["heats"])

    async def prepare_heat(
        self, heat: str, course: str = "sprint", scope: str = "player", reruns: int = 0
    ) -> None:
        """Commit to a heat and its reruns, before the list of commitments is out."""
        form = {"heat": heat, "course": course, "scope": scope, "reruns": reruns}
        await self._api.post("/api/desk/heats", form)

    async def publish_commitments(self) -> None:
        """Have the list of commitments signed and put out; no heat can be prepared afterwards."""
        await self._api.post("/api/desk/commitments", {})

    async def step_heat(self, heat: str, step: str, text: str = "") -> None:
        """Take a heat one step further: open, freeze, type (with the stage's text), start; or close its open lobby."""
        await self._api.post(f"/api/desk/heats/{quote(heat, safe='')}", {"step": step, "text": text})

    async def end_event(self) -> dict[str, Any]:
        """End the event for good, when nobody plays in it. Returns `{event, title, ended_at_ms}`."""
        return dict(await self._api.post("/api/desk/event", {"step": "end"}))

    async def contacts(self, search: str = "", page: int = 1) -> dict[str, Any]:
        """Return `{total, page, contacts}`: 50 contact requests, newest first."""
        return await self._document("/api/desk/contacts", search=search, page=page)

    async def mark_contact(self, contact: str, *, done: bool) -> None:
        """Set or take back the done mark of a contact request."""
        await self._api.post(f"/api/desk/contacts/{quote(contact, safe='')}", {"done": done})

    async def _act(self, kind: str, target: str, reason: str, text: str = "") -> dict[str, Any]:
        act = {"kind": kind, "target": target, "text": text, "reason": reason}
        return dict(await self._api.post("/api/desk/acts", act))

    async def _document(self, path: str, **query: str | int) -> dict[str, Any]:
        return dict(await self._api.get(path, **query))
