"""What people met: connections, players, cheats, slow readers, visitors of the contact form."""

from collections.abc import Sequence
from typing import Final

from knack_loadtest.crowd.reports import wording
from knack_loadtest.crowd.reports.html.markup import Child, Markup, definitions, el
from knack_loadtest.crowd.reports.html.section import Section, badge, nothing
from knack_loadtest.crowd.reports.html.tables import Column, counted, table
from knack_loadtest.crowd.reports.timeline import Mark, Timeline
from knack_loadtest.crowd.reports.wording import Document
from knack_loadtest.crowd.units import shown

_PARTS: Final = ("connect", "connect.tcp", "connect.upgrade", "snapshot", "recover")
"""Times of a connection's life, in their order."""

_UNHURT: Final = frozenset({"warmup_over", "over", "slow"})
"""Marks at which nobody's line is broken."""


def times(result: Document, caption: str, names: Sequence[str]) -> list[Markup]:
    """Make a table of latencies; nothing where none has a sample."""
    columns = [
        Column("time"),
        *(Column(title, is_figure=True) for title in ("samples", "p50", "p95", "p99", "highest")),
    ]
    rows = [
        (
            el("code", name),
            shown(told["count"], "count"),
            *(shown(told["percentiles"].get(percentile), "us") for percentile in ("p50", "p95", "p99")),
            shown(told["max"], "us"),
        )
        for name in names
        if (told := result["metrics"][name])["count"]
    ]
    return [table(caption, columns, rows)] if rows else []


def values(result: Document, names: Sequence[str]) -> Markup:
    """List figures that have one value."""
    figures = result["metrics"]
    return definitions({name: shown(figures[name]["value"], figures[name]["unit"]) for name in names})


def connections(result: Document) -> Section:
    """Make the section of attempts, ends and storms."""
    tables, attempts = result["tables"], result["metrics"]["connect.attempts"]["value"] or 0
    body: list[Markup] = []
    if attempts:
        outcomes = tables["connect_outcomes"].items()
        body += [
            el("h3", "Attempts"),
            counted("How attempts to connect ended", "outcome", outcomes, attempts),
            values(result, ("connect.attempts", "connect.success", "herd", "sockets")),
            *times(result, "How long it takes to be in", _PARTS),
        ]
    else:
        body.append(nothing("Nobody tried to connect."))
    body.append(el("h3", "How lines ended"))
    if tables["disconnects"]:
        body.append(
            counted("Lines that ended, by close code and whose wish", "close", tables["disconnects"].items())
        )
        body.append(values(result, ("disconnects.unexpected", "recover.failed")))
    else:
        body.append(nothing("No line ended while the crowd was there."))
    body.append(el("h3", "After a fault"))
    body += _recoveries(Timeline(result))
    return Section("connections", "Connections", body)


def _recoveries(told: Timeline) -> list[Markup]:
    faults = [(mark, told.recovery(mark)) for mark in told.marks if mark.kind not in _UNHURT]
    if not faults:
        return [nothing("This scenario breaks nobody’s line, so there is no recovery to show.")]
    columns = [
        Column("mark"),
        *(
            Column(title, is_figure=True)
            for title in ("connected before", "fewest after", "99 % back after", "connections/s at most")
        ),
    ]
    rows: list[tuple[Child, ...]] = []
    for mark, recovery in faults:
        head = f"{mark.number}: {wording.span(mark.at_s * 1000)}, {mark.text}"
        if recovery is None:
            rows.append((head, "n/a", "n/a", "n/a", "n/a"))
            continue
        back = recovery.back_after_s
        rows.append(
            (
                head,
                shown(recovery.before, "count"),
                shown(recovery.fewest, "count"),
                wording.span(back * 1000) if back is not None else "not before the next mark",
                shown(recovery.connects_per_s, "1/s"),
            )
        )
    return [
        table("How the crowd came back", columns, rows),
        el("p", "To the second; the charts above show the same by the line “connected”.", class_="about"),
    ]


def players(result: Document) -> Section:
    """Make the section of what the server left to players."""
    figures, skills = result["metrics"], result["tables"]["skills"]
    if not figures["moves.offered"]["value"]:
        return Section("players", "Players", [nothing("Nobody played while figures counted.")])
    share = figures["moves.share"]["value"]
    lead = (
        f"{shown(figures['moves.achieved']['value'], 'count')} moves were answered of "
        f"{shown(figures['moves.offered']['value'], 'count')} that were due ({shown(share, 'share')}). People play "
        "closed: nobody can swap before the last answer, so a slow server shows as fewer moves."
    )
    listed = (
        _stolen("skill", skills)
        if skills
        else nothing("No run ended, so nothing is known of what was stolen from one.")
    )
    names = ("runs.begun", "runs.ended", "moves.illegal", "move_timeout", "honest.rejected")
    rejects = result["tables"]["rejects"]
    refused = (
        counted("What honest people were refused", "reject", rejects.items())
        if rejects
        else nothing("Honest people were refused nothing.")
    )
    return Section(
        "players",
        "Players",
        [
            el("p", lead, class_="lead"),
            listed,
            *_networks(result),
            values(result, names),
            refused,
            *_faults(result),
            *_heats(result),
        ],
    )


