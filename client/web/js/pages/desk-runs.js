/** The desk's table of runs: its feeds, what of them is shown, and older runs on demand. */

import { View } from "../protocol/table.js";
import { FILTERS, byRank, byStart, select } from "../state/desk-filter.js";
import { deskRow, deskRowOf } from "../state/desk-row.js";
import { Standings } from "../state/standings.js";
import { CourseChoice, RunsTable } from "../view/desk/runs-table.js";

/** The live list holds the newest runs of a course, as many as this; older ones are asked for. */
const LIVE_ROWS = 500;

const ORDERS = { rank: byRank, start: byStart };

/** Events: `run`, detail the id of a run that changed; `whole`, after a list came as a whole. */
export class DeskRuns extends EventTarget {
  #table = new RunsTable();
  #choice = new CourseChoice((course) => this.#choose(course));
  #search = document.getElementById("search");
  #filter = document.getElementById("filter");
  #order = document.getElementById("order");
  #older = document.getElementById("older");
  #feeds = new Map();
  #course = null;
  #found = { rows: [], page: 1, total: null };
  #connection;
  #ask;

  /**
   * @param {import("../net/connection.js").Connection} connection
   * @param {(question: {course: string, search: string, page: number}) => Promise<{total: number, rows: any[]} | null>} ask
   *   asks for a page of all runs, newest first; null when that failed
   */
  constructor(connection, ask) {
    super();
    this.#connection = connection;
    this.#ask = ask;
    for (const field of [this.#search, this.#filter, this.#order]) field.addEventListener("input", () => this.#narrow());
    document.getElementById("older-more").addEventListener("click", () => this.#searchOlder());
  }

  /** Watch the event's courses; more than once does no harm. */
  watch(courses) {
    for (const course of courses) {
      if (this.#feeds.has(course)) continue;
      const feed = new Standings({ course, view: View.DESK });
      this.#feeds.set(course, feed);
      feed.addEventListener("change", ({ detail }) => {
        if (course === this.#course) this.show();
        if (detail.whole) this.dispatchEvent(new CustomEvent("whole"));
        for (const run of detail.changed) this.dispatchEvent(new CustomEvent("run", { detail: run }));
      });
      void this.#connection.watch(feed);
    }
    this.#course ??= courses[0] ?? null;
    this.show();
  }

  /** Show the runs of a heat, or of a course. */
  lookAt(listing) {
    this.watch([listing]);
    this.#choose(listing);
  }

  show() {
    this.#choice.show([...this.#feeds.keys()], this.#course);
    const live = this.#live();
    const known = new Set(live.map(({ run }) => run));
    const all = [...live, ...this.#found.rows.filter(({ run }) => !known.has(run))];
    const [search, filter] = [this.#search.value, this.#filter.value];
    const rows = select(all, { filter, search }).sort(ORDERS[this.#order.value] ?? byRank);
    this.#table.show(rows, { searching: search.trim() !== "" || FILTERS[filter] !== FILTERS.all });
    this.#older.hidden = live.length < LIVE_ROWS || (this.#found.total !== null && this.#found.rows.length >= this.#found.total);
  }

  /** The run with this id, or the newest run of the player with this id; null when the live lists have none. */
  rowOf(id) {
    const rows = [...this.#feeds.values()].flatMap((feed) => feed.rows.map(deskRow)).sort(byStart);
    return rows.find(({ run, player }) => run === id || player === id) ?? null;
  }

  #live() {
    return (this.#feeds.get(this.#course)?.rows ?? []).map(deskRow);
  }

  #choose(course) {
    this.#course = course;
    this.#narrow();
  }

  #narrow() {
    this.#found = { rows: [], page: 1, total: null };
    this.show();
  }

  async #searchOlder() {
    const asked = this.#found;
    const answer = await this.#ask({ course: this.#course, search: this.#search.value.trim(), page: asked.page });
    if (answer === null || asked !== this.#found) return; // the question has changed meanwhile
    this.#found = { rows: [...asked.rows, ...answer.rows.map(deskRowOf)], page: asked.page + 1, total: answer.total };
    this.show();
  }
}
