"""Twins: how far two runs on the same tiles go along, plain swaps not counted."""

from random import Random

from tests.support.recorded import Recorder, any_legal, first_legal

from knack_protocol.rules.streams import SeededTiles
from knack_server.core.flags.twins import Path, along, path


def way(thinks: list[int], seed: int | None = None, tiles: bytes = b"\7" * 32) -> Path:
    choose = first_legal if seed is None else any_legal(Random(seed))
    return path(Recorder(tiles=SeededTiles(tiles)).play(thinks, choose).played(), frozenset())


def test_the_same_choices_are_the_same_way_at_any_pace() -> None:
    assert along(way([400] * 20), way([900, 300] * 12)) == (20, 20)


def test_two_ways_part_at_their_first_difference() -> None:
    one, other = way([400] * 20, seed=1), way([400] * 20, seed=2)
    common, _ = along(one, other)

    assert common < 4
    assert one.swaps[:common] == other.swaps[:common]
    assert one.swaps[common] != other.swaps[common]
    assert along(other, one)[0] == common


def test_swaps_that_many_would_have_made_do_not_count() -> None:
    plain = way([400] * 20)._replace(plain=frozenset({1, 2, 3}))

    assert along(plain, way([400] * 20)) == (20, 17)


def test_runs_on_other_tiles_are_no_twins_whatever_they_swap() -> None:
    one = way([400] * 5)

    assert along(one, one._replace(first_planes=way([400] * 5, tiles=b"\1" * 32).first_planes)) == (0, 0)
