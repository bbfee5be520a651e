"""A moment, as the shell's one clock saw it."""

from typing import NamedTuple


class Instant(NamedTuple):
    """A moment on both clocks; only `ms` ever decides anything."""

    ms: int
    """Milliseconds of the server's monotonic clock, rounded down (rules, section 6)."""

    unix_ms: int
    """Wall clock, for people: the date of a run, an act, a request."""
