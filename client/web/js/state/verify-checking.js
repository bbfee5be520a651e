/** A check under way: taken in slices, so that the page stays alive, and at the pace at which somebody watches one run of it. */

import { Playback } from "./desk-replay.js";
import { Timeline } from "./verify-timeline.js";

/** A slice ends after so many ms: less than a frame, so that nothing on the page waits. */
const SLICE_MS = 10;

/** How long to wait for the next look at the clock while the watched run is played, in ms. */
const LOOK_MS = 15;

/** Playback speeds on offer, and how long a run should take at the one that is chosen first, in ms. */
export const SPEEDS = Object.freeze([1, 2, 4, 8, 16, 32]);
const WATCHED_MS = 30_000;

/** The slowest speed at which a run of this length is over soon. */
export function speedFor(lengthMs) {
  return SPEEDS.find((speed) => lengthMs / speed <= WATCHED_MS) ?? SPEEDS.at(-1);
}

const machine = { now: () => performance.now(), wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };

/**
 * Drives a checker, which is a generator of items (`proof/verify.js`), to its report.
 *
 * Events: `item` with each item as detail; `watch` with a Timeline when the watched run begins; `moment` when that has grown.
 * The moments of that run are let through when their time has come on `playback`, or at once after `skip()`.
 */
export class Checking extends EventTarget {
  playback = null;
  #steps;
  #watched;
  #world;
  #timeline = null;
  #isSkipped = false;
  #isStopped = false;

  /**
   * @param {Iterator<object, object>} steps
   * @param {(item: object) => boolean} watched whether the run of an item of kind `run` is the one to be watched
   */
  constructor(steps, watched, world = machine) {
    super();
    this.#steps = steps;
    this.#watched = watched;
    this.#world = world;
  }

  /** Does all of it; gives the report, or null after `stop()`. */
  async run() {
    let endMs = this.#world.now() + SLICE_MS;
    while (!this.#isStopped) {
      const { value, done } = this.#steps.next();
      if (done) return value;
      await this.#pass(value);
      if (this.#world.now() < endMs) continue;
      await this.#world.wait(0);
      endMs = this.#world.now() + SLICE_MS;
    }
    return null;
  }

  /** Waits for nothing any more: the watched run is checked as fast as the others. */
  skip() {
    this.#isSkipped = true;
    this.playback?.seek(this.playback.endMs, this.#world.now());
  }

  /** Ends it before its time; there is no report then. */
  stop() {
    this.#isStopped = true;
  }

  async #pass(item) {
    if (item.kind === "run") this.#begin(item);
    else if (item.kind === "event" && this.#timeline !== null) {
      await this.#due(this.#timeline.timeOf(item.event));
      this.#timeline.push(item);
      this.#tell("moment", this.#timeline);
    }
    this.#tell("item", item);
  }

  #begin(item) {
    this.#timeline = null;
    if (!this.#watched(item)) return;
    this.#timeline = new Timeline(item);
    this.#timeline.begin(item.state);
    this.playback = new Playback(item.endMs);
    const now = this.#world.now();
    this.playback.setSpeed(speedFor(item.endMs), now);
    if (this.#isSkipped) this.playback.seek(item.endMs, now);
    else this.playback.play(now);
    this.#tell("watch", this.#timeline);
  }

  async #due(atMs) {
    while (!this.#isSkipped && !this.#isStopped && this.playback.at(this.#world.now()) < atMs) await this.#world.wait(LOOK_MS);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
