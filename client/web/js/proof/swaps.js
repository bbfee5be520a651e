/** Which swaps there are, how many of them are legal, and whether any is left (RULES.md 1). */

import { CELLS, DOWN, isLegal, otherCell, RIGHT } from "../game/board.js";

/** All 112 swaps of a board: cells ascending, right before down. */
export const CANONICAL_ORDER = Object.freeze(
  Array.from({ length: CELLS }, (_, cell) => [{ cell, direction: RIGHT }, { cell, direction: DOWN }])
    .flat()
    .filter((swap) => otherCell(swap) !== null),
);

/** Whether such a swap exists at all; one off the board is malformed, not illegal. */
export function isSwap({ cell, direction }) {
  return Number.isInteger(cell) && cell >= 0 && cell < CELLS && (direction === RIGHT || direction === DOWN)
    && otherCell({ cell, direction }) !== null;
}

/** The legal swaps of a board without a match, in canonical order. */
export const legalSwaps = (board) => CANONICAL_ORDER.filter((swap) => isLegal(board, swap));

/** Whether a board without a match has a legal swap. */
export const hasLegalSwap = (board) => CANONICAL_ORDER.some((swap) => isLegal(board, swap));
