"""What the organiser may order from the command line, whether the server runs or not: one table of orders.

An order is a name and a few texts; the answer is a JSON object, `{"error": …}` when it cannot be.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from knack_protocol.ids import EventId, is_id
from knack_server.core.event import TITLE_LENGTH_MAX, fit_title
from knack_server.core.rehearsals import ID_PREFIX, RehearsalFault
from knack_server.shell import ending, rehearsals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from knack_server.core.publication import Publishers
    from knack_server.shell.host import Host

Answer = dict[str, Any]

NAME_LENGTH_MAX = 40
"""Characters of a moderator's name; it stands beside every act."""

RECORD_WITHIN_S = 5
"""Longer than any commit takes on a disk that works."""


_NO_TITLE: Answer = {"error": f"a title has 1 to {TITLE_LENGTH_MAX} visible characters"}


class Orders:
    """Carries the organiser's orders out on a host."""

    def __init__(self, host: Host, publishers: Publishers, runs_max: int | None) -> None:
        self._host = host
        self._publishers = publishers
        self._runs_max = runs_max
        self._floor = host.arena.floor
        self._table: Mapping[str, Callable[..., Awaitable[Answer]]] = {
            "desk-add": self.desk_add,
            "desk-list": self.desk_list,
            "desk-revoke": self.desk_revoke,
            "event-add": self.event_add,
            "event-delete": self.event_delete,
            "event-end": self.event_end,
            "event-list": self.event_list,
            "event-rehearse": self.event_rehearse,
            "event-use": self.event_use,
        }

    async def obey(self, name: str, arguments: Mapping[str, str]) -> Answer:
        """Carry out an order by its name."""
        order = self._table.get(name)
        if order is None:
            return {"error": f"unknown order {name}"}
        try:
            async with asyncio.timeout(RECORD_WITHIN_S):
                return await order(**arguments)
        except TimeoutError:
            return {
                "error": "it cannot be recorded at the moment (is the disk full?); look again when it can"
            }

    async def desk_add(self, name: str) -> Answer:
        """Give a moderator a personal token, told here and never again."""
        name = name.strip()
        if not 1 <= len(name) <= NAME_LENGTH_MAX or not name.isprintable():
            return {"error": f"a moderator's name has 1 to {NAME_LENGTH_MAX} visible characters"}
        if name in self._floor.desks.values():
            return {"error": f"{name} has a token already; revoke it first"}
        return {"token": await self._host.do(lambda now: self._host.arena.add_desk(name, now))}

    async def desk_list(self) -> Answer:
        """List the moderators who may act."""
        return {"names": await self._host.look(lambda _now: sorted(self._floor.desks.values()))}

    async def desk_revoke(self, name: str) -> Answer:
        """Make a moderator's token worthless at once."""
        if name not in self._floor.desks.values():
            return {"error": f"{name} has no token"}
        await self._host.do(lambda now: (None, self._host.arena.revoke_desk(name, now)))
        return {}

    async def event_add(self, event: str, title: str) -> Answer:
        """Open another competition beside those that are there."""
        fit = fit_title(title)
        if not is_id(event):
            return {"error": "an event's id is 1 to 32 of a-z, 0-9 and -"}
        if event.startswith(ID_PREFIX):
            return {"error": f"an id that begins with {ID_PREFIX} is drawn, for a rehearsal (event rehearse)"}
        if event in self._floor.events:
            return {"error": f"there is an event {event} already"}
        if fit is None:
            return _NO_TITLE
        await self._host.do(
            lambda now: (None, self._host.arena.add_event(EventId(event), fit, self._runs_max, now))
        )
        return {"event": event}

    async def event_rehearse(self, title: str) -> Answer:
        """Open a rehearsal under an id that is drawn."""
        fit = fit_title(title)
        if fit is None:
            return _NO_TITLE
        opened = await self._host.do(lambda now: self._host.arena.add_rehearsal(fit, now))
        if isinstance(opened, RehearsalFault):
            there = [event.id for event in self._host.arena.rehearsals.all()]
            return {"error": rehearsals.why_not(opened, there)}
        return {"event": opened.id}

    async def event_delete(self, event: str) -> Answer:
        """Delete a rehearsal whole; what is played in earnest is never deleted."""
        refused = await self._host.do(lambda _now: self._host.arena.delete_rehearsal(event))
        return {"error": rehearsals.why_not(refused)} if refused is not None else {}

    async def event_end(self, event: str) -> Answer:
        """End a competition for good; everything of it is revealed from then on."""
        found = self._floor.events.get(EventId(event))
        if found is None:
            return {"error": f"there is no event {event}"}
        sign = self._publishers.of(found.id, found.kind).sign_commitments
        refused = await self._host.do(lambda now: self._host.arena.end_event(found, sign, now))
        return {"error": ending.why_not(found, refused)} if refused is not None else {}

    async def event_list(self) -> Answer:
        """List the competitions; the current one is marked."""
        return {"events": await self._host.look(lambda _now: self._events())}

    def _events(self) -> list[dict[str, Any]]:
        current = self._floor.current
        return [
            {
                "event": e.id,
                "title": e.title,
                "kind": e.kind.value,
                "current": e.id == current,
                "ended": e.has_ended,
            }
            for e in self._floor.events.values()
        ]

    async def event_use(self, event: str) -> Answer:
        """Make a competition the current one."""
        found = self._floor.events.get(EventId(event))
        if found is None:
            return {"error": f"there is no event {event}"}
        if found.is_rehearsal:
            return {"error": f"{event} is a rehearsal, which only those find who know its id"}
        await self._host.do(lambda _now: (None, self._host.arena.make_current(EventId(event))))
        return {}
