"""Who is let in: the counting, on a clock that the test sets."""

import pytest

from knack_server.core.instant import Instant
from knack_server.shell import doors as doors_module
from knack_server.shell.clock import Clock
from knack_server.shell.doors import Caller, Ceilings, Doors, Refusal, caller_key
from knack_server.shell.meters import Meters

HALL = "198.51.100.7"
HOME = "203.0.113.9"


class Stopped(Clock):
    ms = 0

    def now(self) -> Instant:
        return Instant(self.ms, self.ms)


def doors(connections: int = 100, address: int = 50, per_s: int = 10, *proxies: str) -> tuple[Doors, Stopped]:
    clock = Stopped()
    return Doors(Ceilings(connections, address, per_s), clock, Meters(), proxies), clock


def inside(entered: Caller | Refusal | None) -> Caller:
    assert isinstance(entered, Caller), entered
    return entered


def test_the_house_takes_as_many_as_it_has_room_for_and_a_place_is_free_as_soon_as_somebody_goes() -> None:
    house, _ = doors(connections=3)
    first, *_ = [inside(house.enter(f"192.0.2.{number}")) for number in range(3)]

    assert house.enter(HALL) == Refusal("house", doors_module.FULL_WAIT_S)
    house.leave(first)
    inside(house.enter(HALL))

    assert house.connections_count == 3


def test_an_address_has_a_ceiling_of_its_own_and_others_still_get_in() -> None:
    house, _ = doors(connections=100, address=50)
    held = [inside(house.enter(HALL)) for _ in range(50)]

    assert house.enter(HALL) == Refusal("address", doors_module.FULL_WAIT_S)
    inside(house.enter(HOME))

    for caller in held:
        house.leave(caller)
    assert (house.connections_count, held[0].connections_count) == (1, 0)


def test_a_whole_hall_may_come_back_at_once_and_then_so_many_a_second() -> None:
    house, clock = doors(address=50, per_s=10)
    for _ in range(50):
        house.leave(inside(house.enter(HALL)))

    assert house.enter(HALL) == Refusal("rate", 1)
    clock.ms += 1000
    for _ in range(10):
        house.leave(inside(house.enter(HALL)))
    assert isinstance(house.enter(HALL), Refusal)


def test_who_is_refused_takes_no_place() -> None:
    house, _ = doors(address=1, per_s=1)
    inside(house.enter(HALL))

    for _ in range(10):
        assert isinstance(house.enter(HALL), Refusal)

    assert house.connections_count == 1
    assert house._meters.refusals == {"address": 10}


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_what_one_customer_can_write_as_he_likes_counts_as_one_address(address: str, key: str) -> None:
    assert caller_key(address) == key


def test_a_proxy_speaks_for_others_and_fills_no_ceiling_itself() -> None:
    house, _ = doors(100, 2, 10, "127.0.0.1", "10.0.0.0/8")

    assert [house.enter("127.0.0.1") for _ in range(10)] == [None] * 10
    assert [inside(house.enter_through_proxy(HALL)).key for _ in range(2)] == [HALL] * 2
    assert house.enter_through_proxy(HALL) == Refusal("address", doors_module.FULL_WAIT_S)


@pytest.mark.parametrize(
    ("forwarded_for", "key"),
    [
        (f"1.2.3.4, {HOME}", HOME),
        (f"1.2.3.4, {HOME}, 10.1.2.3", HOME),
        ("127.0.0.1, 10.1.2.3", None),
        ("", None),
        ("unknown", None),
        (f"{HOME}, bogus", None),
    ],
)
def test_of_what_is_forwarded_only_what_a_proxy_of_ours_added_counts(
    forwarded_for: str, key: str | None
) -> None:
    house, _ = doors(100, 2, 10, "127.0.0.1", "10.0.0.0/8")

    entered = house.enter_through_proxy(forwarded_for)

    assert (inside(entered).key if key else entered) == key


def test_addresses_are_forgotten_when_nothing_depends_on_them_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doors_module, "CALLERS_KEPT", 4)
    house, clock = doors(connections=1000, address=2, per_s=1)
    stays = inside(house.enter(HALL))
    for number in range(3):
        house.leave(inside(house.enter(f"192.0.2.{number}")))

    clock.ms += 1000
    house.leave(inside(house.enter("192.0.2.2")))
    inside(house.enter(HOME))

    assert set(house._callers) == {HALL, "192.0.2.2", HOME}
    assert house._callers[HALL] is stays
