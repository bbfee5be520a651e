/**
 * What the moderators' acts come to: which runs and heats are voided (PROOF.md 3.2), and the chain that holds all acts.
 *
 *     an act is in effect            unless an undo that is in effect names it
 *     a run or a heat is voided      if the last act in effect on it says so
 */

import { lp, u32, u64 } from "./bytes.js";
import { sha, tagged } from "./hashing.js";

const ACTS = tagged("acts");
const ACT = tagged("act");

/** Acts of an event; undoing undos costs a walk each, and no desk decides so often. */
const ACTS_MAX = 10_000;

/** What an act of each kind is about: a run and a player may carry the same id. */
const NOUNS = Object.freeze({
  void: "run", restore: "run", void_heat: "heat", hide_name: "player", replace_name: "player", show_name: "player", undo: "act",
});

/** An act that no desk could have done. */
export class ActFault extends Error {
  constructor(number, what) {
    super(`act ${number}: ${what}`);
  }
}

/** The acts of an event, folded; `heads[n]` is the chain's hash after n acts. */
export class Decisions {
  #acts = [];
  #inEffect = [];
  #last = new Map();
  #ever = new Set();

  /** @throws {ActFault} a number left out, an undo of nothing, more acts than a desk does */
  constructor(event, acts) {
    this.heads = [sha(ACTS, lp(event))];
    for (const act of acts) this.#add(act);
    this.#acts.forEach((act, place) => {
      if (this.#inEffect[place]) this.#last.set(`${NOUNS[act.kind]} ${act.target}`, act.kind);
      this.#ever.add(`${act.kind} ${act.target}`);
    });
  }

  /** The chain's hash over all acts. */
  get head() {
    return this.heads.at(-1);
  }

  /** Whether nothing in the heat counts. */
  isHeatVoided(heat) {
    return this.#last.get(`heat ${heat}`) === "void_heat";
  }

  /** Whether the run itself is voided. */
  isRunVoided(run) {
    return this.#last.get(`run ${run}`) === "void";
  }

  /** Whether any act, undone or not, has ever voided the run or its heat (null in open play). */
  wasVoided(run, heat) {
    return this.#ever.has(`void ${run}`) || (heat !== null && this.#ever.has(`void_heat ${heat}`));
  }

  #add(act) {
    const number = this.#acts.length + 1;
    if (act.number !== number) throw new ActFault(number, `carries number ${act.number}`);
    if (number > ACTS_MAX) throw new ActFault(number, `more than ${ACTS_MAX} acts`);
    if (act.kind === "undo") this.#undo(act);
    this.#acts.push(act);
    this.#inEffect.push(true);
    this.heads.push(sha(ACT, this.head, u32(act.number), u64(act.at_unix_ms), lp(act.kind), lp(act.target)));
  }

  /** Takes an act out of effect; if it was an undo, what it undid is back, and so on. */
  #undo(undo) {
    let number = undone(undo);
    if (!this.#inEffect[number - 1]) throw new ActFault(undo.number, `undoes act ${number}, which is not in effect`);
    for (let holds = false; number > 0; holds = !holds) {
      this.#inEffect[number - 1] = holds;
      const act = this.#acts[number - 1];
      number = act.kind === "undo" ? undone(act) : 0;
    }
  }
}

/** The number of the act that an undo names. */
function undone({ number, target }) {
  const named = /^[1-9][0-9]{0,8}$/.test(target) ? Number(target) : 0;
  if (named < 1 || named >= number) throw new ActFault(number, "undoes no earlier act");
  return named;
}
