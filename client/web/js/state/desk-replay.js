/** A finished or running run as a timeline: what happened when, and what the board looked like afterwards. */

/** Playback speeds on offer; 1 is the run's own clock. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];

/**
 * Turn the server's replay into moments in the order of the run.
 *
 * @param {{levels: object[], moves: object[]}} replay as `GET /api/desk/runs/RUN` gives it
 * @returns {{atMs: number, kind: "level"|"ok"|"illegal", seq: number | null, move: object | null, level: number,
 *   goal: number, deadlineMs: number, before: string | null, after: string, score: number, points: number}[]}
 *   boards are 64 digits; `before` is null where a level's first board appears
 */
export function moments(replay) {
  const starts = replay.levels.map((level) => ({ atMs: level.start_ms, level }));
  const found = [];
  let level = null;
  let board = null;
  let score = 0;
  for (const { atMs, entry } of inOrder(starts, replay.moves)) {
    if (entry.verdict === undefined) {
      level = entry;
      board = entry.board;
      found.push({ ...frame(level), atMs, kind: "level", seq: null, move: null, before: null, after: board, score, points: 0 });
      continue;
    }
    const before = board;
    const legal = entry.verdict === "ok" || entry.verdict === 0;
    score = legal ? entry.score : score;
    // A move that reaches the goal carries the next level's board; on this one it is the last picture of its own level.
    board = legal && entry.level === null ? entry.board : board;
    found.push({
      ...frame(level),
      atMs,
      kind: legal ? "ok" : "illegal",
      seq: entry.seq,
      move: entry,
      before,
      after: board,
      score,
      points: legal ? entry.points : 0,
    });
  }
  return found;
}

function inOrder(starts, moves) {
  const entries = [
    ...starts.map(({ atMs, level }) => ({ atMs, entry: level })),
    ...moves.map((move) => ({ atMs: move.t_eff, entry: move })),
  ];
  // Level 0 starts at 0, where a first move may be as well: the sort is stable and levels come first.
  return entries.sort((a, b) => a.atMs - b.atMs);
}

function frame(level) {
  return { level: level.level, goal: level.goal, deadlineMs: level.start_ms + level.time_ms };
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
