"""What a player's phone has kept of a staged event, as long as nobody had changed anything yet."""

from collections.abc import Iterator

from knack_loadtest.staged.publishing import commitments, heat_part, open_part
from knack_loadtest.staged.scripts import Told
from knack_loadtest.staged.stage import Stage, StagedHeat, StagedSolo
from knack_protocol.ids import HeatId, PlayerId
from knack_protocol.proof.bundle import Digest, Head
from knack_protocol.proof.decisions import Decisions
from knack_protocol.proof.ground import OPEN_PLAY
from knack_protocol.proof.held import Held, HeldDigest, HeldHeat, HeldReceipt, HeldRun
from knack_protocol.proof.leaves import roster_hash
from knack_protocol.proof.seeds import Scope


def held_by(stage: Stage, player: PlayerId) -> Held:
    """Return the held file of a phone that was on all the time: digests of everything, receipts of its own runs."""
    heats = [stage.heats[heat] for heat in sorted(stage.heats)]
    return Held(
        event=stage.event,
        key=stage.signer.key,
        commitments=commitments(stage),
        heats=tuple(
            HeldHeat(
                heat=heat.heat,
                roster_hash=roster_hash(script.player for script in heat.scripts),
                public=heat.public,
            )
            for heat in heats
        ),
        runs=tuple(_runs(stage, heats, player)),
        digests=tuple(
            HeldDigest(heat=name, k=sent.k, digest=sent.digest)
            for name, live in _live(stage, heats)
            for sent in live
        ),
        acts=tuple(
            Head(count=count, head=head)
            for count, head in enumerate(Decisions(stage.event, stage.acts).heads)
        ),
    )


def _live(stage: Stage, heats: list[StagedHeat]) -> Iterator[tuple[HeatId, tuple[Digest, ...]]]:
    yield OPEN_PLAY, open_part(stage).live
    for heat in heats:
        yield heat.heat, heat_part(stage, heat).live


def _runs(stage: Stage, heats: list[StagedHeat], player: PlayerId) -> Iterator[HeldRun]:
    for heat in heats:
        for log in stage.tell(heat):
            if log.script.player == player:
                yield _run(stage, heat, log)
    for solo, log in stage.tell_solos():
        if log.script.player == player:
            yield _run(stage, solo, log)


def _run(stage: Stage, part: StagedHeat | StagedSolo, log: Told) -> HeldRun:
    solo = part if isinstance(part, StagedSolo) else None
    heat = part.heat if isinstance(part, StagedHeat) else OPEN_PLAY
    scope = part.scope if isinstance(part, StagedHeat) else Scope.HEAT
    return HeldRun(
        run=log.script.run,
        heat=heat,
        player=log.script.player,
        course=part.course.name,
        commit=stage.commit(heat or log.script.run, part.course, scope),
        nonce=solo.nonce if solo else None,
        t0_unix_ms=part.t0_unix_ms,
        grace_ms=log.script.grace_ms,
        receipts=tuple(HeldReceipt(seq=seq, head=log.head(seq)) for seq in range(len(log.events) + 1)),
    )
