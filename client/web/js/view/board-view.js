/**
 * The board in the document: 64 cells for reading and input, and the tiles that lie on them.
 *
 * The cells are an ARIA grid and never move. A tile is an element of a layer below them; its place is a transform in
 * parts of its own size, so that the board scales without any code. `show` puts a board there at once; what moves is the
 * business of `board-motion.js`, which takes tiles from here and leaves every tile's *style* where the tile ends up: a
 * cancelled animation is a finished one.
 */

import { CELLS, EMPTY, SIDE } from "../game/board.js";
import { SYMBOL_NAMES, symbolElement } from "./symbols.js";

export class BoardView {
  #tiles = new Map();
  #cells = [];
  #grid;
  #layer;
  #describe;
  #cursor = 0;

  /**
   * @param {HTMLElement} root an empty element of class `board`
   * @param {(place: {row: number, column: number, symbol: string | null}) => string} describe what a screen reader says of a
   *   cell: row and column from 1, the symbol's name or null
   */
  constructor(root, describe) {
    this.root = root;
    this.#describe = describe;
    this.#layer = child(root, "div", "tiles");
    this.#layer.setAttribute("aria-hidden", "true");
    this.#grid = child(root, "div", "cells");
    this.#grid.setAttribute("role", "grid");
    this.effects = child(root, "div", "effects");
    this.effects.setAttribute("aria-hidden", "true");
    for (let row = 0; row < SIDE; row += 1) {
      const line = child(this.#grid, "div", "row");
      line.setAttribute("role", "row");
      for (let column = 0; column < SIDE; column += 1) this.#cells.push(this.#makeCell(line));
    }
    this.#cells[0].tabIndex = 0;
    this.board = new Uint8Array(CELLS).fill(EMPTY);
  }

  #makeCell(line) {
    const cell = child(line, "div", "cell");
    cell.setAttribute("role", "gridcell");
    cell.tabIndex = -1;
    cell.dataset.cell = this.#cells.length;
    return cell;
  }

  /** The element that holds the cells: what a pointer or a key reaches. */
  get grid() {
    return this.#grid;
  }

  /** Puts a board there at once, whatever moved before. */
  show(board) {
    this.still();
    for (const tile of this.#tiles.values()) tile.remove();
    this.#tiles.clear();
    board.forEach((symbol, cell) => symbol !== EMPTY && this.addTile(cell, symbol));
    this.settle(board);
  }

  /** Ends every movement where it leads to. */
  still() {
    for (const motion of this.#motions()) motion.cancel();
    this.wait([]);
  }

  /** Whether any tile moves. */
  get moving() {
    return this.#motions().length > 0;
  }

  /** Movements of tiles; the breathing of a picked tile is a mark and no movement. */
  #motions() {
    return this.#layer.getAnimations({ subtree: true }).filter((motion) => !(motion instanceof CSSAnimation));
  }

  /** Notes the board at rest and what the cells say; the tiles must lie so already. */
  settle(board) {
    this.board = board;
    this.describe();
  }

  /** Writes what a screen reader says of every cell, after a change of the board or of the language. */
  describe() {
    this.#cells.forEach((cell, index) => {
      const symbol = this.board[index] === EMPTY ? null : SYMBOL_NAMES[this.board[index]];
      const label = this.#describe({ row: Math.floor(index / SIDE) + 1, column: (index % SIDE) + 1, symbol });
      if (cell.getAttribute("aria-label") !== label) cell.setAttribute("aria-label", label);
    });
  }

  // --- tiles ---

  /** The tile on a cell, or undefined. */
  tileAt(cell) {
    return this.#tiles.get(cell);
  }

  /** Lays a new tile on a cell. */
  addTile(cell, symbol) {
    const tile = symbolElement(symbol);
    tile.classList.add("tile");
    this.#layer.append(tile);
    this.#place(tile, cell);
    return tile;
  }

  /** Takes the tile off its cell and out of the document, once `motion` (if any) has ended. */
  removeTile(cell, motion) {
    const tile = this.#tiles.get(cell);
    if (tile === undefined) return;
    this.#tiles.delete(cell);
    if (motion === undefined) tile.remove();
    else motion.onfinish = motion.oncancel = () => tile.remove();
  }

  /** Moves tiles to other cells, all at once: `[{from, to}]`. */
  moveTiles(moves) {
    const lifted = moves.map(({ from, to }) => {
      const tile = this.#tiles.get(from);
      this.#tiles.delete(from);
      return { tile, to };
    });
    for (const { tile, to } of lifted) this.#place(tile, to);
  }

  #place(tile, cell) {
    this.#tiles.set(cell, tile);
    tile.style.transform = placeOf(cell);
  }

  // --- marks ---

  /** Lets the empty cells shimmer while their tiles are still on the way. */
  wait(cells) {
    const waiting = new Set(cells);
    this.#cells.forEach((cell, index) => cell.classList.toggle("cell--waiting", waiting.has(index)));
  }

  /** Marks the picked cell, or none with null. */
  pick(picked) {
    this.#cells.forEach((cell, index) => {
      cell.classList.toggle("cell--picked", index === picked);
      if (index === picked) cell.setAttribute("aria-selected", "true");
      else cell.removeAttribute("aria-selected");
    });
    for (const [cell, tile] of this.#tiles) tile.classList.toggle("tile--picked", cell === picked);
  }

  /** Moves the keyboard's cursor; the grid has one tab stop, and it is there. */
  moveCursor(cell, { focus = true } = {}) {
    this.#cells[this.#cursor].tabIndex = -1;
    this.#cursor = cell;
    this.#cells[cell].tabIndex = 0;
    if (focus) this.#cells[cell].focus({ preventScroll: true });
  }

  get cursor() {
    return this.#cursor;
  }

  /** The cell under a point of the window, or null beside the board. */
  cellAt(clientX, clientY) {
    const { left, top, width, height } = this.#grid.getBoundingClientRect();
    const column = Math.floor(((clientX - left) / width) * SIDE);
    const row = Math.floor(((clientY - top) / height) * SIDE);
    return row >= 0 && row < SIDE && column >= 0 && column < SIDE ? row * SIDE + column : null;
  }

  /** The side of a cell in CSS pixels. */
  get cellSize() {
    return this.#grid.getBoundingClientRect().width / SIDE;
  }
}

/** The transform that puts a tile on a cell; `rowsAbove` lifts it, whole and fractional rows alike. */
export function placeOf(cell, rowsAbove = 0) {
  return `translate(${(cell % SIDE) * 100}%, ${(Math.floor(cell / SIDE) - rowsAbove) * 100}%)`;
}

function child(parent, tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  parent.append(element);
  return element;
}
