"""The plain engine's opinion: every acknowledged move played again by a second engine, and the standings that follow.

The engine (`knack_loadtest.oracle`) was written from RULES.md alone and shares no line with the server. What it is given
are the revealed seed and the moves with the times that the server stamped; points, scores and order it works out itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from knack_loadtest.crowd import records
from knack_loadtest.crowd.records import RunRecord
from knack_loadtest.oracle.chance import lp, mac, sha, u
from knack_loadtest.oracle.run import PlainRun


class Input(NamedTuple):
    """A move that counts: when it arrived, what it swapped, and what its player was told (None: the answer was lost)."""

    t_arr: int
    cell: int
    direction: int
    told: tuple[str, int, int] | None


@dataclass(frozen=True, slots=True)
class Job:
    """One run to be played again."""

    run: str
    player: str
    course: str
    event: str
    levels: Sequence[tuple[int, int]]
    rules_hash: bytes
    server_seed: bytes
    public: bytes
    t0_unix_ms: int
    grace_ms: int
    inputs: Sequence[Input]


@dataclass(frozen=True, slots=True)
class Played:
    """What became of it: score, the time at which it was reached, and where an answer was not what follows."""

    run: str
    player: str
    course: str
    score: int
    scored_at_ms: int
    faults: list[str] = field(default_factory=list)


def play(job: Job) -> Played:
    """Play a run again; some 300 µs a move."""
    names = lp(job.event) + lp(job.run)
    seed = mac(job.server_seed, b"m3/1|heat\x00" + names + lp(job.public))
    commit = sha(b"m3/1|commit\x00" + names + lp(job.course) + u(1, 0) + job.rules_hash + job.server_seed)
    start = u(8, job.t0_unix_ms) + u(2, job.grace_ms)
    h0 = sha(b"m3/1|run\x00" + names + lp(job.player) + commit + job.rules_hash + start)
    run = PlainRun(list(job.levels), seed, None, h0, job.grace_ms)
    scored_at_ms, faults = 0, []
    for number, sent in enumerate(job.inputs, 1):
        t_eff = max(sent.t_arr - job.grace_ms, run.lock_end, 0)
        reply = run.move(sent.t_arr, sent.cell, sent.direction)
        if reply.verdict == records.OK:
            scored_at_ms = t_eff
        answer = (reply.verdict, reply.points, run.score)
        if sent.told is not None and sent.told != answer:
            faults.append(f"move {number} of {job.run}: told {sent.told}, the plain engine says {answer}")
    return Played(job.run, job.player, job.course, run.score, scored_at_ms, faults)


def told(move: records.Move) -> tuple[str, int, int]:
    """Return what a player was told of an acknowledged move."""
    return move.outcome, move.points, move.score


def taken_at_their_word(record: RunRecord) -> Played:
    """Return a run whose seed is not revealed, as its player was told of it."""
    scoring = [move for move in record.moves if move.outcome == records.OK]
    last = scoring[-1] if scoring else None
    return Played(
        record.run, record.player, record.course, last.score if last else 0, last.t_eff if last else 0
    )


Place = tuple[int, str, str, int, int]
"""A line of standings: rank, player, run, score, time (ms)."""


def standings(played: Iterable[Played], voided: frozenset[str]) -> list[Place]:
    """Return the standings of one course (RULES.md, section 8): each player's best run, equal ones sharing a rank."""
    best: dict[str, Played] = {}
    for run in played:
        if run.score and run.run not in voided:
            other = best.get(run.player)
            if other is None or _order(run) < _order(other):
                best[run.player] = run
    ordered = sorted(best.values(), key=lambda run: (-run.score, run.scored_at_ms, run.player))
    places: list[Place] = []
    for number, run in enumerate(ordered, 1):
        is_tie = bool(places) and (places[-1][3], places[-1][4]) == (run.score, run.scored_at_ms)
        rank = places[-1][0] if is_tie else number
        places.append((rank, run.player, run.run, run.score, run.scored_at_ms))
    return places


def _order(run: Played) -> tuple[int, int, str]:
    return -run.score, run.scored_at_ms, run.run


def voided_runs(acts: Iterable[Sequence[Any]]) -> frozenset[str]:
    """Return the runs that moderators' acknowledged acts took out: (number, kind, target), in any order."""
    out: dict[str, bool] = {}
    for _number, kind, target in sorted(acts, key=lambda act: int(act[0])):
        if kind in {"void", "restore"}:
            out[target] = kind == "void"
    return frozenset(run for run, is_out in out.items() if is_out)


def by_course(played: Iterable[Played]) -> Mapping[str, list[Played]]:
    """Sort runs by course."""
    courses: dict[str, list[Played]] = {}
    for run in played:
        courses.setdefault(run.course, []).append(run)
    return courses
