"""The inquiry: asks the server, when all is quiet, for everything that the oracles look at."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import ProxyHandler, build_opener

from knack_client.address import Address
from knack_client.api import Api
from knack_client.errors import HttpError, KnackClientError, Unreachable
from knack_loadtest.crowd import records
from knack_loadtest.crowd.flags import look, to_look_at
from knack_loadtest.crowd.gathering import Gathering
from knack_loadtest.crowd.heats import Promised
from knack_loadtest.crowd.networks.profiles import ETHERNET
from knack_loadtest.crowd.oracles.finding import Evidence, Standings
from knack_loadtest.crowd.oracles.heats import spreads_us
from knack_loadtest.crowd.plan import Plan
from knack_loadtest.crowd.server import FreshServer, ServerError
from knack_protocol.ids import PlayerId, RunId
from knack_protocol.proof import bundle as bundles
from knack_protocol.proof.bundle import HeatBundle, OpenBundle
from knack_protocol.proof.form import Malformed
from knack_protocol.rules.course import rules_hash
from knack_protocol.wire.messages import Row

STILL_FOR_S: Final = 1.0
"""Standings that did not change for so long, while nobody plays, are final: four publications."""

SETTLE_WITHIN_S: Final = 20.0
BUNDLE_WITHIN_S: Final = 300
"""A city's bundle has some 100 MiB, and the server makes it beside its other work."""

_OPENER: Final = build_opener(ProxyHandler({}))


@dataclass(slots=True)
class Inquiry:
    """Asks one server about one event."""

    address: Address
    event: str
    listings: tuple[str, ...]
    """Whose standings are asked for: courses, heats, and the sums over them."""
    is_alone: bool
    """Whether nobody but the crowd can have been in the event."""

    async def standings(self) -> dict[str, Standings]:
        """Ask for the whole standings of every listing.

        Raises:
            KnackClientError: the server does not answer.
        """
        api = Api(self.address.http, self.event)
        found = {}
        for listing in self.listings:
            told = await api.get("/api/standings", course=listing)
            rows = tuple(map(row_of, told["rows"]))
            found[listing] = Standings(told["epoch"], told["version"], told["sha256"], rows)
        return found

    async def final(self) -> dict[str, Standings]:
        """Ask until nothing changes any more.

        Raises:
            KnackClientError: the server does not answer.
        """
        loop = asyncio.get_running_loop()
        give_up = loop.time() + SETTLE_WITHIN_S
        before = await self.standings()
        while True:
            await asyncio.sleep(STILL_FOR_S)
            now = await self.standings()
            if now == before or loop.time() > give_up:
                return now
            before = now

    async def bundle(self, heat: str = "") -> bytes:
        """Fetch the bundle of a heat, or of open play.

        Raises:
            Unreachable: it is not to be had.
        """
        path = f"/api/heats/{heat}/bundle" if heat else "/api/bundle"
        return await asyncio.to_thread(_fetch, f"{self.address.http}{path}?event={self.event}")


def row_of(fields: Iterable[Any]) -> Row:
    """Return a row of JSON as the wire has it."""
    run, rank, player, name, score, time_ms, state = fields
    return Row(RunId(run), rank, PlayerId(player), name, score, time_ms, state)


