"""The leak test: whoever cannot know the refills has ranks as they come, and its deviate means the same for everybody."""

from random import Random
from statistics import NormalDist, fmean

import pytest
from tests.conftest import Size
from tests.support.recorded import Recorder, any_legal

from knack_protocol.rules.cascade import Falling, resolve
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import Swap, legal_swaps, swapped
from knack_server.core.flags.chance import ImaginedTiles
from knack_server.core.flags.leak import RESAMPLES_LIST, Draw, deviate, draws, most_telling, seed_of

RARE_CASCADES = (35, 1, 1, 1, 1, 1, 1)
"""Six results in seven are alike: the most lopsided that a quiet board gets."""
USUAL = (26, 8, 2, 1, 1, 1, 1, 1)


def drawn_at_random(random: Random, groups: tuple[int, ...], seq: int = 1) -> Draw:
    place, below = random.randrange(sum(groups)), 0
    for size in groups:
        if place < below + size:
            return Draw(seq, below, size - 1, groups)
        below += size
    raise AssertionError


def recorded_sprint(random: Random, moves: int = 30) -> Recorder:
    tiles = SeededTiles(random.randbytes(32))
    return Recorder(tiles=tiles).play([600] * moves, any_legal(random))


def test_a_draw_counts_the_imagined_results_below_and_beside_the_real_one() -> None:
    played = recorded_sprint(Random(1), 5).played()
    tiles = ImaginedTiles(seed_of(played, 40))

    for swap, draw in zip(played.legal, draws(played, 40), strict=True):
        results = [resolve(swap.after, tiles).points for _ in range(40)]
        assert draw.seq == swap.seq
        assert draw.below == sum(result < swap.points for result in results)
        assert draw.ties == results.count(swap.points)
        assert sum(draw.groups) == 41
        assert len(draw.groups) == len({*results, swap.points})


def test_anybody_with_the_log_draws_the_same_again_and_another_log_draws_others() -> None:
    recorder = recorded_sprint(Random(1), 5)
    other = recorded_sprint(Random(2), 5)

    assert draws(recorder.played(), 40) == draws(recorder.played(), 40)
    assert len({seed_of(run.played(), count) for run in (recorder, other) for count in (40, 200)}) == 4


def test_ranks_of_somebody_who_does_not_know_are_one_half_on_average(size: Size) -> None:
    random = Random(20_250)
    count = size("runs of random moves", small=60, full=600)
    ranks = [
        draw.rank for _ in range(count) for draw in draws(recorded_sprint(random).played(), RESAMPLES_LIST)
    ]

    # A rank's standard deviation is below that of a uniform one, 0.289.
    assert abs(fmean(ranks) - 0.5) < 4 * 0.289 / len(ranks) ** 0.5


@pytest.mark.parametrize("groups", [RARE_CASCADES, USUAL], ids=["rare cascades", "usual"])
@pytest.mark.parametrize("moves", [12, 45])
def test_a_deviate_has_a_normal_upper_tail_whatever_the_cascades_are_like(
    groups: tuple[int, ...], moves: int, size: Size
) -> None:
    random = Random(moves)
    count = size("made-up runs", small=1_500, full=20_000)
    found = [deviate([drawn_at_random(random, groups) for _ in range(moves)]) for _ in range(count)]

    for bound in (1.0, 2.0, 2.5):
        tail = 1 - NormalDist().cdf(bound)
        seen = sum(z >= bound for z in found) / count
        # Sums of a dozen draws come in steps, the height of which the formula cuts in the middle.
        assert seen < 1.25 * tail + 4 * (tail / count) ** 0.5, (bound, seen)
        assert seen > 0.5 * tail - 4 * (tail / count) ** 0.5, (bound, seen)


def test_a_deviate_rises_with_every_rank_and_is_nothing_where_nothing_could_differ() -> None:
    high, low = Draw(1, 40, 0, USUAL), Draw(1, 0, 25, USUAL)
    rising = [deviate([high] * count + [low] * (40 - count)) for count in range(41)]

    assert rising == sorted(rising)
    assert rising[0] < 0 < rising[-1]
    assert deviate([Draw(1, 0, 40, (41,))] * 30) == 0
    assert deviate([]) == 0


def test_who_knows_what_falls_stands_out_over_three_runs() -> None:
    random = Random(8)
    found = []
    for _ in range(3):
        tiles = SeededTiles(random.randbytes(32))
        recorder, drawn = Recorder(tiles=tiles), [0] * 8

        def worth(
            swap: Swap,
            tiles: SeededTiles = tiles,
            recorder: Recorder = recorder,
            drawn: list[int] = drawn,
        ) -> int:
            falling = Falling(tiles, 0)
            falling.drawn = list(drawn)
            return resolve(swapped(recorder.run.board.planes, *swap), falling).points

        for _ in range(40):
            swap = max(legal_swaps(recorder.run.board), key=worth)
            falling = Falling(tiles, 0)
            falling.drawn = drawn
            resolve(swapped(recorder.run.board.planes, *swap), falling)
            recorder.swap(swap, 300)
        found += draws(recorder.played(), RESAMPLES_LIST)

    assert deviate(found) > 4


def test_the_most_telling_moves_come_first() -> None:
    drawn = [Draw(1, 0, 25, USUAL), Draw(2, 40, 0, USUAL), Draw(3, 26, 7, USUAL), Draw(4, 40, 0, USUAL)]

    assert most_telling(drawn, 3) == (2, 4, 3)
