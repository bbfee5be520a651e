"""A heat as it was published, checked from its promise to its standings (PROOF.md, section 7)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from knack_protocol.ids import HeatId
from knack_protocol.proof import coverage, publics, seeds, standings
from knack_protocol.proof.bundle import Heat, HeatRun
from knack_protocol.proof.commitments import Commitment, predecessors
from knack_protocol.proof.coverage import Covered
from knack_protocol.proof.ground import (
    Frozen,
    Ground,
    check_commit,
    check_results,
    check_rising,
    check_rows,
    check_void_has_an_act,
    leaf_of,
    standing_results,
)
from knack_protocol.proof.leaves import roster_hash
from knack_protocol.proof.played import Played, Published, play
from knack_protocol.proof.report import Check, Notice, NoticeKind, Refuted
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.standings import Result
from knack_protocol.rules.course import Course
from knack_protocol.rules.log import h0
from knack_protocol.rules.numbers import CONNECTIONS_MAX
from knack_protocol.rules.streams import SeededTiles


class CheckedHeat(NamedTuple):
    """A heat in which nothing is wrong."""

    heat: Heat
    roster_hash: bytes
    played: tuple[Played, ...]
    results: tuple[Result, ...]
    """Of the runs that may stand."""
    notices: tuple[Notice, ...]


def check_heat(ground: Ground, heat: Heat, promised: dict[HeatId, Commitment]) -> CheckedHeat:
    """Check a heat from its promise to its standings.

    Raises:
        Refuted: the first thing that is wrong.
    """
    where = f"heat {heat.heat}"
    course = _check_promise(ground, heat, promised, where)
    _check_order_of_reruns(ground, heat.heat, promised, where)
    if fault := publics.heat_public_fault(heat.public):
        raise Refuted(Check.PUBLIC, where, fault)
    _check_roster(heat, where)
    played = tuple(play(published) for published in _heat_runs(ground, heat, course, where))
    _check_absences(played)
    for run in played:
        check_void_has_an_act(ground, run, heat.heat)
    frozen = roster_hash(heat.roster)
    check_results(
        ground,
        heat.heat,
        where,
        heat.results,
        [leaf_of(run.player, run) for run in played],
        Frozen(heat.t0_unix_ms, frozen),
    )
    witnessed = _heat_coverage(heat, played)
    coverage.check(ground.event, heat.heat, where, heat.live, witnessed)
    is_void = ground.decisions.is_heat_voided(heat.heat)
    results = () if is_void else standing_results(ground, played)
    check_rows(Check.STANDINGS, where, heat.standings, standings.rows(results))
    notices = [*_heat_absences(where, played), *coverage.notices(where, heat.live, witnessed, None)]
    return CheckedHeat(heat, frozen, played, results, tuple(notices))


def _check_promise(ground: Ground, heat: Heat, promised: dict[HeatId, Commitment], where: str) -> Course:
    promise = promised.get(heat.heat)
    if promise is None:
        raise Refuted(Check.COMMITMENTS, where, "was never promised")
    if promise != Commitment(heat.heat, heat.course, heat.scope, heat.commit):
        raise Refuted(
            Check.COMMITMENTS, where, "course, scope or commitment are not those that were promised"
        )
    return check_commit(ground, where, heat.heat, heat.course, heat.scope, heat.commit, heat.server_seed)


def _check_order_of_reruns(
    ground: Ground, heat: HeatId, promised: dict[HeatId, Commitment], where: str
) -> None:
    for earlier in predecessors(heat, promised):
        if not ground.decisions.is_heat_voided(earlier):
            raise Refuted(Check.ACTS, where, f"is a rerun, but no act has voided heat {earlier}")


def _check_roster(heat: Heat, where: str) -> None:
    check_rising(Check.ROSTER, where, "players of the roster", heat.roster)
    if [run.player for run in heat.runs] != list(heat.roster):
        raise Refuted(Check.ROSTER, where, "not one run for everybody on the roster, in its order")
    if len({run.run for run in heat.runs}) != len(heat.runs):
        raise Refuted(Check.RUN, where, "two runs have the same id")


def _heat_runs(ground: Ground, heat: Heat, course: Course, where: str) -> Iterator[Published]:
    seed = seeds.seed(heat.server_seed, ground.event, heat.heat, heat.public)
    shared = SeededTiles(seed)
    for run in heat.runs:
        tiles = shared
        if heat.scope is Scope.PLAYER:
            tiles = SeededTiles(seed, seeds.player_seed(seed, run.player))
        start = h0(
            ground.event,
            heat.heat,
            run.player,
            heat.commit,
            ground.rules_hash,
            heat.t0_unix_ms,
            run.grace_ms,
        )
        yield Published(
            f"{where}, player {run.player}",
            run.run,
            run.player,
            course,
            tiles,
            start,
            run.grace_ms,
            run.events,
        )


def _check_absences(played: Sequence[Played]) -> None:
    """Hold that the server was away for everybody in the heat, or for nobody: the heat has one clock."""
    longest = max((run.away_ms for run in played), key=len, default=())
    for run in played:
        own = run.away_ms
        missed = longest[len(own) : len(own) + 1]
        if own != longest[: len(own)] or (
            missed and run.end.t > missed[0] and run.connections < CONNECTIONS_MAX
        ):
            what = (
                f"the server was away at {list(own)} ms for this player and at {list(longest)} ms for another"
            )
            raise Refuted(Check.RUN, run.where, what)


def _heat_coverage(heat: Heat, played: Sequence[Played]) -> list[Covered]:
    def cover(shown: HeatRun, run: Played) -> Covered:
        if len(shown.live) != len(heat.live):
            raise Refuted(Check.LIVE, run.where, "digests of the heat leave it out")
        return coverage.covered(run.where, run.player, run, 0, shown.live)

    return [cover(shown, run) for shown, run in zip(heat.runs, played, strict=True)]


def _heat_absences(where: str, played: Sequence[Played]) -> Iterator[Notice]:
    for t in sorted({t for run in played for t in run.away_ms}):
        text = f"interrupted: the server was away; the clock went on at {t / 1000:.3f} s"
        yield Notice(NoticeKind.AWAY, where, t, text)
