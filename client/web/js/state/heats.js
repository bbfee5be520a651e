/**
 * The heats of the event as this page was told of them: the last HEAT of each, in the order in which they were opened.
 */

import { HeatPhase, Place } from "../protocol/table.js";

const UNDER_WAY = new Set([HeatPhase.COUNTDOWN, HeatPhase.RUNNING, HeatPhase.WAITING]);
const BEFORE_T0 = new Set([HeatPhase.OPEN, HeatPhase.FROZEN]);

/** Dispatches `change` after every message. */
export class HeatBook extends EventTarget {
  #heats = new Map();

  /** Take a HEAT in; a lobby that was closed again is as if it had never been open. */
  take(message) {
    if (message.phase === HeatPhase.CLOSED) this.#heats.delete(message.heat);
    else this.#heats.set(message.heat, message);
    this.dispatchEvent(new Event("change"));
  }

  /** The id of the heat that a run of this player is a part of, "" in open play. */
  ofRun(run) {
    return this.#newest((heat) => heat.run === run)?.heat ?? "";
  }

  /** The heat that a player waits for, or may join: the own one first; null when there is none. */
  get lobby() {
    const own = this.#newest((heat) => BEFORE_T0.has(heat.phase) && heat.place === Place.MEMBER);
    return own ?? this.#newest((heat) => heat.phase === HeatPhase.OPEN);
  }

  /** The heat that a hall looks at: the one under way, or null. */
  get underWay() {
    return this.#newest((heat) => UNDER_WAY.has(heat.phase));
  }

  /** Whether the heat's bundle is there for everybody: it is over, or was voided after it had begun. */
  isPublished(heat) {
    const { phase, t0_unix_ms: t0UnixMs } = this.get(heat) ?? {};
    return phase === HeatPhase.OVER || (phase === HeatPhase.VOIDED && t0UnixMs > 0);
  }

  /** The courses of the heats that were ever opened, each once. */
  get courses() {
    return [...new Set([...this.#heats.values()].map(({ course }) => course))];
  }

  /** The last HEAT of that id, or null. */
  get(heat) {
    return this.#heats.get(heat) ?? null;
  }

  #newest(fits) {
    return [...this.#heats.values()].reverse().find(fits) ?? null;
  }
}
