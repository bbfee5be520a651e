/**
 * When to try again: full jitter, so that a hall full of phones does not come back in one wave. The first try after a
 * good connection is quick; each further one waits a random time below twice the span before.
 */
import { RECONNECT_BASE_MS, RECONNECT_CAP_MS } from "../protocol/limits.js";

export class Backoff {
  #random;
  #failure_count = 0;

  /** @param {() => number} random from 0 to 1 */
  constructor(random) {
    this.#random = random;
  }

  /** The time to wait before the next try, ms; counts that try. */
  next_ms() {
    const span_ms = Math.min(RECONNECT_CAP_MS, RECONNECT_BASE_MS * 2 ** this.#failure_count);
    this.#failure_count += 1;
    return this.#random() * span_ms;
  }

  /** A connection has lasted: the next loss is a first one again. */
  reset() {
    this.#failure_count = 0;
  }
}
