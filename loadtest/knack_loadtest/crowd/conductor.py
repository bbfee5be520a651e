"""The conductor: starts the workers, keeps the time, gathers what they tell, and has it judged when all is quiet.

assign ─ ready (plan digests agree) ─ begin ─ seconds … (outage: brace ─ braced ─ back) ─ over ─ quiet ─ final standings ─ look ─ curtain ─ done
  ─ evidence (API once more, bundle, restart, export) ─ oracles ─ result
"""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from knack_client.api import Api
from knack_client.errors import KnackClientError
from knack_loadtest.crowd import pipe, result
from knack_loadtest.crowd.faults import KINDS
from knack_loadtest.crowd.faults.outages import moment_ms
from knack_loadtest.crowd.gathering import Gathering, Second
from knack_loadtest.crowd.heats import NoHeats, Promised, promise
from knack_loadtest.crowd.innocence import cores
from knack_loadtest.crowd.inquiry import Inquiry, gather
from knack_loadtest.crowd.oracles.standings import sum_listing
from knack_loadtest.crowd.oracles.table import judge
from knack_loadtest.crowd.plan import Plan
from knack_loadtest.crowd.server import FreshServer, Usage
from knack_loadtest.crowd.target import Target
from knack_loadtest.crowd.thresholds import Threshold
from knack_protocol.wire.limits import COUNTDOWN_MS

READY_WITHIN_S: Final = 60
BEGIN_AFTER_S: Final = 0.3
"""From the word to begin to the first person: every worker has heard it by then."""

QUIET_WITHIN_S: Final = 240
"""How long runs may go on after the end: a sprint takes 93 s, and whoever climbs gets this far and no further."""

WORTH_PROCESSES: Final = 20_000
"""Moves that take the plain engine some 6 s: below that, starting processes takes longer than it saves."""

BRACED_WITHIN_S: Final = 60
LOOKED_WITHIN_S: Final = 120
DONE_WITHIN_S: Final = 60
SOURCES: Final = tuple(f"127.0.0.{n}" for n in range(2, 10))
"""Loopback addresses that lines come from in turn: 28,000 ports each, where one address has that many in all."""


class CrowdError(Exception):
    """Something went wrong with the tester itself."""


@dataclass(slots=True)
class _Worker:
    number: int
    process: Process
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The last document of each kind but `second`."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    is_gone: bool = False

    def say(self, kind: str, **fields: Any) -> None:
        """Tell the worker something."""
        assert self.process.stdin is not None, "it was opened as a pipe"
        if not self.is_gone:
            self.process.stdin.write(pipe.packed(kind, **fields))


