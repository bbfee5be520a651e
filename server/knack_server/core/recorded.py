"""What was recorded, as publication reads it: one state of the store, in plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.bundle import CommitmentList
from knack_protocol.proof.seeds import Scope

if TYPE_CHECKING:
    from knack_server.core.facts import Acted


@dataclass(slots=True)
class PlayedLog:
    """A log as three rows of plain values, which cost no garbage collection: a day's open play has half a million."""

    payloads: list[bytes] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    """Places in the sequence of all facts."""

    def add(self, payload: bytes, hash_: bytes, position: int) -> None:
        """Append an event."""
        self.payloads.append(payload)
        self.hashes.append(hash_)
        self.positions.append(position)


@dataclass(frozen=True, slots=True)
class PlayedRun:
    """A run that has begun, as it was recorded."""

    run: RunId
    player: PlayerId
    course: CourseName
    commit: bytes
    nonce: bytes
    """What the device chose; empty in a heat."""
    t0_unix_ms: int
    grace_ms: int
    begun_position: int
    is_over: bool
    score: int
    """With the next: of a run that is over."""
    scored_at_ms: int
    log: PlayedLog


@dataclass(frozen=True, slots=True)
class SentDigest:
    """A live digest that went out; it covers every event recorded before its position."""

    k: int
    digest: bytes
    position: int


@dataclass(frozen=True, slots=True)
class PlayedOpen:
    """All that was recorded of an event's open play."""

    event: EventId
    runs_max: int | None
    runs: Sequence[PlayedRun]
    """In byte order of their ids."""
    digests: Sequence[SentDigest]
    acts: Sequence[Acted]


@dataclass(frozen=True, slots=True)
class Result:
    """What the tree of results holds of a finished run."""

    run: RunId
    score: int
    event_count: int
    head: bytes


@dataclass(frozen=True, slots=True)
class PlayedSolo:
    """A finished run of open play, and what stands in the tree of results beside it."""

    event: EventId
    run: PlayedRun
    results: Sequence[Result]
    """Of all finished runs, in byte order of their ids."""
    acts: Sequence[Acted]


@dataclass(frozen=True, slots=True)
class PlayedHeat:
    """All that was recorded of a heat that was started and is over."""

    heat: HeatId
    course: CourseName
    scope: Scope
    commit: bytes
    public: bytes
    t0_unix_ms: int
    runs: Sequence[PlayedRun]
    """One for everybody on the roster, in byte order of the players."""
    digests: Sequence[SentDigest]


@dataclass(frozen=True, slots=True)
class PlayedAlone:
    """A heat that is over, and what its event had promised and decided."""

    event: EventId
    heat: PlayedHeat
    commitments: CommitmentList
    acts: Sequence[Acted]


@dataclass(frozen=True, slots=True)
class NeverStarted:
    """A run of open play that was prepared, and nothing more."""

    run: RunId
    course: CourseName
    commit: bytes


@dataclass(frozen=True, slots=True)
class PlayedEvent:
    """All that was recorded of an event that has ended."""

    event: EventId
    commitments: CommitmentList
    heats: Sequence[PlayedHeat]
    """In byte order of their ids."""
    open: PlayedOpen
    unused_heats: Sequence[HeatId]
    """Promised and never started, in byte order."""
    unused_runs: Sequence[NeverStarted]
    """In byte order of their ids."""
