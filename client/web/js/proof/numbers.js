/**
 * Every number of the rules that the engine needs beyond the board's (RULES.md 2, 3, 4 and 6), and those of the rules file.
 *
 * The shape of the board, the shortest match and what matches pay stand in `game/board.js`, which the game page shares.
 */

export const RULES_VERSION = "m3/1";

// First boards and shuffles.
export const FIRST_BOARD_SWAPS_MIN = 5;
export const SHUFFLE_ATTEMPTS = 1000;

// Levels.
export const BONUS_POINTS_PER_SECOND = 10;
export const LEVEL_BREAK_MS = 1500;

// Time.
export const GRACE_MS_MAX = 250;
export const EARLY_TOLERANCE_MS = 150;
export const LOCK_SWAP_MS = 200;
export const LOCK_STEP_MS = 300;
export const LOCK_MS_MAX = 2000;
export const LOCK_ILLEGAL_MS = 300;
export const CONNECTIONS_MAX = 60;
