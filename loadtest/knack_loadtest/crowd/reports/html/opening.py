"""The top of a report: the verdict, the worst facts in plain words, and the figures that people ask for first."""

from typing import Final

from knack_loadtest.crowd.reports import wording
from knack_loadtest.crowd.reports.html.markup import Markup, el
from knack_loadtest.crowd.reports.html.section import Section
from knack_loadtest.crowd.reports.timeline import Timeline
from knack_loadtest.crowd.reports.wording import Document
from knack_loadtest.crowd.units import shown

WEIGHTS: Final = {
    "wrong": "Wrong",
    "invalid": "Invalid",
    "failed": "Limit",
    "notice": "Note",
}
"""What each weight of a fact is called."""


def header(result: Document) -> Markup:
    """Make the top: what was played, and the verdict."""
    scenario, target, verdict = result["scenario"], result["target"], result["verdict"]
    word = verdict["word"]
    return el(
        "header",
        el(
            "div",
            el("p", "crowd report", class_="overline"),
            el("h1", scenario["title"]),
            el(
                "p",
                f"{scenario['name']}, seed {scenario['seed']} · {wording.moment(result['began_unix_ms'])} · "
                f"{wording.span(result['duration_ms'])} played",
            ),
            el("p", f"{target['title']} at {target['url']}, version {target['version']}"),
            class_="what",
        ),
        el(
            "div",
            el(
                "p",
                el("span", wording.SIGNS[word], aria_hidden="true", class_="sign"),
                el("strong", word),
                class_=f"word {word.lower()}",
            ),
            el("p", wording.meaning(result), class_="meaning"),
            class_="verdict",
        ),
        id="top",
    )


def opening(result: Document) -> Section:
    """Make the first section: the worst facts, what was judged, the first figures."""
    facts = wording.headlines(result)
    more = len(result["verdict"]["facts"]) - len(facts)
    told = [
        el("ol", map(_fact, facts), class_="worst")
        if facts
        else el("p", "Nothing went wrong that this run could see.", class_="lead"),
    ]
    if more > 0:
        rest = result["verdict"]["facts"][len(facts) :]
        told.append(
            el(
                "details",
                el("summary", f"{more} more"),
                el("ol", map(_fact, rest), class_="worst", start=len(facts) + 1),
            )
        )
    return Section(
        "verdict",
        "Verdict",
        [
            *told,
            el("div", _judged(result), class_="tiles judged"),
            el("div", _figures(result), class_="tiles figures"),
        ],
    )


def _fact(fact: Document) -> Markup:
    weight = fact["weight"]
    return el(
        "li", el("span", WEIGHTS[weight], class_=f"weight {weight}"), el("p", fact["text"]), class_="fact"
    )


def _judged(result: Document) -> list[Markup]:
    broken = any(oracle["outcome"] == "broken" for oracle in result["oracles"])
    unmet = any(threshold["outcome"] != "met" for threshold in result["thresholds"])
    parts = (
        ("correctness", "Right?", wording.held(result), broken),
        ("generator", "Measured well?", wording.fit(result), not result["innocence"]["is_valid"]),
        ("thresholds", "Fast enough?", wording.met(result), unmet),
    )
    return [
        el(
            "a",
            el("span", question, class_="name"),
            el("strong", "No" if is_bad else "Yes", class_="bad" if is_bad else "good"),
            el("span", answer, class_="note"),
            href=f"#{anchor}",
            class_="tile",
        )
        for anchor, question, answer, is_bad in parts
    ]


def _figures(result: Document) -> list[Markup]:
    metrics, timeline = result["metrics"], Timeline(result)
    ack, stolen = metrics["move_ack"], metrics["stolen_time"]
    busiest = max((value or 0 for value in timeline.column("moves_per_s")), default=0)
    came_in = shown(metrics["connect.success"]["value"], "share")
    tiles = (
        ("Moves answered", shown(metrics["moves.achieved"]["value"], "count"), f"at most {busiest:,.0f}/s"),
        (
            "Half were answered within",
            shown(ack["percentiles"]["p50"], "us"),
            f"the longest took {shown(ack['max'], 'us')}",
        ),
        _rare("Answered", ack),
        _rare("On a screen", metrics["visible"]),
        (
            "Stolen from a run, at most",
            shown(stolen["max"], "us"),
            f"of {stolen['count']:,} runs that were heard to end",
        ),
        ("Connected at once", shown(metrics["sockets"]["value"], "count"), f"{came_in} of attempts came in"),
    )
    return [
        el(
            "div",
            el("span", name, class_="name"),
            el("strong", value),
            el("span", note, class_="note"),
            class_="tile",
        )
        for name, value, note in tiles
    ]


def _rare(what: str, figure: Document) -> tuple[str, str, str]:
    """Name the rarest percentile that there are enough samples for."""
    told = figure["percentiles"]
    for name in ("p99", "p95", "p90", "p50"):
        if told[name] is not None:
            share = name.removeprefix("p")
            return f"{what}, {share} of 100 within", shown(told[name], "us"), f"of {figure['count']:,} times"
    return f"{what}, 99 of 100 within", "n/a", f"{figure['count']:,} samples are too few"
