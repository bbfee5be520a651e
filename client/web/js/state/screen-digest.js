/** The newest live digest, as a hall reads it: its first 8 digits, and whether they are still coming. */

/** While a run is in play a digest comes every second; without one for so long something is wrong. In ms. */
export const STALE_AFTER_MS = 5_000;

const BYTES_SHOWN = 4;

export class LiveDigest {
  #digits = "";
  #heardAt = null;
  #playingSince = null;

  /** @param {{digest: Uint8Array}} message a LIVE */
  hear({ digest }, nowMs) {
    this.#digits = Array.from(digest.slice(0, BYTES_SHOWN), (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.#heardAt = nowMs;
  }

  /**
   * @param {boolean} inPlay whether anybody plays; while nobody does, none has to come
   * @returns {{digits: string, stale: boolean, dueMs: number | null}} `digits` "" before the first; `dueMs`: when the
   *   answer changes by itself
   */
  at(nowMs, inPlay) {
    if (!inPlay) this.#playingSince = null;
    else this.#playingSince ??= nowMs;
    if (this.#playingSince === null) return { digits: this.#digits, stale: false, dueMs: null };
    const dueMs = Math.max(this.#playingSince, this.#heardAt ?? -Infinity) + STALE_AFTER_MS;
    const stale = nowMs >= dueMs;
    return { digits: this.#digits, stale, dueMs: stale ? null : dueMs };
  }
}
