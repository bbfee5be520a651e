"""HTML that is put together out of values: text is always escaped, and only what came out of here is not."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from knack_loadtest.crowd.reports.outside import clean


class Markup(str):
    """A piece of finished HTML."""

    __slots__ = ()


Child = str | None | Iterable["Child"]

_VOID: Final = frozenset({"br", "col", "hr", "input", "link", "meta"})


def el(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """Make an element.

    Args:
        name: Its name.
        children: Text, elements, or lists of them; None is nothing.
        attributes: Their names, with `_` for `-` and one at the end dropped (`class_`); None and False leave one out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """Write children one after another."""
    return Markup("".join(map(_child, children)))


def definitions(rows: Mapping[str, Child]) -> Markup:
    """Make a list of names with their values."""
    pairs = (el("div", el("dt", name), el("dd", value)) for name, value in rows.items())
    return el("dl", pairs, class_="facts")


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return escape(clean(child))
    return join(child)


def _attribute(key: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(clean(str(value)))}"'
