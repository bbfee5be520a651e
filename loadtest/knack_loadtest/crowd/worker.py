"""A worker: one process that lets its share of the plan's people live, and tells the conductor each second what happened.

python -m knack_loadtest.crowd.worker        reads and writes documents of `pipe` on its standard input and output
"""

import asyncio
import gc
import os
import signal
import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic_ns
from typing import Any, Final

import uvloop

from knack_client.address import Address
from knack_client.standings import Standings
from knack_loadtest.crowd import pipe, records
from knack_loadtest.crowd.faults import KINDS
from knack_loadtest.crowd.faults.struck import struck, struck_by
from knack_loadtest.crowd.heats import HeatWord, put_together, word_of
from knack_loadtest.crowd.innocence import Watch, raise_descriptors
from knack_loadtest.crowd.line import Dialer
from knack_loadtest.crowd.networks.profiles import PROFILES
from knack_loadtest.crowd.people.lives import LIVES
from knack_loadtest.crowd.people.script import Scripts, scripts
from knack_loadtest.crowd.people.stage import Stage, Violation
from knack_loadtest.crowd.people.subscriber import Subscriber
from knack_loadtest.crowd.plan import Person, Plan, make_plan
from knack_loadtest.crowd.records import RunRecord
from knack_loadtest.crowd.scenario import reading
from knack_loadtest.crowd.secrecy import leak_in
from knack_loadtest.crowd.sharing import Shared
from knack_loadtest.crowd.tally import Tally
from knack_protocol.wire.messages import Heat, Live, Push, Reply, Row

LOOK_WITHIN_S: Final = 10.0
"""How long every screen has to show what the server says is final."""

AWAY_WITHIN_US: Final = 75_000_000
"""For so long at most those are waited for whose lines are dead, lost or not read: a silence, and a wait or two."""

LIFE_EVERY_S: Final = 2.0
LOOK_EVERY_S: Final = 0.05
GO_WITHIN_S: Final = 10.0
"""How long people may take to hang up after the curtain."""

GC_THRESHOLD: Final = (50_000, 50, 100)
"""A crowd is tens of thousands of objects that stay: looking at all of them often would stop everybody."""


