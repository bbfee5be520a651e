"""A player on a schedule, on a clock that the test sets: no move that was due is left out because nobody could make it."""

import asyncio
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from knack_loadtest.crowd.people import player
from knack_loadtest.crowd.tally import Tally

pytestmark = pytest.mark.asyncio

EVERY_MS = 1000
LASTS_MS = 20_000
STILL_FROM_US, STILL_UNTIL_US = 16_500_000, 22_500_000
"""The server stands still for six seconds, beyond the end."""


class Clocked:
    """A run, a stage and a server on one clock; answers to moves come at once, but not while the server stands still."""

    def __init__(self) -> None:
        self.us = 0
        self.over = asyncio.Event()
        self.tally = Tally()
        self.scenario = SimpleNamespace(frame=SimpleNamespace(ending="abandon", duration_ms=LASTS_MS))
        self.is_over, self.heat, self.board, self.locked_ms, self.remaining_ms = False, "", None, 0, 1
        self.is_waiting = False

    def now_us(self) -> int:
        return self.us

    def passes(self, until_us: int) -> None:
        self.us = max(self.us, until_us)
        if self.us >= LASTS_MS * 1000:
            self.over.set()

    async def pause(self, ms: float) -> None:
        self.passes(self.us + round(max(ms, 0) * 1000))

    async def unlocked(self) -> None:
        pass


def life_of(clocked: Clocked, pacing: str) -> tuple[Any, list[int]]:
    """A player whose moves only take as long as the server stands still; returns when each one that was made was due, too."""
    life: Any = object.__new__(player._Life)
    skill = SimpleNamespace(
        choose=lambda _board, _random: (0, 0), pace=SimpleNamespace(think_ms=lambda _r: 900)
    )
    life.group = SimpleNamespace(pacing=pacing, every_ms=EVERY_MS, go_at_ms=None)
    life.skilled, life.random, life.stage = SimpleNamespace(idle=0.0, skill=skill), Random(3), clocked
    life._script = lambda _run: None
    made: list[int] = []

    async def move(_run: Any, _swap: Any, intended_us: int, _overslept_us: int) -> int:
        clocked.tally.count("moves.offered")
        if STILL_FROM_US < clocked.us < STILL_UNTIL_US:
            clocked.passes(STILL_UNTIL_US)
        clocked.tally.time("move_ack", clocked.us - intended_us)
        made.append(intended_us)
        return 0

    life._move = move
    return life, made


async def test_what_a_stall_left_unmade_at_the_end_is_in_the_figures_with_what_it_had_waited() -> None:
    clocked = Clocked()
    life, made = life_of(clocked, "metronome")
    await life._moves(clocked, lambda: False)
    acks = clocked.tally.histograms["move_ack"]

    # One move a second, each within a tenth of it of its place on the schedule, until the end.
    assert clocked.tally.counts["moves.offered"] == acks.count == LASTS_MS // EVERY_MS
    assert acks.count - len(made) >= 2
    assert acks.highest >= STILL_UNTIL_US - STILL_FROM_US - 1_200_000
    assert sum(due_us > STILL_FROM_US for due_us in made) == 1


async def test_who_thinks_after_each_answer_leaves_nothing_unmade() -> None:
    clocked = Clocked()
    life, made = life_of(clocked, "human")
    await life._moves(clocked, lambda: False)

    assert clocked.tally.counts["moves.offered"] == clocked.tally.histograms["move_ack"].count == len(made)
