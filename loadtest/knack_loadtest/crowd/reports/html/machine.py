"""What it was run on: the server's costs, the surroundings, the way to play it again, and what every figure means."""

from collections.abc import Mapping
from typing import Final

from knack_loadtest.crowd.metrics import BY_NAME, METRICS, Kind
from knack_loadtest.crowd.reports import wording
from knack_loadtest.crowd.reports.html.markup import Child, Markup, definitions, el
from knack_loadtest.crowd.reports.html.section import Section, nothing
from knack_loadtest.crowd.reports.html.tables import Column, table
from knack_loadtest.crowd.reports.wording import Document
from knack_loadtest.crowd.units import shown

_COSTS: Final = {
    "cpu_s": ("processor time in all", "s"),
    "cpu_us_per_move": ("processor time a move", "us"),
    "rss_start_bytes": ("memory at the start", "bytes"),
    "rss_peak_bytes": ("memory at its highest", "bytes"),
    "rss_per_connection_bytes": ("memory a connection", "bytes"),
}
"""What a result says about the server: name and unit of each field."""


def server(result: Document) -> Section:
    """Make the section of the server's costs."""
    told, figures = result["server"], result["metrics"]
    title = "What it cost the server"
    if not told["is_measured"]:
        why = "The server’s process was not measured: it is not the tester’s own, and --server-pid did not name it."
        return Section("server", title, [nothing(why)])
    costs: dict[str, Child] = {
        name: shown(told[field], unit)
        for field, (name, unit) in _COSTS.items()
        if told.get(field) is not None
    }
    deltas = figures["feeds.deltas"]["value"]
    if deltas and told["cpu_s"] is not None:
        costs["processor time a delta, if deltas were all"] = shown(told["cpu_s"] * 1e6 / deltas, "us")
    for name in ("bytes.out", "bytes.in", "messages.out", "messages.in"):
        way = "sent by the crowd" if name.endswith("out") else "sent to the crowd"
        costs[f"{name.partition('.')[0]} {way}"] = shown(figures[name]["value"], figures[name]["unit"])
    about = (
        "Of the whole run, the coming and the end included; on a machine that is shared with the tester. "
        "Memory a connection is what came on top of the start; the kernel’s part of a socket is not in it."
    )
    return Section("server", title, [definitions(costs), el("p", about, class_="about")])


def environment(result: Document) -> Section:
    """Make the section that says how to see this again."""
    scenario, plan, around = result["scenario"], result["plan"], result["environment"]
    command = wording.command(result)
    people = ", ".join(f"{count:,} {kind}" for kind, count in plan["people"].items() if count)
    facts: dict[str, Child] = {
        "people": people or "nobody",
        "planned at its highest": (
            f"{shown(plan['sockets_peak'], 'count')} sockets, {shown(plan['moves_per_s'], '1/s')} moves, "
            f"{shown(plan['deltas_per_s'], '1/s')} deltas"
        ),
        "plan": el("code", plan["digest"]),
        "began": wording.moment(result["began_unix_ms"]),
        "ended": wording.moment(result["ended_unix_ms"]),
        "server": f"{result['target']['url']}, event {result['target']['event']}, version {result['target']['version']}"
        + (", fresh for this run" if result["target"]["is_fresh"] else ""),
        "courses": ", ".join(result["target"]["courses"]) or "none",
        "crowd": f"{around['crowd_version']}, Python {around['python']}, {around['loop']}",
        "machine": f"{around['system']}, {around['cpu_count']} cores",
    }
    again = el(
        "div",
        el("pre", el("code", command, id="command")),
        el("button", "Copy", type="button", data_copy="command", class_="needs-script"),
        el("span", role="status", class_="copied"),
        class_="command",
    )
    changed = scenario["overrides"]
    return Section(
        "environment",
        "Play it again",
        [
            el("p", scenario["about"], class_="lead"),
            el(
                "p",
                "The same seed makes the same plan on every machine; what a network does is new each time.",
                class_="about",
            ),
            again,
            definitions(facts),
            *([_overrides(changed)] if changed else []),
            el("details", el("summary", "The scenario"), el("pre", el("code", scenario["text"]))),
        ],
    )


def glossary(result: Document) -> Section:
    """Make the section with every figure, its value and what it is."""
    figures = result["metrics"]
    unknown = [name for name in figures if name not in BY_NAME]
    names = [metric.name for metric in METRICS if metric.name in figures] + unknown
    columns = [Column("figure"), Column("value", is_figure=True), Column("what it is")]
    rows = [
        (
            el("code", name, id=f"figure-{name}"),
            _value(figures[name]),
            BY_NAME[name].meaning if name in BY_NAME else "This version of crowd does not know it.",
        )
        for name in names
    ]
    about = (
        "Percentiles come from histograms of constant size: at most 1.6 % too high, never too low, and given only where ten "
        "values lie beyond. What is about right and wrong counts from the beginning; times and rates count after the warmup."
    )
    return Section(
        "definitions",
        "Every figure, and what it is",
        [
            el("p", about, class_="about"),
            table("Every figure of this run with its definition", columns, rows),
        ],
    )


def _value(figure: Document) -> str:
    if figure["kind"] != Kind.LATENCY.value:
        return shown(figure["value"], figure["unit"])
    if not figure["count"]:
        return "no samples"
    p50, p99 = (shown(figure["percentiles"][name], "us") for name in ("p50", "p99"))
    return f"p50 {p50}, p99 {p99} of {figure['count']:,}"


def _overrides(changed: Mapping[str, object]) -> Markup:
    rows = [(el("code", key), f"{value}") for key, value in changed.items()]
    return table("What the command line changed", [Column("key"), Column("value")], rows)
