/**
 * The check: bundle bytes and anchors in, a report out. Total: whatever the bytes are, it answers.
 *
 * It goes the way of PROOF.md 7, in its order, and stops at the first thing that is wrong. It is a generator, so that it can be
 * taken in slices; between its items nothing takes longer than a move, but for reading the file itself.
 */

import { hex, utf8 } from "./bytes.js";
import { Agreement, Facts } from "./anchors.js";
import { unpack } from "./bundle.js";
import { parseCommitments } from "./commitments.js";
import { ActFault, Decisions } from "./decisions.js";
import { checkUnused, checkSums, checkTargets } from "./event.js";
import { Malformed } from "./form.js";
import { checkRising, OPEN_PLAY, passed } from "./ground.js";
import { sha } from "./hashing.js";
import { checkHeat } from "./heats.js";
import { checkOpen, checkSolo, checkSoloResult, soloAbsences } from "./openplay.js";
import { Refuted } from "./report.js";
import { knownRules, RULES_HASH } from "./rules.js";
import { actsText, bundleText, fingerprint, isSigned } from "./signature.js";

/**
 * Checks a bundle against itself and against what is held.
 *
 * It yields items by `kind`: `bundle` with the bundle that was read; `passed` with `check` and `where`; `run` and `event` as `play`
 * does; `breath` where there is nothing to tell.
 *
 * @param {Uint8Array} bytes
 * @param {{key?: string | null, commitments?: object | null, held?: [string, object][]}} anchors as `parseKey`, `parsePublished` and
 *   `parseHeld` give them, held files with their names
 * @returns {{verdict: "anchored"|"consistent"|"wrong", sha256: string, contents: object | null, wrong: object | null, notices: object[],
 *   anchoredBy: object[]}} `contents` is null when the bytes are no bundle
 */
export function* verify(bytes, anchors = {}) {
  const report = { verdict: "wrong", sha256: hex(sha(bytes)), contents: null, wrong: null, notices: [], anchoredBy: [] };
  let checking = null;
  try {
    checking = new Checking(opened(bytes));
    yield { kind: "bundle", bundle: checking.bundle };
    yield passed("form", "bundle");
    report.anchoredBy = yield* checking.run(anchors);
    report.verdict = report.anchoredBy.length > 0 ? "anchored" : "consistent";
  } catch (refuted) {
    if (!(refuted instanceof Refuted)) throw refuted;
    report.wrong = refuted.wrong;
  }
  if (checking !== null) Object.assign(report, { contents: checking.contents, notices: checking.notices });
  return report;
}

function opened(bytes) {
  try {
    return unpack(bytes);
  } catch (wrong) {
    throw wrong instanceof Malformed ? new Refuted("form", wrong.where || "bundle", wrong.what) : wrong;
  }
}

/** One check on its way through a bundle. */
class Checking {
  notices = [];
  #sealed;
  #facts;
  #played = [];
  #title;

  constructor({ bundle, sealed }) {
    this.bundle = bundle;
    this.#sealed = sealed;
    this.#facts = new Facts(bundle);
    this.#title = `event ${bundle.event}`;
  }

