"""Places in blocks, held against one sorted list; blocks are made small, so that they are cut and dropped all the time."""

from bisect import bisect_left
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from knack_protocol.ids import PlayerId, RunId
from knack_server.core import order
from knack_server.core.order import Order, Place

KEYS = st.sampled_from([0, 1, 2, 7, 1 << 40, (1 << 64) - 1])
NUMBERS = st.integers(0, 40)
SMALL = patch.multiple(order, BLOCK_PLACES=3, GROUP_BLOCKS=2)


def place(key: int, number: int) -> Place:
    return key, PlayerId(f"p-{number}"), RunId(f"run-{number}-{key}")


def made_of(places: list[Place]) -> Order:
    columns = list(zip(*sorted(places), strict=True)) or [(), (), ()]
    return Order(*columns)


def compare(tried: Order, plain: list[Place]) -> None:
    tried._check()
    assert list(tried.slice(0, len(plain) + 1)) == plain
    for at, (key, player, run) in enumerate(plain):
        assert tried.index(key, player) == at
        assert tried.run(key, player) == run
        assert tried.before(key) == bisect_left(plain, (key,))
        assert list(tried.slice(at, at + 5)) == plain[at : at + 5]
    assert list(tried.slice(len(plain) + 1, len(plain) + 9)) == []


@settings(max_examples=150)
@given(
    start=st.dictionaries(NUMBERS, KEYS, max_size=25), changes=st.lists(st.tuples(NUMBERS, KEYS), max_size=40)
)
def test_every_place_is_where_a_sort_puts_it_however_places_come_and_go(
    start: dict[int, int], changes: list[tuple[int, int]]
) -> None:
    with SMALL:
        keys = dict(start)
        tried = made_of([place(key, number) for number, key in keys.items()])
        for number, key in changes:
            if number in keys:
                old = keys.pop(number)
                assert tried.remove(old, place(old, number)[1]) == place(old, number)[2]
            else:
                keys[number] = key
                tried.add(*place(key, number))
        compare(tried, sorted(place(key, number) for number, key in keys.items()))


def test_equals_that_fill_many_blocks_keep_the_order_of_their_players() -> None:
    with SMALL:
        tried = Order()
        plain = sorted([place(5, number) for number in range(40)] + [place(4, 99), place(6, 99 - 1)])
        for added in reversed(plain):
            tried.add(*added)
        compare(tried, plain)
        for removed in plain[10:30]:
            tried.remove(*removed[:2])
        compare(tried, plain[:10] + plain[30:])


def test_an_order_can_be_emptied_and_filled_again() -> None:
    with SMALL:
        tried = made_of([place(number % 3, number) for number in range(20)])
        for number in range(20):
            tried.remove(*place(number % 3, number)[:2])
        compare(tried, [])
        assert tried.before(1) == 0
        tried.add(*place(9, 1))
        compare(tried, [place(9, 1)])
