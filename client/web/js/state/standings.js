/**
 * The standings of one course as one feed shows them: rows, and the (epoch, version) that they are.
 *
 * A snapshot replaces everything. A delta holds all that changed from one version to another, as whole rows, so it goes
 * on from any version between the two; one that begins beyond ours is a gap: `apply` says so, and whoever owns the
 * connection asks for a fresh watch. Rows never show a mixture of two versions.
 */
import { View } from "../protocol/table.js";

/** Rank 0 is no standing and comes last. */
const rankOf = (row) => row.rank || Infinity;
const compareText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const byRank = (a, b) => rankOf(a) - rankOf(b) || compareText(a.player, b.player) || compareText(a.run, b.run);
// Infinity − Infinity is NaN, which is falsy: two rows without a rank go on to the next criterion

/**
 * Events: `change`, after every applied message; its detail is `{changed, gone, whole}`: keys of the rows that are new or
 * different, keys of those that left, and whether it was a snapshot.
 */
export class Standings extends EventTarget {
  #rows = [];
  #waits_for_snapshot = false;

  /** @param {{course: string, view: number}} feed what is watched */
  constructor({ course, view }) {
    super();
    this.course = course;
    this.view = view;
    this.epoch = 0;
    this.version = 0;
  }

  /** The rows in the order in which they are shown; a new array after every change. */
  get rows() {
    return this.#rows;
  }

  /** The row of a run, or undefined. */
  row(run) {
    return this.#rows.find((row) => row.run === run);
  }

  /**
   * Take in a SNAPSHOT, DELTA or RESYNC of this feed.
   * @returns {boolean} false for a gap: these rows cannot go on without a snapshot, which `start_over` prepares for
   */
  apply(message) {
    switch (message.type) {
      case "SNAPSHOT":
        this.#take_snapshot(message);
        return true;
      case "DELTA":
        return this.#waits_for_snapshot || this.#take_delta(message);
      default: // RESYNC: a snapshot follows by itself
        this.#waits_for_snapshot = true;
        return true;
    }
  }

  /** Wait for a snapshot: from now on deltas of the broken feed are dropped; the rows stay on show until it comes. */
  start_over() {
    this.#waits_for_snapshot = true;
    this.epoch = 0;
    this.version = 0;
  }

  #take_snapshot({ epoch, version, rows }) {
    const gone = this.#rows.filter((old) => !rows.some((row) => row.run === old.run)).map((row) => row.run);
    this.#waits_for_snapshot = false;
    this.#settle(epoch, version, [...rows], { changed: rows.map((row) => row.run), gone, whole: true });
  }

  #take_delta({ epoch, from, to, rows, gone }) {
    if (epoch !== this.epoch || from > this.version) return false;
    if (to <= this.version) return true; // all of it is on show already
    const changed = new Map(rows.map((row) => [row.run, row]));
    const left = new Set(gone);
    const staying = this.#rows.filter((row) => !left.has(row.run));
    const known = new Set(staying.map((row) => row.run));
    const fresh = rows.filter((row) => !known.has(row.run));
    const all = [...fresh, ...staying.map((row) => changed.get(row.run) ?? row)];
    this.#settle(epoch, to, all, { changed: [...changed.keys()], gone: [...left], whole: false });
    return true;
  }

  #settle(epoch, version, rows, detail) {
    // the latest results stand in the order in which they came, new ones first; everything else by rank
    this.#rows = this.view === View.LATEST ? rows : rows.sort(byRank);
    this.epoch = epoch;
    this.version = version;
    this.dispatchEvent(new CustomEvent("change", { detail }));
  }
}
