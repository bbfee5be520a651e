"""An honest evening without a server: real runs under the rules, published as a server would, and what a crowd saw of it."""

from random import Random

from knack_loadtest.crowd.oracles.finding import Evidence, Standings
from knack_loadtest.crowd.records import ILLEGAL, OK, Move, RunRecord
from knack_loadtest.staged.phones import held_by
from knack_loadtest.staged.publishing import open_bundle, open_part
from knack_loadtest.staged.scripts import Script, Told, play
from knack_loadtest.staged.stage import Stage, StagedSolo
from knack_protocol.ids import CourseName, PlayerId, RunId
from knack_protocol.proof import bundle as bundles
from knack_protocol.rules import log
from knack_protocol.rules.course import COURSES, rules_hash
from knack_protocol.rules.log import EndReason, IllegalEvent, MoveEvent
from knack_protocol.wire.messages import Row

SPRINT = COURSES[CourseName("sprint")]
PLAYERS = 3
LASTS_MS = 9000
T0_UNIX_MS = 1_700_000_000_000


def honest_evening() -> Evidence:
    """Three players, a run each of nine seconds, broken off; and everything agrees."""
    stage, random = Stage(), Random(11)
    for number in range(PLAYERS):
        script = Script(RunId(f"run-{number}"), PlayerId(f"p{number}"), 5 * number)
        script.ended = (LASTS_MS, EndReason.ABANDONED)
        solo = StagedSolo(script, SPRINT, T0_UNIX_MS, bytes([number] * 16))
        play(script, stage.run_of_solo(solo)[0], random)
        stage.solos.append(solo)
    bundle = open_bundle(stage)
    held = held_by(stage, PlayerId("p0"))
    rows = tuple(
        Row(row.run, row.rank, row.player, row.player.upper(), row.score, row.time_ms, 0)
        for listed in open_part(stage).standings
        if listed.course == SPRINT.name
        for row in listed.rows
    )
    final = Standings(7, 42, "", rows)
    return Evidence(
        event=stage.event,
        is_alone=True,
        levels={SPRINT.name: [(level.goal, level.time_ms) for level in SPRINT.levels]},
        rules_hash=rules_hash(),
        records=[record_of(stage, solo, told) for solo, told in stage.tell_solos()],
        final={SPRINT.name: final},
        later={SPRINT.name: final},
        restarted={SPRINT.name: final},
        exported={SPRINT.name: rows},
        bundle_bytes=bundles.pack(bundle),
        bundle=bundle,
        key=stage.signer.key.hex(),
        digests={
            sent.k: [sent.digest.hex(), held.acts[0].count, held.acts[0].head.hex()]
            for sent in open_part(stage).live
        },
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


def record_of(stage: Stage, solo: StagedSolo, told: Told) -> RunRecord:
    """What a player's device wrote down of a run, with nothing lost."""
    script = told.script
    record = RunRecord(
        run=script.run,
        course=solo.course.name,
        commit=next(run.commit for run in open_part(stage).runs if run.run == script.run).hex(),
        event=stage.event,
        player=script.player,
        nonce=solo.nonce.hex(),
        t0_unix_ms=solo.t0_unix_ms,
        grace_ms=script.grace_ms,
        h0=told.start.hex(),
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
