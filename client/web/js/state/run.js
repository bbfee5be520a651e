/**
 * The run as the page knows it: a table of phases and what may happen in each, and one plain value that results.
 *
 *     idle --ask--> asking --started--> countdown --begin--> playing --ended--> ended
 *      ^              |                    |    \             |   |                |
 *      |<--refused----+                    |     +---lost-----+   |                |
 *      |                                   v            v         |                |
 *      |                                  lost <--------+         |                |
 *      |                                   +--resumed--> countdown | playing       |
 *      +<-----------------home------------------------------------------------------+
 *
 * A heat calls its members from wherever they are into its countdown (called), and waits for the server after a restart
 * (resumed as waiting) until its clock goes on.
 *
 * What is not in the table does not happen: such a message is for another run or came too late. The board, the chain and
 * the score are the server's; the page only remembers which swap is under way. Times are ms of the run's clock.
 */

import { MoveVerdict, Phase } from "../protocol/table.js";

/** The state in which nothing is in play. */
export const NO_RUN = Object.freeze({
  phase: "idle",
  run: null,
  course: null,
  /** The heat that the run is a part of, "" in open play. */
  heat: "",
  seq: 0,
  head: null,
  board: null,
  level: 0,
  startMs: 0,
  goal: 0,
  timeMs: 0,
  levelPoints: 0,
  score: 0,
  moves: 0,
  lockEndMs: 0,
  graceMs: 0,
  /** The swap that was sent and not answered yet: `{cell, direction}`. */
  underWay: null,
  /** The course's standings version that first shows the last move: `{epoch, version}`. */
  shownBy: null,
  /** How the run ended: the ENDED message. */
  end: null,
});

const ask = (_, { course }) => ({ ...NO_RUN, phase: "asking", course });
const home = () => NO_RUN;
const lost = (state) => ({ ...state, phase: "lost", underWay: null });

const started = (state, { message }) => ({ ...state, phase: "countdown", run: message.run });

const called = (_, { message }) => ({
  ...NO_RUN,
  phase: "countdown",
  run: message.run,
  course: message.course,
  heat: message.heat,
});

const begin = (state, { message }) => {
  if (message.run !== state.run) return state;
  const { head, board, level, goal, time_ms: timeMs, grace_ms: graceMs, course } = message;
  return { ...state, phase: "playing", course, seq: 0, head, board, level, goal, timeMs, graceMs };
};

const resumed = (_, { message, heat = "" }) => {
  const base = { ...NO_RUN, run: message.run, course: message.course, heat, goal: message.goal, timeMs: message.time_ms };
  if (message.phase === Phase.WAITING) return { ...base, phase: "waiting", score: message.score, moves: message.moves };
  if (message.phase === Phase.COUNTDOWN || message.board.length === 0) return { ...base, phase: "countdown" };
  return {
    ...base,
    phase: "playing",
    seq: message.seq,
    head: message.head,
    board: message.board,
    level: message.level,
    startMs: message.start_ms,
    levelPoints: message.level_points,
    score: message.score,
    moves: message.moves,
    lockEndMs: message.lock_end,
    graceMs: message.grace_ms,
  };
};

const send = (state, { swap }) => (state.underWay === null ? { ...state, underWay: swap } : state);
const refused = (state) => ({ ...state, underWay: null });

/** `board` is where the reply's tiles lead, which only a replay knows; level and shuffle bring their own. */
const moved = (state, { message, board }) => {
  if (message.run !== state.run) return state;
  const next = {
    ...state,
    underWay: null,
    seq: message.seq,
    head: message.head,
    lockEndMs: message.lock_end,
    score: message.score,
    shownBy: { epoch: message.epoch, version: message.version },
  };
  if (message.verdict === MoveVerdict.ILLEGAL) return next;
  next.moves += 1;
  next.levelPoints += message.points;
  next.board = board;
  if (message.level === null) return next;
  const { level, start_ms: startMs, goal, time_ms: timeMs, board: opening } = message.level;
  return { ...next, level, startMs, goal, timeMs, board: opening, levelPoints: 0 };
};

const ended = (state, { message }) => {
  if (message.run !== state.run) return state;
  return { ...state, phase: "ended", underWay: null, score: message.score, moves: message.moves, end: message };
};

/** A run that ended while the page was away: nothing else is known of it. */
const endedAway = (_, { message, heat = "" }) => ({
  ...NO_RUN,
  heat,
  phase: "ended",
  run: message.run,
  course: message.course,
  score: message.score,
  moves: message.moves,
  end: message,
});

const TABLE = Object.freeze({
  idle: { ask, called, resumed, endedAway },
  asking: { started, called, resumed, refused: home, lost: home, home },
  countdown: { begin, resumed, ended, lost, home },
  playing: { called, send, refused, moved, ended, lost, resumed, home },
  waiting: { resumed, ended, lost, home },
  lost: { called, resumed, ended, home },
  ended: { ask, called, resumed, home },
});

/** What `event` (`{type, …}`) makes of a state; the same state when it means nothing there. */
export function after(state, event) {
  const rule = TABLE[state.phase][event.type];
  return rule === undefined ? state : rule(state, event);
}

/** The end of the level's time, ms of the run's clock. */
export function deadlineMs({ startMs, timeMs }) {
  return startMs + timeMs;
}

/** The state on its way through a run; dispatches `change` with `{cause, before, now}` after every event that meant something. */
export class RunState extends EventTarget {
  #now = NO_RUN;

  /** The plain state; a new value after every change. */
  get now() {
    return this.#now;
  }

  /** Takes in an event and says whether it changed anything. */
  take(event) {
    const before = this.#now;
    this.#now = after(before, event);
    if (this.#now === before) return false;
    this.dispatchEvent(new CustomEvent("change", { detail: { cause: event.type, before, now: this.#now } }));
    return true;
  }
}
