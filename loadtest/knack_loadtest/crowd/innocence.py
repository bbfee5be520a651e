"""Whether the generator itself was fit to measure: what each worker notes about itself, and the limits it has to keep."""

import asyncio
import gc
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic_ns, process_time
from typing import Any, Final

import psutil

from knack_loadtest.crowd.tally import Tally

TICK_S: Final = 0.1
"""How often a worker looks whether its own timers are late."""

CPU_MAX: Final = 0.80
LOOP_LAG_P99_MAX_US: Final = 5_000
SEND_LAG_P99_MAX_US: Final = 10_000
"""Beyond these the tester measures itself (after the study: 80 % of a core, 5 ms, 10 ms)."""


class Watch:
    """Notes how a worker's own loop, processor and memory do."""

    def __init__(self, tally: Callable[[], Tally]) -> None:
        self._tally = tally
        self._process = psutil.Process()
        self._cpu_s = process_time()
        self._at_ns = monotonic_ns()
        self._gc_since_ns = 0
        gc.callbacks.append(self._on_gc)

    async def keep(self) -> None:
        """Look at the loop's own lateness, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            self._tally().time("generator.loop_lag", max(loop.time() - due, 0) * 1_000_000)

    def note(self) -> float:
        """Note the processor and the memory since the last time; returns the share of one core."""
        cpu_s, at_ns = process_time(), monotonic_ns()
        share = (cpu_s - self._cpu_s) / max((at_ns - self._at_ns) / 1e9, 1e-3)
        self._cpu_s, self._at_ns = cpu_s, at_ns
        self._tally().level("generator.cpu", share)
        self._tally().level("generator.rss", self._process.memory_info().rss)
        return share

    def close(self) -> None:
        """Look no more."""
        gc.callbacks.remove(self._on_gc)

    def _on_gc(self, phase: str, _told: dict[str, int]) -> None:
        if phase == "start":
            self._gc_since_ns = monotonic_ns()
        else:
            self._tally().level("generator.gc_pause", (monotonic_ns() - self._gc_since_ns) / 1000)


@dataclass(frozen=True, slots=True)
class Check:
    """One condition under which the figures mean anything; `value` None: it could not be found out."""

    name: str
    title: str
    value: float | None
    limit: float
    unit: str
    why: str

    @property
    def outcome(self) -> str:
        """`good`, `bad` or `unknown`; below the limit is good."""
        if self.value is None:
            return "unknown"
        return "good" if self.value <= self.limit else "bad"

    def document(self) -> dict[str, Any]:
        """Return the check as a result has it."""
        return {
            "name": self.name,
            "title": self.title,
            "value": self.value,
            "limit": self.limit,
            "unit": self.unit,
            "outcome": self.outcome,
            "why": self.why,
        }


def checks(tally: Tally, cpu_share: float | None, plan_sockets: int) -> list[Check]:
    """Return all conditions with what this run found.

    Args:
        tally: Everything that the workers counted.
        cpu_share: The busiest worker's share of a core, on average while it mattered.
        plan_sockets: How many sockets were wanted at once.
    """

    def p99(name: str) -> float | None:
        histogram = tally.histograms.get(name)
        return histogram.at(99) if histogram is not None and histogram.count else None

    errors = tally.counts["generator.local_errors"]
    wanted = tally.counts["connect.attempts"] - sum(tally.tables["connect_outcomes"].values())
    lag = "a timer of ours that is late makes every figure late"
    return [
        Check(
            "cpu",
            "The busiest worker's processor",
            cpu_share,
            CPU_MAX,
            "share",
            "a busy generator measures itself",
        ),
        Check(
            "loop_lag",
            "p99 of its loop's lateness",
            p99("generator.loop_lag"),
            LOOP_LAG_P99_MAX_US,
            "us",
            lag,
        ),
        Check("send_lag", "p99 of its moves' lateness", p99("send_lag"), SEND_LAG_P99_MAX_US, "us", lag),
        Check(
            "local_errors",
            "Connections that failed on this side",
            errors,
            0,
            "count",
            f"of {plan_sockets} wanted",
        ),
        Check(
            "outcomes",
            "Attempts without an outcome",
            abs(wanted),
            0,
            "count",
            "every attempt ends in one outcome",
        ),
        Check(
            "swap",
            "Memory of ours that was swapped out",
            _swapped(),
            0,
            "bytes",
            "what is swapped out is late",
        ),
    ]


def _swapped() -> float | None:
    try:
        return float(psutil.Process().memory_full_info().swap)
    except (AttributeError, psutil.Error):
        return None


def raise_descriptors() -> tuple[int, int]:
    """Raise the limit of open files as far as this user may; return how many there may be now, and at most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            return soft, hard
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0], hard


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
