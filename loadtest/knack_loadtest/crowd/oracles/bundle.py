"""The published proof, checked as any stranger would, and against what the crowd's own devices hold."""

from knack_loadtest.crowd.oracles.finding import Evidence, Finding, Violation, not_checked
from knack_loadtest.crowd.records import RunRecord
from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.bundle import Head
from knack_protocol.proof.held import Held, HeldDigest, HeldReceipt, HeldRun
from knack_protocol.proof.report import Verdict
from knack_protocol.proof.verify import verify

OPEN_PLAY = HeatId("")


def anchored(evidence: Evidence) -> Finding:
    """Check the bundle of open play with the key, receipts and live digests that the crowd was given while it played."""
    if evidence.bundle_bytes is None or not evidence.key:
        return not_checked(evidence.missing.get("bundle", "nothing was published"))
    held = held_by_all(evidence)
    report = verify(evidence.bundle_bytes, Anchors(key=evidence.key, held=(("the crowd", held),)))
    receipts = sum(len(run.receipts) for run in held.runs)
    checked = max(receipts + len(held.digests), 1)
    if report.wrong is not None:
        wrong = report.wrong
        text = f"the bundle does not verify: {wrong.check}: {wrong.where}: {wrong.what}"
        return Finding(checked, "receipts and live digests", [Violation(text)])
    if report.verdict is not Verdict.ANCHORED:
        return Finding(
            checked, "receipts and live digests", [Violation("the bundle is not what the crowd holds")]
        )
    return Finding(checked, "receipts and live digests")


def held_by_all(evidence: Evidence) -> Held:
    """Return one held file of everything that the crowd's devices hold."""
    assert evidence.key, "the key was asked for"
    heads = {count: bytes.fromhex(head) for _digest, count, head in evidence.digests.values()}
    return Held(
        event=EventId(evidence.event),
        key=bytes.fromhex(evidence.key),
        commitments=None,
        heats=(),
        runs=tuple(_held_run(record) for record in evidence.records if record.t0_unix_ms is not None),
        digests=tuple(
            HeldDigest(heat=OPEN_PLAY, k=k, digest=bytes.fromhex(told[0]))
            for k, told in sorted(evidence.digests.items())
        ),
        acts=tuple(Head(count=count, head=head) for count, head in sorted(heads.items())),
    )


def _held_run(record: RunRecord) -> HeldRun:
    return HeldRun(
        run=RunId(record.run),
        heat=OPEN_PLAY,
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