  /** What has been seen of the bundle so far, in numbers. */
  get contents() {
    return {
      title: this.#title,
      fingerprint: fingerprint(this.bundle.key),
      runs: this.#played.length,
      moves: this.#played.reduce((sum, { moves }) => sum + moves, 0),
      digests: [...this.#facts.live.values()].reduce((sum, { size }) => sum + size, 0),
      acts: this.bundle.acts.list.length,
      hasPromises: this.#facts.promises !== null,
    };
  }

  /** Checks everything and gives what the bundle is anchored by. */
  *run(anchors) {
    const ground = yield* this.#ground();
    yield* PARTS[this.bundle.kind](this, ground);
    if (!isSigned(ground.key, bundleText(ground.event, this.bundle.kind, this.#sealed), this.bundle.seal)) {
      throw new Refuted("seal", "seal", "the signature over the whole is not of this key");
    }
    yield passed("seal", "seal");
    return yield* this.#agree(ground, anchors);
  }

  *heat(ground) {
    this.#title = `heat ${this.bundle.heat.heat} of ${this.#title}`;
    const promised = yield* this.#promises(ground);
    this.#takeHeat(yield* checkHeat(ground, this.bundle.heat, promised));
  }

  *open(ground) {
    this.#title = `open play of ${this.#title}`;
    this.#takeOpen(yield* checkOpen(ground, this.bundle.open));
  }

  *solo(ground) {
    const { run, path, results } = this.bundle;
    this.#title = `run ${run.run} of ${this.#title}`;
    const played = yield* checkSolo(ground, run);
    checkSoloResult(ground, played, path, results);
    yield passed("results", played.where);
    this.#take(run, OPEN_PLAY, played);
    this.notices.push(...soloAbsences([played]));
  }

  *event(ground) {
    const { bundle } = this;
    const promised = yield* this.#promises(ground);
    checkRising("complete", "event", "heats", bundle.heats.map(({ heat }) => heat));
    const heats = [];
    for (const heat of bundle.heats) heats.push(yield* checkHeat(ground, heat, promised));
    for (const heat of heats) this.#takeHeat(heat);
    this.#takeOpen(yield* checkOpen(ground, bundle.open));
    if (bundle.open.in_play.length > 0) throw new Refuted("complete", "open play", "runs are still in play after the event");
    if (new Set(this.#played.map(({ run }) => run)).size !== this.#played.length) throw new Refuted("complete", "event", "two runs have the same id");
    checkUnused(ground, bundle, promised);
    yield passed("unused", "event");
    yield passed("complete", "event");
    this.#facts.unstarted = new Map(bundle.unused_runs.map(({ run, commit }) => [run, commit]));
    checkSums(ground, heats, bundle.sums);
    yield passed("sums", "event");
    checkTargets(bundle, promised, new Set([...this.#facts.runs.keys(), ...this.#facts.unstarted.keys()]));
  }

  *#ground() {
    const { event, key, rules, acts } = this.bundle;
    const known = knownRules(rules);
    if (known === null) throw new Refuted("rules", "rules", `these are not the rules that this checker plays by (${RULES_HASH})`);
    yield passed("rules", "rules");
    let decisions;
    try {
      decisions = new Decisions(event, acts.list);
    } catch (fault) {
      throw fault instanceof ActFault ? new Refuted("acts", "acts", fault.message) : fault;
    }
    if (!isSigned(key, actsText(event, acts.list.length, decisions.head), acts.signature)) {
      throw new Refuted("acts", "acts", "the signature of the acts is not of this key");
    }
    yield passed("acts", "acts");
    return { event, key, rulesHash: known.hash, courses: known.courses, decisions };
  }

  *#promises({ event, key }) {
    const where = "list of commitments";
    const { text, signature } = this.bundle.commitments;
    let promised;
    try {
      promised = parseCommitments(event, text);
    } catch (wrong) {
      throw wrong instanceof Malformed ? new Refuted("commitments", where, wrong.what) : wrong;
    }
    if (!isSigned(key, utf8(text), signature)) throw new Refuted("commitments", where, "its signature is not of this key");
    yield passed("commitments", where);
    return promised;
  }

  *#agree(ground, { key = null, commitments = null, held = [] }) {
    const agreement = new Agreement(ground, this.#facts);
    if (key !== null) {
      agreement.checkKey(key);
      yield passed("anchor_key", "key");
    }
    if (commitments !== null) {
      agreement.checkCommitments(commitments);
      yield passed("anchor_commitments", "list of commitments");
    }
    for (const [name, one] of held) {
      agreement.checkHeld(name, one);
      yield passed("anchor_held", name);
    }
    this.notices.push(...agreement.notices);
    return agreement.anchoredBy;
  }

  #takeHeat({ heat, rosterHash, played, notices }) {
    this.#facts.heats.set(heat.heat, { rosterHash, publicPart: heat.public });
    this.#facts.addLive(heat.heat, heat.live);
    heat.runs.forEach((shown, place) => this.#take({ ...heat, ...shown }, heat.heat, played[place]));
    this.notices.push(...notices);
  }

  #takeOpen({ part, played, notices }) {
    this.#facts.addLive(OPEN_PLAY, part.live);
    part.runs.forEach((shown, place) => this.#take(shown, OPEN_PLAY, played[place]));
    for (const { run, heads } of part.in_play) this.#facts.inPlay.set(run, new Map(heads.map(({ count, head }) => [count, head])));
    this.notices.push(...notices);
  }

  #take({ run, player, course, commit, public: publicPart, t0_unix_ms: t0UnixMs, grace_ms: graceMs }, heat, played) {
    this.#played.push(played);
    this.#facts.runs.set(run, { heat, player, course, commit, publicPart, t0UnixMs, graceMs, heads: played.heads });
  }
}

/** What there is to check in a bundle of each kind. */
const PARTS = Object.freeze({
  heat: (checking, ground) => checking.heat(ground),
  open: (checking, ground) => checking.open(ground),
  run: (checking, ground) => checking.solo(ground),
  event: (checking, ground) => checking.event(ground),
});
