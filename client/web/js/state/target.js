/** The highscore that a run has to crack: whose it is, and how many points are still missing. */

import { RowState } from "../protocol/table.js";

/**
 * The best standing that is not this run's own.
 *
 * @param {{run: string, rank: number}[]} rows standings in any order
 * @param {string | null} ownRun
 * @returns the row, or null where nobody else has a score
 */
export function targetOf(rows, ownRun) {
  const others = rows.filter((row) => row.rank > 0 && row.run !== ownRun);
  return others.reduce((best, row) => (best === null || row.score > best.score ? row : best), null);
}

/** The player's standing among the rows, or null. */
export function ownRow(rows, player) {
  return rows.find((row) => row.player === player && row.rank > 0) ?? null;
}

/** Whether the row's run is still being played. */
export function isRunning(row) {
  return (row.state & RowState.RUNNING) !== 0;
}

/**
 * The chase of one run after one highscore: `missing` points to draw level, and `cracked` once it is passed.
 *
 * A highscore that the run has passed stays cracked, even if somebody else then passes the run: it happened.
 */
export class Chase {
  #cracked = false;

  /** @returns {{target: object | null, missing: number, cracked: boolean, justNow: boolean}} */
  follow(target, score) {
    const passed = target !== null && score > target.score;
    const justNow = passed && !this.#cracked;
    this.#cracked ||= passed;
    return { target, missing: target === null ? 0 : Math.max(0, target.score - score), cracked: this.#cracked, justNow };
  }
}
