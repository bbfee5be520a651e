/**
 * The board as the rules know it (RULES.md 1 and 2): lines, legal swaps, and the replay of a cascade from the tiles that
 * the server sent. It has no streams and never invents a tile: without a reply a cleared cell stays EMPTY.
 *
 * A board is a Uint8Array of 64 symbols 0..5 (or EMPTY), cell i = 8·row + column, row 0 on top. Boards are values: every
 * function returns a new one. A swap is `{cell, direction}`, direction 0 right, 1 down.
 */

export const SIDE = 8;
export const CELLS = SIDE * SIDE;
export const SYMBOLS = 6;
export const EMPTY = 255;
export const RIGHT = 0;
export const DOWN = 1;

/** The server's tiles do not fit the cells that this page's replay emptied: page and server disagree on the rules. */
export class ReplayMismatch extends Error {}

/** The board written as 64 digits, row by row. */
export function parseBoard(digits) {
  return Uint8Array.from(digits, Number);
}

/** The 64 digits of a board; EMPTY is a dot. */
export function boardDigits(board) {
  return Array.from(board, (symbol) => (symbol === EMPTY ? "." : String(symbol))).join("");
}

/** The cell that a swap exchanges its cell with, or null when that lies off the board. */
export function otherCell({ cell, direction }) {
  if (direction === RIGHT) return cell % SIDE < SIDE - 1 ? cell + 1 : null;
  return cell + SIDE < CELLS ? cell + SIDE : null;
}

/** The swap of two cells, or null when they are not neighbours. */
export function swapBetween(first, second) {
  const cell = Math.min(first, second);
  const direction = Math.abs(first - second) === 1 ? RIGHT : DOWN;
  return otherCell({ cell, direction }) === Math.max(first, second) ? { cell, direction } : null;
}

/** The board with the swap's two tiles exchanged. */
export function swapped(board, swap) {
  const other = otherCell(swap);
  const after = board.slice();
  after[swap.cell] = board[other];
  after[other] = board[swap.cell];
  return after;
}

/** All matches of the board: maximal lines of three or more, as `{symbol, cells}`. */
export function lines(board) {
  const found = [];
  for (let line = 0; line < SIDE; line += 1) {
    collect(board, line * SIDE, 1, found);
    collect(board, line, SIDE, found);
  }
  return found;
}

function collect(board, first, stride, found) {
  let start = 0;
  for (let place = 1; place <= SIDE; place += 1) {
    const symbol = board[first + start * stride];
    if (place < SIDE && board[first + place * stride] === symbol) continue;
    if (symbol !== EMPTY && place - start >= 3) {
      const cells = Array.from({ length: place - start }, (_, k) => first + (start + k) * stride);
      found.push({ symbol, cells });
    }
    start = place;
  }
}

/** Whether the swap stays on the board, exchanges different symbols and makes a match. */
export function isLegal(board, swap) {
  const other = otherCell(swap);
  return other !== null && board[swap.cell] !== board[other] && lines(swapped(board, swap)).length > 0;
}

/** How many times a step counts: 1, 1.5, 2 and then 2; steps count from 1. */
export function multiplier(step) {
  return Math.min(step + 1, 4) / 2;
}

/** The points of one line before the multiplier: 5·L·(L−1). */
export function linePoints(length) {
  return 5 * length * (length - 1);
}

/** The points of a step's lines; a cell in two lines pays in both. */
export function stepPoints(matches, step) {
  return matches.reduce((sum, { cells }) => sum + linePoints(cells.length), 0) * multiplier(step);
}

/** The board with the cells of all matches EMPTY. */
export function cleared(board, matches) {
  const after = board.slice();
  for (const { cells } of matches) for (const cell of cells) after[cell] = EMPTY;
  return after;
}

/** Lets the tiles of every column fall in order: `{board, falls}`, falls as `{from, to}` of the tiles that moved. */
export function dropped(board) {
  const after = new Uint8Array(CELLS).fill(EMPTY);
  const falls = [];
  for (let column = 0; column < SIDE; column += 1) {
    let to = CELLS - SIDE + column;
    for (let from = to; from >= 0; from -= SIDE) {
      if (board[from] === EMPTY) continue;
      after[to] = board[from];
      if (from !== to) falls.push({ from, to });
      to -= SIDE;
    }
  }
  return { board: after, falls };
}

/**
 * Fills the EMPTY tops of the columns: `{board, entries}`, entries as `{cell, symbol, rows}`, `rows` how far the tile falls.
 *
 * @param {ArrayLike<number>[]} fills per column the tiles of one step, the one that entered first (and lies lowest) first
 * @throws {ReplayMismatch} when a column's tiles do not fit its empty cells
 */
export function filled(board, fills) {
  const after = board.slice();
  const entries = [];
  for (let column = 0; column < SIDE; column += 1) {
    let count = 0;
    while (count < SIDE && board[count * SIDE + column] === EMPTY) count += 1;
    if (fills[column].length !== count) {
      throw new ReplayMismatch(`column ${column}: ${fills[column].length} tiles for ${count} empty cells`);
    }
    for (let k = 0; k < count; k += 1) {
      const cell = (count - 1 - k) * SIDE + column;
      const symbol = fills[column][k];
      after[cell] = symbol;
      entries.push({ cell, symbol, rows: count });
    }
  }
  return { board: after, entries };
}

/**
 * What a swap does at once and without the server: the first step up to its empty cells.
 *
 * @returns {{swapped: Uint8Array, lines: object[], points: number, cleared: Uint8Array, falls: object[], dropped: Uint8Array}}
 */
export function firstStep(board, swap) {
  return open(swapped(board, swap), 1);
}

/**
 * Replays a legal swap from the fills of its reply, step by step; the last step's `after` is the board at rest.
 *
 * @param {ArrayLike<number>[][]} steps per cascade step the eight columns' fills
 * @throws {ReplayMismatch} when the fills do not fit, or leave a match behind
 */
export function replay(board, swap, steps) {
  let current = swapped(board, swap);
  const played = steps.map((fills, index) => {
    const step = open(current, index + 1);
    if (step.lines.length === 0) throw new ReplayMismatch(`step ${index + 1} has no match`);
    const { board: after, entries } = filled(step.dropped, fills);
    current = after;
    return { ...step, entries, after };
  });
  if (lines(current).length > 0) throw new ReplayMismatch("a match is left after the last step");
  return played;
}

function open(board, step) {
  const matches = lines(board);
  const empty = cleared(board, matches);
  const { board: fallen, falls } = dropped(empty);
  return { swapped: board, lines: matches, points: stepPoints(matches, step), cleared: empty, falls, dropped: fallen };
}
