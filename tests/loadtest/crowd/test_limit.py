"""The search for a limit, on outcomes that a test makes up."""

from collections.abc import Callable
from random import Random

import pytest

from knack_loadtest.crowd.limit import Edge, Limit, Search, Trial, shares

Server = Callable[[int], Trial]


def carries(most: int, otherwise: Trial = Trial.FAILED) -> Server:
    """A server that carries so many, every time."""
    return lambda load: Trial.PASSED if load <= most else otherwise


def searched(search: Search, server: Server) -> Search:
    while (load := search.next_load()) is not None:
        assert search.lowest <= load <= search.highest
        search.note(load, server(load))
    return search


@pytest.mark.parametrize("most", [1, 2, 99, 100, 101, 640, 4998, 4999])
def test_what_breaks_at_one_load_is_found_to_the_neighbour(most: int) -> None:
    search = searched(Search(1, 5000, 3), carries(most))

    assert search.edge is Edge.BETWEEN
    assert search.holds is not None
    assert search.breaks is not None
    assert search.holds <= most < search.breaks
    assert search.breaks - search.holds <= max(1, most // 50)
    assert search.limited_by is Limit.SERVER


def test_both_sides_of_the_edge_are_tried_until_most_trials_agree() -> None:
    search = searched(Search(100, 5000, 3), carries(1234))

    assert search.trials[search.holds or 0] == [Trial.PASSED] * 2
    assert search.trials[search.breaks or 0] == [Trial.FAILED] * 2
    assert sum(map(len, search.trials.values())) < 16


def test_a_server_that_carries_all_is_tried_at_the_highest_load_only() -> None:
    search = searched(Search(100, 5000, 3), carries(9999))

    assert (search.edge, search.holds, search.breaks) == (Edge.ABOVE, 5000, None)
    assert search.limited_by is None
    assert {load: len(trials) for load, trials in search.trials.items()} == {100: 1, 5000: 2}


def test_a_server_that_carries_nothing_is_tried_at_the_lowest_load_only() -> None:
    search = searched(Search(100, 5000, 3), carries(99))

    assert (search.edge, search.holds, search.breaks) == (Edge.BELOW, None, 100)
    assert {load: len(trials) for load, trials in search.trials.items()} == {100: 2}


def test_a_lowest_load_that_fails_by_chance_is_tried_again_before_anything_is_said() -> None:
    luck = iter([Trial.FAILED, Trial.PASSED, Trial.PASSED])
    search = searched(Search(10, 20, 3), lambda load: next(luck) if load == 10 else carries(15)(load))

    assert (search.holds, search.breaks) == (15, 16)


def test_an_edge_that_was_chance_is_one_no_longer() -> None:
    """500 failed once by chance: the two trials more that an edge gets say otherwise, and the search goes on above it."""
    luck = iter([Trial.FAILED, Trial.PASSED, Trial.PASSED])
    search = searched(Search(1, 999, 3), lambda load: next(luck) if load == 500 else carries(700)(load))

    assert search.holds is not None
    assert search.holds <= 700 < (search.breaks or 0)
    assert search.trials[500] == [Trial.FAILED, Trial.PASSED, Trial.PASSED]


@pytest.mark.parametrize("seed", range(200))
def test_however_a_server_wavers_the_search_ends_where_most_trials_say_so(seed: int) -> None:
    random = Random(seed)
    repeats = random.choice([1, 3, 5])
    search = Search(random.randint(1, 50), random.randint(50, 3000), repeats)
    wavers_at = random.randint(1, 3000)

    def wavering(load: int) -> Trial:
        chance = (
            1 / (1 + 2 ** ((load - wavers_at) / 40)) if abs(load - wavers_at) < 4000 else load < wavers_at
        )
        return Trial.PASSED if random.random() < chance else random.choice([Trial.FAILED, Trial.INVALID])

    searched(search, wavering)

    assert search.edge is not Edge.UNKNOWN
    assert all(len(trials) <= repeats for trials in search.trials.values())
    for load, needed in ((search.holds, True), (search.breaks, False)):
        if load is not None:
            passed = search.trials[load].count(Trial.PASSED)
            assert 2 * (passed if needed else len(search.trials[load]) - passed) > repeats


@pytest.mark.parametrize("at", [10, 20, 15])
def test_what_is_wrong_ends_the_search_at_once(at: int) -> None:
    search = searched(Search(10, 20, 3), lambda load: Trial.WRONG if load == at else carries(17)(load))

    assert [load for load, trials in search.trials.items() if Trial.WRONG in trials] == [at]
    assert search.trials[at] == [Trial.WRONG]


def test_a_generator_that_gives_up_first_is_named() -> None:
    search = searched(Search(1, 100, 3), carries(50, Trial.INVALID))

    assert (search.holds, search.breaks, search.limited_by) == (50, 51, Limit.GENERATOR)


def test_one_load_is_a_search_too() -> None:
    search = searched(Search(7, 7, 1), carries(7))

    assert (search.edge, search.holds, search.trials) == (Edge.ABOVE, 7, {7: [Trial.PASSED]})


@pytest.mark.parametrize("total", [1, 2, 3, 7, 100, 4999])
def test_people_are_shared_out_to_the_last_one_and_in_proportion(total: int) -> None:
    counts = {"players.a": 6, "players.b": 3, "players.c": 1}
    shared = shares(counts, total)

    assert sum(shared.values()) == total
    for name, count in counts.items():
        assert abs(shared[name] - total * count / 10) < 1
