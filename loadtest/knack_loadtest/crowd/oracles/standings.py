"""Final standings agree four ways: the plain engine, the server's API, screens and phones, the export after a restart."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor

from knack_loadtest.crowd import records
from knack_loadtest.crowd.oracles import plain
from knack_loadtest.crowd.oracles.finding import Evidence, Finding, Violation, not_checked
from knack_loadtest.crowd.oracles.plain import Input, Job, Place, Played
from knack_loadtest.crowd.oracles.published import PublishedRun, published
from knack_loadtest.crowd.records import RunRecord
from knack_protocol.rules import log
from knack_protocol.rules.course import SPRINT
from knack_protocol.rules.log import IllegalEvent, MoveEvent
from knack_protocol.wire.messages import Row

SUMS = "heats"
"""Under this name are the sums over the heats of `sprint`; of another course, with a hyphen and its name behind it."""

CHUNK = 20
"""Runs that a process is handed at once: some 2 s of its work."""


def engine(evidence: Evidence, executor: Executor) -> Finding:
    """Hold the API's final standings, and every answer to a move, against the plain engine."""
    if evidence.bundle is None:
        return not_checked(evidence.missing.get("bundle", "no seed was revealed"))
    found = published(evidence)
    jobs = [job for record in evidence.records if (job := _job(evidence, record, found.get(record.run)))]
    played = list(executor.map(plain.play, jobs, chunksize=CHUNK))
    violations = [Violation(fault, run.player) for run in played for fault in run.faults]
    done = {run.run for run in played}
    played += [plain.taken_at_their_word(record) for record in evidence.records if record.run not in done]
    voided = plain.voided_runs(evidence.acts)
    standing = [
        run for run in played if run.run not in voided and run.heat not in plain.voided_heats(evidence.acts)
    ]
    by_listing = plain.by_listing(standing)
    sums = _sums(evidence, standing)
    for listing, final in evidence.final.items():
        expected = sums[listing] if listing in sums else plain.standings(by_listing.get(listing, ()), voided)
        violations += _compared(listing, expected, final.rows, is_alone=evidence.is_alone)
    moves = sum(len(job.inputs) for job in jobs)
    return Finding(moves, "moves played again", violations)


def sum_listing(course: str) -> str:
    """Return under which name a course's sums over heats stand (protocol, chapter 8)."""
    return SUMS if course == SPRINT.name else f"{SUMS}-{course}"


def screens(evidence: Evidence) -> Finding:
    """Hold what every screen and sampled phone showed at the end against the API."""
    violations = [Violation(text, where, at_ms) for text, at_ms, where in evidence.differing]
    figures = {"standings.mismatch": len(violations)}
    return Finding(evidence.looked, "screens and phones", violations, figures=figures)


def export(evidence: Evidence) -> Finding:
    """Hold what a restarted server says, and what `knackpunkt export` reads from the store, against the API."""
    if evidence.restarted is None or evidence.exported is None:
        return not_checked(evidence.missing.get("restart", "the server was not ours to restart"))
    violations, rows = [], 0
    for course, final in evidence.final.items():
        rows += 2 * len(final.rows)
        for name, other in (
            ("the restarted server", evidence.restarted[course].rows),
            ("the export", evidence.exported[course]),
        ):
            violations += _same(course, name, _settled(final.rows), _settled(other))
    return Finding(max(rows, 1), "rows", violations)


def frozen(evidence: Evidence) -> Finding:
    """Nothing changes after the end: not in the API, and on no screen."""
    violations = [
        Violation(f"{course}: the standings changed after everybody had ended")
        for course, final in evidence.final.items()
        if _settled(evidence.later[course].rows) != _settled(final.rows)
    ]
    violations += [
        Violation(f"after the end: {text}", where, at_ms) for text, at_ms, where in evidence.differing_later
    ]
    return Finding(evidence.looked + len(evidence.final), "screens, phones and courses", violations)


def _sums(evidence: Evidence, standing: Sequence[Played]) -> Mapping[str, list[Place]]:
    """Return the sums over heats, by the name of their standings."""
    voided = plain.voided_heats(evidence.acts)
    found = {}
    for course, levels in evidence.levels.items():
        heats = [
            heat
            for heat, bundle in evidence.heats.items()
            if bundle.heat.course == course and heat not in voided
        ]
        full_time_ms = sum(time_ms for _goal, time_ms in levels)
        found[sum_listing(course)] = plain.sums(standing, heats, full_time_ms)
    return found


def _job(evidence: Evidence, record: RunRecord, published: PublishedRun | None) -> Job | None:
    if published is None:
        return None
    logged = {event.seq: event for payload in published.events if (event := _move_in(payload)) is not None}
    return Job(
        record.run,
        published.player,
        record.course,
        published.heat,
        published.scope,
        evidence.event,
        evidence.levels[record.course],
        evidence.rules_hash,
        published.server_seed,
        published.public,
        published.t0_unix_ms,
        published.grace_ms,
        list(_inputs(record, logged)),
    )


def _inputs(record: RunRecord, logged: Mapping[int, MoveEvent | IllegalEvent]) -> Iterator[Input]:
    """Yield what was acknowledged, and of what is unknown what the record has."""
    counted = set()
    for move in sorted(record.moves, key=lambda move: (move.seq, not move.is_acknowledged)):
        if move.seq in counted:
            continue
        event = logged.get(move.seq)
        if move.is_acknowledged:
            counted.add(move.seq)
            yield Input(move.t_arr, move.cell, move.direction, plain.told(move))
        elif move.outcome == records.UNKNOWN and event is not None:
            counted.add(move.seq)
            yield Input(event.t_arr, event.cell, event.direction, None)


def _move_in(payload: bytes) -> MoveEvent | IllegalEvent | None:
    event = log.decode(payload)
    return event if isinstance(event, MoveEvent | IllegalEvent) else None


def _compared(
    course: str, expected: Sequence[Place], rows: Sequence[Row], *, is_alone: bool
) -> list[Violation]:
    got = [(row.rank, row.player, row.run, row.score, row.time_ms) for row in rows]
    if (
        not is_alone
    ):  # other people have ranks, too: ours have to stand among them as they stand to each other
        ours = {place[1] for place in expected}
        got = [place for place in got if place[1] in ours]
        expected, got = [(0, *place[1:]) for place in expected], [(0, *place[1:]) for place in got]
    for wanted, found in zip(expected, got, strict=False):
        if tuple(wanted) != tuple(found):
            return [
                Violation(
                    f"{course}: the server says {_told(found)}, the plain engine {_told(wanted)}", found[1]
                )
            ]
    if len(expected) != len(got):
        return [Violation(f"{course}: the server lists {len(got)} players, the plain engine {len(expected)}")]
    return []


def _told(place: Sequence[object]) -> str:
    rank, player, run, score, time_ms = place
    return f"rank {rank}, player {player}, run {run}, {score} points after {time_ms} ms"


def _settled(rows: Sequence[Row]) -> list[Row]:
    """Return rows without the mark of a run in play: a player who began a new run is as he was."""
    return [Row(*row)._replace(state=0) for row in rows]


def _same(course: str, name: str, wanted: Sequence[Row], got: Sequence[Row]) -> list[Violation]:
    for before, after in zip(wanted, got, strict=False):
        if before != after:
            return [
                Violation(f"{course}: {name} says {tuple(after)}, the API said {tuple(before)}", after.player)
            ]
    if len(wanted) != len(got):
        return [Violation(f"{course}: {name} lists {len(got)} rows, the API listed {len(wanted)}")]
    return []
