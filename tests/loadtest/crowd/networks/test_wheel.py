"""The wheel: everything at its time, in order, by one timer."""

import asyncio
from random import Random

import pytest
from tests.loadtest.crowd.networks.clock import MS, Clock

from knack_loadtest.crowd.networks.wheel import Wheel


def test_everything_is_called_at_its_time_and_in_order() -> None:
    clock, called = Clock(), list[tuple[int, int]]()
    dues = [clock.now_ns + Random(n).randrange(100) * MS for n in range(200)]
    for number, due_ns in enumerate(dues):
        clock.wheel.at(due_ns, lambda number=number: called.append((clock.now_ns, number)))  # type: ignore[misc]
    clock.go_ms(100)

    assert called == sorted((due_ns, number) for number, due_ns in enumerate(dues))


def test_one_timer_is_enough_for_all() -> None:
    clock = Clock()
    for ms in (50, 20, 90, 20, 10):
        clock.wheel.at(clock.now_ns + ms * MS, lambda: None)

        assert len(clock.waiting) == 1

    clock.go_ms(100)
    assert clock.waiting == []


def test_a_wait_is_whole_ticks_and_never_too_short() -> None:
    clock, called = Clock(), list[int]()
    coarse = Wheel(clock.call_later, lambda: clock.now_ns, tick_ns=MS)
    coarse.at(clock.now_ns + MS // 3, lambda: called.append(clock.now_ns))
    coarse.at(clock.now_ns + 2 * MS, lambda: called.append(clock.now_ns))
    clock.go_ms(10)

    assert called == [clock.zero_ns + MS, clock.zero_ns + 2 * MS]


def test_what_is_due_already_is_called_soon_and_not_at_once() -> None:
    clock, called = Clock(), list[str]()
    clock.wheel.at(clock.now_ns, lambda: called.append("now"))
    clock.wheel.at(clock.now_ns - MS, lambda: called.append("before"))
    assert called == []

    clock.go_ms(0)
    assert called == ["before", "now"]


def test_what_fails_holds_nothing_else_up() -> None:
    clock, called = Clock(), list[str]()

    def fail() -> None:
        raise ZeroDivisionError

    clock.wheel.at(clock.now_ns + MS, fail)
    clock.wheel.at(clock.now_ns + 2 * MS, lambda: called.append("later"))
    with pytest.raises(ZeroDivisionError):
        clock.go_ms(1)
    clock.go_ms(1)

    assert called == ["later"]


def test_whoever_waits_for_a_moment_is_woken_by_the_loop_s_own_clock() -> None:
    async def wait() -> bool:
        wheel = Wheel()
        due_ns = wheel.now_ns() + 5 * MS
        await wheel.until(due_ns)
        return wheel.now_ns() >= due_ns

    assert asyncio.run(wait())