class Worker:
    """One worker's run, from its assignment to the last line."""

    def __init__(self, assignment: pipe.Document, out: asyncio.StreamWriter) -> None:
        overrides = dict(assignment["overrides"])
        scenario = reading.read(assignment["text"], assignment["file"], overrides)
        self.plan: Plan = make_plan(scenario)
        self._worker, self._workers = assignment["worker"], assignment["workers"]
        self.people = self.plan.share(self._worker, self._workers)
        self._out = out
        self._digests: list[list[Any]] = []
        self._told_digests: dict[tuple[str, int], list[Any]] = {}
        self._heats_heard: list[HeatWord] = []
        self._words: dict[str, HeatWord] = {}
        self._looked_at: dict[str, list[Any]] = {}
        self._runs = (Path(assignment["folder"]) / f"runs-{self._worker}.ndjson").open("w", encoding="utf-8")
        tally = Tally()
        shared = Shared(self._read, self._shown, self._split)
        address = Address.parse(assignment["url"])
        self.stage = Stage(
            scenario,
            self.plan.seed,
            address,
            assignment["event"],
            assignment["desk_token"],
            0,
            tally,
            shared,
            Dialer.to(address.socket, tally, shared, tuple(assignment["sources"])),
            keep=self._keep,
            slow=struck_by(scenario, self.plan.seed, self.people, "slow") | self._in_background(),
            scripts=self._recorded(),
            vanishing=struck_by(scenario, self.plan.seed, self.people, "half_open", "vanish"),
            may_fall=any(group.void_per_s for group in scenario.moderators)
            or any(heats.reruns for heats in scenario.heats),
            has_heats=assignment["has_heats"],
            expected={heats.name: self.plan.expected(heats) for heats in scenario.heats},
        )
        self._watch = Watch(lambda: tally)

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Obey the conductor until the curtain has fallen, or until it is gone."""
        self._say("ready", digest=self.plan.digest, people=len(self.people))
        lives: list[asyncio.Task[None]] = []
        chores: list[asyncio.Task[None]] = []
        while (told := await pipe.receive(reader)) is not None:
            match told["kind"]:
                case "begin":
                    lives, chores = self._begin(told["zero_ns"])
                case "brace":
                    self._brace(told["place"])
                case "back":
                    self.stage.dialer.outage.end()
                case "over":
                    self.stage.over.set()
                case "look":
                    await self._look(told["finals"])
                case "curtain":
                    break
                case _:
                    raise AssertionError(told["kind"])
        await self._go_home(lives, chores)

    def _begin(self, zero_ns: int) -> tuple[list[asyncio.Task[None]], list[asyncio.Task[None]]]:
        self.stage.zero_ns = zero_ns
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLD)
        for person in self.people:
            self.stage.lives[person.number] = asyncio.create_task(self._live(person), name=person.name)
        lives = list(self.stage.lives.values())
        faults = [n for n, fault in enumerate(self.plan.scenario.faults) if KINDS[fault.kind].deed]
        chores = [
            asyncio.create_task(chore)
            for chore in (self._watch.keep(), self._tell(), self._end(), self._find_the_dead())
        ]
        chores += [asyncio.create_task(self._strike(place)) for place in faults]
        return lives, chores

    async def _live(self, person: Person) -> None:
        try:
            await LIVES[type(person.group)](self.stage, person)
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours must end the run, not one person in silence
            self._say("failed", text=f"{person.name}: {traceback.format_exc()}")

    async def _strike(self, place: int) -> None:
        fault = self.plan.scenario.faults[place]
        deed = KINDS[fault.kind].deed
        assert deed is not None, "outages are the conductor's"
        await self.stage.until(fault.at_ms)
        if not self.stage.over.is_set():
            victims = struck(self.plan.scenario, self.plan.seed, place, self.people)
            await deed(self.stage, fault, victims)

    def _brace(self, place: int) -> None:
        """Expect the server to go, and let whoever is rude have no patience when it does."""
        self.stage.dialer.outage.begin()
        for victim in struck(self.plan.scenario, self.plan.seed, place, self.people):
            device = self.stage.devices.get(victim.number)
            if device is not None and victim.is_rude:
                device.waits.is_rude = True
        self._say("braced")

    async def _end(self) -> None:
        """Let it be over at its time, and say when nobody does anything any more."""
        await self.stage.until(self.plan.scenario.frame.duration_ms)
        self.stage.over.set()
        while self.stage.busy:  # noqa: ASYNC110 - people leave in a dozen ways, and nobody is in a hurry
            await asyncio.sleep(LOOK_EVERY_S)
        self._say("quiet")

    async def _find_the_dead(self) -> None:
        """Let every line see now and then whether the server is still there."""
        while True:
            await asyncio.sleep(LIFE_EVERY_S)
            now_ns = monotonic_ns()
            for line in list(self.stage.dialer.lines):
                line.look_for_life(now_ns)

    def _recorded(self) -> dict[int, Scripts]:
        """Return what was recorded of this worker's people, if they are to do it again."""
        folder, ours = self.plan.scenario.frame.recorded, {person.number for person in self.people}
        found = records.read_folder(Path(folder)) if folder else ()
        return scripts(record for record in found if record.person in ours)

    def _in_background(self) -> frozenset[int]:
        return frozenset(person.number for person in self.people if person.network == "background_tab")

    async def _tell(self) -> None:
        second = 0
        while True:
            second += 1
            left_s = second - self.stage.now_us() / 1_000_000
            await asyncio.sleep(max(left_s, 0))
            self._tell_second(second)

    def _tell_second(self, second: int) -> None:
        stage = self.stage
        cpu = self._watch.note()
        stage.tally.level("sockets", len(stage.dialer.lines))
        self._say(
            "second",
            second=second,
            tally=stage.tally.drain(),
            sockets=len(stage.dialer.lines),
            busy=len(stage.busy),
            cpu=cpu,
            acked=_taken(stage.acked),
            applied=_taken(stage.applied),
            violations=[violation.packed() for violation in _taken(stage.violations)],
            attempts=_taken(stage.attempts),
            acts=_taken(stage.acts),
            contacts=_taken(stage.contacts),
            digests=_taken(self._digests),
            heats=[word.packed() for word in _taken(self._heats_heard)],
            starts=_taken(stage.starts),
        )

    async def _look(self, finals: dict[str, Any]) -> None:
        """Wait until everybody shows the final standings; tell who does not."""
        rows = {course: [Row(*row) for row in final] for course, final in finals.items()}
        stage, begun_us = self.stage, self.stage.now_us()
        silences = [PROFILES[person.network].silence for person in self.people]
        within_us = int(LOOK_WITHIN_S * 1_000_000) + 1000 * max(s.lasts_ms if s else 0 for s in silences)
        deadline_us = begun_us + within_us
        waiting = dict(stage.subscribers)
        while waiting and stage.now_us() < deadline_us:
            waiting = {key: who for key, who in waiting.items() if who.differs(rows[who.standings.course])}
            if any(number in stage.devices and stage.devices[number].is_away for number, _ in waiting):
                deadline_us = min(stage.now_us() + within_us, begun_us + AWAY_WITHIN_US)
            await asyncio.sleep(LOOK_EVERY_S)
        self._say(
            "looked", checked=len(self.stage.subscribers), differing=self._differing(waiting.values(), rows)
        )
        self._looked_at = rows

    def _differing(self, who: Iterable[Subscriber], rows: dict[str, list[Any]]) -> list[list[Any]]:
        found = []
        for screen in who:
            text = screen.differs(rows[screen.standings.course])
            if text:
                group = screen.person.group.name
                found.append([text, self.stage.now_us() // 1000, f"{group} {screen.person.index}"])
        return found

    async def _go_home(self, lives: list[asyncio.Task[None]], chores: list[asyncio.Task[None]]) -> None:
        everybody = self.stage.subscribers.values()
        later = self._differing(everybody, self._looked_at) if self._looked_at else []
        self.stage.over.set()
        self.stage.curtain.set()
        if lives:
            await asyncio.wait(lives, timeout=GO_WITHIN_S)
        for task in (*lives, *chores):
            task.cancel()
        if lives or chores:
            await asyncio.wait((*lives, *chores), timeout=GO_WITHIN_S)
        left = len(self.stage.dialer.lines)
        for line in list(self.stage.dialer.lines):
            line.is_wanted_end = True
            line.abort()
        for way in self.stage.dialer.vanished:
            way.bury()
        await asyncio.sleep(0)
        self._tell_second(-1)
        self._watch.close()
        self._runs.close()
        self._say("done", later=later, left=left)
        await self._out.drain()

    def _keep(self, record: RunRecord) -> None:
        self._runs.write(record.line() + "\n")

    def _read(self, message: Reply | Push) -> None:
        """See each push that is the same for all, once."""
        if isinstance(message, Live):
            self._read_digest(message)
        elif isinstance(message, Heat):
            self._read_heat(word_of(message))

    def _read_heat(self, word: HeatWord) -> None:
        before = replace(self._words[word.heat]) if word.heat in self._words else None
        for text in put_together(self._words, [word]):
            self._everybody("heats", text)
        if self._words[word.heat] != before:
            self._heats_heard.append(word)

    def _read_digest(self, live: Live) -> None:
        told = [live.digest.hex(), live.acts, live.acts_head.hex()]
        before = self._told_digests.setdefault((live.heat, live.k), told)
        if before != told:
            self._everybody("digests", f"second {live.k} of {live.heat or 'open play'} has two live digests")
        self._digests.append([live.heat, live.k, *told])

    def _shown(self, standings: Standings) -> None:
        """See all standings that anybody shows, once."""
        leak = leak_in(standings)
        if leak:
            self._everybody("secrecy", leak)

    def _split(self, standings: Standings) -> None:
        """See standings that are not what others are shown at the same version."""
        text = f"{standings.course}: not everybody is shown the same as version {standings.version}"
        self._everybody("versions", text)

    def _everybody(self, oracle: str, text: str) -> None:
        self.stage.violations.append(Violation(oracle, text, self.stage.now_us() // 1000, "everybody"))

    def _say(self, kind: str, **fields: Any) -> None:
        self._out.write(pipe.packed(kind, **fields))


def _taken(things: list[Any]) -> list[Any]:
    taken = list(things)
    things.clear()
    return taken


async def _work() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()),
        os.fdopen(os.dup(sys.stdout.fileno()), "wb"),
    )
    out = asyncio.StreamWriter(transport, protocol, None, loop)
    assignment = await pipe.receive(reader)
    if assignment is None:
        return
    try:
        await Worker(assignment, out).run(reader)
    except Exception:  # noqa: BLE001 - told to the conductor, which ends the run
        out.write(pipe.packed("failed", text=traceback.format_exc()))
        await out.drain()
    with suppress(OSError):
        out.close()
        await out.wait_closed()


def main() -> None:
    """Work until the conductor lets go."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the conductor's; it tells us
    raise_descriptors()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work())


if __name__ == "__main__":
    main()
