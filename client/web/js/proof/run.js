/**
 * A player's run through a course, told what arrived when, telling what it was worth (RULES.md 4, 6 and 7).
 *
 * It has no clock and no chance of its own: times come in as ms of the run's clock, tiles from `SeededTiles`.
 */

import { lines, swapped } from "../game/board.js";
import { Falling, resolve } from "./cascade.js";
import { board8, chain, EndReason, encode } from "./log.js";
import {
  BONUS_POINTS_PER_SECOND, CONNECTIONS_MAX, EARLY_TOLERANCE_MS, LEVEL_BREAK_MS, LOCK_ILLEGAL_MS, LOCK_MS_MAX,
  LOCK_STEP_MS, LOCK_SWAP_MS,
} from "./numbers.js";
import { hasLegalSwap } from "./swaps.js";

/**
 * A run in play, or one that has ended (`end` is its END then).
 *
 * `heads[n]` is the chain's hash after n events, `seq` the number of the last event, `moves` counts legal moves, `scoredAtMs` is
 * the `tEff` of the move that reached the score, `boards` holds each level's first board so far.
 */
export class Run {
  seq = 0;
  score = 0;
  moves = 0;
  scoredAtMs = 0;
  shuffles = 0;
  connections = 0;
  end = null;
  level = 0;
  levelPoints = 0;
  levelStartMs = 0;
  lockEndMs = 0;
  #tiles;
  #falling;

  /**
   * @param {{levels: {goal: number, timeMs: number}[], tiles: import("./streams.js").SeededTiles, start: Uint8Array,
   *   graceMs: number}} described `start` is the hash that the chain begins with
   */
  constructor({ levels, tiles, start, graceMs }) {
    this.levels = levels;
    this.graceMs = graceMs;
    this.heads = [start];
    this.deadlineMs = levels[0].timeMs;
    this.board = tiles.firstBoard(0).board;
    this.boards = [this.board];
    this.#tiles = tiles;
    this.#falling = new Falling(tiles, 0);
  }

  /** The chain's last hash. */
  get head() {
    return this.heads[this.seq];
  }

  /**
   * Judges a swap that exists and that arrived at `tArr`, and carries it out when it is legal.
   *
   * @returns {{verdict: "ok"|"illegal"|"early"|"late"|"over", tEff: number, points: number, steps: number[][][],
   *   board: Uint8Array, shuffle: Uint8Array | null, level: object | null, events: Uint8Array[]}} `board` is at rest after the
   *   cascade, before a shuffle or a new level; `events` is all that this call wrote
   */
  move(tArr, swap) {
    if (this.end !== null) return this.#refused("over", tArr);
    const tFair = tArr - this.graceMs;
    const tEff = Math.max(tFair, this.lockEndMs); // never below 0, because no lock ends there
    if (tEff >= this.deadlineMs) return this.#refused("late", tEff, this.expire());
    if (tFair < this.lockEndMs - EARLY_TOLERANCE_MS) return this.#refused("early", tEff);
    const after = swapped(this.board, swap);
    if (lines(after).length === 0) return this.#illegal(tArr, tEff, swap);
    return this.#legal(tArr, tEff, swap, after);
  }

  /** Logs what happened to the player's connection; nothing after the deadline, after END, or beyond 60. */
  connection(t, kind) {
    if (this.end !== null || t > this.deadlineMs || this.connections >= CONNECTIONS_MAX) return [];
    this.connections += 1;
    return [this.#log({ type: "CONNECTION", t, kind })];
  }

  /** Ends the run at its level's deadline. */
  expire() {
    return this.finish(this.deadlineMs, EndReason.TIME);
  }

  /** Ends the run now, abandoned or voided; its score stands. Nothing happens to one that has ended. */
  finish(t, reason) {
    return this.end === null ? [this.#finish(t, reason)] : [];
  }

  #legal(tArr, tEff, swap, after) {
    const { board, points, steps } = resolve(after, this.#falling);
    this.board = board;
    this.moves += 1;
    this.score += points;
    this.levelPoints += points;
    this.scoredAtMs = tEff;
    this.lockEndMs = tEff + Math.min(LOCK_SWAP_MS + LOCK_STEP_MS * steps.length, LOCK_MS_MAX);
    const pinned = board8(board, this.#falling.drawn, this.shuffles);
    const outcome = { verdict: "ok", tEff, points, steps, board, shuffle: null, level: null };
    outcome.events = [this.#log({ type: "MOVE", tArr, tEff, ...swap, steps: steps.length, points, score: this.score, board8: pinned })];
    const { goal } = this.levels[this.level];
    if (goal > 0 && this.levelPoints >= goal) this.#levelDone(tEff, outcome);
    else if (!hasLegalSwap(board)) this.#shuffle(outcome);
    return outcome;
  }

  #illegal(tArr, tEff, swap) {
    this.lockEndMs = tEff + LOCK_ILLEGAL_MS;
    return this.#refused("illegal", tEff, [this.#log({ type: "ILLEGAL", tArr, tEff, ...swap })]);
  }

  /** Pays the bonus and opens the next level, or ends the run with its course. */
  #levelDone(tEff, outcome) {
    const bonus = BONUS_POINTS_PER_SECOND * Math.floor((this.deadlineMs - tEff) / 1000);
    this.score += bonus;
    if (this.level + 1 === this.levels.length) {
      outcome.events.push(this.#finish(tEff, EndReason.COURSE_DONE));
      return;
    }
    this.level += 1;
    this.levelPoints = 0;
    this.board = this.#tiles.firstBoard(this.level).board;
    this.boards.push(this.board);
    this.#falling = new Falling(this.#tiles, this.level);
    const startMs = this.lockEndMs + LEVEL_BREAK_MS;
    const { goal, timeMs } = this.levels[this.level];
    this.levelStartMs = this.lockEndMs = startMs;
    this.deadlineMs = startMs + timeMs;
    const pinned = board8(this.board, this.#falling.drawn, this.shuffles);
    outcome.events.push(this.#log({ type: "LEVEL", t: startMs, level: this.level, bonus, score: this.score, board8: pinned }));
    outcome.level = { level: this.level, startMs, goal, timeMs, bonus, board: this.board };
  }

  #shuffle(outcome) {
    const z = this.shuffles;
    const { attempt, board } = this.#tiles.shuffle(this.board, z);
    this.board = outcome.shuffle = board;
    this.shuffles = z + 1;
    const pinned = board8(board, this.#falling.drawn, this.shuffles);
    outcome.events.push(this.#log({ type: "SHUFFLE", z, attempt, board8: pinned }));
  }

  #finish(t, reason) {
    this.end = { t, reason, score: this.score, moves: this.moves };
    return this.#log({ type: "END", ...this.end });
  }

  #refused(verdict, tEff, events = []) {
    return { verdict, tEff, points: 0, steps: [], board: this.board, shuffle: null, level: null, events };
  }

  #log(event) {
    const payload = encode({ ...event, seq: this.seq + 1 });
    this.heads.push(chain(this.head, payload));
    this.seq += 1;
    return payload;
  }
}
