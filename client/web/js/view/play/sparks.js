/** Sparks that fly from bursting tiles, on one canvas over the board that draws only while something flies. */

import { CELLS, SIDE } from "../../game/board.js";
import { calm } from "../board-motion.js";

const PER_TILE = 7;
const LIFE_MS = 520;
/** The canvas reaches over the board's edge by this part of its side, so that sparks do not end at a wall. */
const MARGIN = 0.08;
/** Sides of the board per second, and per second squared. */
const SPEED = 0.42;
const GRAVITY = 1.1;

export class Sparks {
  #canvas;
  #colours = null;
  #flying = [];
  #frame = null;
  #lastMs = 0;

  /** @param {HTMLElement} parent the board's effects, as large as the board */
  constructor(parent) {
    this.#canvas = document.createElement("canvas");
    this.#canvas.className = "sparks";
    parent.append(this.#canvas);
  }

  /** Lets sparks in the symbol's colour fly from every cell of the lines. */
  fly(lines) {
    if (calm() || document.hidden) return;
    const colours = this.#palette();
    for (const { symbol, cells } of lines) {
      for (const cell of cells) if (cell < CELLS) this.#launch(cell, colours[symbol]);
    }
    if (this.#frame !== null) return;
    this.#measure();
    this.#lastMs = performance.now();
    this.#frame = requestAnimationFrame((nowMs) => this.#draw(nowMs));
  }

  #palette() {
    if (this.#colours === null) {
      const style = getComputedStyle(document.documentElement);
      this.#colours = Array.from({ length: 6 }, (_, symbol) => style.getPropertyValue(`--symbol-${symbol}`).trim());
    }
    return this.#colours;
  }

  #launch(cell, colour) {
    const x = ((cell % SIDE) + 0.5) / SIDE;
    const y = (Math.floor(cell / SIDE) + 0.5) / SIDE;
    for (let k = 0; k < PER_TILE; k += 1) {
      const angle = ((k + Math.random()) / PER_TILE) * 2 * Math.PI;
      const speed = SPEED * (0.35 + Math.random());
      this.#flying.push({
        x,
        y,
        dx: Math.cos(angle) * speed,
        dy: Math.sin(angle) * speed - 0.15,
        leftMs: LIFE_MS * (0.6 + 0.4 * Math.random()),
        size: 0.007 + 0.009 * Math.random(),
        colour,
      });
    }
  }

  #measure() {
    const side = this.#canvas.getBoundingClientRect().width;
    // More than 1,500 dots a side cost time on large walls and show nothing more.
    const dots = Math.min(1500, Math.round(side * devicePixelRatio));
    if (this.#canvas.width !== dots) this.#canvas.width = this.#canvas.height = dots;
  }

  #draw(nowMs) {
    const seconds = Math.min(50, Math.max(0, nowMs - this.#lastMs)) / 1000;
    this.#lastMs = nowMs;
    const { width } = this.#canvas;
    const scale = width / (1 + 2 * MARGIN);
    const paper = this.#canvas.getContext("2d");
    paper.clearRect(0, 0, width, width);
    for (const spark of this.#flying) {
      spark.leftMs -= seconds * 1000;
      spark.dy += GRAVITY * seconds;
      spark.x += spark.dx * seconds;
      spark.y += spark.dy * seconds;
      paper.globalAlpha = Math.max(0, Math.min(1, (spark.leftMs / LIFE_MS) * 1.6));
      paper.fillStyle = spark.colour;
      paper.beginPath();
      paper.arc((spark.x + MARGIN) * scale, (spark.y + MARGIN) * scale, spark.size * scale, 0, 2 * Math.PI);
      paper.fill();
    }
    this.#flying = this.#flying.filter((spark) => spark.leftMs > 0);
    if (this.#flying.length === 0) paper.clearRect(0, 0, width, width);
    this.#frame = this.#flying.length === 0 ? null : requestAnimationFrame((next) => this.#draw(next));
  }
}
