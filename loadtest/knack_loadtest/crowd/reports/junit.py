"""`junit.xml`: every oracle, every check of the generator and every threshold as a test, for whatever shows tests in a pipeline.

The form is the one that all readers share (Ant's, as Jenkins' and GitLab's schemas have it): `testsuites` of `testsuite` of
`testcase`, each with at most one `failure` or `skipped`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from knack_loadtest.crowd.reports import wording
from knack_loadtest.crowd.reports.outside import clean
from knack_loadtest.crowd.reports.wording import Document
from knack_loadtest.crowd.units import shown


@dataclass(frozen=True, slots=True)
class _Case:
    """A test: its name, and what failed, or why it was not made; with what there is to say about it."""

    name: str
    kind: str = ""
    """`failure` or `skipped`; empty: passed."""
    message: str = ""
    text: str = ""


def junit(result: Document) -> str:
    """Make `junit.xml` of a result."""
    scenario = result["scenario"]
    suites = {
        "oracles": list(map(_oracle, result["oracles"])),
        "generator": list(map(_check, result["innocence"]["checks"])),
        "thresholds": list(map(_threshold, result["thresholds"])),
    }
    took = f"{(result['ended_unix_ms'] - result['began_unix_ms']) / 1000:.3f}"
    every = [case for cases in suites.values() for case in cases]
    root = ET.Element(
        "testsuites", {"name": clean(f"crowd {scenario['name']}"), **_counts(every), "time": took}
    )
    for name, cases in suites.items():
        began = _iso(result["began_unix_ms"])
        told = {
            "name": clean(f"crowd.{scenario['name']}.{name}"),
            **_counts(cases),
            "time": "0",
            "timestamp": began,
        }
        suite = ET.SubElement(root, "testsuite", told)
        properties = ET.SubElement(suite, "properties")
        for key, value in _properties(result):
            ET.SubElement(properties, "property", {"name": key, "value": clean(value)})
        for case in cases:
            _write(suite, clean(f"crowd.{scenario['name']}.{name}"), case)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f"{_DECLARATION}\n{body}\n"


_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'


def _oracle(oracle: Document) -> _Case:
    name = f"{oracle['name']}: {oracle['title']}"
    match oracle["outcome"]:
        case "held":
            return _Case(name)
        case "not_checked":
            return _Case(name, "skipped", oracle["why"] or "nothing of the kind happened")
    violations: Sequence[Document] = oracle["violations"]
    first = wording.violation(violations[0], 300) if violations else "broken"
    told = [
        f"{oracle['violation_count']} of {oracle['checked']} {oracle['unit']}",
        *map(wording.violation, violations),
    ]
    return _Case(name, "failure", first, "\n".join(told))


def _check(check: Document) -> _Case:
    name = f"{check['name']}: {check['title']}"
    told = f"{shown(check['value'], check['unit'])}, allowed is {shown(check['limit'], check['unit'])}; {check['why']}"
    match check["outcome"]:
        case "good":
            return _Case(name)
        case "unknown":
            return _Case(name, "skipped", "it could not be found out")
    return _Case(name, "failure", told)


def _threshold(threshold: Document) -> _Case:
    match threshold["outcome"]:
        case "met":
            return _Case(threshold["text"])
        case "breached":
            value = shown(threshold["value"], threshold["unit"])
            return _Case(
                threshold["text"], "failure", f"it was {value}, the margin {wording.margin(threshold)}"
            )
    return _Case(threshold["text"], "failure", f"no samples: {threshold['why']}")


def _write(suite: ET.Element, class_name: str, case: _Case) -> None:
    element = ET.SubElement(
        suite, "testcase", {"name": clean(case.name), "classname": class_name, "time": "0"}
    )
    if case.kind:
        told = {"message": clean(case.message)}
        if case.kind == "failure":
            told["type"] = "crowd"
        ET.SubElement(element, case.kind, told).text = clean(case.text) or None


def _counts(cases: Sequence[_Case]) -> dict[str, str]:
    kinds = [case.kind for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(kinds.count("failure")),
        "errors": "0",
        "skipped": str(kinds.count("skipped")),
    }


def _properties(result: Document) -> Iterator[tuple[str, str]]:
    yield "verdict", result["verdict"]["word"]
    yield "seed", str(result["scenario"]["seed"])
    yield "plan", result["plan"]["digest"]
    yield "command", wording.command(result)


def _iso(unix_ms: int) -> str:
    """Write a moment as XML Schema's dateTime; what no calendar has is the beginning of time."""
    try:
        return f"{datetime.fromtimestamp(unix_ms / 1000, UTC):%Y-%m-%dT%H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return "1970-01-01T00:00:00"
