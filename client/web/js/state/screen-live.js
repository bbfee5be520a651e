/** Whether a screen is live, and since when it is not. */

/** A shorter break goes unnoticed: a reconnect takes less, and a banner that flickers helps nobody. In ms. */
export const PATIENCE_MS = 2_000;

/** How often a screen asks whether the server is still there: a line that dies in silence says nothing by itself. In ms. */
export const ASK_EVERY_MS = 2_000;

export class Liveness {
  #doubtAt;
  #heardAt = null;

  /** @param {number} nowMs a screen is in doubt until it has heard anything */
  constructor(nowMs) {
    this.#doubtAt = nowMs;
  }

  /** The server has said something that proves the standings current. */
  heard(nowMs) {
    this.#heardAt = nowMs;
    this.#doubtAt = null;
  }

  /** From now on nothing is proved until the next word: the connection went, or a question waits for its answer. */
  doubt(nowMs) {
    this.#doubtAt ??= nowMs;
  }

  /**
   * @returns {{live: boolean, asOfMs: number | null, dueMs: number | null}} `asOfMs`: when the standings shown were
   *   last known to be true, null before the first; `dueMs`: when the answer changes by itself
   */
  at(nowMs) {
    const banner = this.#doubtAt === null ? null : this.#doubtAt + PATIENCE_MS;
    const live = banner === null || nowMs < banner;
    return { live, asOfMs: this.#heardAt, dueMs: live ? banner : null };
  }
}
