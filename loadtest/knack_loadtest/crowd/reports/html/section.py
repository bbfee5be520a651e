"""A section of a report, and what stands where there is nothing to tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from knack_loadtest.crowd.reports.html.charts import Chart
from knack_loadtest.crowd.reports.html.markup import Markup, el


@dataclass(frozen=True, slots=True)
class Section:
    """A section: the name it is linked by, its title, what stands in it, and what its charts draw."""

    name: str
    title: str
    body: Sequence[Markup]
    charts: Sequence[Chart] = field(default=())


def nothing(why: str) -> Markup:
    """Say why there is nothing."""
    return el("p", why, class_="nothing")


def badge(kind: str, text: str) -> Markup:
    """Make a word with a colour and a sign of its own: `good`, `bad`, `warn` or `none`."""
    return el("span", text, class_=f"badge {kind}")