def _stolen(what: str, rows: Sequence[Document]) -> Markup:
    """Make a table of stolen time by a word: `skill` or `network`."""
    titles = ("runs", "stolen p50", "stolen p95", "stolen at most")
    columns = [Column(what), *(Column(title, is_figure=True) for title in titles)]
    told = [
        (
            row[what],
            shown(row["runs"], "count"),
            *(shown(row[f"stolen_{statistic}_us"], "us") for statistic in ("p50", "p95", "max")),
        )
        for row in rows
    ]
    return table(f"What a slow server took from each run’s clock, by {what}", columns, told)


def _networks(result: Document) -> list[Markup]:
    rows = result["tables"]["networks"]
    return [_stolen("network", rows), values(result, ("stolen_spread",))] if rows else []


def _heats(result: Document) -> list[Markup]:
    if not result["metrics"]["heats.played"]["value"]:
        return []
    names = ("heats.played", "heats.members", "heats.late", "heats.missed", "heat_start_spread")
    return [el("h3", "Heats"), values(result, names)]


def _faults(result: Document) -> list[Markup]:
    told = result["tables"]["client_faults"]
    return [counted("What the clients found wrong with the server", "fault", told.items())] if told else []


def cheats(result: Document) -> Section:
    """Make the section of cheats: what was tried, what should have come of it, and what did."""
    listed = result["tables"]["cheats"]
    if not listed:
        return Section("cheats", "Cheats", [nothing("Nobody cheated in this scenario.")])
    columns = [
        Column("kind"),
        Column("tries"),
        Column("expected"),
        Column("got"),
        Column("attempts", is_figure=True),
        Column("longest", is_figure=True),
    ]
    rows = [
        (
            el("code", row["kind"]),
            row["tries"],
            el("code", row["expected"]),
            [_answer(answer, count, row) for answer, count in sorted(row["got"].items())],
            shown(row["attempts"], "count"),
            shown(row["max_us"], "us"),
        )
        for row in sorted(listed, key=lambda row: set(row["got"]) == {row["expected"]})
    ]
    names = ("cheats.attempts", "cheats.missed", "cheats.wrong_reason", "honest.rejected")
    detect = times(result, "From an attempt to its refusal", ("cheats.detect",))
    return Section(
        "cheats",
        "Cheats",
        [
            values(result, names),
            table("What was tried, what should have come of it, and what did", columns, rows),
            *detect,
            el(
                "p",
                "honest.rejected counts the other mistake: honest people who were refused.",
                class_="about",
            ),
        ],
    )


def _answer(answer: str, count: int, row: Document) -> list[Child]:
    is_right = answer == row["expected"]
    return [badge("good" if is_right else "bad", answer), f" × {count:,} " if count > 1 else " "]


def slow(result: Document) -> Section:
    """Make the section of slow readers: whether anybody else noticed."""
    told = Timeline(result)
    marks = [mark for mark in told.marks if mark.kind == "slow"]
    title = "Slow readers"
    if not marks:
        why = "This scenario has nobody who stops reading; slow-phones does."
        return Section("slow", title, [nothing(why), values(result, ("feeds.resync",))])
    columns = [
        Column("mark"),
        *(
            Column(name, is_figure=True)
            for name in (
                "visible p99 before",
                "and from then on",
                "answers p99 before",
                "and from then on",
                "memory before",
                "and at most",
            )
        ),
    ]
    rows = [_slow_row(told, mark, result["scenario"]["warmup_ms"] / 1000) for mark in marks]
    about = "Medians of the seconds’ values, of everybody who is sampled. Nobody else may notice who reads slowly."
    return Section(
        "slow",
        title,
        [
            table("Before a phone stopped reading, and after", columns, rows),
            el("p", about, class_="about"),
            values(result, ("feeds.resync", "feeds.gap", "feeds.repaired", "feeds.unrepaired")),
        ],
    )


def _slow_row(told: Timeline, mark: Mark, since_s: float) -> tuple[Child, ...]:
    visible, answers = told.around("visible_p99_us", mark, since_s), told.around("ack_p99_us", mark, since_s)
    before = told.within("server_rss_bytes", since_s, mark.at_s)
    after = told.within("server_rss_bytes", mark.at_s, mark.until_s)
    return (
        f"{mark.number}: {wording.span(mark.at_s * 1000)}, {mark.text}",
        *(shown(value, "us") for value in (*visible, *answers)),
        shown(max(before, default=None), "bytes"),
        shown(max(after, default=None), "bytes"),
    )


def contacts(result: Document) -> Section:
    """Make the section of the contact form."""
    answers = result["tables"]["contact_answers"]
    title = "Contact form"
    if not answers:
        return Section("contacts", title, [nothing("Nobody wrote into the contact form in this scenario.")])
    oracle = next((oracle for oracle in result["oracles"] if oracle["name"] == "contacts"), None)
    kept = (
        [el("p", f"On the desk: {oracle['title']} – {oracle['outcome'].replace('_', ' ')}. {oracle['why']}")]
        if oracle
        else []
    )
    return Section(
        "contacts",
        title,
        [
            counted("How requests were answered", "HTTP status", answers.items(), sum(answers.values())),
            values(result, ("contact.accepted", "contact.limited", "contact.refused")),
            *times(result, "How long HTTP took", ("http",)),
            *kept,
        ],
    )
