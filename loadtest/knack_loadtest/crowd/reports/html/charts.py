"""Charts: their values go into the file as JSON, `report.js` draws them, and beside each stands a table of the same.

A chart is a plain value: what its axes are, and its lines. Drawing knows nothing of what a line means.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

from knack_loadtest.crowd.reports.html.markup import Markup, el, join
from knack_loadtest.crowd.reports.outside import clean
from knack_loadtest.crowd.units import shown

Value = float | None

COLOURS: Final = ("amber", "sky", "rose", "mint", "violet")
"""The lines' colours in their order; each has a dash of its own, too, for who does not see the colour."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is, and a value for each point of the chart; None where there is none."""

    title: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart.

    Attributes:
        name: What the page calls it.
        title: What it shows.
        x: Where its points are: seconds since the start, or 1/(1 - share) of a percentile.
        unit: Of its values, as results name them.
        lines: What is drawn.
        axis: `time`, whose charts share one cursor and one zoom, or `percentile`.
        is_log: Whether values stand on a logarithmic scale.
        marks: (second, number) of what happened.
        muted_until: Second until which nothing was counted.
    """

    name: str
    title: str
    x: Sequence[float]
    unit: str
    lines: Sequence[Line]
    axis: str = "time"
    is_log: bool = False
    marks: Sequence[tuple[float, int]] = ()
    muted_until: float = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw: a line takes two points."""
        return all(sum(value is not None for value in line.values) < 2 for line in self.lines)

    def document(self) -> dict[str, Any]:
        """Return what `report.js` draws."""
        return {
            "name": self.name,
            "axis": self.axis,
            "unit": self.unit,
            "isLog": self.is_log,
            "x": list(self.x),
            "lines": [{"title": clean(line.title), "values": list(line.values)} for line in self.lines],
            "marks": list(self.marks),
            "mutedUntil": self.muted_until,
        }


def figure(chart: Chart, about: str = "") -> Markup:
    """Make a chart's place in the page: title, what it needs to be understood, drawing, and its table.

    The table is the legend, too: its second column follows the cursor.
    """
    if chart.is_empty:
        text = f"{chart.title}: there is nothing to draw, since fewer than two values were measured."
        return el("p", text, class_="nothing")
    name = f"chart-{chart.name}"
    rows = [_row(line, number, chart) for number, line in enumerate(chart.lines)]
    heads = ("line", "cursor", "lowest", "mean", "highest")
    return el(
        "figure",
        el(
            "figcaption",
            el("h3", chart.title, id=f"{name}-title"),
            el("p", about, class_="about") if about else None,
        ),
        el(
            "div",
            el(
                "div",
                class_="plot",
                tabindex=0,
                role="group",
                aria_roledescription="chart",
                aria_labelledby=f"{name}-title",
                aria_describedby="chart-keys",
            ),
            el(
                "table",
                el("caption", f"{chart.title}, as a table", class_="visually-hidden"),
                el("thead", el("tr", [el("th", head, scope="col") for head in heads])),
                el("tbody", rows),
                class_="legend",
            ),
            class_="beside",
        ),
        class_="chart",
        id=name,
        data_chart=chart.name,
    )


def script(charts: Iterable[Chart]) -> Markup:
    """Write what is drawn as JSON that cannot end the element it stands in."""
    documents = [chart.document() for chart in charts if not chart.is_empty]
    text = json.dumps(documents, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return join((Markup(f'<script type="application/json" id="charts">{safe}</script>'),))


def _row(line: Line, number: int, chart: Chart) -> Markup:
    known = [value for value in line.values if value is not None]
    sums = (min(known), fmean(known), max(known)) if known else (None, None, None)
    is_whole = chart.unit == "count"
    return el(
        "tr",
        el("th", el("span", class_=f"line line-{number}", aria_hidden="true"), line.title, scope="row"),
        el("td", "–", class_="figure now", data_line=number),
        [
            el(
                "td",
                shown(round(value, 1) if is_whole and value is not None else value, chart.unit),
                class_="figure",
            )
            for value in sums
        ],
    )
