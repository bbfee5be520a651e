"""A result's timeline by columns, and what can be read off it: marks, storms, what slow readers did to others."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

Value = float | None

BACK_SHARE: Final = 0.99
"""A crowd is back when this share of the sockets is open again that were open before."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, with its number in the report; `until_s` is when the next thing did."""

    number: int
    at_s: float
    until_s: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a storm did to the sockets: how many were open before, the fewest after, seconds until they were back."""

    before: int
    fewest: int
    back_after_s: float | None
    connects_per_s: float


class Timeline:
    """The seconds of a run.

    Args:
        result: The whole result.
    """

    def __init__(self, result: Mapping[str, Any]) -> None:
        told = result["timeline"]
        self._rows: list[list[Value]] = told["rows"]
        self._places = {column["name"]: place for place, column in enumerate(told["columns"])}
        self.units: dict[str, str] = {column["name"]: column["unit"] for column in told["columns"]}
        self.seconds = [float(second or 0) for second in self.column("t_s")]
        self.marks = _marks(result)

    def column(self, name: str) -> list[Value]:
        """Return a column; nothing but None where the result has no such column."""
        place = self._places.get(name)
        return [row[place] if place is not None and place < len(row) else None for row in self._rows]

    def within(self, name: str, from_s: float, until_s: float) -> list[float]:
        """Return the values of a column that are of seconds from `from_s` (not included) to `until_s`."""
        pairs = zip(self.seconds, self.column(name), strict=True)
        return [value for second, value in pairs if value is not None and from_s < second <= until_s]

    def recovery(self, mark: Mark) -> Recovery | None:
        """Return how the sockets came back after a mark; None where no second tells."""
        before = self.within("sockets", mark.at_s - 2, mark.at_s)
        after = self.within("sockets", mark.at_s, mark.until_s)
        if not before or not after:
            return None
        wanted = before[-1] * BACK_SHARE
        fewest = after.index(min(after))
        back = next((later for later in range(fewest, len(after)) if after[later] >= wanted), None)
        connects = self.within("connects_per_s", mark.at_s, mark.until_s)
        took_s = float(back + 1) if back is not None else None
        return Recovery(int(before[-1]), int(min(after)), took_s, max(connects, default=0))

    def around(self, name: str, mark: Mark, since_s: float) -> tuple[Value, Value]:
        """Return the median of a column from `since_s` to a mark, and from there to the next."""
        parts = (self.within(name, since_s, mark.at_s), self.within(name, mark.at_s, mark.until_s))
        before, after = (median(values) if values else None for values in parts)
        return before, after


def _marks(result: Mapping[str, Any]) -> list[Mark]:
    told = sorted(result["marks"], key=lambda mark: float(mark["at_ms"]))
    moments = [*(mark["at_ms"] / 1000 for mark in told), float("inf")]
    return [
        Mark(number, moments[number - 1], moments[number], mark["kind"], mark["text"])
        for number, mark in enumerate(told, 1)
    ]
