"""All oracles, in one table, and how they are asked."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final

from knack_loadtest.crowd.oracles import behaviour, bundle, heats, moves, standings
from knack_loadtest.crowd.oracles.finding import Evidence, Finding, documents


@dataclass(frozen=True, slots=True)
class Oracle:
    """One oracle."""

    name: str
    title: str
    ask: Callable[[Evidence, Executor], Finding]


def _alone(ask: Callable[[Evidence], Finding]) -> Callable[[Evidence, Executor], Finding]:
    return lambda evidence, _executor: ask(evidence)


TABLE: Final = (
    Oracle("final_standings", "The plain engine comes to the server's standings", standings.engine),
    Oracle(
        "screens",
        "Every screen and sampled phone ended with the server's standings",
        _alone(standings.screens),
    ),
    Oracle("export", "A restart and the export say the same", _alone(standings.export)),
    Oracle(
        "acked_moves",
        "Every acknowledged move is in the record, once, and no other",
        _alone(moves.acknowledged),
    ),
    Oracle("frozen", "Nothing changed after the end", _alone(standings.frozen)),
    Oracle("versions", "Standings never went back", _alone(behaviour.versions)),
    Oracle("receipts", "Every reply was what the rules make of the move", _alone(behaviour.receipts)),
    Oracle("bundle", "The published proof verifies, with what the crowd holds", _alone(bundle.anchored)),
    Oracle("heats", "Everybody in a heat had the same board, and none before its start", _alone(heats.fair)),
    Oracle("digests", "Everybody was told the same live digests", _alone(behaviour.digests)),
    Oracle("cheats", "Every cheat was refused for the right reason", _alone(behaviour.cheats)),
    Oracle("honest", "Honest people were left alone", _alone(behaviour.honest)),
    Oracle("secrecy", "Nobody was told what they must not know", _alone(behaviour.secrecy)),
    Oracle("contacts", "Contact requests arrived, and only real ones", _alone(behaviour.contacts)),
)

ORACLES: Final = {oracle.name: oracle for oracle in TABLE}


def judge(evidence: Evidence, executor: Executor) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Ask all oracles; returns their entries in a result, and what they add to its counts."""
    findings = [(oracle, oracle.ask(evidence, executor)) for oracle in TABLE]
    figures = {name: count for _, finding in findings for name, count in finding.figures.items()}
    return [document(oracle, finding) for oracle, finding in findings], figures


def document(oracle: Oracle, finding: Finding) -> dict[str, Any]:
    """Return a finding as a result has it."""
    return {
        "name": oracle.name,
        "title": oracle.title,
        "outcome": str(finding.outcome),
        "checked": finding.checked,
        "unit": finding.unit,
        "violation_count": finding.violation_count,
        "violations": documents(finding.violations),
        "why": finding.why,
    }
