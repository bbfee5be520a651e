"""How the run went: everything on one time axis, and how times are spread."""

from collections.abc import Sequence
from typing import Final

from knack_loadtest.crowd.metrics import Kind
from knack_loadtest.crowd.reports import wording
from knack_loadtest.crowd.reports.html.charts import Chart, Line, figure
from knack_loadtest.crowd.reports.html.markup import Markup, el
from knack_loadtest.crowd.reports.html.section import Section, nothing
from knack_loadtest.crowd.reports.html.tables import Column, table
from knack_loadtest.crowd.reports.spectrum import Spectrum, curve, points
from knack_loadtest.crowd.reports.timeline import Mark, Timeline
from knack_loadtest.crowd.reports.wording import Document
from knack_loadtest.crowd.units import shown

ROWS_MAX: Final = 60
"""Rows of the table of seconds; all of them stand in timeline.csv."""

_CHARTS: Final = (
    ("answers", "Answers to moves", "us", True, {"ack_p50_us": "p50", "ack_p99_us": "p99", "ack_max_us": "longest"}),
    ("screens", "On the screens", "us", True, {"visible_p50_us": "visible p50", "visible_p99_us": "visible p99"}),
    ("stale", "How old screens were, at worst", "us", False, {"stale_max_us": "staleness"}),
    ("people", "People", "count", False, {"sockets": "connected", "playing": "playing"}),
    ("moves", "Moves a second", "1/s", False, {"moves_per_s": "achieved", "offered_per_s": "offered"}),
    ("connects", "Connections a second, and errors", "count", False, {"connects_per_s": "connections", "errors": "errors"}),
    ("processors", "Processor", "share", False, {"server_cpu": "server", "worker_cpu": "busiest worker"}),
    ("memory", "The server’s memory", "bytes", False, {"server_rss_bytes": "resident"}),
    ("lag", "How late the generator’s timers were", "us", True, {"loop_lag_max_us": "longest"}),
    ("traffic", "Bytes to the crowd", "bytes/s", False, {"bytes_in_per_s": "received"}),
)  # fmt: skip
"""Charts on the time axis: name, title, unit, whether the scale is logarithmic, columns of the timeline with their titles."""

_ABOUT: Final = {
    "answers": "From the moment a move was intended to its answer. A logarithmic scale.",
    "screens": "From the moment a move was intended to the moment a screen showed it.",
    "connects": "Errors: lines that ended unwished, people who did not come back, moves without an answer.",
    "processors": "Shares of one core.",
}

SPREADS: Final = ("move_ack", "move_service", "visible", "visible_last", "connect")
"""Latencies whose spectra are drawn."""


def timeline(result: Document) -> Section:
    """Make the section with the shared time axis."""
    told = Timeline(result)
    title = "How it went, second by second"
    if len(told.seconds) < 2:
        why = "The run ended before two seconds were told, so there is no course of it."
        return Section("timeline", title, [nothing(why)])
    charts = [
        Chart(
            name=name,
            title=heading,
            x=told.seconds,
            unit=unit,
            lines=[Line(called, told.column(column)) for column, called in columns.items()],
            is_log=is_log,
            marks=[(mark.at_s, mark.number) for mark in told.marks],
            muted_until=result["scenario"]["warmup_ms"] / 1000,
        )
        for name, heading, unit, is_log, columns in _CHARTS
    ]
    return Section(
        "timeline",
        title,
        [
            _tools(),
            *_marks(told.marks),
            *(figure(chart, _ABOUT.get(chart.name, "")) for chart in charts),
            _table(told),
        ],
        charts,
    )


def spectrum(result: Document) -> Section:
    """Make the section of percentiles."""
    title = "How times are spread"
    figures = {
        name: Spectrum(result["metrics"][name])
        for name in SPREADS
        if result["metrics"].get(name, {}).get("kind") == Kind.LATENCY.value
        and result["metrics"][name]["count"]
    }
    if not figures:
        why = "No move was answered and nobody connected while figures counted, so there are no times to spread."
        return Section("spectrum", title, [nothing(why)])
    xs = points(max(spectrum.count for spectrum in figures.values()))
    chart = Chart(
        name="spectrum",
        title="Percentiles",
        x=xs,
        unit="us",
        lines=[Line(name, curve(spectrum, xs)) for name, spectrum in figures.items()],
        axis="percentile",
        is_log=True,
    )
    about = "Each step to the right is rarer by the same factor. A line ends where fewer than ten values lie beyond it."
    return Section("spectrum", title, [figure(chart, about), _percentiles(result, list(figures))], [chart])


def _tools() -> Markup:
    """Make what zooms all charts of the time axis without a mouse."""
    buttons = (
        ("in", "Closer"),
        ("out", "Farther"),
        ("back", "Earlier"),
        ("on", "Later"),
        ("whole", "The whole run"),
    )
    return el(
        "div",
        el(
            "p",
            "Drag across any chart to look closer; all of them follow, and so does the cursor.",
            class_="about",
        ),
        el(
            "div",
            [el("button", title, type="button", data_zoom=name) for name, title in buttons],
            class_="buttons",
            role="group",
            aria_label="Zoom of all charts",
        ),
        class_="tools needs-script",
    )


def _marks(marks: Sequence[Mark]) -> list[Markup]:
    if not marks:
        return []
    items = [
        el(
            "li",
            el("span", f"{mark.number}", class_="number"),
            f"{wording.span(mark.at_s * 1000)} – {mark.text}",
        )
        for mark in marks
    ]
    return [el("ol", items, class_="marks", aria_label="What happened when")]


def _table(told: Timeline) -> Markup:
    step = max(-(-len(told.seconds) // ROWS_MAX), 1)
    names = [name for name in told.units if name != "t_s"]
    columns = [Column("second"), *(Column(name, is_figure=True) for name in names)]
    values = {name: told.column(name) for name in names}
    rows = [
        (f"{told.seconds[place]:,.0f}", *(shown(values[name][place], told.units[name]) for name in names))
        for place in range(0, len(told.seconds), step)
    ]
    title = "All figures by the second" if step == 1 else f"All figures, every {step} seconds"
    return el("details", el("summary", f"{title} (timeline.csv has all)"), table(title, columns, rows))


def _percentiles(result: Document, names: Sequence[str]) -> Markup:
    wanted = ("p50", "p90", "p95", "p99", "p99.9")
    columns = [
        Column("time"),
        *(Column(title, is_figure=True) for title in ("samples", "lowest", "mean", *wanted, "highest")),
    ]
    rows = []
    for name in names:
        told = result["metrics"][name]
        rows.append(
            (
                el("code", name),
                shown(told["count"], "count"),
                shown(told["min"], "us"),
                shown(told["mean"], "us"),
                *(shown(told["percentiles"].get(percentile), "us") for percentile in wanted),
                shown(told["max"], "us"),
            )
        )
    return table("Percentiles of times; n/a where fewer than ten values lie beyond", columns, rows)
