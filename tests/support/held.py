"""What a phone has kept of all that it was told: its held file, as the play page writes it (client/web/js/state/held.js)."""

from collections.abc import Iterable, Mapping
from typing import Any

from knack_protocol.ids import EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.bundle import CommitmentList, Head
from knack_protocol.proof.held import Held, HeldDigest, HeldHeat, HeldReceipt, HeldRun
from knack_protocol.wire.messages import (
    Begin,
    Ended,
    Heat,
    Live,
    Moved,
    Phase,
    Prepared,
    Resumed,
    Started,
)


class HeardRun:
    """A run of the phone's own player."""

    def __init__(self, heat: HeatId, course: str, commit: bytes) -> None:
        self.heat = heat
        self.course = course
        self.commit = commit
        self.t0_unix_ms: int | None = None
        self.grace_ms: int | None = None
        self.receipts: dict[int, bytes] = {}


def held_of(
    told: Iterable[Any],
    event: EventId,
    key: bytes,
    player: PlayerId,
    commitments: CommitmentList | None = None,
    nonces: Mapping[str, bytes] | None = None,
) -> Held:
    """Return the held file of a player whose phone was told all this; `nonces` are those that it sent, by run."""
    runs: dict[RunId, HeardRun] = {}
    heats: dict[HeatId, HeldHeat] = {}
    digests: dict[tuple[HeatId, int], HeldDigest] = {}
    acts: dict[int, bytes] = {}
    for message in told:
        match message:
            case Prepared():
                runs.setdefault(message.run, HeardRun(HeatId(""), message.course, message.commit))
            case Heat():
                if message.roster_hash:
                    public = message.public.encode() or None
                    heats[message.heat] = HeldHeat(
                        heat=message.heat, roster_hash=message.roster_hash, public=public
                    )
                if message.run:
                    runs.setdefault(message.run, HeardRun(message.heat, message.course, message.commit))
            case Live():
                digests[message.heat, message.k] = HeldDigest(
                    heat=message.heat, k=message.k, digest=message.digest
                )
                acts[message.acts] = message.acts_head
            case Started() | Begin() | Resumed() | Moved() | Ended() if message.run in runs:
                _about(runs[message.run], message)
            case _:
                pass
    return Held(
        event=event,
        key=key,
        commitments=commitments,
        heats=tuple(heats.values()),
        runs=tuple(
            HeldRun(
                run=run,
                heat=heard.heat,
                player=player,
                course=heard.course,
                commit=heard.commit,
                nonce=(nonces or {}).get(run),
                t0_unix_ms=heard.t0_unix_ms,
                grace_ms=heard.grace_ms,
                receipts=tuple(
                    HeldReceipt(seq=seq, head=head) for seq, head in sorted(heard.receipts.items())
                ),
            )
            for run, heard in runs.items()
        ),
        digests=tuple(digests.values()),
        acts=tuple(Head(count=count, head=head) for count, head in acts.items()),
    )


def _about(run: HeardRun, message: Any) -> None:
    match message:
        case Started():
            run.t0_unix_ms = message.t0_unix_ms
        case Begin():
            run.t0_unix_ms, run.grace_ms = message.t0_unix_ms, message.grace_ms
            run.receipts[0] = message.head
        case Resumed() if message.phase is Phase.PLAYING:
            run.t0_unix_ms, run.grace_ms = message.t0_unix_ms, message.grace_ms
            if message.last is not None:
                run.receipts[message.last.seq] = message.last.head
            run.receipts[message.seq] = message.head
        case Moved() | Ended():
            run.receipts[message.seq] = message.head
        case _:
            pass
