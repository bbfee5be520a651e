"""Flags worked out beside the server, a run at a time, and remembered.

Nothing is worked out unless a moderator looks. The process that does it (`examiner`) starts with the first look and goes
when nobody has looked for a while. What it gets are a run and its log, what it gives are `Traits`; judging them is cheap
and happens here.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from knack_server.core.entry import RunState
from knack_server.core.flags.judging import judge
from knack_server.core.flags.leak import RESAMPLES_LIST
from knack_server.core.flags.played import Recorded
from knack_server.shell.examiner import Examiner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from knack_protocol.rules.run import Run
    from knack_server.core.entry import Entry
    from knack_server.core.event import Event
    from knack_server.core.flags.judging import Flag, Report
    from knack_server.core.flags.rate import Rate
    from knack_server.core.flags.traits import Traits
    from knack_server.store.queries import Queries

COHORT_MAX: Final = 200
"""Runs that a run is held against, the newest: more make no median better."""
OWN_MAX: Final = 20
"""Other runs of the same player that its leak test takes in, the newest."""
REMEMBERED_MAX: Final = 600
"""Runs whose traits are kept; some 20 KB each."""
COHORT_WITHIN_S: Final = 3
"""How long an answer waits for runs of the cohort that nobody has looked at yet; the rest is done meanwhile, for the next one."""
IDLE_S: Final = 300
"""The process has some 30 MB that a small machine may want back."""


class Flagging:
    """Reports on runs; `deal` returns a started run as it stood at its T0."""

    def __init__(self, queries: Queries, deal: Callable[[Entry, bytes, int], Run]) -> None:
        self._queries = queries
        self._deal = deal
        self._known: OrderedDict[tuple[str, int], asyncio.Task[Traits | None]] = OrderedDict()
        self._cohort_turn = asyncio.Semaphore(1)
        self._examiner = Examiner()
        self._turn = asyncio.Lock()
        self._resting: asyncio.TimerHandle | None = None

    async def report(self, event: Event, entry: Entry, resamples: int) -> Report | None:
        """Report on a run, with so many resamples for itself and 40 for all others.

        None before its T0, and while its heat's boards are nobody's to see.
        """
        heat = event.heat_of(entry)
        if heat is not None and heat.hides_boards:
            return None
        own = self._look(entry, resamples)
        same_player = [
            self._look(other, RESAMPLES_LIST) for other in _newest(_others_of_player(event, entry), OWN_MAX)
        ]
        cohort = [
            self._look(other, RESAMPLES_LIST, self._cohort_turn)
            for other in _newest(_cohort(event, entry), COHORT_MAX)
        ]
        await asyncio.wait([own, *same_player])
        traits = own.result()
        if traits is None:
            return None
        if cohort:
            await asyncio.wait(cohort, timeout=COHORT_WITHIN_S)
        return judge(traits, _done(cohort), _done(same_player))

    def _look(
        self, entry: Entry, resamples: int, turn: asyncio.Semaphore | None = None
    ) -> asyncio.Task[Traits | None]:
        """Return the task that measures a run; a run that has ended is measured once."""
        key = entry.run, resamples
        known = self._known.get(key)
        is_late = known is not None and not known.done() and turn is None  # it waits in the cohort's queue
        if known is None or is_late or (known.done() and _is_in_vain(known)):
            known = asyncio.create_task(self._measure(entry, resamples, turn))
            if entry.state is not RunState.ENDED:
                return known
            self._known[key] = known
        self._known.move_to_end(key)
        while len(self._known) > REMEMBERED_MAX:
            self._known.popitem(last=False)
        return known

    async def _measure(self, entry: Entry, resamples: int, turn: asyncio.Semaphore | None) -> Traits | None:
        async with turn or nullcontext():
            stored = await self._queries.run_log(entry.run)
            if stored is None or stored.run.grace_ms is None:
                return None
            fresh = self._deal(entry, stored.run.nonce, stored.run.grace_ms)
            payloads = tuple(event.payload for event in stored.events)
            recorded = Recorded(entry.run, entry.player.id, fresh, payloads)
            async with self._turn:  # one thread waits, however many runs do
                self._rest_later()
                return await asyncio.to_thread(self._examiner.examine, recorded, resamples)

    def _rest_later(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        self._resting = asyncio.get_running_loop().call_later(IDLE_S, self._examiner.rest)


def report_document(report: Report) -> dict[str, Any]:
    """Return a report as JSON."""
    return {
        "run": report.run,
        "moves": report.moves,
        "resamples": report.resamples,
        "seed": report.seed.hex(),
        "others": report.others,
        "needs_review": report.needs_review,
        "any_by_chance": _rate(report.any_by_chance),
        "review_by_chance": _rate(report.review_by_chance),
        "flags": [_flag(flag) for flag in report.flags],
    }


def _flag(flag: Flag) -> dict[str, Any]:
    return {
        "kind": flag.kind,
        "measures": flag.measures,
        "number": flag.number,
        "threshold": flag.threshold,
        "sense": flag.sense,
        "weight": flag.weight,
        "is_raised": flag.is_raised,
        "causes": list(flag.causes),
        "honest": _rate(flag.honest),
        "power": None if flag.power is None else {"cheat": flag.power.cheat, **_rate(flag.power.rate)},
        "seqs": list(flag.seqs),
        "facts": dict(flag.facts),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return rate._asdict()


def _others_of_player(event: Event, entry: Entry) -> Iterable[Entry]:
    return (
        other
        for runs in event.by_course.values()
        for other in runs
        if other.player is entry.player and other is not entry
    )


def _cohort(event: Event, entry: Entry) -> Iterable[Entry]:
    return (other for other in event.by_course[entry.listing] if other.player is not entry.player)


def _newest(entries: Iterable[Entry], count: int) -> list[Entry]:
    ended = [entry for entry in entries if entry.state is RunState.ENDED and entry.moves]
    return sorted(ended, key=lambda entry: entry.started_unix_ms, reverse=True)[:count]


def _is_in_vain(task: asyncio.Task[Traits | None]) -> bool:
    return task.cancelled() or task.exception() is not None


def _done(tasks: Iterable[asyncio.Task[Traits | None]]) -> list[Traits]:
    finished = [task for task in tasks if task.done() and not _is_in_vain(task)]
    return [traits for task in finished if (traits := task.result()) is not None]
