/** What a hall may hold against us later: the first digits of the live digest, and whether the heat was interrupted. */

import { onLanguage, t } from "../../i18n/i18n.js";
import { Marked } from "../../protocol/table.js";

const DIGEST_BYTES = 4;

export class HeatLine {
  #digest = document.getElementById("digest");
  #marked = document.getElementById("heat-marked");
  #heat = "";
  #digits = new Map();

  constructor() {
    onLanguage(() => this.#write());
  }

  /** @param {object | null} heat the HEAT on show; null: open play */
  show(heat) {
    this.#heat = heat?.heat ?? "";
    this.#marked.hidden = heat?.marked !== Marked.INTERRUPTED;
    this.#write();
  }

  /** Take a LIVE in. */
  digest({ heat, digest }) {
    this.#digits.set(heat, Array.from(digest.slice(0, DIGEST_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join(""));
    this.#write();
  }

  #write() {
    const digits = this.#digits.get(this.#heat);
    this.#digest.hidden = digits === undefined;
    if (digits !== undefined) this.#digest.textContent = t("screen.digest", { digits });
  }
}