async def gather(
    inquiry: Inquiry,
    gathering: Gathering,
    folder: Path,
    server: FreshServer | None,
    looked: list[dict[str, Any]],
    done: list[dict[str, Any]],
    final: dict[str, Standings],
    desk_token: str,
    promised: Promised | None,
    plan: Plan,
) -> Evidence:
    """Gather all that can be had; what cannot is named in `Evidence.missing`."""
    api = Api(inquiry.address.http, inquiry.event)
    described = await api.get("/api/event")
    evidence = Evidence(
        event=inquiry.event,
        is_alone=inquiry.is_alone,
        levels={
            c["name"]: [(level["goal"], level["time_ms"]) for level in c["levels"]]
            for c in described["courses"]
        },
        rules_hash=rules_hash(),
        records=list(records.read_folder(folder)),
        final=final,
        digests=gathering.digests,
        acts=gathering.acts,
        attempts=gathering.attempts,
        contacts=gathering.contacts,
        looked=sum(told["checked"] for told in looked),
        differing=[differing for told in looked for differing in told["differing"]],
        differing_later=[differing for told in done for differing in told["later"]],
        seen=gathering.violations,
        seen_counts=gathering.violation_counts,
        counts=gathering.total.counts,
        rejects=gathering.total.tables["rejects"],
        promised=promised,
        heat_words=gathering.heats,
        starts=gathering.starts,
    )
    evidence.later = await inquiry.standings()
    evidence.public_documents = {"/api/event": described}
    for path in ("/api/contact", "/healthz"):
        evidence.public_documents[path] = await api.get(path)
    await _published(inquiry, api, evidence)
    await _heats(inquiry, evidence, is_planned=bool(plan.scenario.heats))
    near = {person.number for person in plan.people if person.network == ETHERNET}
    for spread_us in spreads_us(record for record in evidence.records if record.person in near).values():
        gathering.total.level("heat_start_spread", spread_us)
    if desk_token:
        desk = Api(inquiry.address.http, inquiry.event, desk_token)
        evidence.desk_contacts = await _contacts(desk)
        with suppress(HttpError, Unreachable):  # then nobody can say whether honest people are flagged
            evidence.looks = await look(desk, to_look_at(plan, evidence.records))
    else:
        evidence.missing["contacts"] = "there is no desk token (--desk-token)"
    if server is not None:
        await _restarted(server, inquiry, evidence)
    return evidence


async def _published(inquiry: Inquiry, api: Api, evidence: Evidence) -> None:
    try:
        evidence.key = str((await api.get("/api/key"))["key"])
        evidence.bundle_bytes = await inquiry.bundle()
        bundle = await asyncio.to_thread(bundles.unpack, evidence.bundle_bytes)
    except (HttpError, Unreachable) as failed:
        evidence.missing["bundle"] = f"the bundle could not be had: {failed}"
    except Malformed as broken:
        evidence.missing["bundle"] = f"what the server gave is no bundle: {broken}"
    else:
        assert isinstance(bundle, OpenBundle), "open play was asked for"
        evidence.bundle = bundle


async def _heats(inquiry: Inquiry, evidence: Evidence, *, is_planned: bool) -> None:
    """Fetch the bundle of every heat that was started."""
    if not evidence.starts:
        evidence.missing["heats"] = "no heat was played" if is_planned else ""
    for heat in evidence.starts:
        try:
            data = evidence.heat_bytes[heat] = await inquiry.bundle(heat)
            bundle = await asyncio.to_thread(bundles.unpack, data)
        except Unreachable as failed:
            evidence.missing[heat] = str(failed)
        except Malformed as broken:
            evidence.missing[heat] = f"what the server gave is no bundle: {broken}"
        else:
            assert isinstance(bundle, HeatBundle), "a heat was asked for"
            evidence.heats[heat] = bundle


async def _contacts(api: Api) -> set[str]:
    found: set[str] = set()
    page = 1
    while True:
        told = await api.get("/api/desk/contacts", page=page)
        if not told["contacts"]:
            return found
        found |= {str(entry["contact"]) for entry in told["contacts"]}
        page += 1


async def _restarted(server: FreshServer, inquiry: Inquiry, evidence: Evidence) -> None:
    """Stop our server, read the export from the folder alone, start it again and ask it."""
    try:
        await server.stop()
        exported = {name: await server.export(inquiry.event, name) for name in inquiry.listings}
        await server.start()
        evidence.restarted = await inquiry.standings()
        evidence.exported = {name: tuple(map(row_of, told["rows"])) for name, told in exported.items()}
    except (ServerError, KnackClientError) as failed:
        evidence.missing["restart"] = str(failed)


def _fetch(url: str) -> bytes:
    try:
        with _OPENER.open(url, timeout=BUNDLE_WITHIN_S) as answer:
            data: bytes = answer.read()
            return data
    except OSError as failed:
        raise Unreachable(f"cannot fetch {url}: {failed}") from failed
