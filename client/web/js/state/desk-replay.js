/** A finished or running run as a timeline: what happened when, and what the board looked like afterwards. */

import { boardDigits, parseBoard, replay as cascade } from "../game/board.js";
import { lockMs } from "../game/phases.js";

/** Playback speeds on offer; 1 is the run's own clock. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];

/** The lock of a move is its animation; an illegal one takes this long (RULES.md, section 6), in ms. */
const ILLEGAL_LOCK_MS = 300;

/**
 * Turn the server's replay into moments in the order of the run.
 *
 * @param {{levels: object[], moves: object[]}} replay as `GET /api/desk/runs/RUN` gives it
 * @returns {{atMs: number, kind: "level"|"ok"|"illegal", move: object | null, level: number, goal: number,
 *   deadlineMs: number, before: string | null, after: string, score: number, lockMs: number}[]}
 *   boards are 64 digits; `before` is null where a level's first board appears
 */
export function moments(replay) {
  const found = [];
  let now = { level: null, board: null, score: 0 };
  for (const entry of inOrder(replay)) {
    const next = entry.move === null ? begin(now, entry.level) : play(now, entry.move);
    const { level, goal, start_ms, time_ms } = next.level;
    found.push({
      atMs: entry.atMs,
      kind: entry.move === null ? "level" : entry.move.verdict,
      move: entry.move,
      level,
      goal,
      deadlineMs: start_ms + time_ms,
      before: entry.move === null ? null : now.board,
      after: next.board,
      score: next.score,
      lockMs: entry.move === null ? 0 : lockOf(entry.move),
    });
    now = next;
  }
  return found;
}

function begin(now, level) {
  return { ...now, level, board: level.board };
}

function play(now, move) {
  if (move.verdict !== "ok") return now;
  return { ...now, board: move.level === null ? move.board : lastBoard(now.board, move), score: move.score };
}

/** A move that reaches the goal comes with the next level's board; on its own level it leaves this one. */
function lastBoard(before, { i, d, steps }) {
  return boardDigits(cascade(parseBoard(before), { cell: i, direction: d }, steps).at(-1).after);
}

function lockOf({ verdict, steps }) {
  return verdict === "ok" ? lockMs(steps.length) : ILLEGAL_LOCK_MS;
}

/** Levels before moves where both are at the same time: level 0 starts at 0, and a first move may as well. */
function inOrder({ levels, moves }) {
  return [
    ...levels.map((level) => ({ atMs: level.start_ms, level, move: null })),
    ...moves.map((move) => ({ atMs: move.t_eff, level: null, move })),
  ].sort((a, b) => a.atMs - b.atMs);
}

/** Index of the last moment at or before `ms`; 0 before the first. */
export function indexAt(found, ms) {
  let low = 0;
  let high = found.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (found[middle].atMs <= ms) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** Where a replay stands, on the run's clock. It is moved by whoever owns a clock: nothing here ticks. */
export class Playback {
  #endMs;
  #atMs = 0;
  #since = null;
  #speed = 1;

  /** @param {number} endMs length of the run in ms */
  constructor(endMs) {
    this.#endMs = endMs;
  }

  get playing() {
    return this.#since !== null;
  }

  get speed() {
    return this.#speed;
  }

  get endMs() {
    return this.#endMs;
  }

  /** Position on the run's clock in ms; a replay that reaches the end stops there. */
  at(nowMs) {
    if (this.#since === null) return this.#atMs;
    const at = this.#atMs + (nowMs - this.#since) * this.#speed;
    if (at < this.#endMs) return at;
    this.#atMs = this.#endMs;
    this.#since = null;
    return this.#endMs;
  }

  /** Play on; from the start when it stands at the end. */
  play(nowMs) {
    if (this.#atMs >= this.#endMs) this.#atMs = 0;
    this.#since ??= nowMs;
  }

  pause(nowMs) {
    this.#atMs = this.at(nowMs);
    this.#since = null;
  }

  seek(ms, nowMs) {
    const playing = this.playing;
    this.#atMs = Math.min(Math.max(ms, 0), this.#endMs);
    this.#since = playing ? nowMs : null;
  }

  setSpeed(speed, nowMs) {
    const at = this.at(nowMs);
    this.#speed = speed;
    this.seek(at, nowMs);
  }
}
