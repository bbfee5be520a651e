/**
 * How tiles move: swap, shake, burst, fall, enter, shuffle. Every function sets where the tiles end up and animates from
 * where they were, with transforms and opacity only; who asked for less motion gets fades of the same length.
 *
 * Durations are ms and come from the caller, because the animation is the move's lock (rules 6).
 */

import { EMPTY, otherCell, SIDE } from "../game/board.js";
import { placeOf } from "./board-view.js";

const less = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether the viewer asked for less motion. */
export function calm() {
  return less.matches;
}

/** Exchanges two tiles; each passes the other, the moved one in front. */
export function swapTiles(view, swap, durationMs) {
  const other = otherCell(swap);
  const moves = [{ from: swap.cell, to: other }, { from: other, to: swap.cell }];
  const starts = moves.map(({ from }) => view.tileAt(from).style.transform);
  view.moveTiles(moves);
  moves.forEach(({ to }, index) => {
    const tile = view.tileAt(to);
    if (calm()) fadeIn(tile, durationMs);
    else tile.animate([{ transform: starts[index] }, { transform: placeOf(to) }], { duration: durationMs, easing: "ease-in-out" });
  });
}

/** Shows that a swap makes no match: the two tiles lean over and come back. */
export function shakeTiles(view, swap, durationMs) {
  const other = otherCell(swap);
  for (const [cell, towards] of [[swap.cell, other], [other, swap.cell]]) {
    const there = between(cell, towards, 0.42);
    const back = between(cell, towards, -0.08);
    const frames = calm()
      ? [{ opacity: 1 }, { opacity: 0.35 }, { opacity: 1 }]
      : [{ transform: placeOf(cell) }, { transform: there, offset: 0.4 }, { transform: back, offset: 0.75 }, { transform: placeOf(cell) }];
    view.tileAt(cell)?.animate(frames, { duration: durationMs, easing: "ease-in-out" });
  }
}

/** Removes the tiles of a step's lines with a burst. */
export function burstTiles(view, lines, durationMs) {
  for (const cell of new Set(lines.flatMap((line) => line.cells))) {
    const tile = view.tileAt(cell);
    if (tile === undefined) continue;
    const place = placeOf(cell);
    const frames = calm()
      ? [{ opacity: 1 }, { opacity: 0 }]
      : [
          { transform: `${place} scale(1)`, opacity: 1 },
          { transform: `${place} scale(1.22)`, opacity: 1, offset: 0.35, easing: "ease-in" },
          { transform: `${place} scale(0.2) rotate(30deg)`, opacity: 0 },
        ];
    tile.style.opacity = 0;
    view.removeTile(cell, tile.animate(frames, { duration: durationMs, easing: "ease-out" }));
  }
}

/** Lets tiles fall within the board: `[{from, to}]`. */
export function fallTiles(view, falls, durationMs) {
  view.moveTiles(falls);
  const deepest = Math.max(1, ...falls.map(({ from, to }) => (to - from) / SIDE));
  for (const { from, to } of falls) land(view.tileAt(to), to, (to - from) / SIDE, deepest, durationMs);
}

/** Lets new tiles fall in from above the board: `[{cell, symbol, rows}]`. */
export function enterTiles(view, entries, durationMs) {
  const deepest = Math.max(1, ...entries.map(({ rows }) => rows));
  for (const { cell, symbol, rows } of entries) land(view.addTile(cell, symbol), cell, rows, deepest, durationMs);
}

/** Lets a whole board fall in at once, column after column: a level's or a run's first tiles. */
export function dealBoard(view, durationMs) {
  view.board.forEach((symbol, cell) => {
    if (symbol === EMPTY) return;
    const tile = view.tileAt(cell);
    if (calm()) fadeIn(tile, durationMs);
    else {
      const late = ((cell % SIDE) / SIDE) * 0.35 * durationMs;
      const frames = [{ transform: placeOf(cell, SIDE) }, { transform: placeOf(cell) }];
      tile.animate(frames, { duration: durationMs - late, delay: late, easing: "cubic-bezier(0.2, 0.9, 0.3, 1)", fill: "backwards" });
    }
  });
}

/** Exchanges the whole board for another one: the old tiles shrink away, the new ones grow, along a diagonal. */
export function turnBoard(view, board, durationMs) {
  view.show(board);
  board.forEach((symbol, cell) => {
    if (symbol === EMPTY) return;
    const tile = view.tileAt(cell);
    const place = placeOf(cell);
    const late = calm() ? 0 : ((Math.floor(cell / SIDE) + (cell % SIDE)) / (2 * SIDE)) * 0.5 * durationMs;
    const frames = calm()
      ? [{ opacity: 0 }, { opacity: 1 }]
      : [{ transform: `${place} scale(0.3) rotate(-40deg)`, opacity: 0 }, { transform: place, opacity: 1 }];
    tile.animate(frames, { duration: durationMs - late, delay: late, easing: "cubic-bezier(0.3, 1.3, 0.5, 1)", fill: "backwards" });
  });
}

/** Falls with gravity: what falls less lands earlier, and everybody has landed at the end. */
function land(tile, cell, rows, deepest, durationMs) {
  if (calm()) {
    fadeIn(tile, durationMs);
    return;
  }
  const share = 0.45 + 0.55 * Math.sqrt(rows / deepest);
  const frames = [
    { transform: placeOf(cell, rows), easing: "cubic-bezier(0.45, 0, 0.9, 0.65)" },
    { transform: placeOf(cell), offset: 0.72, easing: "ease-out" },
    { transform: placeOf(cell, 0.07), offset: 0.86, easing: "ease-in" },
    { transform: placeOf(cell) },
  ];
  tile.animate(frames, { duration: share * durationMs });
}

function fadeIn(tile, durationMs) {
  tile.animate([{ opacity: 0 }, { opacity: 1 }], { duration: durationMs });
}

function between(cell, towards, part) {
  const columns = (towards % SIDE) - (cell % SIDE);
  const rows = Math.floor(towards / SIDE) - Math.floor(cell / SIDE);
  return `translate(${((cell % SIDE) + part * columns) * 100}%, ${(Math.floor(cell / SIDE) + part * rows) * 100}%)`;
}
