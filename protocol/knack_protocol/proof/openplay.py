"""Open play and solo runs as they were published, checked from promise to standings (PROOF.md, section 7)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from knack_protocol.ids import PlayerId
from knack_protocol.proof import coverage, merkle, publics, seeds, standings
from knack_protocol.proof.bundle import InPlay, OpenPlay, OpenRun, Results, SoloRun
from knack_protocol.proof.coverage import Covered
from knack_protocol.proof.ground import (
    OPEN_PLAY,
    UNFROZEN,
    Ground,
    check_commit,
    check_results,
    check_rising,
    check_rows,
    check_signed_root,
    check_void_has_an_act,
    leaf_of,
    standing_results,
)
from knack_protocol.proof.played import Played, Published, play
from knack_protocol.proof.report import Check, Notice, NoticeKind, Refuted
from knack_protocol.proof.seeds import Scope
from knack_protocol.rules.course import COURSES
from knack_protocol.rules.log import h0
from knack_protocol.rules.streams import SeededTiles

SOLO_PREFIX = "run-"


class CheckedOpen(NamedTuple):
    """Open play in which nothing is wrong."""

    open: OpenPlay
    played: tuple[Played, ...]
    notices: tuple[Notice, ...]


def check_open(ground: Ground, part: OpenPlay) -> CheckedOpen:
    """Check open play: every run, the root, the digests, the standings of every course.

    Raises:
        Refuted: the first thing that is wrong.
    """
    where = "open play"
    check_rising(Check.COMPLETE, where, "runs", [run.run for run in part.runs])
    check_rising(Check.COMPLETE, where, "runs in play", [run.run for run in part.in_play])
    if twice := {run.run for run in part.runs} & {run.run for run in part.in_play}:
        raise Refuted(Check.COMPLETE, f"run {min(twice)}", "is finished and in play at once")
    played = tuple(check_solo(ground, run) for run in part.runs)
    _check_limit(part, where)
    check_results(ground, OPEN_PLAY, where, part.results, [leaf_of(run.run, run) for run in played], UNFROZEN)
    witnessed = sorted(_open_coverage(part, played), key=lambda run: run.owner)
    coverage.check(ground.event, OPEN_PLAY, where, part.live, witnessed)
    coverage.check_one_at_a_time(witnessed)
    if [shown.course for shown in part.standings] != sorted(COURSES):
        raise Refuted(Check.STANDINGS, where, f"not the standings of {', '.join(sorted(COURSES))}")
    course_of = {run.run: run.course for run in part.runs}
    for shown in part.standings:
        counted = [run for run in played if course_of[run.run] == shown.course]
        check_rows(
            Check.STANDINGS,
            f"{where}, {shown.course}",
            shown.rows,
            standings.rows(standing_results(ground, counted)),
        )
    t0 = {run.run: run.t0_unix_ms for run in part.runs}
    notices = [*solo_absences(played), *coverage.notices(where, part.live, witnessed, t0)]
    return CheckedOpen(part, played, tuple(notices))


def check_solo(ground: Ground, run: SoloRun) -> Played:
    """Check a finished solo run by itself: promise, seed, log.

    Raises:
        Refuted: the first thing that is wrong.
    """
    where = f"run {run.run}"
    if not run.run.startswith(SOLO_PREFIX):
        raise Refuted(Check.RUN, where, f"a solo run's id begins with {SOLO_PREFIX}")
    course = check_commit(ground, where, run.run, run.course, Scope.HEAT, run.commit, run.server_seed)
    if fault := publics.solo_public_fault(run.public):
        raise Refuted(Check.PUBLIC, where, fault)
    seed = seeds.seed(run.server_seed, ground.event, run.run, run.public)
    start = h0(ground.event, run.run, run.player, run.commit, ground.rules_hash, run.t0_unix_ms, run.grace_ms)
    played = play(
        Published(where, run.run, run.player, course, SeededTiles(seed), start, run.grace_ms, run.events)
    )
    check_void_has_an_act(ground, played, None)
    return played


def check_solo_result(
    ground: Ground, played: Played, index: int, path: Sequence[bytes], signed: Results
) -> None:
    """Check that a run's leaf lies below the signed root of open play.

    Raises:
        Refuted: it does not, or nobody has signed the root.
    """
    found = merkle.root_of_path(leaf_of(played.run, played), index, signed.tree_size, path)
    if found != signed.root:
        raise Refuted(Check.RESULTS, played.where, "its path does not lead to the root")
    check_signed_root(ground, OPEN_PLAY, "open play", signed, UNFROZEN)


def _open_coverage(part: OpenPlay, played: Sequence[Played]) -> Iterator[Covered]:
    def finished(shown: OpenRun, run: Played) -> Covered:
        return coverage.covered(run.where, run.run, run, shown.live.first, shown.live.counts)

    def in_play(shown: InPlay) -> Covered:
        heads = [(head.count, head.head) for head in shown.heads]
        return Covered(f"run {shown.run}", shown.run, shown.first, heads, None)

    yield from map(finished, part.runs, played)
    yield from map(in_play, part.in_play)


def _check_limit(part: OpenPlay, where: str) -> None:
    if part.runs_max is None:
        return
    started: dict[PlayerId, int] = {}
    for run in part.runs:
        started[run.player] = started.get(run.player, 0) + 1
    for player, count in started.items():
        if count > part.runs_max:
            what = f"player {player} has started {count} runs where {part.runs_max} are allowed"
            raise Refuted(Check.RUN, where, what)


def solo_absences(played: Sequence[Played]) -> Iterator[Notice]:
    """Yield every time the server was away while one of these solo runs was in play."""
    for run in played:
        for t in run.away_ms:
            text = f"the server was away; the run's clock went on at {t / 1000:.3f} s"
            yield Notice(NoticeKind.AWAY, run.where, t, text)
