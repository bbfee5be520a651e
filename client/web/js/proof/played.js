/**
 * A published run played again, and what it then says about itself.
 *
 * Re-play alone decides about moves. What no re-play shows is checked here: that the clock never went back, that connections were
 * lost before they were resumed, that the log has an end (RULES.md 6 and 7).
 */

import { ConnectionKind, decode, EndReason, LogError } from "./log.js";
import { replay } from "./replay.js";
import { Refuted } from "./report.js";
import { Run } from "./run.js";

/**
 * Plays a run again; yields an item of kind `run` with the fresh run, then one of kind `event` for every event that has passed.
 *
 * @param {{where: string, run: string, player: string, course: {name: string, levels: object[]}, tiles: object, start: Uint8Array,
 *   graceMs: number, payloads: Uint8Array[]}} published `where` names it in a report
 * @returns {object} `heads[n]` is the chain's hash after n events, `arrivedMs[n - 1]` the run's clock when event n was written,
 *   `timeMs` the `tEff` of the move that reached the score, `awayMs` where the clock went on each time the server had been away
 * @throws {Refuted} an event that a run would not have written, a clock that goes back, a log without an end
 */
export function* play(published) {
  const { where, run: id, player, course, tiles, start, graceMs, payloads } = published;
  const run = new Run({ levels: course.levels, tiles, start, graceMs });
  const clock = new Clock(where, graceMs);
  yield { kind: "run", where, run: id, player, course: course.name, endMs: claimedEnd(payloads), state: run };
  try {
    for (const { event, outcome } of replay(run, payloads)) {
      clock.see(event);
      yield { kind: "event", event, outcome, run };
    }
  } catch (broken) {
    if (broken instanceof LogError || broken instanceof RangeError) throw new Refuted("replay", where, broken.message);
    throw broken;
  }
  if (run.end === null) throw new Refuted("run", where, "the log has no end");
  const { heads, score, scoredAtMs: timeMs, end, connections, moves } = run;
  const { arrivedMs, awayMs } = clock;
  return { where, run: id, player, heads, arrivedMs, score, timeMs, end, connections, moves, awayMs, eventCount: arrivedMs.length, head: run.head };
}

/** When the log says that the run ended, for whoever watches; it is not checked yet. */
function claimedEnd(payloads) {
  try {
    return decode(payloads.at(-1)).t ?? 0;
  } catch {
    return 0;
  }
}

/** The run's clock and its player's line, as a log tells of them. */
class Clock {
  arrivedMs = [];
  awayMs = [];
  #where;
  #graceMs;
  #nowMs = 0;
  #isPresent = true;

  constructor(where, graceMs) {
    this.#where = where;
    this.#graceMs = graceMs;
  }

  see(event) {
    const { type, seq } = event;
    if (type === "MOVE" || type === "ILLEGAL") this.#goesOn(seq, event.tArr);
    else if (type === "CONNECTION") this.#connection(event);
    else if (type === "END" && event.reason === EndReason.TIME) {
      this.#nowMs = Math.max(this.#nowMs, event.t + this.#graceMs); // written by the server's timer, or before it by a late frame
    } else if (type === "END" && event.reason !== EndReason.COURSE_DONE) this.#goesOn(seq, event.t);
    this.arrivedMs.push(this.#nowMs);
  }

  #goesOn(seq, t) {
    if (t < this.#nowMs) throw new Refuted("run", this.#where, `event ${seq}: the run's clock goes back from ${this.#nowMs} to ${t} ms`);
    this.#nowMs = t;
  }

  #connection({ seq, t, kind }) {
    this.#goesOn(seq, t);
    const wasPresent = this.#isPresent;
    this.#isPresent = kind !== ConnectionKind.LOST;
    if (kind === ConnectionKind.SERVER_AWAY) this.awayMs.push(t);
    else if (wasPresent === (kind === ConnectionKind.RESUMED)) {
      const line = wasPresent ? "is there" : "is lost";
      throw new Refuted("run", this.#where, `event ${seq}: connection ${WORDS[kind]} while it ${line}`);
    }
  }
}

const WORDS = Object.freeze(["lost", "resumed", "replaced"]);
