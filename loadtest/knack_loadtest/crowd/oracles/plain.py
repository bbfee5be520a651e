"""The plain engine's opinion: every acknowledged move played again by a second engine, and the standings that follow.

The engine (`knack_loadtest.oracle`) was written from RULES.md alone and shares no line with the server. What it is given
are the revealed seed and the moves with the times that the server stamped; points, scores and order it works out itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from knack_loadtest.crowd import records
from knack_loadtest.crowd.records import RunRecord
from knack_loadtest.oracle.board import first_board
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
    heat: str
    scope: int
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
    heat: str
    score: int
    scored_at_ms: int
    faults: list[str] = field(default_factory=list)

    @property
    def listing(self) -> str:
        """Whose standings it counts in: its heat's, or its course's."""
        return self.heat or self.course


def play(job: Job) -> Played:
    """Play a run again; some 300 µs a move."""
    names = lp(job.event) + lp(job.heat or job.run)  # a solo run is a heat of its own
    seed = _seed(job.event, job.heat or job.run, job.server_seed, job.public)
    own = mac(seed, b"m3/1|player\x00" + lp(job.player)) if job.scope else None
    promised = names + lp(job.course) + u(1, job.scope) + job.rules_hash + job.server_seed
    commit = sha(b"m3/1|commit\x00" + promised)
    start = u(8, job.t0_unix_ms) + u(2, job.grace_ms)
    h0 = sha(b"m3/1|run\x00" + names + lp(job.player) + commit + job.rules_hash + start)
    run = PlainRun(list(job.levels), seed, own, h0, job.grace_ms)
    scored_at_ms, faults = 0, []
    for number, sent in enumerate(job.inputs, 1):
        t_eff = max(sent.t_arr - job.grace_ms, run.lock_end, 0)
        reply = run.move(sent.t_arr, sent.cell, sent.direction)
        if reply.verdict == records.OK:
            scored_at_ms = t_eff
        answer = (reply.verdict, reply.points, run.score)
        if sent.told is not None and sent.told != answer:
            faults.append(f"move {number} of {job.run}: told {sent.told}, the plain engine says {answer}")
    return Played(job.run, job.player, job.course, job.heat, run.score, scored_at_ms, faults)


def first_board_of(event: str, heat: str, server_seed: bytes, public: bytes) -> str:
    """Return the board that a heat begins with, as 64 digits."""
    return "".join(map(str, first_board(_seed(event, heat, server_seed, public), 0)[1]))


def _seed(event: str, name: str, server_seed: bytes, public: bytes) -> bytes:
    return mac(server_seed, b"m3/1|heat\x00" + lp(event) + lp(name) + lp(public))


def told(move: records.Move) -> tuple[str, int, int]:
    """Return what a player was told of an acknowledged move."""
    return move.outcome, move.points, move.score


def taken_at_their_word(record: RunRecord) -> Played:
    """Return a run whose seed is not revealed, as its player was told of it."""
    scoring = [move for move in record.moves if move.outcome == records.OK]
    last = scoring[-1] if scoring else None
    return Played(
        record.run,
        record.player,
        record.course,
        record.heat,
        last.score if last else 0,
        last.t_eff if last else 0,
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


def sums(played: Iterable[Played], heats: Collection[str], full_time_ms: int) -> list[Place]:
    """Return the standings over several heats of one course (RULES.md, section 8).

    Args:
        played: The runs that stand, of any heat.
        heats: The heats that stand; who has no scoring move in one of them counts the full time.
        full_time_ms: The course's.
    """
    scored = {(run.heat, run.player): run for run in played if run.score and run.heat in heats}
    totals = []
    for player in {player for _heat, player in scored}:
        runs = [scored.get((heat, player)) for heat in heats]
        time_ms = sum(full_time_ms if run is None else run.scored_at_ms for run in runs)
        totals.append(Played(player, player, "", "", sum(run.score for run in runs if run), time_ms))
    return standings(totals, frozenset())


def _order(run: Played) -> tuple[int, int, str]:
    return -run.score, run.scored_at_ms, run.run


def voided_runs(acts: Iterable[Sequence[Any]]) -> frozenset[str]:
    """Return the runs that moderators' acknowledged acts took out: (number, kind, target), in any order."""
    out: dict[str, bool] = {}
    for _number, kind, target in sorted(acts, key=lambda act: int(act[0])):
        if kind in {"void", "restore"}:
            out[target] = kind == "void"
    return frozenset(run for run, is_out in out.items() if is_out)


def voided_heats(acts: Iterable[Sequence[Any]]) -> frozenset[str]:
    """Return the heats that moderators' acknowledged acts took out."""
    return frozenset(target for _number, kind, target in acts if kind == "void_heat")


def by_listing(played: Iterable[Played]) -> Mapping[str, list[Played]]:
    """Sort runs by whose standings they count in."""
    listings: dict[str, list[Played]] = {}
    for run in played:
        listings.setdefault(run.listing, []).append(run)
    return listings
