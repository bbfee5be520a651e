"""The whole page: sections in their order, style and script in the same file, and a policy that lets nothing else in.

The policy names the two styles and the two scripts by their SHA-256: even a piece of markup that got through the escaping could
neither run anything nor ask anybody for anything.
"""

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final

from knack_loadtest.crowd.reports.html import charts, course, judged, machine, opening, people
from knack_loadtest.crowd.reports.html.markup import Markup, el
from knack_loadtest.crowd.reports.html.section import Section
from knack_loadtest.crowd.reports.wording import Document

SECTIONS: Final[tuple[Callable[[Document], Section], ...]] = (
    opening.opening,
    judged.thresholds,
    judged.generator,
    judged.correctness,
    course.timeline,
    course.spectrum,
    people.connections,
    people.players,
    people.cheats,
    people.slow,
    people.contacts,
    machine.server,
    machine.environment,
    machine.glossary,
)
"""What a report says, in its order; a section with nothing to tell says why."""

STYLES: Final = ("vendor/uplot/uPlot.min.css", "report.css")
SCRIPTS: Final = ("vendor/uplot/uPlot.iife.min.js", "report.js")
LICENCE: Final = "vendor/uplot/LICENSE"

KEYS: Final = "In a chart: left and right move the cursor, with shift by ten; plus and minus look closer and farther; zero shows the whole run."


def report(result: Document) -> str:
    """Make `report.html` of a result."""
    sections = [make(result) for make in SECTIONS]
    drawn = [chart for section in sections for chart in section.charts]
    styles, scripts = (list(map(_source, names)) for names in (STYLES, SCRIPTS))
    word, scenario = result["verdict"]["word"], result["scenario"]
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy(styles, scripts)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", f"{word}: {scenario['name']}, seed {scenario['seed']}"),
        el("link", rel="icon", href="data:,"),
        [el("style", Markup(style)) for style in styles],
    )
    body = el(
        "body",
        el("a", "To the verdict", href="#verdict", class_="skip"),
        opening.header(result),
        el("div", _contents(sections), el("main", map(_section, sections)), class_="columns"),
        _footer(),
        el("p", KEYS, id="chart-keys", hidden=True),
        charts.script(drawn),
        [el("script", Markup(script)) for script in scripts],
    )
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def policy(styles: list[str], scripts: list[str]) -> str:
    """Return the page's Content-Security-Policy: these styles and scripts, and nothing from anywhere."""
    parts = {
        "default-src": "'none'",
        "style-src": " ".join(map(_hash, styles)),
        "script-src": " ".join(map(_hash, scripts)),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _hash(source: str) -> str:
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    return f"'sha256-{digest}'"


@cache
def _source(name: str) -> str:
    text = files("knack_loadtest.crowd.reports.html").joinpath(name).read_text(encoding="utf-8")
    if not name.startswith("vendor/"):
        return text
    licence = files("knack_loadtest.crowd.reports.html").joinpath(LICENCE).read_text(encoding="utf-8")
    return f"/*! uPlot\n{licence}*/\n{text}"


def _section(section: Section) -> Markup:
    return el(
        "section",
        el("h2", section.title, id=f"{section.name}-title"),
        section.body,
        id=section.name,
        aria_labelledby=f"{section.name}-title",
    )


def _contents(sections: list[Section]) -> Markup:
    items = [el("li", el("a", section.title, href=f"#{section.name}")) for section in sections]
    switch = el(
        "button",
        "Light or dark",
        type="button",
        data_theme_switch=True,
        class_="switch needs-script",
    )
    return el("nav", el("ol", items), switch, aria_label="Sections")


def _footer() -> Markup:
    return el(
        "footer",
        el(
            "p",
            "Made by crowd, Knackpunkt’s load tester, from result.json alone. This file asks nobody for anything: it can be kept, "
            "sent and printed. Charts are drawn by uPlot 1.6.32 (MIT).",
        ),
        el("noscript", el("p", "Without scripts there are no drawings here; every table is there.")),
    )
