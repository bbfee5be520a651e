/**
 * How the time of a move is shared out: swap, then burst and drop for every step, then rest.
 *
 * The lock of a move is min(200 + 300·steps, 2000) ms (RULES.md 6), and the animation is that lock: it ends when the lock
 * ends. The lengths below add up to it; long cascades and late replies make all that is left shorter in proportion.
 */

/** The rules' numbers, in ms. */
export const LOCK_BASE_MS = 200;
export const LOCK_STEP_MS = 300;
export const LOCK_LIMIT_MS = 2000;
/** Between the end of the lock and the next level's start, for looking at the new board. */
export const LEVEL_PAUSE_MS = 1500;

/** Nominal length of each kind of phase, and the shortest in which an eye still sees what happened, in ms. */
const LENGTHS = Object.freeze({
  swap: { ms: 150, least: 60 },
  burst: { ms: 140, least: 60 },
  drop: { ms: 160, least: 80 },
  shuffle: { ms: 400, least: 200 },
  rest: { ms: 50, least: 0 },
});

/** The lock of a legal move of so many steps. */
export function lockMs(steps) {
  return Math.min(LOCK_BASE_MS + LOCK_STEP_MS * steps, LOCK_LIMIT_MS);
}

/** The phases of a move in order: `[{kind, step}]`, steps from 1 (0 before and after the cascade). */
export function phases(steps, { shuffle = false } = {}) {
  const cascade = Array.from({ length: steps }, (_, index) => index + 1).flatMap((step) => [
    { kind: "burst", step },
    { kind: "drop", step },
  ]);
  const turn = shuffle ? [{ kind: "shuffle", step: 0 }] : [];
  return [{ kind: "swap", step: 0 }, ...cascade, ...turn, { kind: "rest", step: 0 }];
}

/** How long the first of the phases still to come lasts when `leftMs` are left for all of them. */
export function lengthOf(rest, leftMs) {
  const sum = rest.reduce((total, { kind }) => total + LENGTHS[kind].ms, 0);
  const { ms, least } = LENGTHS[rest[0].kind];
  return Math.max(least, (leftMs * ms) / sum);
}
