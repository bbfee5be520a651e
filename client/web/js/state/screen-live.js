/** Whether a screen is live, and since when it is not. */

/** A shorter break goes unnoticed: a reconnect takes less, and a banner that flickers helps nobody. In ms. */
export const PATIENCE_MS = 2_000;

export class Liveness {
  #lostAt;
  #heardAt = null;

  /** @param {number} nowMs a screen is not live before it has heard anything */
  constructor(nowMs) {
    this.#lostAt = nowMs;
  }

  /** The server has said something that proves the standings current. */
  heard(nowMs) {
    this.#heardAt = nowMs;
    this.#lostAt = null;
  }

  lost(nowMs) {
    this.#lostAt ??= nowMs;
  }

  /**
   * @returns {{live: boolean, asOfMs: number | null, dueMs: number | null}} `asOfMs`: when the standings shown were
   *   last known to be true, null before the first; `dueMs`: when the answer changes by itself
   */
  at(nowMs) {
    const banner = this.#lostAt === null ? null : this.#lostAt + PATIENCE_MS;
    const live = banner === null || nowMs < banner;
    return { live, asOfMs: this.#heardAt, dueMs: live ? banner : null };
  }
}
