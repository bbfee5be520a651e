/** Numbers that count and rows that glide to their new place; still for who asked for less motion. */

import { calm } from "../board-motion.js";

/** A glide is shorter than `HOLD_MS` of state/screen-order.js, so that it always ends before the next one, in ms. */
const GLIDE_MS = 550;
const ARRIVE_MS = 400;

/** How long a number takes to its new value, in ms: a match-3 move lasts at least as long, so it arrives before the next. */
const COUNT_MS = 450;

/**
 * Change the order of rows with `rearrange` and let each glide from where it was (First, Last, Invert, Play).
 *
 * Only transforms move, so that the compositor alone does the work. A row that was not there before rises into place.
 *
 * @param {HTMLElement[]} rows those that were there before and stay
 * @param {() => HTMLElement[]} rearrange changes the document and returns the rows that are there now
 */
export function glide(rows, rearrange) {
  const first = new Map(rows.map((row) => [row, row.getBoundingClientRect().top]));
  const now = rearrange();
  if (calm()) return;
  for (const row of now) stop(row);
  for (const row of now) {
    const before = first.get(row);
    if (before === undefined) {
      row.animate([{ opacity: 0, transform: "translateY(60%)" }, {}], { duration: ARRIVE_MS, easing: "ease-out" });
      continue;
    }
    const distance = before - row.getBoundingClientRect().top;
    if (Math.abs(distance) < 1) continue;
    row.dataset.moving = distance > 0 ? "up" : "down";
    const motion = row.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], {
      duration: GLIDE_MS,
      easing: "cubic-bezier(0.3, 0.9, 0.3, 1)",
    });
    motion.onfinish = () => delete row.dataset.moving;
  }
}

function stop(row) {
  delete row.dataset.moving;
  for (const animation of row.getAnimations()) animation.cancel();
}

/** A number that counts up or down to its newest value. */
export class CountingNumber {
  #element;
  #write;
  #shown = null;
  #target = null;
  #frame = null;

  /**
   * @param {HTMLElement} element shows the number
   * @param {(value: number) => string} write the number in the reader's language
   */
  constructor(element, write) {
    this.#element = element;
    this.#write = write;
  }

  /** The first value is there at once; equal values are written again, because the language may have changed. */
  show(value) {
    if (this.#target === value && this.#frame !== null) return;
    this.#target = value;
    cancelAnimationFrame(this.#frame);
    this.#frame = null;
    if (this.#shown === null || this.#shown === value || calm() || document.hidden) {
      this.#put(value);
      return;
    }
    const from = this.#shown;
    const startMs = performance.now();
    const step = (nowMs) => {
      const part = Math.min(1, Math.max(0, (nowMs - startMs) / COUNT_MS));
      this.#put(Math.round(from + (value - from) * (1 - (1 - part) ** 3)));
      this.#frame = part < 1 ? requestAnimationFrame(step) : null;
    };
    this.#frame = requestAnimationFrame(step);
  }

  #put(value) {
    this.#shown = value;
    this.#element.textContent = this.#write(value);
  }
}
