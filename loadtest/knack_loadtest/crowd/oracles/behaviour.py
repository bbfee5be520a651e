"""What people saw while they lived: versions, secrets, cheats, refusals, receipts, live digests; and what visitors wrote."""

from math import comb, fsum
from typing import Final

from knack_loadtest.crowd.oracles.finding import Evidence, Finding, Violation, not_checked, seen
from knack_loadtest.crowd.secrecy import forbidden_keys

BY_CHANCE: Final = 1e-4
"""Reviews of honest people that are less likely than this by the desk's own rate are not chance."""


def versions(evidence: Evidence) -> Finding:
    """No subscriber ever applied an older version than before, and everybody read their own writes."""
    counts = evidence.counts
    pushes = counts.get("feeds.deltas", 0) + counts.get("feeds.snapshots", 0)
    finding = seen(evidence, pushes, "snapshots and deltas", "versions", "read_your_writes", "feeds")
    unrepaired = counts.get("feeds.unrepaired", 0)
    if unrepaired:
        finding.violations.append(Violation(f"{unrepaired} gaps in feeds stayed open for more than 3 s"))
    return finding


def secrecy(evidence: Evidence) -> Finding:
    """Nobody was told what only another role, or nobody, may know."""
    finding = seen(evidence, evidence.counts.get("messages.in", 0), "messages", "secrecy")
    for path, document in evidence.public_documents.items():
        finding.checked += 1
        keys = forbidden_keys(document)
        if keys:
            finding.violations.append(Violation(f"{path} holds {', '.join(keys)}"))
    return finding


def cheats(evidence: Evidence) -> Finding:
    """Every attempt at cheating was refused, with the right code."""
    return seen(evidence, len(evidence.attempts), "attempts", "cheats")


def honest(evidence: Evidence) -> Finding:
    """Honest people were refused nothing but what play itself brings, and the desk has no more of them reviewed than it says."""
    violations = [Violation(f"{name}: {count} times") for name, count in sorted(evidence.rejects.items())]
    looks = evidence.looks or []
    flagged = [look for look in looks if look.needs_review]
    rate = max((look.review_by_chance for look in looks), default=0.0)
    if flagged and chance_of(len(flagged), len(looks), rate) < BY_CHANCE:
        violations += [
            Violation(f"{look.run} is flagged: {', '.join(look.raised)}", look.where) for look in flagged
        ]
    figures = {} if evidence.looks is None else {"honest.looked": len(looks), "honest.flagged": len(flagged)}
    commands = evidence.counts.get("messages.out", 0)
    return Finding(commands, "commands of honest people", violations, figures=figures)


def chance_of(flagged: int, looked: int, rate: float) -> float:
    """Return the probability that so many or more of these are flagged, each by chance at this rate."""
    fewer = (comb(looked, k) * rate**k * (1 - rate) ** (looked - k) for k in range(flagged))
    return 1 - fsum(fewer)


def receipts(evidence: Evidence) -> Finding:
    """Every reply was what the rules make of the move; each client played along and compared each hash."""
    return seen(evidence, evidence.counts.get("moves.achieved", 0), "replies played along", "receipts")


def digests(evidence: Evidence) -> Finding:
    """Everybody was told the same live digest for the same second."""
    return seen(evidence, len(evidence.digests), "seconds", "digests")


def contacts(evidence: Evidence) -> Finding:
    """Contact requests were answered as they must be; what was taken is on the desk, and what a program wrote is not."""
    written = evidence.counts.get("contact.accepted", 0) + evidence.counts.get("contact.refused", 0)
    finding = seen(evidence, written, "contact requests", "contacts")
    if not written:
        return not_checked("")
    if evidence.desk_contacts is None:
        return (
            finding if finding.violations else not_checked(evidence.missing.get("contacts", "no desk token"))
        )
    for entry in evidence.contacts:
        kind, _, contact = entry.partition(":")
        if (contact in evidence.desk_contacts) != (kind == "kept"):
            is_there = "is not" if kind == "kept" else "is"
            finding.violations.append(Violation(f"contact request {contact} {is_there} on the desk"))
    return finding
