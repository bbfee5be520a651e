"""A watcher's evening: a big screen or a phone that shows standings, and is right at the end."""

from knack_client.errors import KnackClientError, ServerFault
from knack_client.link import Link
from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.people.coming import come_in
from knack_loadtest.crowd.people.device import PATIENCE_S, Device
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.people.subscriber import Subscriber
from knack_loadtest.crowd.plan import Person
from knack_loadtest.crowd.scenario.model import Watchers
from knack_loadtest.crowd.witness import Bystander
from knack_protocol.ids import CourseName, EventId
from knack_protocol.wire.messages import Role, View


async def live(stage: Stage, person: Person) -> None:
    """Live a watcher's evening."""
    group = person.group
    assert isinstance(group, Watchers)
    await stage.until(person.arrive_ms)
    if stage.over.is_set():
        return

    def rejected(name: str) -> None:
        stage.tally.mark("rejects", name)
        stage.tally.count("honest.rejected")

    witness = Bystander(rejected, lambda _code: None, lambda text: stage.violation("secrecy", text, person))
    device = Device(stage, person, witness)
    is_sampled = group.device == "screen" or _is_drawn(stage, person, group.sample)
    view = View[group.view.upper()]
    screens = [
        Subscriber(stage, person, device, listing, view, is_sampled=is_sampled)
        for listing in _listings(stage, group)
    ]
    link = Link(
        stage.address.socket,
        Role.WATCHER,
        EventId(stage.event),
        "",
        random=device.waits,
        patience_s=PATIENCE_S,
        opener=device.open,
    )

    async def enter() -> Link:
        await link.open()
        return link

    stage.devices[person.number] = device
    try:
        if await come_in(stage, device, enter) is None:
            return
        for screen in screens:
            await link.watch(screen)
        if group.stays_ms is None:
            if view is View.TOP:
                stage.subscribers |= {(person.number, screen.standings.course): screen for screen in screens}
            await stage.curtain.wait()
        else:
            await stage.until(stage.now_us() // 1000 + group.stays_ms)
    except ServerFault as fault:
        stage.violation("feeds", str(fault), person)
    except KnackClientError as failure:
        stage.tally.count("recover.failed")
        stage.tally.mark("client_faults", f"{type(failure).__name__}: {failure}"[:200])
    finally:
        stage.devices.pop(person.number, None)
        for screen in screens:
            screen.close()
        await link.close()


def _listings(stage: Stage, group: Watchers) -> list[CourseName]:
    """Return whose standings are shown: the course's, and those of heats."""
    shown = [
        heat
        for heats in stage.scenario.heats
        if stage.has_heats and heats.name == group.heats
        for heat in heats.promised
    ]
    return [CourseName(listing) for listing in (group.course, *shown)]


def _is_drawn(stage: Stage, person: Person, share: float) -> bool:
    return chance(stage.seed, person.group.name, person.index, "sample").random() < share
