"""Faults: whom and when they strike comes from the seed; what they do to a server is done to a process."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from random import Random
from typing import cast

import pytest

from knack_client.backoff import delay_ms
from knack_loadtest.crowd.conductor import Conductor
from knack_loadtest.crowd.faults import KINDS, outages
from knack_loadtest.crowd.faults.outages import moment_ms
from knack_loadtest.crowd.people.device import RUDE_EVERY_MS, Waits
from knack_loadtest.crowd.plan import make_plan
from knack_loadtest.crowd.scenario.model import Fault
from knack_loadtest.crowd.scenario.reading import read
from knack_loadtest.crowd.server import FreshServer, Usage
from knack_loadtest.crowd.target import Target

KILL = Fault(5000, "kill", "all", 1.0, 2000, 0.0, 0)


class Recorded(FreshServer):
    """A server of ours that writes down what is done to it."""

    def __init__(self) -> None:
        super().__init__(Path())
        self.done: list[str] = []

    async def start(self) -> None:
        self.done.append("start")

    async def stop(self) -> None:
        self.done.append("stop")

    async def kill(self) -> None:
        self.done.append("kill")

    def suspend(self) -> None:
        self.done.append("suspend")

    def resume(self) -> None:
        self.done.append("resume")


@pytest.mark.parametrize(
    ("kind", "done"),
    [("kill", ["kill", "start"]), ("restart", ["stop", "start"]), ("stop", ["suspend", "resume"])],
    ids=["kill", "restart", "stop"],
)
def test_an_outage_gives_back_what_it_takes(kind: str, done: list[str]) -> None:
    server = Recorded()
    outage = KINDS[kind].outage
    assert outage is not None

    asyncio.run(outage(server, 0.001))

    assert server.done == done


def test_a_server_that_stands_still_goes_on_though_the_crowd_breaks_off() -> None:
    async def broken_off(server: Recorded) -> None:
        stopped = asyncio.create_task(outages.stop(server, 3600))
        while not server.done:
            await asyncio.sleep(0)
        stopped.cancel()
        await asyncio.wait([stopped])

    server = Recorded()
    asyncio.run(broken_off(server))

    assert server.done == ["suspend", "resume"]


def test_the_moment_of_a_kill_is_drawn_from_the_seed_and_lies_within_its_time() -> None:
    moments = [moment_ms(KILL, seed, 0) for seed in range(50)]

    assert moments == [moment_ms(KILL, seed, 0) for seed in range(50)]
    assert all(5000 <= moment <= 7000 for moment in moments)
    assert len(set(moments)) > 40


def test_a_server_that_is_not_the_tester_s_own_is_left_alone_and_the_result_says_so() -> None:
    scenario = read(
        '[scenario]\nname = "k"\ntitle = "K"\nabout = "A kill."\nduration = "9s"\n'
        '[[faults]]\nat = "1s"\nkind = "kill"\n[[faults]]\nat = "2s"\nkind = "storm"\n',
        "k.toml",
    )
    target = cast("Target", None)  # nobody asks for it
    conductor = Conductor(make_plan(scenario), target, (), Path(), 1, "", None, None, ())

    conductor._begin()

    assert conductor.notices == ["Left out: kill of the server, which is not the tester's own."]
    assert [mark["kind"] for mark in conductor.marks] == ["storm", "over"]


def test_a_rude_client_comes_at_once_and_then_hardly_waits() -> None:
    polite, rude, random = Waits(1), Waits(1), Random(1)
    rude.is_rude = True

    assert [delay_ms(attempt, rude) for attempt in range(4)] == [0, *[RUDE_EVERY_MS] * 3]
    assert [delay_ms(attempt, polite) for attempt in range(9)] == [
        delay_ms(attempt, random) for attempt in range(9)
    ]


def test_processor_time_goes_on_over_the_processes_of_one_server() -> None:
    async def used_s(usage: Usage) -> float:
        """Let the server have another process, and return what all of them used so far."""
        busy = "print(sum(range(3_000_000)), flush=True); input()"
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", busy, stdin=PIPE, stdout=PIPE)
        assert process.stdout is not None
        await process.stdout.readline()
        usage.follow(process.pid)
        usage.note()
        process.kill()
        await process.wait()
        return usage.cpu_s

    async def lives(usage: Usage) -> list[float]:
        return [await used_s(usage) for _ in range(3)]

    usage = Usage(None)
    first_s, second_s, third_s = asyncio.run(lives(usage))

    assert 0 < first_s < second_s < third_s
    assert usage.rss_peak > 0
