"""A visitor's evening: writes to the organisers, again and again."""

import asyncio
from time import monotonic_ns

from knack_client.api import Api
from knack_client.errors import HttpError, Unreachable
from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.people.concerns import CONCERNS, Concern
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person
from knack_loadtest.crowd.scenario.model import Visitors

LATER = 429


async def live(stage: Stage, person: Person) -> None:
    """Live a visitor's evening."""
    group = person.group
    assert isinstance(group, Visitors)
    random = chance(stage.seed, group.name, person.index, "writes")
    api = Api(stage.address.http, stage.event)
    due_ms = float(person.arrive_ms)
    while True:
        await stage.until(round(due_ms))
        if stage.over.is_set():
            return
        await _write(stage, person, api, CONCERNS[random.choice(group.payloads)])
        due_ms += random.expovariate(group.rate_per_s) * 1000


async def _write(stage: Stage, person: Person, api: Api, concern: Concern) -> None:
    contact = ""
    asked_ns = monotonic_ns()
    try:
        form = (await api.get("/api/contact"))["form"]
        contact = str((await api.post("/api/contact", {**concern.fields, "form": form}))["id"])
        status = 201
    except HttpError as refused:
        status = refused.status
    except Unreachable:
        stage.tally.mark("contact_answers", "none")
        await asyncio.sleep(1)
        return
    stage.tally.time("http", (monotonic_ns() - asked_ns) / 1000)
    stage.tally.mark("contact_answers", str(status))
    if status == LATER:
        stage.tally.count("contact.limited")
        return
    stage.tally.count("contact.accepted" if status == 201 else "contact.refused")
    if status not in concern.answers:
        stage.violation("contacts", f"{concern.kind} ({concern.meaning}) was answered with {status}", person)
    elif contact:
        stage.contacts.append(f"{'kept' if concern.is_kept else 'dropped'}:{contact}")
