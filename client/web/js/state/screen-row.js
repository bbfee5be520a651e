/** A row of a feed as a screen needs it. */

import { RowState } from "../protocol/table.js";

/** @returns {{run: string, rank: number, player: string, name: string, score: number, running: boolean}} `name` "" when hidden */
export function screenRow({ run, rank, player, name, score, state }) {
  return { run, rank, player, name, score, running: (state & RowState.RUNNING) !== 0 };
}
