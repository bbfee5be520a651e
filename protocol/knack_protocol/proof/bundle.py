"""Bundles: everything that a stranger needs to check a heat, open play, one solo run, or a whole event.

PROOF.md, section 3, says of every field what it is; the dataclasses here are the same text for a machine. No name, token,
address or e-mail has a field, so none can be published by mistake.
"""

import hashlib
from dataclasses import dataclass, fields, replace
from enum import Enum, auto
from typing import Annotated, Final, TypeVar

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof import form
from knack_protocol.proof.form import U32, Exactly, Hash, Key, Length, Malformed, Most, Octets, Signature
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.signing import Signer, bundle_text
from knack_protocol.rules.numbers import GRACE_MS_MAX

FORMAT: Final = "knackpunkt bundle 1"

EventBytes = Annotated[bytes, Octets(1, 64)]
Public = Annotated[bytes, Octets(1, 8192)]
Target = Annotated[str, Length(1, 32)]


class ActKind(Enum):
    """What moderators decide; in a bundle and in the acts' chain stands the name in lower case."""

    VOID = auto()
    RESTORE = auto()
    VOID_HEAT = auto()
    HIDE_NAME = auto()
    REPLACE_NAME = auto()
    SHOW_NAME = auto()
    UNDO = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a moderator decided; who it was, and why, stands beside the bundle with the names."""

    number: U32
    at_unix_ms: int
    kind: ActKind
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """All acts of the event so far, from number 1."""

    list: tuple[Act, ...]
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentList:
    """The list of the event's promises, as it was published before."""

    text: str
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The signed root over the leaves of a heat, or of open play so far."""

    tree_size: U32
    root: Hash
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A live digest that was sent."""

    k: U32
    digest: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A standing: score and time come from the same run."""

    rank: U32
    player: PlayerId
    run: RunId
    score: int
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRun:
    """One player's run in a heat; `live[j]` is how many of its events the heat's digest j covered."""

    run: RunId
    player: PlayerId
    grace_ms: Annotated[int, Most(GRACE_MS_MAX)]
    events: tuple[EventBytes, ...]
    live: tuple[U32, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """A heat that was played."""

    heat: HeatId
    course: CourseName
    scope: Scope
    commit: Hash
    server_seed: Hash
    public: Public
    t0_unix_ms: int
    roster: tuple[PlayerId, ...]
    runs: tuple[HeatRun, ...]
    live: tuple[Digest, ...]
    results: Results
    standings: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoloRun:
    """A finished run of open play, with a seed of its own."""

    run: RunId
    player: PlayerId
    course: CourseName
    commit: Hash
    server_seed: Hash
    public: Public
    t0_unix_ms: int
    grace_ms: Annotated[int, Most(GRACE_MS_MAX)]
    events: tuple[EventBytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many events of a run each digest covered, from digest number `first` of open play (counted from 0) on."""

    first: U32
    counts: tuple[U32, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun(SoloRun):
    """A solo run with the digests that covered it."""

    live: Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A chain's hash after so many events."""

    count: U32
    head: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlay:
    """A run that was in play when open play was published: what the digests covered of it, and nothing else."""

    run: RunId
    first: U32
    heads: tuple[Head, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseStandings:
    """The standings of a course in open play."""

    course: CourseName
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPlay:
    """All finished runs of open play; `runs_max` limits the runs that a player may start."""

    runs_max: int | None
    runs: tuple[OpenRun, ...]
    live: tuple[Digest, ...]
    in_play: tuple[InPlay, ...]
    results: Results
    standings: tuple[CourseStandings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The way from a run's leaf to the signed root (RFC 6962, section 2.1.1)."""

    index: U32
    hashes: tuple[Hash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SumRow:
    """A player's sum over heats."""

    rank: U32
    player: PlayerId
    score: int
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """The standings over all heats of a course that count."""

    course: CourseName
    heats: tuple[HeatId, ...]
    rows: tuple[SumRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedHeat:
    """A promised heat that was never played, opened after the event."""

    heat: HeatId
    server_seed: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedRun:
    """A prepared run that was never started, opened after the event."""

    run: RunId
    course: CourseName
    commit: Hash
    server_seed: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """What every bundle says: whose it is, by which rules, what moderators decided, and the seal over all of it."""

    format: Annotated[str, Exactly(FORMAT)] = FORMAT
    event: EventId
    key: Key
    rules: str
    acts: Acts
    seal: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatBundle(_Sealed):
    """One heat."""

    kind: Annotated[str, Exactly("heat")] = "heat"
    commitments: CommitmentList
    heat: Heat


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBundle(_Sealed):
    """All finished runs of open play so far."""

    kind: Annotated[str, Exactly("open")] = "open"
    open: OpenPlay


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBundle(_Sealed):
    """One finished solo run, and its way to the signed root of open play."""

    kind: Annotated[str, Exactly("run")] = "run"
    run: SoloRun
    path: Path
    results: Results


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBundle(_Sealed):
    """The whole of an event, when it is over."""

    kind: Annotated[str, Exactly("event")] = "event"
    commitments: CommitmentList
    heats: tuple[Heat, ...]
    open: OpenPlay
    sums: tuple[Sum, ...]
    unused_heats: tuple[UnusedHeat, ...]
    unused_runs: tuple[UnusedRun, ...]


Bundle = HeatBundle | OpenBundle | RunBundle | EventBundle

_KINDS: Final[dict[object, type[Bundle]]] = {
    "heat": HeatBundle,
    "open": OpenBundle,
    "run": RunBundle,
    "event": EventBundle,
}

_B = TypeVar("_B", bound=Bundle)

UNSEALED: Final = bytes(64)
"""Stands for a seal that is still to come."""


def pack(bundle: Bundle) -> bytes:
    """Return the canonical bytes of a bundle."""
    return form.pack(bundle)


def unpack(data: bytes) -> Bundle:
    """Return the bundle that these bytes are.

    Raises:
        Malformed: no bundle, or not in canonical form.
    """
    value = form.parsed(data)
    if type(value) is not dict:
        raise Malformed("no object")
    if value.get("format") != FORMAT:
        raise Malformed(f"not {FORMAT!r}").inside("format")
    kind = value.get("kind")
    if type(kind) is not str or kind not in _KINDS:
        raise Malformed(f"none of {', '.join(map(str, _KINDS))}").inside("kind")
    bundle: Bundle = form.read(_KINDS[kind], value)
    if form.packed(value) != data:
        raise Malformed("not in canonical form")
    return bundle


def seal_text(bundle: Bundle) -> bytes:
    """Return what the seal signs: the hash over the canonical bytes of everything but the seal."""
    unsealed = {
        field.name: form.plain(getattr(bundle, field.name))
        for field in fields(bundle)
        if field.name != "seal"
    }
    return bundle_text(bundle.event, bundle.kind, hashlib.sha256(form.packed(unsealed)).digest())


def sealed(bundle: _B, signer: Signer) -> _B:
    """Return the bundle under its seal, ready to be packed."""
    return replace(bundle, seal=signer.sign(seal_text(bundle)))
