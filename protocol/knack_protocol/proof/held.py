"""The held file: what a player's device saw with its own eyes, kept to hold published bundles against.

The device keeps it from the first hello on: the organiser's key, the promises, the roster it was frozen into, a receipt
for every reply, the digest of every second. It names nobody and opens nothing (PROOF.md, section 5).
"""

from dataclasses import dataclass
from typing import Annotated, Final

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof import form
from knack_protocol.proof.bundle import CommitmentList, Head, Public
from knack_protocol.proof.form import U32, Exactly, Hash, Key, Most, Octets, OrEmpty
from knack_protocol.proof.seeds import NONCE_BYTES
from knack_protocol.rules.numbers import GRACE_MS_MAX

FORMAT: Final = "knackpunkt held 1"

HeatOrOpen = Annotated[HeatId, OrEmpty()]
"""A heat, or the empty text for open play."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReceipt:
    """The chain's hash after event `seq`, as a reply brought it; 0 is before the first event."""

    seq: U32
    head: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRun:
    """A run of this device's player; what it has not heard yet is None."""

    run: RunId
    heat: HeatOrOpen
    player: PlayerId
    course: CourseName
    commit: Hash
    nonce: Annotated[bytes, Octets(NONCE_BYTES, NONCE_BYTES)] | None
    t0_unix_ms: int | None
    grace_ms: Annotated[int, Most(GRACE_MS_MAX)] | None
    receipts: tuple[HeldReceipt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldHeat:
    """A heat whose roster the device saw frozen; `public` is P, or None when it was not heard."""

    heat: HeatId
    roster_hash: Hash
    public: Public | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDigest:
    """A live digest as it came in."""

    heat: HeatOrOpen
    k: U32
    digest: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Everything that a device held; lists in any order."""

    format: Annotated[str, Exactly(FORMAT)] = FORMAT
    event: EventId
    key: Key
    commitments: CommitmentList | None
    heats: tuple[HeldHeat, ...]
    runs: tuple[HeldRun, ...]
    digests: tuple[HeldDigest, ...]
    acts: tuple[Head, ...]


def pack(held: Held) -> bytes:
    """Return a held file."""
    return form.pack(held)


def parse(data: bytes) -> Held:
    """Return what a held file says; spaces, line ends and the order of keys are the writer's own affair.

    Raises:
        Malformed: no held file.
    """
    return form.read(Held, form.parsed(data))
