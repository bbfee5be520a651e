/** The standings of one course: its highscore, large, and the first ten places. */

import { number, t } from "../../i18n/i18n.js";
import { CountingNumber, glide } from "../shared/motion.js";
import { stamp } from "../shared/template.js";
import { fitLine } from "./fit.js";
import { HIDDEN_NAME, StandingRow } from "./row.js";

export class Panel {
  #course;
  #parts = stamp("panel");
  #highscore = new CountingNumber(this.#parts.score, number);
  #rows = new Map();
  #checkOf;

  /** @param {(row: object) => string | null} checkOf where a row's score is checked, null where it cannot be yet */
  constructor(course, checkOf) {
    this.#course = course;
    this.#checkOf = checkOf;
    this.element.dataset.course = course;
    this.relabel();
    // Fonts and panels change size with the wall; names that fitted may not fit any more.
    new ResizeObserver(() => {
      fitLine(this.#parts.holder);
      for (const row of this.#rows.values()) row.fit();
    }).observe(this.element);
  }

  get element() {
    return this.#parts.root;
  }

  /** Write what depends on the language; rows and highscore follow with the next `show`. */
  relabel() {
    this.#parts.course.textContent = courseName(this.#course);
  }

  /**
   * @param {{best: object | null, rows: object[]}} standings the row of the highscore, and the rows to show, in order
   */
  show({ best, rows }) {
    this.#crown(best);
    this.#parts.attract.hidden = rows.length > 0;
    this.#parts.rows.hidden = rows.length === 0;
    const order = rows.map((row) => row.player).join(" ");
    if (order === [...this.#rows.keys()].join(" ")) {
      this.#fill(rows);
      return;
    }
    const staying = rows.flatMap((row) => this.#rows.get(row.player)?.element ?? []);
    glide(staying, () => this.#rearrange(rows));
    for (const row of rows) this.#rows.get(row.player).fit();
  }

  #crown(best) {
    const { crown, holder } = this.#parts;
    crown.hidden = best === null;
    if (best === null) return;
    this.#highscore.show(best.score);
    holder.textContent = best.name || HIDDEN_NAME;
    fitLine(holder); // a longer highscore leaves it less room
  }

  #rearrange(rows) {
    const before = this.#rows;
    this.#rows = new Map(rows.map((row) => [row.player, before.get(row.player) ?? new StandingRow()]));
    this.#fill(rows);
    const elements = [...this.#rows.values()].map((row) => row.element);
    this.#parts.rows.replaceChildren(...elements);
    return elements;
  }

  #fill(rows) {
    for (const row of rows) this.#rows.get(row.player).show(row, this.#checkOf(row));
  }
}

/** A course by its name in the reader's language; one that has none is a heat. */
export function courseName(course) {
  try {
    return t(`screen.${course}`);
  } catch {
    return t("screen.heat", { heat: course });
  }
}
