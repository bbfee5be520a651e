"""What every part of a bundle stands on, and the checks that several parts share (PROOF.md, section 7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof import merkle, seeds, signing
from knack_protocol.proof.bundle import Results, Row, SumRow
from knack_protocol.proof.decisions import Decisions
from knack_protocol.proof.leaves import leaf
from knack_protocol.proof.played import Played
from knack_protocol.proof.report import Check, Refuted
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.standings import Result
from knack_protocol.rules.course import COURSES, Course
from knack_protocol.rules.log import EndReason

OPEN_PLAY = HeatId("")
"""Stands for open play where a heat's id may stand."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Whose bundle it is, by which rules, and what the moderators decided."""

    event: EventId
    key: bytes
    rules_hash: bytes
    decisions: Decisions


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is signed beside the root: T0 and the roster's hash; 0 and empty in open play."""

    t0_unix_ms: int
    roster_hash: bytes


UNFROZEN = Frozen(0, b"")


def check_commit(
    ground: Ground,
    where: str,
    name: HeatId | RunId,
    course_name: CourseName,
    scope: Scope,
    commit: bytes,
    server_seed: bytes,
) -> Course:
    """Recompute a promise and return the course that it names.

    Raises:
        Refuted: another promise, or no such course.
    """
    course = COURSES.get(course_name)
    if course is None:
        raise Refuted(Check.COMMIT, where, f"no course {course_name}")
    if seeds.commit(ground.event, name, course_name, scope, ground.rules_hash, server_seed) != commit:
        raise Refuted(Check.COMMIT, where, "the revealed seed is not the one that was promised")
    return course


def check_rows(check: Check, where: str, shown: Sequence[Row | SumRow], due: Sequence[Row | SumRow]) -> None:
    """Compare standings as published with what the runs come to.

    Raises:
        Refuted: the first row that differs.
    """
    for place in range(max(len(shown), len(due))):
        if shown[place : place + 1] != due[place : place + 1]:
            row = due[place] if place < len(due) else None
            is_due = (
                f"rank {row.rank}, player {row.player}, {row.score} points, {row.time_ms} ms"
                if row
                else "none"
            )
            raise Refuted(check, where, f"row {place + 1} of the standings should be {is_due}")


def check_rising(check: Check, where: str, what: str, names: Sequence[str]) -> None:
    """Hold that names stand in byte order, each of them once.

    Raises:
        Refuted: they do not.
    """
    if any(one >= other for one, other in pairwise(names)):
        raise Refuted(check, where, f"{what} are out of order, or one stands there twice")


def check_void_has_an_act(ground: Ground, run: Played, heat: HeatId | None) -> None:
    """Hold that a run whose log ends as voided was voided by an act.

    Raises:
        Refuted: no act did.
    """
    if run.end.reason is EndReason.VOIDED and not ground.decisions.was_voided(run.run, heat):
        raise Refuted(Check.ACTS, run.where, "was ended as voided, and no act has voided it")


def check_results(
    ground: Ground, heat: HeatId, where: str, signed: Results, leaves: Sequence[bytes], frozen: Frozen
) -> None:
    """Recompute a root over leaf hashes and check its signature.

    Raises:
        Refuted: another root, or nobody has signed it.
    """
    if signed.tree_size != len(leaves):
        raise Refuted(Check.RESULTS, where, f"a tree of {signed.tree_size} leaves over {len(leaves)} results")
    if signed.root != merkle.root(leaves):
        raise Refuted(Check.RESULTS, where, "the root is not the one over these results")
    check_signed_root(ground, heat, where, signed, frozen)


def check_signed_root(ground: Ground, heat: HeatId, where: str, signed: Results, frozen: Frozen) -> None:
    """Check the signature of a root.

    Raises:
        Refuted: it is not of this key, or not over this root.
    """
    text = signing.results_text(
        ground.event, heat, signed.tree_size, signed.root, frozen.t0_unix_ms, frozen.roster_hash
    )
    if not signing.is_signed(ground.key, text, signed.signature):
        raise Refuted(Check.RESULTS, where, "the signature of the root is not of this key")


def standing_results(ground: Ground, played: Iterable[Played]) -> tuple[Result, ...]:
    """Return the results of runs that may stand: none that is voided, none with a score of 0."""
    return tuple(
        Result(run.player, run.run, run.score, run.time_ms)
        for run in played
        if run.score and not ground.decisions.is_run_voided(run.run)
    )


def leaf_of(owner: PlayerId | RunId, run: Played) -> bytes:
    """Return the leaf hash of a played run."""
    return leaf(owner, run.score, run.event_count, run.last_hash)
