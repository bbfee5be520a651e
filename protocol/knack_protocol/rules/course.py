"""Courses, the lists of levels that a run walks through, and the published rules file (RULES.md, section 4)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from knack_protocol.ids import CourseName
from knack_protocol.rules import numbers


class Level(NamedTuple):
    """One level: `goal` points to be made in it (0: it ends by time alone) within `time_ms`."""

    goal: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Course:
    """A named list of levels; only the last one may have the goal 0.

    Raises:
        ValueError: the levels cannot be walked through.
    """

    name: CourseName
    levels: tuple[Level, ...]

    def __post_init__(self) -> None:
        if not self.levels:
            raise ValueError(f"course {self.name}: has no level")
        if any(level.goal == 0 for level in self.levels[:-1]):
            raise ValueError(f"course {self.name}: only the last level may have no goal")
        if any(level.goal < 0 or level.time_ms <= 0 for level in self.levels):
            raise ValueError(f"course {self.name}: a goal is at least 0, a time more than 0")


SPRINT: Final = Course(CourseName("sprint"), (Level(goal=0, time_ms=90_000),))
"""One level against the clock; ranked heats play it."""

CLIMB: Final = Course(
    CourseName("climb"), tuple(Level(goal=1000 + 250 * n + 25 * n * n, time_ms=60_000) for n in range(40))
)
"""The browser game that people know: goals rise until nobody reaches them (simulated players stop around level 8)."""

COURSES: Final[Mapping[CourseName, Course]] = MappingProxyType({c.name: c for c in (SPRINT, CLIMB)})


@cache
def rules_document() -> bytes:
    """Return the published rules file: canonical JSON (sorted keys, no spaces, ASCII) with every number."""
    document = {
        "version": numbers.RULES_VERSION.decode(),
        "board": {"rows": numbers.ROWS, "columns": numbers.COLUMNS, "symbols": numbers.SYMBOLS},
        "resolve": {
            "match_length_min": numbers.MATCH_LENGTH_MIN,
            "match_points_factor": numbers.MATCH_POINTS_FACTOR,
            "multiplier_halves": numbers.MULTIPLIER_HALVES,
        },
        "boards": {
            "first_board_swaps_min": numbers.FIRST_BOARD_SWAPS_MIN,
            "shuffle_swaps_min": numbers.SHUFFLE_SWAPS_MIN,
            "shuffle_attempts": numbers.SHUFFLE_ATTEMPTS,
        },
        "levels": {
            "bonus_points_per_second": numbers.BONUS_POINTS_PER_SECOND,
            "level_break_ms": numbers.LEVEL_BREAK_MS,
        },
        "courses": {
            name: [{"goal": level.goal, "time_ms": level.time_ms} for level in course.levels]
            for name, course in COURSES.items()
        },
        "time": {
            "grace_ms_max": numbers.GRACE_MS_MAX,
            "grace_round_trips_min": numbers.GRACE_ROUND_TRIPS_MIN,
            "early_tolerance_ms": numbers.EARLY_TOLERANCE_MS,
            "lock_swap_ms": numbers.LOCK_SWAP_MS,
            "lock_step_ms": numbers.LOCK_STEP_MS,
            "lock_ms_max": numbers.LOCK_MS_MAX,
            "lock_illegal_ms": numbers.LOCK_ILLEGAL_MS,
            "connections_max": numbers.CONNECTIONS_MAX,
            "countdown_ms": numbers.COUNTDOWN_MS,
            "resume_interval_ms": numbers.RESUME_INTERVAL_MS,
            "clock_mark_interval_ms": numbers.CLOCK_MARK_INTERVAL_MS,
            "away_solo_ms_max": numbers.AWAY_SOLO_MS_MAX,
            "away_heat_ms": numbers.AWAY_HEAT_MS,
        },
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


@cache
def rules_hash() -> bytes:
    """Return the 32 bytes that every commitment and every log names: the SHA-256 of the rules file."""
    return hashlib.sha256(rules_document()).digest()
