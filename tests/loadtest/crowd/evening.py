"""An honest evening without a server: real runs and heats under the rules, published as a server would, and what a crowd saw of it."""

from random import Random

from knack_loadtest.crowd.heats import HeatWord, Promised
from knack_loadtest.crowd.oracles.finding import Evidence, Standings
from knack_loadtest.crowd.records import ILLEGAL, OK, Move, RunRecord
from knack_loadtest.crowd.witness import digits
from knack_loadtest.staged.phones import held_by
from knack_loadtest.staged.publishing import (
    commitments,
    event_bundle,
    heat_bundle,
    heat_part,
    open_bundle,
    open_part,
)
from knack_loadtest.staged.scripts import Script, Told, play
from knack_loadtest.staged.stage import Stage, StagedHeat, StagedSolo, staged_heat
from knack_protocol.ids import CourseName, HeatId, PlayerId, RunId
from knack_protocol.proof import bundle as bundles
from knack_protocol.proof.bundle import ActKind
from knack_protocol.proof.leaves import roster_hash
from knack_protocol.proof.seeds import Scope
from knack_protocol.rules import log
from knack_protocol.rules.course import COURSES, rules_hash
from knack_protocol.rules.log import EndReason, IllegalEvent, MoveEvent
from knack_protocol.wire.limits import COUNTDOWN_MS
from knack_protocol.wire.messages import Row

SPRINT = COURSES[CourseName("sprint")]
PLAYERS = 3
LASTS_MS = 9000
T0_UNIX_MS = 1_700_000_000_000


HEAT, RERUN = "final-1", "final-1-r1"
"""A heat that was voided, and what was played in its place."""

GO_NS = 5_000_000_000
"""When the moderator said "go", on the crowd's clock."""


def honest_evening() -> Evidence:
    """Three players, a run each of nine seconds, broken off; a heat, voided, and its rerun; and everything agrees."""
    stage, random = Stage(), Random(11)
    for number in range(PLAYERS):
        script = Script(RunId(f"run-{number}"), PlayerId(f"p{number}"), 5 * number)
        script.ended = (LASTS_MS, EndReason.ABANDONED)
        solo = StagedSolo(script, SPRINT, T0_UNIX_MS, bytes([number] * 16))
        play(script, stage.run_of_solo(solo)[0], random)
        stage.solos.append(solo)
    for heat in (HEAT, RERUN):
        staged_heat(stage, heat, PLAYERS, 20, ended=(LASTS_MS, EndReason.ABANDONED))
    stage.act(ActKind.VOID_HEAT, HEAT)
    bundle = open_bundle(stage)
    held = held_by(stage, PlayerId("p0"))
    final = {listing: Standings(7, 42, "", rows) for listing, rows in listed_rows(stage).items()}
    return Evidence(
        event=stage.event,
        is_alone=True,
        levels={SPRINT.name: [(level.goal, level.time_ms) for level in SPRINT.levels]},
        rules_hash=rules_hash(),
        records=[
            *(record_of(stage, solo, told) for solo, told in stage.tell_solos()),
            *(record_of(stage, heat, told) for heat in stage.heats.values() for told in stage.tell(heat)),
        ],
        final=final,
        later=dict(final),
        restarted=dict(final),
        exported={listing: shown.rows for listing, shown in final.items()},
        bundle_bytes=bundles.pack(bundle),
        bundle=bundle,
        key=stage.signer.key.hex(),
        promised=Promised(commitments(stage).text, commitments(stage).signature.hex()),
        heat_words={heat: word_of(stage, staged) for heat, staged in stage.heats.items()},
        starts=dict.fromkeys((HEAT, RERUN), GO_NS),
        heats={heat: heat_bundle(stage, HeatId(heat)) for heat in (HEAT, RERUN)},
        heat_bytes={heat: bundles.pack(heat_bundle(stage, HeatId(heat))) for heat in (HEAT, RERUN)},
        digests={
            (seen.heat, seen.k): [seen.digest.hex(), held.acts[0].count, held.acts[0].head.hex()]
            for seen in held.digests
        },
        acts=[[1, "void_heat", HEAT]],
        attempts=[["early", "early", "early", 900]],
        contacts=["kept:c-1", "dropped:c-2"],
        desk_contacts={"c-1"},
        public_documents={"/api/event": {"event": "demo", "title": "Demo"}},
        looked=4,
        counts={
            "feeds.deltas": 40,
            "messages.in": 99,
            "messages.out": 60,
            "moves.achieved": 20,
            "contact.accepted": 2,
        },
    )


def listed_rows(stage: Stage) -> dict[str, tuple[Row, ...]]:
    """The standings of the course, of every heat, and of the sum over them."""
    found = {listed.course: listed.rows for listed in open_part(stage).standings}
    listings = {SPRINT.name: found[SPRINT.name]}
    listings |= {heat: heat_part(stage, staged).standings for heat, staged in stage.heats.items()}
    shown = {
        listing: tuple(Row(r.run, r.rank, r.player, r.player.upper(), r.score, r.time_ms, 0) for r in rows)
        for listing, rows in listings.items()
    }
    (total,) = event_bundle(stage).sums
    shown["heats"] = tuple(
        Row(RunId(r.player), r.rank, r.player, r.player.upper(), r.score, r.time_ms, 0) for r in total.rows
    )
    return shown


def word_of(stage: Stage, heat: StagedHeat) -> HeatWord:
    """What everybody was told of a heat."""
    part = heat_part(stage, heat)
    roster = roster_hash(part.roster).hex()
    return HeatWord(
        heat.heat,
        part.course,
        int(part.scope),
        part.commit.hex(),
        roster,
        part.public.decode(),
        part.t0_unix_ms,
        was_frozen_first=True,
    )


def record_of(stage: Stage, part: StagedSolo | StagedHeat, told: Told) -> RunRecord:
    """What a player's device wrote down of a run, with nothing lost."""
    script = told.script
    if isinstance(part, StagedHeat):
        heat, nonce, scope = part.heat, "", part.scope
        board = stage.run_of(part, script)[0].board.symbols
    else:
        heat, nonce, scope = HeatId(""), part.nonce.hex(), Scope.HEAT
        board = stage.run_of_solo(part)[0].board.symbols
    record = RunRecord(
        run=script.run,
        course=part.course.name,
        commit=stage.commit(heat or script.run, part.course, scope).hex(),
        heat=heat,
        event=stage.event,
        player=script.player,
        nonce=nonce,
        t0_unix_ms=part.t0_unix_ms,
        grace_ms=script.grace_ms,
        h0=told.start.hex(),
        begun_ns=GO_NS + COUNTDOWN_MS * 1_000_000 + script.grace_ms * 1_000_000,
        board=digits(board),
        end={"seq": len(told.events), "score": told.score},
    )
    record.heads = {seq: told.head(seq).hex() for seq in range(len(told.events) + 1)}
    for event in map(log.decode, told.payloads):
        if isinstance(event, MoveEvent | IllegalEvent):
            record.moves.append(_move(event, record))
    return record


def _move(event: MoveEvent | IllegalEvent, record: RunRecord) -> Move:
    move = Move(event.seq, event.cell, event.direction, 0, 1, ILLEGAL, event.t_arr, event.t_eff)
    move.end_seq, move.end_head = event.seq, record.heads[event.seq]
    move.score = record.moves[-1].score if record.moves else 0
    if isinstance(event, MoveEvent):
        move.outcome, move.points, move.score, move.steps = OK, event.points, event.score, event.steps
    return move
