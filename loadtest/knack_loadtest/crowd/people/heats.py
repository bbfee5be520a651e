"""The evening of a moderator who calls heats: opens the lobby, freezes the roster, types the text, says "go"; voids one, and has it played again."""

import asyncio
from time import monotonic_ns
from typing import Any, Final

from knack_client.api import Api
from knack_client.errors import HttpError, KnackClientError, Unreachable
from knack_client.link import Link
from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.people.coming import come_in
from knack_loadtest.crowd.people.device import PATIENCE_S, Device
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person
from knack_loadtest.crowd.scenario.model import Heats
from knack_loadtest.crowd.witness import Bystander
from knack_protocol.ids import EventId
from knack_protocol.wire.messages import Heat, HeatPhase, Push, Role

REASON: Final = "a load test's moderator"

RETRY_S: Final = 0.5
"""Between two tries of a step while the server is away or cannot record."""

TYPES_FOR_S: Final = 1.0
"""From the frozen roster to the text: so long at the least does somebody on a stage take."""

LOOK_EVERY_S: Final = 0.1

NOT_YET: Final = "heat_not_over"
TAKEN: Final = "wrong_phase"
WORDS: Final = (
    "Regen",
    "Ufer",
    "Laterne",
    "Kirsche",
    "Fahrrad",
    "Trommel",
    "Brücke",
    "Abend",
    "Mühle",
    "Wolke",
)

_GONE: Final = frozenset({HeatPhase.OVER, HeatPhase.VOIDED})


async def live(stage: Stage, person: Person) -> None:
    """Live the evening of a moderator who calls heats."""
    assert isinstance(person.group, Heats)
    if not stage.has_heats:
        return
    await stage.until(person.arrive_ms)
    if stage.over.is_set():
        return
    stage.busy.add(person.number)
    caller = _Caller(stage, person, person.group)
    try:
        await caller.live()
    except KnackClientError as failure:
        stage.tally.mark("client_faults", f"{type(failure).__name__}: {failure}"[:200])
        stage.tally.count("recover.failed")
    finally:
        stage.busy.discard(person.number)


class _Caller:
    def __init__(self, stage: Stage, person: Person, heats: Heats) -> None:
        self._stage = stage
        self._person = person
        self._heats = heats
        self._api = Api(stage.address.http, stage.event, stage.desk_token)
        self._told: dict[str, Heat] = {}
        self._was_unanswered = False
        witness = Bystander(
            lambda name: stage.tally.mark("rejects", name),
            lambda _code: None,
            lambda text: stage.violation("secrecy", text, person),
        )
        self._device = Device(stage, person, witness)
        self._link = Link(
            stage.address.socket,
            Role.DESK,
            EventId(stage.event),
            stage.desk_token,
            random=self._device.waits,
            patience_s=PATIENCE_S,
            on_push=self._on_push,
            opener=self._device.open,
        )

    async def live(self) -> None:
        """Call one heat after another."""
        stage, heats = self._stage, self._heats
        stage.devices[self._person.number] = self._device
        try:
            if await come_in(stage, self._device, self._enter) is None:
                return
            for place, heat in enumerate(heats.ids):
                if place:
                    await stage.until(stage.now_us() // 1000 + heats.gap_ms)
                if stage.over.is_set():
                    break
                again = heats.rerun_of(heat)
                await self._call(heat, heats.void_after_ms if again else None)
                if again and not stage.over.is_set() and self._phase(heat) is HeatPhase.VOIDED:
                    await self._call(again, None)
        finally:
            await self._link.close()

    async def _enter(self) -> Link:
        await self._link.open()
        return self._link

    async def _call(self, heat: str, void_after_ms: int | None) -> None:
        """Take a heat from its lobby to its end."""
        stage = self._stage
        await self._step(heat, "open")
        await self._gathered(heat)
        if stage.over.is_set() or not self._members(heat):
            await self._step(heat, "close")
            return
        await self._step(heat, "freeze")
        await asyncio.sleep(TYPES_FOR_S)
        await self._step(heat, "type", self._text(heat))
        asked_ns = monotonic_ns()
        await self._step(heat, "start")
        stage.starts.append([heat, asked_ns])
        stage.tally.count("heats.played")
        await self._ask_too_early(heat)
        if void_after_ms is not None:
            await self._until_gone(heat, stage.now_us() // 1000 + void_after_ms)
            if self._phase(heat) not in _GONE:
                await self._void(heat)
        await self._until_gone(heat)

    async def _gathered(self, heat: str) -> None:
        """Wait until everybody is there, or for as long as the lobby is open."""
        stage = self._stage
        closes_us = stage.now_us() + self._heats.lobby_ms * 1000
        wanted = stage.expected[self._heats.name]
        while not stage.over.is_set() and stage.now_us() < closes_us and self._members(heat) < wanted:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_EVERY_S)

    async def _until_gone(self, heat: str, until_ms: int | None = None) -> None:
        stage = self._stage
        while self._phase(heat) not in _GONE and (until_ms is None or stage.now_us() < until_ms * 1000):
            await self._link.live()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _ask_too_early(self, heat: str) -> None:
        """Ask for what nobody may have before the heat is over: its seed, and everybody's tiles."""
        try:
            await self._api.get(f"/api/heats/{heat}/bundle")
        except HttpError as refused:
            if refused.error == NOT_YET:
                return
            text = f"the bundle of {heat} was refused with {refused.error}, not with {NOT_YET}"
        except Unreachable:
            return
        else:
            text = f"the bundle of {heat} was given out before its end"
        self._stage.violation("heats", text, self._person)

    async def _void(self, heat: str) -> None:
        act = await self._post("/api/desk/acts", kind="void_heat", target=heat, text="", reason=REASON)
        self._stage.tally.count("acts.done")
        self._stage.acts.append([act["number"], act["kind"], act["target"]])

    async def _step(self, heat: str, step: str, text: str = "") -> None:
        asked_ns = monotonic_ns()
        try:
            await self._post(f"/api/desk/heats/{heat}", step=step, text=text)
        except HttpError as refused:
            if refused.error != TAKEN or not self._was_unanswered:
                raise  # else the first try was taken, and only its answer was lost
        self._stage.tally.time("acts", (monotonic_ns() - asked_ns) / 1000)

    async def _post(self, path: str, **form: str) -> dict[str, Any]:
        """Order something, and again while the server is away or cannot record."""
        self._was_unanswered = False
        while True:
            try:
                return dict(await self._api.post(path, form))
            except Unreachable:
                self._was_unanswered = True
                await self._link.live()  # or its reason why there is no server any more
            except HttpError as refused:
                if refused.status != 503:
                    raise
            await asyncio.sleep(RETRY_S)

    def _text(self, heat: str) -> str:
        drawn = chance(self._stage.seed, heat, "text")
        return " ".join(drawn.choice(WORDS) for _ in range(12))

    def _members(self, heat: str) -> int:
        told = self._told.get(heat)
        return told.members if told is not None else 0

    def _phase(self, heat: str) -> HeatPhase | None:
        told = self._told.get(heat)
        return told.phase if told is not None else None

    def _on_push(self, push: Push) -> None:
        if isinstance(push, Heat):
            self._told[push.heat] = push
