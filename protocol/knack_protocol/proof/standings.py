"""The order of results, as a plain sort (RULES.md, section 8)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from knack_protocol.ids import PlayerId, RunId
from knack_protocol.proof.bundle import Row, SumRow


class Result(NamedTuple):
    """What a run came to; `time_ms` is the `t_eff` of the move that reached the score."""

    player: PlayerId
    run: RunId
    score: int
    time_ms: int


def rows(results: Iterable[Result]) -> tuple[Row, ...]:
    """Return the standings over results that may stand: the best run of every player, none with a score of 0."""
    best: dict[PlayerId, Result] = {}
    for result in sorted(results, key=lambda result: (-result.score, result.time_ms, result.run)):
        if result.score:
            best.setdefault(result.player, result)
    order = sorted(best.values(), key=lambda result: (-result.score, result.time_ms, result.player))
    ranks = _ranks([(result.score, result.time_ms) for result in order])
    return tuple(
        Row(rank=rank, player=result.player, run=result.run, score=result.score, time_ms=result.time_ms)
        for rank, result in zip(ranks, order, strict=True)
    )


def sum_rows(heats: Iterable[Iterable[Result]], full_time_ms: int) -> tuple[SumRow, ...]:
    """Return the standings over several heats of a course, each given by its results that may stand.

    A heat without a scoring move counts the course's full time.
    """
    scored = [{result.player: result for result in results if result.score} for results in heats]
    sums = [_sum(player, scored, full_time_ms) for player in set().union(*scored)]
    order = sorted(sums, key=lambda total: (-total[1], total[2], total[0]))
    ranks = _ranks([(score, time_ms) for _, score, time_ms in order])
    return tuple(
        SumRow(rank=rank, player=player, score=score, time_ms=time_ms)
        for rank, (player, score, time_ms) in zip(ranks, order, strict=True)
    )


def _sum(
    player: PlayerId, heats: Sequence[Mapping[PlayerId, Result]], full_time_ms: int
) -> tuple[PlayerId, int, int]:
    own = [heat.get(player) for heat in heats]
    score = sum(result.score for result in own if result)
    return player, score, sum(result.time_ms if result else full_time_ms for result in own)


def _ranks(order: list[tuple[int, int]]) -> list[int]:
    """Return ranks from 1; equals share theirs, and the next counts them all."""
    ranks: list[int] = []
    for place, key in enumerate(order):
        ranks.append(ranks[-1] if place and key == order[place - 1] else place + 1)
    return ranks
