"""A staged event as a server would publish it: every bundle, recomputed and signed from what the stage says happened."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from knack_loadtest.staged.scripts import Told
from knack_loadtest.staged.stage import Stage, StagedHeat, StagedSolo
from knack_protocol.ids import HeatId, RunId
from knack_protocol.proof import bundle as bundles
from knack_protocol.proof import merkle, publish, seeds, standings
from knack_protocol.proof.bundle import (
    CommitmentList,
    CourseStandings,
    Coverage,
    Digest,
    EventBundle,
    Heat,
    HeatBundle,
    HeatRun,
    OpenBundle,
    OpenPlay,
    OpenRun,
    Path,
    RunBundle,
    SoloRun,
    Sum,
    UnusedHeat,
    UnusedRun,
)
from knack_protocol.proof.commitments import Commitment
from knack_protocol.proof.decisions import Decisions
from knack_protocol.proof.ground import OPEN_PLAY, Frozen
from knack_protocol.proof.leaves import leaf, roster_hash
from knack_protocol.proof.live import live_digest
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.standings import Result
from knack_protocol.rules.course import COURSES, rules_document


def commitments(stage: Stage) -> CommitmentList:
    """Return the signed list of promises."""
    promises = [
        Commitment(heat, course.name, scope, stage.commit(heat, course, scope))
        for heat, (course, scope) in stage.promised.items()
    ]
    return publish.signed_commitments(stage.event, promises, stage.signer)


def _frame(stage: Stage) -> dict[str, Any]:
    """Return what every bundle says, the seal still to come."""
    return {
        "event": stage.event,
        "key": stage.signer.key,
        "rules": rules_document().decode(),
        "acts": publish.signed_acts(stage.event, stage.acts, stage.signer),
        "seal": bundles.UNSEALED,
    }


def heat_bundle(stage: Stage, heat: HeatId) -> HeatBundle:
    """Return the sealed bundle of a heat."""
    return bundles.sealed(
        HeatBundle(
            **_frame(stage),
            commitments=commitments(stage),
            heat=heat_part(stage, stage.heats[heat]),
        ),
        stage.signer,
    )


def open_bundle(stage: Stage) -> OpenBundle:
    """Return the sealed bundle of open play."""
    return bundles.sealed(
        OpenBundle(
            **_frame(stage),
            open=open_part(stage),
        ),
        stage.signer,
    )


def run_bundle(stage: Stage, run: RunId) -> RunBundle:
    """Return the sealed bundle of one solo run."""
    part = open_part(stage)
    index = [shown.run for shown in part.runs].index(run)
    shown = part.runs[index]
    leaves = [_solo_leaf(solo, log) for solo, log in stage.tell_solos()]
    return bundles.sealed(
        RunBundle(
            **_frame(stage),
            run=SoloRun(**{field.name: getattr(shown, field.name) for field in fields(SoloRun)}),
            path=Path(index=index, hashes=merkle.path(leaves, index)),
            results=part.results,
        ),
        stage.signer,
    )


def event_bundle(stage: Stage) -> EventBundle:
    """Return the sealed bundle of the whole event."""
    heats = tuple(heat_part(stage, stage.heats[heat]) for heat in sorted(stage.heats))
    unused = sorted(stage.promised.keys() - stage.heats.keys())
    return bundles.sealed(
        EventBundle(
            **_frame(stage),
            commitments=commitments(stage),
            heats=heats,
            open=open_part(stage),
            sums=tuple(_sums(stage, heats)),
            unused_heats=tuple(UnusedHeat(heat=heat, server_seed=stage.server_seed(heat)) for heat in unused),
            unused_runs=tuple(
                UnusedRun(
                    run=run,
                    course=course.name,
                    commit=stage.commit(run, course, Scope.HEAT),
                    server_seed=stage.server_seed(run),
                )
                for run, course in sorted(stage.prepared)
            ),
        ),
        stage.signer,
    )


def heat_part(stage: Stage, heat: StagedHeat) -> Heat:
    """Return a heat as it is published."""
    logs = stage.tell(heat)
    roster = tuple(log.script.player for log in logs)
    seconds = range(1, max(log.arrived_ms[-1] for log in logs) // 1000 + 2)
    counts = [tuple(log.count_at(1000 * k) for k in seconds) for log in logs]
    live = []
    for place, k in enumerate(seconds):
        chains = [(own[place], log.head(own[place])) for own, log in zip(counts, logs, strict=True)]
        live.append(Digest(k=k, digest=live_digest(stage.event, heat.heat, k, chains)))
    leaves = [leaf(log.script.player, log.score, len(log.events), log.last_hash) for log in logs]
    frozen = Frozen(heat.t0_unix_ms, roster_hash(roster))
    return Heat(
        heat=heat.heat,
        course=heat.course.name,
        scope=heat.scope,
        commit=stage.commit(heat.heat, heat.course, heat.scope),
        server_seed=stage.server_seed(heat.heat),
        public=heat.public,
        t0_unix_ms=heat.t0_unix_ms,
        roster=roster,
        runs=tuple(
            HeatRun(
                run=log.script.run,
                player=log.script.player,
                grace_ms=log.script.grace_ms,
                events=log.payloads,
                live=own,
            )
            for log, own in zip(logs, counts, strict=True)
        ),
        live=tuple(live),
        results=publish.signed_results(stage.event, heat.heat, leaves, stage.signer, frozen),
        standings=standings.rows(_results(stage, heat.heat, logs)),
    )


def open_part(stage: Stage) -> OpenPlay:
    """Return open play as it is published."""
    pairs = stage.tell_solos()
    spans = [_span(solo, log) for solo, log in pairs]
    live: list[Digest] = []
    covered: list[Coverage] = [Coverage(first=0, counts=()) for _ in pairs]
    for k in sorted(set().union(*(span.keys() for span in spans)) - _away_seconds(stage)):
        chains = []
        for place, ((_, log), span) in enumerate(zip(pairs, spans, strict=True)):
            if k in span:
                chains.append((span[k], log.head(span[k])))
                before = covered[place]
                first = before.first if before.counts else len(live)
                covered[place] = Coverage(first=first, counts=(*before.counts, span[k]))
        live.append(Digest(k=k, digest=live_digest(stage.event, OPEN_PLAY, k, chains)))
    return OpenPlay(
        runs_max=stage.runs_max,
        runs=tuple(_open_run(stage, solo, log, own) for (solo, log), own in zip(pairs, covered, strict=True)),
        live=tuple(live),
        in_play=(),
        results=publish.signed_results(
            stage.event, OPEN_PLAY, [_solo_leaf(solo, log) for solo, log in pairs], stage.signer
        ),
        standings=tuple(
            CourseStandings(
                course=course,
                rows=standings.rows(
                    _results(stage, None, [log for solo, log in pairs if solo.course.name == course])
                ),
            )
            for course in sorted(COURSES)
        ),
    )


def _open_run(stage: Stage, solo: StagedSolo, log: Told, own: Coverage) -> OpenRun:
    name = solo.script.run
    return OpenRun(
        run=name,
        player=solo.script.player,
        course=solo.course.name,
        commit=stage.commit(name, solo.course, Scope.HEAT),
        server_seed=stage.server_seed(name),
        public=seeds.client_public(solo.nonce),
        t0_unix_ms=solo.t0_unix_ms,
        grace_ms=solo.script.grace_ms,
        events=log.payloads,
        live=own,
    )


def _results(stage: Stage, heat: HeatId | None, logs: Iterable[Told]) -> list[Result]:
    decisions = Decisions(stage.event, stage.acts)
    if heat is not None and decisions.is_heat_voided(heat):
        return []
    return [
        Result(log.script.player, log.script.run, log.score, log.time_ms)
        for log in logs
        if not decisions.is_run_voided(log.script.run)
    ]


def _sums(stage: Stage, heats: Sequence[Heat]) -> Iterator[Sum]:
    decisions = Decisions(stage.event, stage.acts)
    counted = [heat for heat in heats if not decisions.is_heat_voided(heat.heat)]
    for course in sorted({heat.course for heat in counted}):
        own = [heat for heat in counted if heat.course == course]
        rows = [
            [Result(row.player, row.run, row.score, row.time_ms) for row in heat.standings] for heat in own
        ]
        full_ms = sum(level.time_ms for level in COURSES[course].levels)
        yield Sum(
            course=course,
            heats=tuple(heat.heat for heat in own),
            rows=standings.sum_rows(rows, full_ms),
        )


def _away_seconds(stage: Stage) -> set[int]:
    """Return the Unix seconds in which the server was away and sent nothing."""
    found: set[int] = set()
    for solo in stage.solos:
        wall_ms = solo.t0_unix_ms
        for line in solo.script.lines:
            begun = wall_ms + line.t
            found.update(range(-(-begun // 1000), (begun + line.stood_ms) // 1000))
            wall_ms += line.stood_ms
    return found


def _solo_leaf(solo: StagedSolo, log: Told) -> bytes:
    return leaf(solo.script.run, log.score, len(log.events), log.last_hash)


def _span(solo: StagedSolo, log: Told) -> dict[int, int]:
    """Return how many events each Unix second's digest covers: from T0 until once after END."""
    stands = [(line.t, line.stood_ms) for line in solo.script.lines if line.stood_ms]

    def wall_ms(clock_ms: int) -> int:
        return solo.t0_unix_ms + clock_ms + sum(ms for t, ms in stands if t <= clock_ms)

    written = [wall_ms(t) for t in log.arrived_ms]
    seconds = range(-(-solo.t0_unix_ms // 1000), -(-written[-1] // 1000) + 1)
    return {k: sum(at <= 1000 * k for at in written) for k in seconds}
