/** The latest results: who has just finished, newest first, course by course. */

import { number } from "../../i18n/i18n.js";
import { stamp } from "../shared/template.js";
import { courseName } from "./panel.js";
import { HIDDEN_NAME } from "./row.js";

/** More would be smaller, and smaller cannot be read from the back. */
const PLACES = { one: 6, several: 3 };

export class Latest {
  #section = document.getElementById("latest");
  #lists = document.getElementById("latest-lists");
  #results = [];

  constructor() {
    new ResizeObserver(() => this.#draw()).observe(this.#section);
  }

  /** @param {{course: string, rows: {run: string, name: string, score: number}[]}[]} results courses without one are left out */
  show(results) {
    this.#results = results;
    this.#draw();
  }

  #draw() {
    const results = this.#results;
    const some = results.filter(({ rows }) => rows.length > 0);
    const places = some.length > 1 ? PLACES.several : PLACES.one;
    this.#section.hidden = some.length === 0;
    this.#lists.replaceChildren(...some.map(({ course, rows }) => list(course, rows.slice(0, places), results.length > 1)));
    this.#fit();
  }

  /** A result that has no room is left out rather than cut; the longest list gives first. */
  #fit() {
    const lists = [...this.#lists.querySelectorAll("ol")];
    while (this.#section.scrollHeight > this.#section.clientHeight) {
      const longest = lists.reduce((a, b) => (b.children.length >= a.children.length ? b : a));
      if (longest.children.length === 0) return;
      longest.lastElementChild.remove();
    }
  }
}

function list(course, rows, named) {
  const parts = stamp("latest-list");
  parts.course.textContent = courseName(course);
  parts.course.hidden = !named;
  parts.runs.append(...rows.map(finished));
  return parts.root;
}

function finished(row) {
  const { root, name, score } = stamp("latest-run");
  root.dataset.run = row.run;
  name.textContent = row.name || HIDDEN_NAME;
  score.textContent = number(row.score);
  return root;
}
