/** All standings of a course, each finished run with the way to check its score, and what else is published; closed until somebody asks. */

import { number, onLanguage, t } from "../../i18n/i18n.js";
import { isRunning } from "../../state/target.js";
import { checkAddress } from "../shared/page-links.js";

/** Rows that one look shows; a hall has thousands, and a phone should not lay them all out at once. */
const ROWS_AT_ONCE = 50;

/** So many heats, the newest, have a link here; the checking page lists them all. */
const HEATS_SHOWN = 12;

export class CheckList {
  #details = document.getElementById("check-list");
  #rows = document.getElementById("check-rows");
  #note = document.getElementById("check-note");
  #more = document.getElementById("check-more");
  #published = document.getElementById("check-published");
  #ask;
  #event = null;
  #course = null;
  #answer = null;
  #isFailed = false;
  #count = ROWS_AT_ONCE;

  /** @param {(course: string) => Promise<{event: object, rows: object[]}>} ask gives all standings of a course, and the event as `/api/event` has it */
  constructor(ask) {
    this.#ask = ask;
    this.#details.addEventListener("toggle", () => this.#fill());
    this.#more.addEventListener("click", () => {
      this.#count += ROWS_AT_ONCE;
      this.#render();
    });
    onLanguage(() => this.#render());
  }

  /** The course whose standings are meant. */
  show(course) {
    if (course === this.#course) return;
    this.#course = course;
    this.#answer = null;
    this.#count = ROWS_AT_ONCE;
    void this.#fill();
  }

  /** Every opening asks anew, so that the list is as old as the look at it. */
  async #fill() {
    if (!this.#details.open) return;
    const course = this.#course;
    try {
      const { event, rows } = await this.#ask(course);
      if (course !== this.#course) return;
      [this.#event, this.#answer, this.#isFailed] = [event, rows, false];
    } catch (error) {
      if (error.status === undefined) throw error;
      this.#isFailed = true;
    }
    this.#render();
  }

  #render() {
    const rows = this.#answer ?? [];
    this.#published.replaceChildren(...(this.#event === null ? [] : published(this.#event)));
    this.#rows.replaceChildren(...rows.slice(0, this.#count).map(line));
    this.#more.hidden = rows.length <= this.#count;
    this.#note.textContent = this.#isFailed ? t("play.problem-offline") : rows.length === 0 ? t("play.nobody") : t("play.check-how");
  }
}

/** The whole, once there is one, and the heats that are over. */
function published({ ended_at_ms: endedAtMs, heats }) {
  const all = endedAtMs === null ? [] : [link(t("play.check-all"), { all: "" })];
  const over = heats.filter(({ bundle }) => bundle).slice(-HEATS_SHOWN);
  return [...all, ...over.map(({ heat }) => link(t("play.check-heat", { heat }), { heat }))];
}

function link(text, what) {
  const item = document.createElement("li");
  const way = part("a", "check-way", text);
  way.href = checkAddress(what);
  item.append(way);
  return item;
}

function line(row) {
  const item = document.createElement("li");
  item.className = "check-row";
  item.append(
    part("span", "check-rank figure", number(row.rank)),
    part("span", "check-name", row.name || t("play.hidden-name")),
    part("span", "check-score figure", number(row.score)),
  );
  if (isRunning(row)) item.append(part("span", "check-way note", t("play.check-running")));
  else item.append(way(row));
  return item;
}

function way({ run, name }) {
  const link = part("a", "check-way", t("play.check"));
  link.href = checkAddress({ run });
  link.setAttribute("aria-label", t("play.check-of", { name: name || t("play.hidden-name") }));
  return link;
}

function part(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}
