"""Tables of a report: they scroll inside of themselves, and each row's first cell is its heading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knack_loadtest.crowd.reports.html.markup import Child, Markup, el


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and whether it holds figures, which stand at the right."""

    title: str
    is_figure: bool = False


def table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Child]]) -> Markup:
    """Make a table; the caption is heard, and seen by who needs it."""
    head = el("tr", [el("th", column.title, scope="col", class_=_class(column)) for column in columns])
    body = [
        el(
            "tr",
            [
                el("td" if place else "th", cell, class_=_class(column), scope=None if place else "row")
                for place, (column, cell) in enumerate(zip(columns, row, strict=True))
            ],
        )
        for row in rows
    ]
    made = el("table", el("caption", caption), el("thead", head), el("tbody", body))
    return el("div", made, class_="table", tabindex=0, role="region", aria_label=caption)


def counted(caption: str, word: str, counts: Iterable[tuple[str, int]], total: int | None = None) -> Markup:
    """Make a table of counts by a word, the most frequent first, with their share of the total if there is one."""
    listed = sorted(counts, key=lambda entry: (-entry[1], entry[0]))
    columns = [Column(word), Column("count", is_figure=True)]
    if total:
        columns.append(Column("share", is_figure=True))
        return table(
            caption, columns, [(name, f"{count:,}", f"{count / total:.1%}") for name, count in listed]
        )
    return table(caption, columns, [(name, f"{count:,}") for name, count in listed])


def _class(column: Column) -> str | None:
    return "figure" if column.is_figure else None
