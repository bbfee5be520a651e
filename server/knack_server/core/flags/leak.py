"""The leak test: does a run know what falls next?

For every move the board with its swap made is resolved R more times over imagined refills. To somebody who cannot know
the refills the real one is just one more draw, however well he plays: its rank among the R + 1 results is as likely to
be any as any other. Somebody who knows them picks swaps whose real refill is better than most.

Results tie often, since two refills in three start no cascade. Instead of breaking ties by lot, which is right and adds
noise (at 1.6 s a move it costs a quarter of the power over three runs), every move counts with its middle rank: the mean
of all lots. Given the R + 1 results, that is one of R + 1 equally likely values, none of which depends on skill.

Their sum over moves is held against exactly that: the tail of a sum of independent draws from known values, by the
saddlepoint formula. It comes out as a normal deviate `z`, so that z ≥ 4 means 3 in 100,000 for any player, whatever the
shape of his cascades. (O. E. Barndorff-Nielsen, "Inference on full or partial parameters", Biometrika 73, 1986;
R. Lugannani and S. Rice, Advances in Applied Probability 12, 1980.)
"""

import hashlib
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from math import exp, fsum, log, sqrt
from operator import mul
from typing import Final, NamedTuple

from knack_protocol.rules.cascade import resolve
from knack_server.core.flags.chance import ImaginedTiles
from knack_server.core.flags.played import Played

RESAMPLES_LIST: Final = 40
"""Wherever flags are listed: some 10 ms a sprint."""
RESAMPLES_MAX: Final = 200
"""On demand: finer ranks, a little more power, some 50 ms a sprint and 0.5 s a long climb."""

_SEED_PURPOSE: Final = b"knackpunkt leak test\0"

_TILT_MAX: Final = 60.0
"""Beyond it every draw is its largest value: the sum is the highest that can be, and the tail as small as it gets."""
_TILT_STEPS_MAX: Final = 60
_TILT_MISS: Final = 1e-9
"""Ranks; Newton is there after some six steps."""
_NEAR_MEAN: Final = 0.02
"""Up to here the plain deviate is as good: the formula divides 0 by 0 at the mean, and below it nobody is flagged."""


class Draw(NamedTuple):
    """One move's real result among imagined ones: how many were less, how many equal, and all group sizes by value.

    `groups` holds, from the lowest result to the highest, how many of the R + 1 results were that high, the real one
    included; they add up to R + 1.
    """

    seq: int
    below: int
    ties: int
    groups: tuple[int, ...]

    @property
    def rank(self) -> float:
        """The middle rank as a share, 0 to 1; 1/2 on average for whoever does not know."""
        return (self.below + (self.ties + 1) / 2) / sum(self.groups)


class _Spread(NamedTuple):
    """What draws of the same groups can come to under ignorance: values about 0, how likely each is, how many draws."""

    values: tuple[float, ...]
    shares: tuple[float, ...]
    moves: int


def seed_of(played: Played, resamples: int) -> bytes:
    """Return the 32 bytes that a run's imagined refills come from; anybody with the log can draw them again."""
    return hashlib.sha256(_SEED_PURPOSE + played.head + resamples.to_bytes(2, "big")).digest()


def draws(played: Played, resamples: int) -> tuple[Draw, ...]:
    """Resolve every legal move `resamples` more times; some 5 µs a time."""
    tiles = ImaginedTiles(seed_of(played, resamples))
    found = []
    for swap in played.legal:
        planes = swap.after
        results = sorted(resolve(planes, tiles).points for _ in range(resamples))
        below, upto = bisect_left(results, swap.points), bisect_right(results, swap.points)
        results.insert(below, swap.points)
        groups = tuple(len(list(group)) for _, group in groupby(results))
        found.append(Draw(swap.seq, below, upto - below, groups))
    return tuple(found)


def deviate(drawn: Sequence[Draw]) -> float:
    """Return how far these moves' ranks are above ignorance, as a normal deviate; 0 when there is nothing to tell."""
    spreads = [_spread(groups, moves) for groups, moves in Counter(draw.groups for draw in drawn).items()]
    excess = fsum(draw.rank - 0.5 for draw in drawn)
    _, _, variance = _moments(spreads, 0.0)
    if variance == 0:
        return 0.0
    plain = excess / sqrt(variance)
    if plain < _NEAR_MEAN:
        return plain
    tilt = _tilt(spreads, excess, variance)
    cumulant, _, variance = _moments(spreads, tilt)
    root = sqrt(2 * (tilt * excess - cumulant))
    width = tilt * sqrt(variance)
    return root + log(width / root) / root


def most_telling(drawn: Iterable[Draw], count: int) -> tuple[int, ...]:
    """Return the numbers of the moves with the highest ranks, highest first."""
    ranked = sorted(drawn, key=lambda draw: (-draw.rank, draw.seq))
    return tuple(draw.seq for draw in ranked[:count])


def _spread(groups: tuple[int, ...], moves: int) -> _Spread:
    total = sum(groups)
    values, shares, before = [], [], 0
    for size in groups:
        values.append((before + size / 2) / total - 0.5)
        shares.append(size / total)
        before += size
    return _Spread(tuple(values), tuple(shares), moves)


def _moments(spreads: Sequence[_Spread], tilt: float) -> tuple[float, float, float]:
    """Return the cumulant function of the sum of all draws at `tilt`, and its first two derivatives."""
    cumulant = mean = variance = 0.0
    for values, shares, moves in spreads:
        weights = [share * exp(tilt * value) for value, share in zip(values, shares, strict=True)]
        total = fsum(weights)
        middle = fsum(map(mul, weights, values)) / total
        square = fsum(map(mul, weights, map(mul, values, values))) / total
        cumulant += moves * log(total)
        mean += moves * middle
        variance += moves * max(square - middle * middle, 0.0)
    return cumulant, mean, variance


def _tilt(spreads: Sequence[_Spread], excess: float, variance: float) -> float:
    """Return where the tilted mean of a sum is the positive excess: Newton's steps, halving what brackets it if need be."""
    low, high = 0.0, _TILT_MAX
    tilt = min(excess / variance, high)
    for _ in range(_TILT_STEPS_MAX):
        _, mean, slope = _moments(spreads, tilt)
        miss = mean - excess
        if abs(miss) < _TILT_MISS:
            break
        low, high = (low, tilt) if miss > 0 else (tilt, high)
        step = tilt - miss / slope if slope > 0 else low
        tilt = step if low < step < high else (low + high) / 2
    return tilt
