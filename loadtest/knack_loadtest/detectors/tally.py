"""Who was flagged for what, counted."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from knack_loadtest.detectors.characters import Character
from knack_loadtest.detectors.halls import Crowd, entries
from knack_loadtest.detectors.intervals import Interval, exact_interval
from knack_loadtest.detectors.judge import reports_on

ANY = "any"
"""Counts runs with any flag at all."""
REVIEW = "review"
"""Counts runs that a moderator is asked to review."""
LEAK_ENTRY = "leak_entry"
"""Counts entries whose leak test flags one of the runs or all of them together."""

_OF_ENTRIES = frozenset({LEAK_ENTRY, "leak_all"})
_LEAKS = frozenset({"leak", "leak_all"})


class Tally:
    """Flags by character: of runs, or of entries where a leak test takes several runs together.

    `table` are the flags of some report, for what the server says of its detectors.
    """

    def __init__(self) -> None:
        self.runs: Counter[Character] = Counter()
        self.entries: Counter[Character] = Counter()
        self.flagged: Counter[tuple[Character, str]] = Counter()
        self.table: list[dict[str, Any]] = []

    def add_hall(self, crowd: Crowd, number: int) -> None:
        """Let a hall play and count its flags."""
        played = list(entries(crowd, number))
        reports = iter(reports_on([run for _, runs in played for run in runs]))
        for character, runs in played:
            self._add_entry(character, [next(reports) for _ in runs])

    def rate(self, characters: Iterable[Character], what: str) -> Interval:
        """Return how often these characters have a flag, or `ANY`, `REVIEW` or `LEAK_ENTRY`."""
        listed = list(characters)
        total = self.entries if what in _OF_ENTRIES else self.runs
        return exact_interval(
            sum(self.flagged[character, what] for character in listed),
            sum(total[character] for character in listed),
        )

    def _add_entry(self, character: Character, reports: list[dict[str, Any]]) -> None:
        raised_by_run = []
        for report in reports:
            self.table = report["flags"]
            raised = {flag["kind"] for flag in self.table if flag["is_raised"]}
            raised_by_run.append(raised)
            marks = raised - _OF_ENTRIES
            marks |= {ANY} if raised else set()
            marks |= {REVIEW} if report["needs_review"] else set()
            self.flagged.update((character, mark) for mark in marks)
        in_any = set().union(*raised_by_run)
        self.flagged.update((character, mark) for mark in in_any & _OF_ENTRIES)
        self.flagged[character, LEAK_ENTRY] += bool(in_any & _LEAKS)
        self.runs[character] += len(reports)
        self.entries[character] += 1
