"""The published proof, checked as any stranger would, and against what the crowd's own devices hold."""

from collections.abc import Iterator

from knack_loadtest.crowd.oracles.finding import Evidence, Finding, Violation, not_checked
from knack_loadtest.crowd.records import RunRecord
from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.bundle import CommitmentList, Head
from knack_protocol.proof.held import Held, HeldDigest, HeldHeat, HeldReceipt, HeldRun
from knack_protocol.proof.report import Verdict
from knack_protocol.proof.verify import verify


def anchored(evidence: Evidence) -> Finding:
    """Check every bundle with the key, promises, rosters, receipts and live digests that the crowd was given before and while it played."""
    if evidence.bundle_bytes is None or not evidence.key:
        return not_checked(evidence.missing.get("bundle", "nothing was published"))
    held = held_by_all(evidence)
    anchors = Anchors(key=evidence.key, held=(("the crowd", held),))
    violations = []
    for name, data in (("open play", evidence.bundle_bytes), *sorted(evidence.heat_bytes.items())):
        violations += [Violation(f"the bundle of {name} {fault}") for fault in _faults(data, anchors)]
    receipts = sum(len(run.receipts) for run in held.runs)
    checked = max(receipts + len(held.digests) + len(held.heats), 1)
    return Finding(checked, "receipts, live digests and rosters", violations)


def held_by_all(evidence: Evidence) -> Held:
    """Return one held file of everything that the crowd's devices hold."""
    assert evidence.key, "the key was asked for"
    heads = {count: bytes.fromhex(head) for _digest, count, head in evidence.digests.values()}
    promised = evidence.promised
    return Held(
        event=EventId(evidence.event),
        key=bytes.fromhex(evidence.key),
        commitments=CommitmentList(text=promised.text, signature=bytes.fromhex(promised.signature))
        if promised is not None
        else None,
        heats=tuple(
            HeldHeat(
                heat=HeatId(heat),
                roster_hash=bytes.fromhex(word.roster_hash),
                public=word.public.encode() or None,
            )
            for heat, word in sorted(evidence.heat_words.items())
            if word.roster_hash
        ),
        runs=tuple(_held_run(record) for record in evidence.records if record.t0_unix_ms is not None),
        digests=tuple(
            HeldDigest(heat=HeatId(heat), k=k, digest=bytes.fromhex(told[0]))
            for (heat, k), told in sorted(evidence.digests.items())
        ),
        acts=tuple(Head(count=count, head=head) for count, head in sorted(heads.items())),
    )


def _faults(data: bytes, anchors: Anchors) -> Iterator[str]:
    report = verify(data, anchors)
    if report.wrong is not None:
        yield f"does not verify: {report.wrong.check}: {report.wrong.where}: {report.wrong.what}"
    elif report.verdict is not Verdict.ANCHORED:
        yield "is not what the crowd holds"


def _held_run(record: RunRecord) -> HeldRun:
    return HeldRun(
        run=RunId(record.run),
        heat=HeatId(record.heat),
        player=PlayerId(record.player),
        course=CourseName(record.course),
        commit=bytes.fromhex(record.commit),
        nonce=bytes.fromhex(record.nonce) if record.nonce else None,
        t0_unix_ms=record.t0_unix_ms,
        grace_ms=record.grace_ms,
        receipts=tuple(
            HeldReceipt(seq=seq, head=bytes.fromhex(head)) for seq, head in sorted(record.heads.items())
        ),
    )
