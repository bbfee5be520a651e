"""What was judged: thresholds, the generator itself, and the oracles."""

import re
from collections.abc import Sequence
from typing import Final

from knack_loadtest.crowd.reports import wording
from knack_loadtest.crowd.reports.html.markup import Markup, el
from knack_loadtest.crowd.reports.html.section import Section, badge, nothing
from knack_loadtest.crowd.reports.html.tables import Column, table
from knack_loadtest.crowd.reports.wording import Document
from knack_loadtest.crowd.units import shown

Badge = tuple[str, str]

THRESHOLDS: Final[dict[str, Badge]] = {
    "met": ("good", "met"),
    "breached": ("bad", "breached"),
    "no_samples": ("bad", "no samples"),
}
CHECKS: Final[dict[str, Badge]] = {
    "good": ("good", "good"),
    "bad": ("bad", "bad"),
    "unknown": ("none", "not known"),
}
ORACLES: Final[dict[str, Badge]] = {
    "held": ("good", "held"),
    "broken": ("bad", "broken"),
    "not_checked": ("none", "not checked"),
}
"""How each outcome looks and is called."""

_TWO_SIDES: Final = re.compile(
    r"(?P<one>.*?\b(?:says|lists|told)) (?P<this>.+), (?P<other>the plain engine|the API (?:said|listed)|recorded) (?P<that>.+)",
    re.DOTALL,
)
"""How oracles word that two sides disagree."""


def thresholds(result: Document) -> Section:
    """Make the section of what was expected."""
    listed: Sequence[Document] = result["thresholds"]
    if not listed:
        why = "This scenario expects nothing: give it thresholds, or some with --threshold, so that a run can fail."
        return Section("thresholds", "Thresholds", [nothing(why)])
    columns = [
        Column("figure"),
        Column("outcome"),
        Column("value", is_figure=True),
        Column("limit", is_figure=True),
        Column("margin", is_figure=True),
    ]
    rows = [
        (
            el("code", wording.subject(row)),
            [badge(*THRESHOLDS[row["outcome"]]), f" {row['why']}" if row["why"] else ""],
            shown(row["value"], row["unit"]),
            wording.limit(row),
            wording.margin(row),
        )
        for row in sorted(listed, key=lambda row: row["outcome"] == "met")
    ]
    return Section("thresholds", "Thresholds", [table("What was expected, and what was", columns, rows)])


def generator(result: Document) -> Section:
    """Make the section about the tester itself."""
    innocence = result["innocence"]
    lead = (
        "The tester watched itself, and kept within its limits: what is measured here is the server."
        if innocence["is_valid"]
        else "The tester itself was not fit to measure. Oracles are not touched by that: what they found is true. "
        "Times and rates are not the server’s alone."
    )
    checks = table(
        "What the generator has to keep to",
        [
            Column("check"),
            Column("outcome"),
            Column("value", is_figure=True),
            Column("limit", is_figure=True),
            Column("why it matters"),
        ],
        [
            (
                check["title"],
                badge(*CHECKS[check["outcome"]]),
                shown(check["value"], check["unit"]),
                f"≤ {shown(check['limit'], check['unit'])}",
                check["why"],
            )
            for check in innocence["checks"]
        ],
    )
    return Section(
        "generator",
        "Was the generator fit to measure?",
        [el("p", lead, class_="lead"), checks, *_workers(result)],
    )


def _workers(result: Document) -> list[Markup]:
    if not result["workers"]:
        return [nothing("No worker told anything of itself.")]
    columns = [
        Column("worker"),
        *(
            Column(title, is_figure=True)
            for title in (
                "people",
                "sockets at most",
                "processor",
                "memory",
                "loop late p99",
                "at most",
                "longest GC",
            )
        ),
        Column("lines leave from"),
    ]
    rows = [
        (
            f"{worker['worker']}",
            shown(worker["people"], "count"),
            shown(worker["sockets_peak"], "count"),
            shown(worker["cpu_share"], "share"),
            shown(worker["rss_bytes"], "bytes"),
            shown(worker["loop_lag_p99_us"], "us"),
            shown(worker["loop_lag_max_us"], "us"),
            shown(worker["gc_max_us"], "us"),
            _sources(worker["sources"]),
        )
        for worker in result["workers"]
    ]
    return [el("h3", "Its processes"), table("The generator’s processes", columns, rows)]


def _sources(sources: Sequence[str]) -> str:
    if len(sources) < 3:
        return ", ".join(sources) or "any address"
    return f"{sources[0]} … {sources[-1]} ({len(sources)})"


def correctness(result: Document) -> Section:
    """Make the section of the oracles, with the first thing that each found wrong."""
    order = {"broken": 0, "held": 1, "not_checked": 2}
    oracles = sorted(result["oracles"], key=lambda oracle: order[oracle["outcome"]])
    if not oracles:
        return Section("correctness", "Correctness", [nothing("No oracle was asked.")])
    columns = [
        Column("oracle"),
        Column("outcome"),
        Column("looked at", is_figure=True),
        Column("what must hold"),
    ]
    rows = [
        (
            el("code", oracle["name"]),
            badge(*ORACLES[oracle["outcome"]]),
            f"{oracle['checked']:,} {oracle['unit']}" if oracle["checked"] else "–",
            [oracle["title"], f" – {oracle['why']}" if oracle["why"] else ""],
        )
        for oracle in oracles
    ]
    broken = [oracle for oracle in oracles if oracle["outcome"] == "broken"]
    lead = (
        "What was told is not what was. Each oracle’s first finding stands below with both sides; the rest follow it."
        if broken
        else "Nothing that an oracle looked at was untrue."
    )
    return Section(
        "correctness",
        "Correctness",
        [
            el("p", lead, class_="lead"),
            *map(_divergence, broken),
            table("The oracles", columns, rows),
        ],
    )


def _divergence(oracle: Document) -> Markup:
    violations: Sequence[Document] = oracle["violations"]
    count = oracle["violation_count"]
    body = [el("p", "It was found broken without a word about where.")]
    if violations:
        first, *others = violations
        body = [_first(first)]
        if others or count > 1:
            told = (
                f"{count - 1:,} more" if len(others) == count - 1 else f"{len(others)} of {count - 1:,} more"
            )
            body.append(
                el(
                    "details",
                    el("summary", told),
                    el("ul", [el("li", wording.violation(entry)) for entry in others]),
                )
            )
    return el(
        "div",
        el("h3", badge(*ORACLES["broken"]), f" {oracle['title']}"),
        el("p", f"{count:,} of {oracle['checked']:,} {oracle['unit']}", class_="about"),
        body,
        class_="divergence",
    )


def _first(entry: Document) -> Markup:
    """Show the first divergence; where its text names two sides, one stands beside the other."""
    facts = {}
    if entry["where"]:
        facts["where"] = entry["where"]
    if entry["at_ms"] is not None:
        facts["when"] = f"{wording.span(entry['at_ms'])} after the start"
    sides = _sides(entry["text"])
    said = (
        el(
            "div",
            [
                el("div", el("span", who, class_="name"), el("code", what), class_="side")
                for who, what in sides
            ],
            class_="sides",
        )
        if sides
        else el("p", entry["text"], class_="said")
    )
    return el(
        "div",
        said,
        el(
            "dl",
            [el("div", el("dt", name), el("dd", value)) for name, value in facts.items()],
            class_="facts",
        ),
    )


def _sides(text: str) -> list[tuple[str, str]]:
    """Split what names two sides into who says what; nothing where it is of another form."""
    found = _TWO_SIDES.fullmatch(text)
    return [(found["one"], found["this"]), (found["other"], found["that"])] if found else []
