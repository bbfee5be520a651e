/** A run as it is checked, event by event: what happened when, and what the board looked like before and afterwards. */

import { lockMs } from "../game/phases.js";

/** An illegal swap's animation, RULES.md 6, in ms. */
const ILLEGAL_LOCK_MS = 300;

/**
 * The moments of one run in order, growing while it is checked.
 *
 * A moment is `{atMs, kind, seq, headDigits, level, goal, deadlineMs, before, after, score, lockMs, …}`; `kind` is level, ok, illegal,
 * connection or end. Boards are Uint8Arrays; `before` is null where a level's first board appears. An ok has `swap`, `steps`, `points`
 * and `shuffle`, an illegal `swap`, a connection `connection` (0..3), an end `reason` (0..3).
 */
export class Timeline {
  moments = [];

  /** @param {{run: string, player: string, course: string, endMs: number}} about the run, and when its log says that it ended */
  constructor(about) {
    this.about = about;
  }

  get endMs() {
    return this.about.endMs;
  }

  /** The run's clock at an event, never before the moment that stands last. */
  timeOf(event) {
    return Math.max(event.tEff ?? event.t ?? 0, this.moments.at(-1)?.atMs ?? 0);
  }

  /** Takes up the fresh run. */
  begin(run) {
    this.#put(run, { kind: "level", atMs: 0, seq: 0, before: null, after: run.board, lockMs: 0 });
  }

  /** Takes up a checked event, what it did (null where nothing was judged), and the run as it stands then. */
  push({ event, outcome, run }) {
    const atMs = this.timeOf(event);
    const before = this.moments.at(-1).after;
    const shared = { atMs, seq: event.seq, before, after: before, lockMs: 0 };
    if (outcome?.verdict === "ok") {
      const { steps, points, board, shuffle } = outcome;
      const swap = { cell: event.cell, direction: event.direction };
      this.#put(run, { ...shared, kind: "ok", swap, steps, points, shuffle, after: shuffle ?? board, lockMs: lockMs(steps.length) }, outcome.level);
    } else if (outcome?.verdict === "illegal") {
      this.#put(run, { ...shared, kind: "illegal", swap: { cell: event.cell, direction: event.direction }, lockMs: ILLEGAL_LOCK_MS });
    } else if (event.type === "LEVEL") this.#put(run, { ...shared, kind: "level", before: null, after: run.board });
    else if (event.type === "CONNECTION") this.#put(run, { ...shared, kind: "connection", connection: event.kind });
    else if (event.type === "END") this.#put(run, { ...shared, kind: "end", reason: event.reason });
  }

  /** A move that opens a level was still made in the one before, of which the last moment knows. */
  #put({ level, levels, deadlineMs, score, head }, moment, opened = null) {
    const of = opened === null ? { level, goal: levels[level].goal, deadlineMs } : this.#lastLevel();
    this.moments.push({ ...of, score, headDigits: digits(head), ...moment });
  }

  #lastLevel() {
    const { level, goal, deadlineMs } = this.moments.at(-1);
    return { level, goal, deadlineMs };
  }
}

const digits = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
