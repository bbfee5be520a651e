"""What an oracle looks at, and what it finds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from knack_loadtest.crowd.flags import Look
from knack_loadtest.crowd.heats import HeatWord, Promised
from knack_loadtest.crowd.records import RunRecord
from knack_protocol.proof.bundle import HeatBundle, OpenBundle
from knack_protocol.wire.messages import Row

SHOWN: Final = 20
"""Violations of one oracle that a result tells in words."""


class Outcome(StrEnum):
    """How an oracle answers."""

    HELD = "held"
    BROKEN = "broken"
    NOT_CHECKED = "not_checked"


@dataclass(slots=True)
class Violation:
    """One thing that is not as it must be; `at_ms` is ms since the start where that is known."""

    text: str
    where: str = ""
    at_ms: int | None = None


@dataclass(slots=True)
class Finding:
    """What one oracle found: how many of what it looked at, and what was wrong; `why` where it could not look."""

    checked: int
    unit: str
    violations: list[Violation] = field(default_factory=list)
    why: str = ""
    count: int = -1
    """How many violations there were, where not all of them are kept in words."""
    figures: dict[str, int] = field(default_factory=dict)
    """What this adds to the counts of the run."""

    @property
    def outcome(self) -> Outcome:
        """Return the answer; one that looked at nothing did not check."""
        if self.violations:
            return Outcome.BROKEN
        return Outcome.HELD if self.checked and not self.why else Outcome.NOT_CHECKED

    @property
    def violation_count(self) -> int:
        """How many violations there were."""
        return max(self.count, len(self.violations))


def not_checked(why: str) -> Finding:
    """Return the finding of an oracle that could not look."""
    return Finding(0, "", why=why)


@dataclass(frozen=True, slots=True)
class Standings:
    """A course's whole standings as the server gave them at some moment."""

    epoch: int
    version: int
    sha256: str
    rows: tuple[Row, ...]


@dataclass(slots=True)
class Evidence:
    """Everything that was gathered. What could not be had is None, and `missing` says why under the same name."""

    event: str
    is_alone: bool
    """Whether nobody but this crowd was ever on the server."""
    levels: Mapping[str, list[tuple[int, int]]]
    """Of each course, its levels as (goal, ms)."""
    rules_hash: bytes
    records: list[RunRecord] = field(default_factory=list)
    final: dict[str, Standings] = field(default_factory=dict)
    later: dict[str, Standings] = field(default_factory=dict)
    restarted: dict[str, Standings] | None = None
    exported: dict[str, tuple[Row, ...]] | None = None
    bundle_bytes: bytes | None = None
    bundle: OpenBundle | None = None
    key: str = ""
    promised: Promised | None = None
    """The list of commitments, as it was before anybody came."""
    heat_words: Mapping[str, HeatWord] = field(default_factory=dict)
    """What everybody was told of each heat."""
    starts: Mapping[str, int] = field(default_factory=dict)
    """Heats that were started, each with the moment at which its moderator said so (monotonic clock, ns)."""
    heats: dict[str, HeatBundle] = field(default_factory=dict)
    """Heats that were published."""
    heat_bytes: dict[str, bytes] = field(default_factory=dict)
    digests: dict[tuple[str, int], list[Any]] = field(default_factory=dict)
    """Live digests by heat (empty: open play) and second: digest, number of acts, their head."""
    acts: list[list[Any]] = field(default_factory=list)
    attempts: list[list[Any]] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    desk_contacts: set[str] | None = None
    looks: list[Look] | None = None
    """What the desk's detectors say of honest people's runs."""
    public_documents: dict[str, Any] = field(default_factory=dict)
    looked: int = 0
    differing: list[list[Any]] = field(default_factory=list)
    differing_later: list[list[Any]] = field(default_factory=list)
    seen: Mapping[str, list[list[Any]]] = field(default_factory=dict)
    """Violations that people saw while they lived, by oracle."""
    seen_counts: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    rejects: Mapping[str, int] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def seen(evidence: Evidence, checked: int, unit: str, *oracles: str) -> Finding:
    """Return what people saw while they lived, under these names."""
    violations = [
        Violation(text, where, at_ms if at_ms >= 0 else None)
        for oracle in oracles
        for text, at_ms, where in evidence.seen.get(oracle, ())
    ]
    count = sum(evidence.seen_counts.get(oracle, 0) for oracle in oracles)
    return Finding(max(checked, count), unit, violations, count=count)


def documents(violations: Iterable[Violation]) -> list[dict[str, Any]]:
    """Return the first violations as a result has them."""
    listed = list(violations)[:SHOWN]
    return [{"text": v.text, "at_ms": v.at_ms, "where": v.where} for v in listed]
