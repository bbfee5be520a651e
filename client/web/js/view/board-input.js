/**
 * The player's hands on the board: drag or swipe, two taps, or keys, all of which end in the same `onSwap`.
 *
 * A drag counts once the pointer has left its cell's middle by a part of the cell, so that a thumb need not reach the
 * neighbour. A tap picks a tile; a tap beside it swaps, anywhere else it picks anew. Arrow keys move the cursor, Enter or
 * Space picks, the next arrow swaps, Escape lets go. The listener decides whether a swap is taken; nothing here knows rules.
 */

import { CELLS, SIDE, swapBetween } from "../game/board.js";

/** How far a pointer drags a tile before it counts as a swap, as a part of the cell's side. */
const DRAG_PART = 0.38;
const KEYS = Object.freeze({
  ArrowLeft: { columns: -1, rows: 0 },
  ArrowRight: { columns: 1, rows: 0 },
  ArrowUp: { columns: 0, rows: -1 },
  ArrowDown: { columns: 0, rows: 1 },
});

export class BoardInput {
  #view;
  #onSwap;
  #picked = null;
  #drag = null;

  /** @param {(swap: {cell: number, direction: number}) => void} onSwap */
  constructor(view, onSwap) {
    this.#view = view;
    this.#onSwap = onSwap;
    const { grid } = view;
    grid.addEventListener("pointerdown", (event) => this.#press(event));
    grid.addEventListener("pointermove", (event) => this.#move(event));
    grid.addEventListener("pointerup", (event) => this.#release(event));
    grid.addEventListener("pointercancel", () => this.#letGo());
    grid.addEventListener("keydown", (event) => this.#key(event));
    grid.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** Forgets what was picked, for instance because the board has changed. */
  clear() {
    this.#pick(null);
    this.#letGo();
  }

  #pick(cell) {
    this.#picked = cell;
    this.#view.pick(cell);
  }

  #press(event) {
    if (this.#drag !== null || event.button !== 0) return;
    const cell = this.#view.cellAt(event.clientX, event.clientY);
    if (cell === null) return;
    this.#view.grid.setPointerCapture(event.pointerId);
    this.#view.grid.classList.add("cells--pointed");
    this.#view.moveCursor(cell, { focus: event.pointerType === "mouse" });
    this.#drag = { pointer: event.pointerId, cell, x: event.clientX, y: event.clientY };
  }

  #move(event) {
    if (this.#drag?.pointer !== event.pointerId) return;
    const { cell, x, y } = this.#drag;
    const across = event.clientX - x;
    const along = event.clientY - y;
    const size = this.#view.cellSize;
    if (Math.max(Math.abs(across), Math.abs(along)) < DRAG_PART * size) {
      this.#lean(cell, across / size, along / size);
      return;
    }
    const step = Math.abs(across) > Math.abs(along) ? { columns: Math.sign(across), rows: 0 } : { columns: 0, rows: Math.sign(along) };
    this.#letGo();
    const other = neighbour(cell, step);
    this.#pick(null);
    if (other !== null) this.#onSwap(swapBetween(cell, other));
  }

  #release(event) {
    if (this.#drag?.pointer !== event.pointerId) return;
    const { cell } = this.#drag;
    this.#letGo();
    this.#choose(cell);
  }

  /** A tile follows the finger a little along the stronger axis; `translate` leaves the place in `transform` alone. */
  #lean(cell, columns, rows) {
    const tile = this.#view.tileAt(cell);
    if (tile === undefined) return;
    const [x, y] = Math.abs(columns) > Math.abs(rows) ? [columns, 0] : [0, rows];
    tile.style.translate = `${x * 100}% ${y * 100}%`;
    this.#drag.tile = tile;
  }

  #letGo() {
    if (this.#drag?.tile !== undefined) this.#drag.tile.style.translate = "";
    this.#drag = null;
  }

  #choose(cell) {
    if (this.#picked === cell) {
      this.#pick(null);
      return;
    }
    const swap = this.#picked === null ? null : swapBetween(this.#picked, cell);
    this.#pick(swap === null ? cell : null);
    if (swap !== null) this.#onSwap(swap);
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    this.#view.grid.classList.remove("cells--pointed");
    const { cursor } = this.#view;
    if (event.key in KEYS) {
      const other = neighbour(cursor, KEYS[event.key]);
      if (other !== null && this.#picked === cursor) {
        this.#pick(null);
        this.#onSwap(swapBetween(cursor, other));
      }
      if (other !== null) this.#view.moveCursor(other);
    } else if (event.key === "Enter" || event.key === " ") {
      if (!event.repeat) this.#choose(cursor);
    } else if (event.key === "Escape") {
      this.#pick(null);
    } else {
      return;
    }
    event.preventDefault();
  }
}

function neighbour(cell, { columns, rows }) {
  const column = (cell % SIDE) + columns;
  const other = cell + columns + rows * SIDE;
  return column >= 0 && column < SIDE && other >= 0 && other < CELLS ? other : null;
}
