"""`report.md`: a run as a comment on a pull request: the verdict first, then what was expected; the rest is folded.

A comment holds 65,536 characters. What is folded is left out from the end on where it would not fit, and it is said.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from knack_loadtest.crowd.reports import wording
from knack_loadtest.crowd.reports.outside import one_line
from knack_loadtest.crowd.reports.wording import Document
from knack_loadtest.crowd.units import shown

LENGTH_MAX: Final = 65_536
"""Characters of a comment on GitHub."""

TEXT_MAX: Final = 400
"""Characters of one text from outside."""

EMOJI: Final = {"PASSED": "✅", "FAILED": "❌", "WRONG": "⛔", "INVALID": "⚠️"}

_OUTCOMES: Final = {
    "met": "✅",
    "held": "✅",
    "good": "✅",
    "breached": "❌",
    "no_samples": "❌",
    "broken": "⛔",
    "bad": "⚠️",
    "not_checked": "–",
    "unknown": "–",
}
_LEFT_OUT: Final = "\nMore did not fit into a comment; `report.html` has all.\n"
_ROWS_MAX: Final = 60
"""Rows of one table: thresholds of a scenario that nobody reads to the end stand in the report."""

_MARKS: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:])")


def markdown(result: Document) -> str:
    """Make `report.md` of a result."""
    written = "".join(_head(result))
    for part in _folded(result):
        if len(written) + len(part) + len(_LEFT_OUT) > LENGTH_MAX:
            return written + _LEFT_OUT
        written += part
    return written


def text(told: str, length_max: int = TEXT_MAX) -> str:
    """Write a text from outside so that it is nothing but text: no markup, no link, nobody who is called."""
    cut = one_line(told, length_max).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\1", cut).replace("@", "@\N{ZERO WIDTH NON-JOINER}")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], figures: int = 0) -> str:
    """Make a table whose cells are finished; the last so many columns stand at the right."""
    rule = ["---"] * (len(head) - figures) + ["---:"] * figures
    lines = [_line(head), f"|{'|'.join(rule)}|", *map(_line, rows[:_ROWS_MAX])]
    more = f"\n{len(rows) - _ROWS_MAX} more in the report.\n" if len(rows) > _ROWS_MAX else ""
    return "\n".join(lines) + "\n" + more


def _head(result: Document) -> Iterator[str]:
    scenario, word = result["scenario"], result["verdict"]["word"]
    yield f"## {EMOJI[word]} {word}: {text(scenario['title'], 120)}\n\n"
    yield f"{text(wording.meaning(result))}\n\n"
    for fact in wording.headlines(result):
        yield f"1. {text(fact['text'], 1000)}\n"
    yield f"\n{text(wording.held(result))} · {text(wording.met(result))} · generator {text(wording.fit(result))}\n\n"
    yield _thresholds(result)
    yield _times(result)


def _thresholds(result: Document) -> str:
    if not result["thresholds"]:
        return "No thresholds were expected.\n\n"
    rows = [
        (
            _OUTCOMES[row["outcome"]],
            _code(row["text"]),
            text(shown(row["value"], row["unit"])) if row["value"] is not None else text(row["why"]),
            text(wording.margin(row)),
        )
        for row in result["thresholds"]
    ]
    return table(("", "threshold", "value", "margin"), rows, 2) + "\n"


def _times(result: Document) -> str:
    rows = [
        (
            _code(name),
            shown(told["count"], "count"),
            *(shown(told["percentiles"][name], "us") for name in ("p50", "p95", "p99")),
            shown(told["max"], "us"),
        )
        for name in ("move_ack", "visible", "staleness", "connect")
        if (told := result["metrics"][name])["count"]
    ]
    return table(("time", "samples", "p50", "p95", "p99", "longest"), rows, 5) + "\n" if rows else ""


def _folded(result: Document) -> Iterator[str]:
    yield _fold("Oracles", _oracles(result))
    yield _fold("Was the generator fit to measure?", _checks(result))
    rest = result["verdict"]["facts"][wording.HEADLINES :]
    if rest:
        yield _fold("More facts", "".join(f"- {text(fact['text'])}\n" for fact in rest[:_ROWS_MAX]))
    if result["tables"]["cheats"]:
        yield _fold("Cheats", _cheats(result))
    yield _fold("Play it again", _again(result))


def _oracles(result: Document) -> str:
    rows = [
        (
            _OUTCOMES[row["outcome"]],
            _code(row["name"]),
            text(row["title"]) + (f": {text(row['why'])}" if row["why"] else ""),
            f"{row['checked']:,} {text(row['unit'])}" if row["checked"] else "–",
        )
        for row in result["oracles"]
    ]
    found = "".join(
        f"- {_code(row['name'])}: {text(wording.violation(entry))}\n"
        for row in result["oracles"]
        for entry in row["violations"][:5]
    )
    return table(("", "oracle", "what must hold", "looked at"), rows, 1) + (f"\n{found}" if found else "")


def _checks(result: Document) -> str:
    rows = [
        (
            _OUTCOMES[row["outcome"]],
            text(row["title"]),
            text(shown(row["value"], row["unit"])),
            text(shown(row["limit"], row["unit"])),
        )
        for row in result["innocence"]["checks"]
    ]
    return table(("", "check", "value", "limit"), rows, 2)


def _cheats(result: Document) -> str:
    rows = [
        (
            "✅" if set(row["got"]) == {row["expected"]} else "⛔",
            _code(row["kind"]),
            _code(row["expected"]),
            ", ".join(f"{_code(answer)} × {count:,}" for answer, count in row["got"].items()),
        )
        for row in result["tables"]["cheats"]
    ]
    return table(("", "kind", "expected", "got"), rows)


def _again(result: Document) -> str:
    around, target = result["environment"], result["target"]
    facts = (
        f"seed {result['scenario']['seed']}",
        f"plan {result['plan']['digest'][:16]}…",
        f"server {target['version']}",
        f"crowd {around['crowd_version']}",
        f"{around['system']}, {around['cpu_count']} cores, Python {around['python']}",
        wording.moment(result["began_unix_ms"]),
    )
    return f"{_code(wording.command(result), 2000)}\n\n" + "".join(f"- {text(fact)}\n" for fact in facts)


def _fold(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n</details>\n"


def _code(told: str, length_max: int = TEXT_MAX) -> str:
    """Write a text as code; in a table a bar would end the cell even there, and no code holds the fence it stands in."""
    cut = one_line(told, length_max).replace("|", "¦").replace("`", "′")
    return f"`{cut}`" if cut else ""


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
