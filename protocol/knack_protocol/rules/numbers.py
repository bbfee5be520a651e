"""Every number of the rules, once (RULES.md, sections 2, 3, 4 and 6).

What players feel stands here: change one and `rules_hash` changes with it, so that no old proof can be read under
new rules. Shapes that the code's layout depends on (8 × 8 cells) stand here too, so that the rules file names them.
"""

from typing import Final

RULES_VERSION: Final = b"m3/1"
"""Leads every hashed byte string: no hash of these rules can ever be mistaken for one of others."""

# The board (section 1).
ROWS: Final = 8
COLUMNS: Final = 8
CELLS: Final = ROWS * COLUMNS
SYMBOLS: Final = 6

# Resolving (section 2).
MATCH_LENGTH_MIN: Final = 3
MATCH_POINTS_FACTOR: Final = 5
"""A match of length L pays factor · L · (L − 1) points: 30, 60, 100 …, so that longer lines are worth the search."""
MULTIPLIER_HALVES: Final = (2, 3, 4)
"""Of steps 1, 2 and every later one, in halves: ×1, ×1.5, ×2; capped, because long cascades are luck."""

# First boards and shuffles (section 3).
FIRST_BOARD_SWAPS_MIN: Final = 5
"""A first board opens with a choice."""
SHUFFLE_SWAPS_MIN: Final = 1
SHUFFLE_ATTEMPTS: Final = 1000
"""Then comes a rescue board. Eight attempts are usual; a thousand failures mean the tiles cannot be arranged."""

# Levels (section 4).
BONUS_POINTS_PER_SECOND: Final = 10
"""For every whole second left when a level's goal is reached."""
LEVEL_BREAK_MS: Final = 1500
"""Between the lock of the move that reached the goal and the new level's start: time to look at the new board."""

# Time (section 6).
GRACE_MS_MAX: Final = 250
"""The most that a slow line is forgiven."""
GRACE_ROUND_TRIPS_MIN: Final = 8
"""Measured round trips below which nothing is forgiven."""
EARLY_TOLERANCE_MS: Final = 150
"""A frame may come this long before its lock ends: fast hands press while the last tile lands."""
LOCK_SWAP_MS: Final = 200
"""The animation of swapping and clearing."""
LOCK_STEP_MS: Final = 300
"""The animation of one step of a cascade: fall and refill."""
LOCK_MS_MAX: Final = 2000
"""However long the cascade."""
LOCK_ILLEGAL_MS: Final = 300
"""The animation of a swap that swings back."""
CONNECTIONS_MAX: Final = 60
"""CONNECTION events a run logs at most: a bad line must not fill a log."""
COUNTDOWN_MS: Final = 3000
"""From the accepted start of a solo run to its T0; the line is measured meanwhile."""
RESUME_INTERVAL_MS: Final = 1000
"""A player may resume once in this time."""
CLOCK_MARK_INTERVAL_MS: Final = 1000
"""A mark of a run's clock is stored at least this often."""
AWAY_SOLO_MS_MAX: Final = 30_000
"""How long after a restart of the server the clock of a solo run waits for its player."""
AWAY_HEAT_MS: Final = 10_000
"""How long after a restart of the server the clock of a heat waits, for all at once."""
