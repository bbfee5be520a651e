/** The standings with every run: a table that follows the feed without losing focus or place. */

import { dateTime, number, t } from "../../i18n/i18n.js";
import { stamp } from "../shared/template.js";
import { courseName, seconds, shownWords, stateOf } from "./words.js";

const START = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

export class RunsTable {
  #body = document.getElementById("runs");
  #none = document.getElementById("no-runs");
  #count = document.getElementById("run-count");
  #rows = new Map();

  /**
   * @param {object[]} rows to show, in order (state/desk-row.js)
   * @param {{searching: boolean}} how whether search or filter are in use
   */
  show(rows, { searching }) {
    const before = this.#rows;
    this.#rows = new Map(rows.map((row) => [row.run, before.get(row.run) ?? stamp("run-row")]));
    for (const row of rows) write(this.#rows.get(row.run), row);
    const elements = [...this.#rows.values()].map(({ root }) => root);
    if (elements.length !== this.#body.children.length || elements.some((element, place) => element !== this.#body.children[place])) {
      this.#arrange(elements);
    }
    this.#count.textContent = t("desk.run-count", { count: rows.length });
    this.#none.hidden = rows.length > 0;
    this.#none.textContent = t(searching ? "desk.no-match" : "desk.no-runs");
  }

  /** A row that moves takes its focus along. */
  #arrange(elements) {
    const focused = this.#body.contains(document.activeElement) ? document.activeElement : null;
    this.#body.replaceChildren(...elements);
    focused?.focus({ preventScroll: true });
  }
}

function write({ root, rank, name, shown, score, time, moves, started, state }, row) {
  root.dataset.run = row.run;
  root.dataset.player = row.player;
  root.dataset.rank = String(row.rank);
  root.dataset.score = String(row.score);
  put(rank, row.rank > 0 ? number(row.rank) : "–");
  put(name, row.name);
  name.setAttribute("href", `#/run/${row.run}`);
  const public_ = shownWords(row);
  shown.hidden = public_ === "";
  put(shown, public_);
  put(score, number(row.score));
  put(time, row.score > 0 ? seconds(row.timeMs) : "–");
  put(moves, number(row.moves));
  put(started, dateTime(row.startedMs, START));
  const { words, tone } = stateOf(row);
  put(state, words);
  state.dataset.tone = tone;
}

/** Texts are only touched when they change: a selection or a screen reader stays where it is. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The buttons that choose the course. */
export class CourseChoice {
  #group = document.getElementById("courses");
  #choose;

  /** @param {(course: string) => void} choose */
  constructor(choose) {
    this.#choose = choose;
  }

  show(courses, chosen) {
    if (this.#group.children.length !== courses.length) this.#group.replaceChildren(...courses.map((course) => this.#button(course)));
    for (const button of this.#group.children) {
      button.textContent = courseName(button.value);
      button.setAttribute("aria-pressed", String(button.value === chosen));
    }
  }

  #button(course) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "choice-button";
    button.value = course;
    button.addEventListener("click", () => this.#choose(course));
    return button;
  }
}
