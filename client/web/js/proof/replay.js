/** A stored log walked again: every event must come out of a run as the bytes that were stored. */

import { equal, hex } from "./bytes.js";
import { decode, EndReason, LogError } from "./log.js";
import { isSwap } from "./swaps.js";

/**
 * Walks a log with a fresh run; yields `{event, outcome}`, a MOVE or ILLEGAL with what it did, all others with null.
 *
 * What followed from a move (SHUFFLE, LEVEL, END with reason 1) is yielded after it. Between two steps `run` stands where it
 * stood when the yielded event's command had been carried out. Some of what a log tells (when a connection was lost, which
 * illegal swap was tried) follows from nothing but the chain: compare the run's `head` with the hash that was promised.
 *
 * @param {import("./run.js").Run} run
 * @param {Uint8Array[]} payloads
 * @throws {LogError} bytes that are no event, an event that the run would not have written, a log that stops inside a move
 */
export function* replay(run, payloads) {
  for (let place = 0; place < payloads.length; ) {
    const event = decode(payloads[place]);
    const { outcome, written } = again(run, event);
    if (written.length === 0) throw new LogError(`event ${event.seq}: a run would not write ${hex(payloads[place])} here`);
    written.forEach((played, index) => {
      const stored = payloads[place + index];
      if (stored === undefined || !equal(played, stored)) {
        const was = stored === undefined ? "nothing" : hex(stored);
        throw new LogError(`event ${decode(played).seq}: stored ${was}, played ${hex(played)}`);
      }
    });
    yield { event, outcome };
    for (const following of written.slice(1)) yield { event: decode(following), outcome: null };
    place += written.length;
  }
}

/** Gives the run the command that an event answers; what only follows from a move has none. */
function again(run, event) {
  const answer = COMMANDS[event.type]?.(run, event) ?? [];
  return Array.isArray(answer) ? { outcome: null, written: answer } : { outcome: answer, written: answer.events };
}

const move = (run, { tArr, cell, direction }) => (isSwap({ cell, direction }) ? run.move(tArr, { cell, direction }) : null);

const COMMANDS = Object.freeze({
  MOVE: move,
  ILLEGAL: move,
  CONNECTION: (run, { t, kind }) => run.connection(t, kind),
  END: (run, { t, reason }) => ENDS[reason]?.(run, t),
});

const ENDS = Object.freeze({
  [EndReason.TIME]: (run) => run.expire(),
  [EndReason.ABANDONED]: (run, t) => run.finish(t, EndReason.ABANDONED),
  [EndReason.VOIDED]: (run, t) => run.finish(t, EndReason.VOIDED),
});
