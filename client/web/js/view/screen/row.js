/** One row of the standings. */

import { number, t } from "../../i18n/i18n.js";
import { CountingNumber } from "../shared/motion.js";
import { stamp } from "../shared/template.js";
import { fitLine } from "./fit.js";

/** What stands for a name that the desk has hidden. */
export const HIDDEN_NAME = "–";

export class StandingRow {
  #parts = stamp("row");
  #score = new CountingNumber(this.#parts.score, number);

  get element() {
    return this.#parts.root;
  }

  /**
   * @param {{rank: number, player: string, name: string, score: number, running: boolean}} row
   * @param {string | null} check where anybody checks this score; null where nothing is published of it yet
   */
  show(row, check) {
    const { root, rank, name, running } = this.#parts;
    root.dataset.rank = String(row.rank);
    root.dataset.player = row.player;
    root.dataset.score = String(row.score);
    root.dataset.running = String(row.running);
    rank.textContent = number(row.rank);
    const shown = row.name || HIDDEN_NAME;
    if (name.textContent !== shown) {
      name.textContent = shown;
      this.fit();
    }
    running.hidden = !row.running;
    this.#lead(check, shown);
    this.#score.show(row.score);
  }

  #lead(check, name) {
    const link = this.#parts.check;
    link.hidden = check === null;
    if (check === null) return;
    link.href = check;
    link.setAttribute("aria-label", t("screen.check-of", { name }));
  }

  /** Make the name fit; to be called when the row is in the document and whenever its width changes. */
  fit() {
    fitLine(this.#parts.name);
  }
}