@dataclass(slots=True)
class Conductor:
    """One run of a plan against a target.

    Args:
        plan: Who comes.
        target: Where to.
        thresholds: What is expected.
        folder: Where the run's files go.
        workers: How many processes.
        desk_token: For moderators, and to look contact requests up; may be empty.
        server: Our own server, if it is ours; else None.
        server_pid: The process whose memory and processor are measured, if it is known.
        command: How the tester was called.
        on_second: Called after each second, to show how it goes.
    """

    plan: Plan
    target: Target
    thresholds: tuple[Threshold, ...]
    folder: Path
    workers: int
    desk_token: str
    server: FreshServer | None
    server_pid: int | None
    command: tuple[str, ...]
    on_second: Callable[["Conductor"], None] = lambda _conductor: None
    gathering: Gathering = field(init=False)
    usage: Usage = field(init=False)
    phase: str = "starting"
    marks: list[dict[str, Any]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    is_interrupted: bool = False
    promised: Promised | None = None
    """The server's promises for the plan's heats, if there are any and it made them."""
    zero_ns: int = 0
    _crew: list[_Worker] = field(default_factory=list)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _is_over: asyncio.Event = field(default_factory=asyncio.Event)
    _outages: list[asyncio.Task[None]] = field(default_factory=list)
    _one_outage: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.gathering = Gathering(self.plan.scenario.frame.warmup_ms)
        self.usage = Usage(self.server_pid)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return (time.monotonic_ns() - self.zero_ns) / 1e9 if self.zero_ns else 0.0

    def interrupt(self) -> None:
        """Break off: everybody ends, and what was seen is judged and written."""
        self.is_interrupted = True
        self._stop.set()

    async def run(self) -> dict[str, Any]:
        """Play the plan, and return the result.

        Raises:
            CrowdError: a worker failed, or two of them made different plans.
            KnackClientError: the server went away for good.
        ServerError: our server did not come back from an outage.
        """
        began_unix_ms = time.time_ns() // 1_000_000
        try:
            await self._promise_heats()
            await self._assemble()
            self._begin()
            await self._play()
            self.phase = "ending"
            played_ms = int(self.elapsed_s * 1000)
            final, looked = await self._look()
            self.phase = "going home"
            done = await self._go_home()
        finally:
            await self._dismiss()
        self.gathering.visibility.close()
        self._mark_heats()
        self.phase = "judging"
        ended_unix_ms = time.time_ns() // 1_000_000
        oracles = await self._judge(final, looked, done)
        times = result.Times(began_unix_ms, ended_unix_ms, played_ms, self.is_interrupted)
        return result.build(
            self.plan,
            self.target,
            times,
            self.gathering,
            oracles,
            self.thresholds,
            self.usage,
            self.marks,
            self.notices,
            self.command,
            is_fresh=self.server is not None,
        )

    @property
    def listings(self) -> tuple[str, ...]:
        """Whose standings are looked at in the end: of courses, of heats, and of the sums over heats."""
        scenario = self.plan.scenario
        if self.promised is None:
            return scenario.courses
        heats = [heat for heats in scenario.heats for heat in heats.promised]
        sums = sorted({sum_listing(heats.course) for heats in scenario.heats})
        return (*scenario.courses, *heats, *sums)

    # --- the crew ---

    async def _promise_heats(self) -> None:
        """Have the plan's heats promised before anybody comes; without a desk, or where it refuses, none are played."""
        series = self.plan.scenario.heats
        if not series:
            return
        if not self.desk_token:
            self.notices.append("No heats were played: there is no desk token (--desk-token).")
            return
        api = Api(self.target.address.http, self.target.event, self.desk_token)
        try:
            self.promised = await promise(api, series)
        except NoHeats as refused:
            self.notices.append(f"No heats were played: {refused}.")

    async def _assemble(self) -> None:
        frame = self.plan.scenario.frame
        is_loopback = "//127.0.0.1" in self.target.address.http
        assignment: dict[str, Any] = {
            "text": self.plan.scenario.text,
            "file": frame.name,
            "overrides": dict(self.plan.scenario.overrides),
            "workers": self.workers,
            "url": self.target.address.http,
            "event": self.target.event,
            "desk_token": self.desk_token,
            "folder": str(self.folder),
            "sources": list(SOURCES) if is_loopback else [],
            "has_heats": self.promised is not None,
        }
        for number in range(self.workers):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "knack_loadtest.crowd.worker",
                stdin=PIPE,
                stdout=PIPE,
                start_new_session=True,
            )
            worker = _Worker(number, process)
            self._crew.append(worker)
            worker.say("assign", worker=number, **assignment)
            asyncio.create_task(self._listen(worker))  # noqa: RUF006 - ends with the process
        ready = await self._all("ready", READY_WITHIN_S)
        digests = {told["digest"] for told in ready}
        if digests != {self.plan.digest}:
            raise CrowdError(f"the workers made different plans: {digests}")
        for told, worker in zip(ready, self._crew, strict=True):
            self.gathering.begin_worker(worker.number, told["people"], assignment["sources"])

    async def _listen(self, worker: _Worker) -> None:
        assert worker.process.stdout is not None, "it was opened as a pipe"
        while (told := await pipe.receive(worker.process.stdout)) is not None:
            if told["kind"] == "second":
                self.gathering.take(worker.number, told)
            else:
                worker.told[told["kind"]] = told
            worker.news.set()
        worker.is_gone = True
        worker.news.set()

    async def _all(self, kind: str, within_s: float) -> list[dict[str, Any]]:
        """Wait until every worker has told this."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + within_s
        for worker in self._crew:
            while kind not in worker.told:
                if "failed" in worker.told:
                    raise CrowdError(f"worker {worker.number} failed:\n{worker.told['failed']['text']}")
                if worker.is_gone:
                    raise CrowdError(f"worker {worker.number} is gone without having told '{kind}'")
                worker.news.clear()
                try:
                    async with asyncio.timeout(give_up - loop.time()):
                        await worker.news.wait()
                except TimeoutError:
                    raise CrowdError(f"worker {worker.number} did not tell '{kind}' in time") from None
        return [worker.told[kind] for worker in self._crew]

    def _tell(self, kind: str, **fields: Any) -> None:
        for worker in self._crew:
            worker.say(kind, **fields)

    async def _dismiss(self) -> None:
        for outage in self._outages:
            outage.cancel()
        for worker in self._crew:
            if worker.process.returncode is None:
                with suppress(ProcessLookupError):
                    worker.process.kill()
            await worker.process.wait()

    # --- the evening ---

    def _begin(self) -> None:
        self.zero_ns = time.monotonic_ns() + int(BEGIN_AFTER_S * 1e9)
        self.phase = "playing"
        self._tell("begin", zero_ns=self.zero_ns)
        frame = self.plan.scenario.frame
        if frame.warmup_ms:
            self._mark(frame.warmup_ms, "warmup_over", "from here on figures count")
        for place, fault in enumerate(self.plan.scenario.faults):
            if KINDS[fault.kind].outage is None:
                self._mark(fault.at_ms, fault.kind, f"{fault.kind}: {fault.share:.0%} of {fault.who}")
            elif self.server is None:
                self.notices.append(f"Left out: {fault.kind} of the server, which is not the tester's own.")
            else:
                self._outages.append(asyncio.create_task(self._outage(place, self.server)))
        self._mark(frame.duration_ms, "over", "nobody begins anything new")

    async def _play(self) -> None:
        """Keep the seconds until it is over."""
        duration_s = self.plan.scenario.frame.duration_ms / 1000
        while self.elapsed_s < duration_s and not self._stop.is_set():
            await self._second()
        self._is_over.set()
        await asyncio.gather(*self._outages)  # one that has begun is seen through
        self._tell("over")

    async def _outage(self, place: int, server: FreshServer) -> None:
        """Strike our server at its time, unless it is over by then."""
        fault = self.plan.scenario.faults[place]
        row = KINDS[fault.kind]
        assert row.outage is not None, "it was chosen by that"
        left_s = moment_ms(fault, self.plan.seed, place) / 1000 - self.elapsed_s
        with suppress(TimeoutError):
            async with asyncio.timeout(max(left_s, 0)):
                await self._is_over.wait()
        async with self._one_outage:
            if self._is_over.is_set():
                return
            if row.takes_lines:
                for worker in self._crew:
                    worker.told.pop("braced", None)
                self._tell("brace", place=place)
                await self._all("braced", BRACED_WITHIN_S)
            self._mark(round(self.elapsed_s * 1000), fault.kind, f"{fault.kind}: {row.meaning}")
            await row.outage(server, fault.for_ms / 1000)
            self.usage.follow(server.pid)
            if row.takes_lines:
                self._tell("back")

    async def _second(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(1 - self.elapsed_s % 1):
                await self._stop.wait()
        failed = next((worker for worker in self._crew if "failed" in worker.told or worker.is_gone), None)
        if failed is not None:
            text = failed.told.get("failed", {}).get("text", "it is gone")
            raise CrowdError(f"worker {failed.number} failed:\n{text}")
        for outage in self._outages:
            if outage.done():
                outage.result()
        second = self.gathering.seconds.setdefault(int(self.elapsed_s), Second())
        second.server_cpu, second.server_rss = self.usage.note(), self.usage.rss_now
        self.gathering.visibility.settle(int(self.elapsed_s * 1_000_000))
        self.on_second(self)

    async def _look(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Wait until nobody plays any more, ask for the final standings, and let everybody look."""
        quiet = asyncio.create_task(self._all("quiet", QUIET_WITHIN_S))
        while not quiet.done():
            await asyncio.wait([quiet], timeout=1)
            self.usage.note()
            self.on_second(self)
        if quiet.exception() is not None:
            self.notices.append(f"Not everybody had ended: {quiet.exception()}.")
        inquiry = self._inquiry()
        final = await inquiry.final()
        self._tell("look", finals={course: list(told.rows) for course, told in final.items()})
        return final, await self._all("looked", LOOKED_WITHIN_S)

    async def _go_home(self) -> list[dict[str, Any]]:
        self._tell("curtain")
        return await self._all("done", DONE_WITHIN_S)

    async def _judge(
        self, final: dict[str, Any], looked: list[dict[str, Any]], done: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        inquiry = self._inquiry()
        try:
            evidence = await gather(
                inquiry,
                self.gathering,
                self.folder,
                self.server,
                looked,
                done,
                final,
                self.desk_token,
                self.promised,
                self.plan,
            )
        except KnackClientError as failed:
            raise CrowdError(f"the server could not be asked at the end: {failed}") from failed
        with _executor(sum(len(record.moves) for record in evidence.records)) as executor:
            documents, figures = await asyncio.to_thread(judge, evidence, executor)
        self.gathering.total.counts.update(figures)
        return documents

    def _inquiry(self) -> Inquiry:
        is_alone = self.server is not None or self.target.is_own
        return Inquiry(self.target.address, self.target.event, self.listings, is_alone)

    def _mark_heats(self) -> None:
        for heat, asked_ns in self.gathering.starts.items():
            begins_ms = (asked_ns - self.zero_ns) // 1_000_000 + COUNTDOWN_MS
            self._mark(begins_ms, "heat", f"{heat} begins")

    def _mark(self, at_ms: int, kind: str, text: str) -> None:
        self.marks.append({"at_ms": at_ms, "kind": kind, "text": text})


def _executor(moves: int) -> Executor:
    """Return what the plain engine plays moves again on: all cores, where that is worth starting processes for."""
    if moves < WORTH_PROCESSES:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(cores(), mp_context=get_context("spawn"))
