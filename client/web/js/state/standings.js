/**
 * The standings of one course as one feed shows them: rows, and the (epoch, version) that they are.
 *
 * A snapshot replaces everything. A delta holds all that changed from one version to another. One that begins before ours
 * goes on from it all the same, because nothing has changed in between, or it would have been told; one that begins beyond
 * ours is a gap: `apply` says so, and whoever owns the connection asks for a fresh watch. Rows never show a mixture of two
 * versions.
 *
 * On the wire a row has a number; the ranks of `top` and `own` follow from the order.
 */
import { PODIUM_COUNT, RowState, View } from "../protocol/table.js";

/** Neighbours of a player on either side. */
const AROUND_COUNT = 3;

const compareText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const byScore = (a, b) => b.score - a.score || a.time_ms - b.time_ms || compareText(a.player, b.player) || compareText(a.run, b.run);
/** Rank 0 is no standing and comes last. */
const rankOf = (row) => row.rank || Infinity;
const byRank = (a, b) => rankOf(a) - rankOf(b) || compareText(a.player, b.player) || compareText(a.run, b.run);
// Infinity − Infinity is NaN, which is falsy: two rows without a rank go on to the next criterion

/** Rows in order, each with its rank: equals share one, and `skipped` others stand behind the podium. */
function ranked(rows, skipped, rank) {
  let last = null;
  return [...rows].sort(byScore).map((row, index) => {
    const place = index + 1 + (index < PODIUM_COUNT ? 0 : skipped);
    let own = place;
    if (skipped > 0 && index === PODIUM_COUNT) own = rank;
    else if (last?.score === row.score && last.time_ms === row.time_ms) own = last.rank;
    last = { ...row, rank: own };
    return last;
  });
}

/** A row with what it gained; one that gained nothing is of a run that is over. */
function gained(row, points, ms) {
  if (points || ms) return { ...row, score: row.score + points, time_ms: row.time_ms + ms };
  return { ...row, state: row.state & ~RowState.RUNNING };
}

/** The podium, and a player's row with its neighbours, out of rows in the order of ranks; the podium alone for nobody. */
export function around(rows, player) {
  const own = rows.findIndex((row) => row.player === player);
  return rows.filter((_, index) => index < PODIUM_COUNT || (own >= 0 && Math.abs(index - own) <= AROUND_COUNT));
}

/**
 * Events: `change`, after every applied message; its detail is `{changed, gone, whole}`: keys of the rows that are new or
 * different, keys of those that left, and whether it was a snapshot.
 */
export class Standings extends EventTarget {
  #rows = [];
  #numbered = [];
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

  #take_snapshot({ epoch, version, skipped, rank, rows }) {
    const gone = this.#rows.filter((old) => !rows.some((row) => row.run === old.run)).map((row) => row.run);
    this.#waits_for_snapshot = false;
    this.#settle(epoch, version, [...rows], { skipped, rank }, { changed: rows.map((row) => row.run), gone, whole: true });
  }

  #take_delta({ from, steps, skipped, rank, rows, gains, gone }) {
    const to = from + steps;
    if (this.epoch === 0 || from > this.version) return false;
    if (to <= this.version) return true; // all of it is on show already
    const known = new Map(this.#numbered.map((row) => [row.number, row]));
    const changed = new Map(rows.map((row) => [row.number, row]));
    for (let at = 0; at < gains.length; at += 3) {
      const [number, points, ms] = gains.slice(at, at + 3);
      const row = known.get(number);
      if (row === undefined || ms === undefined) return false; // it must have come while we were not told
      changed.set(number, gained(row, points, ms));
    }
    const left = new Set(gone);
    const fresh = rows.filter(({ number }) => !known.has(number));
    const stayed = this.#numbered.filter(({ number }) => !left.has(number)).map((row) => changed.get(row.number) ?? row);
    const all = [...fresh, ...stayed];
    const runs = new Set(all.map(({ run }) => run));
    const went = [...left].map((number) => known.get(number)?.run).filter((run) => run !== undefined && !runs.has(run));
    this.#settle(this.epoch, to, all, { skipped, rank }, { changed: [...changed.values()].map(({ run }) => run), gone: went, whole: false });
    return true;
  }

  #settle(epoch, version, numbered, { skipped, rank }, detail) {
    this.#numbered = numbered;
    this.#rows = this.#shown(numbered, skipped, rank);
    this.epoch = epoch;
    this.version = version;
    this.dispatchEvent(new CustomEvent("change", { detail }));
  }

  #shown(numbered, skipped, rank) {
    if (this.view === View.DESK) return [...numbered].sort(byRank);
    // the latest results stand in the order in which they came, new ones first, and have no ranks
    if (this.view === View.LATEST) return numbered.map((row) => ({ ...row, rank: 0 }));
    return ranked(numbered, skipped, rank);
  }
}
