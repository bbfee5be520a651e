/** A cascade with the tiles of the streams: matches go, survivors fall, new tiles enter, until nothing matches (RULES.md 2). */

import { cleared, dropped, EMPTY, filled, lines, SIDE, stepPoints } from "../game/board.js";

/** The tiles that fall in one level; `drawn[c]` counts those that have fallen into column c. */
export class Falling {
  #streams;

  /**
   * @param {import("./streams.js").SeededTiles} tiles
   * @param {number} level from 0
   */
  constructor(tiles, level) {
    this.#streams = Array.from({ length: SIDE }, (_, column) => tiles.column(level, column));
    this.drawn = new Array(SIDE).fill(0);
  }

  /** The next symbols of a column, the one that falls first first. */
  draw(column, count) {
    this.drawn[column] += count;
    return Array.from({ length: count }, () => this.#streams[column].symbol());
  }
}

/**
 * Resolves every match of a board; without one, nothing happens and there are no steps.
 *
 * @returns {{board: Uint8Array, points: number, steps: number[][][]}} the board at rest, the points of all steps, and per
 *   step the eight columns' fills
 */
export function resolve(board, falling) {
  let current = board;
  let points = 0;
  const steps = [];
  for (let matches = lines(current); matches.length > 0; matches = lines(current)) {
    points += stepPoints(matches, steps.length + 1);
    const { board: open } = dropped(cleared(current, matches));
    const fills = Array.from({ length: SIDE }, (_, column) => falling.draw(column, emptyIn(open, column)));
    current = filled(open, fills).board;
    steps.push(fills);
  }
  return { board: current, points, steps };
}

function emptyIn(board, column) {
  let count = 0;
  while (count < SIDE && board[count * SIDE + column] === EMPTY) count += 1;
  return count;
}
