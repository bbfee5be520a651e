/**
 * What was held outside, against what a bundle says: the only thing that an insider with every key cannot change.
 *
 * A bundle whose parts fit together may still have been made up as a whole. A fingerprint from a poster, the list of promises from
 * before the event, the files that phones have kept: each binds a part of it (PROOF.md 8).
 */

import { equal, hex, join, utf8 } from "./bytes.js";
import { parseCommitments } from "./commitments.js";
import { Malformed } from "./form.js";
import { OPEN_PLAY } from "./ground.js";
import { notice, Refuted } from "./report.js";
import { fingerprint, isSigned } from "./signature.js";

/**
 * The hexadecimal digits of a fingerprint, or of a whole key, however they are grouped.
 *
 * @throws {Malformed} neither 32 nor 64 of them
 */
export function parseKey(text) {
  const digits = text.replace(/[\s:.-]+/g, "").toLowerCase();
  if (!/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/.test(digits)) throw new Malformed("a fingerprint has 32 hex digits");
  return digits;
}

/** What a checked bundle says, by what a held file knows of it; open play stands under the empty heat. */
export class Facts {
  /** By heat: `{rosterHash, publicPart}`. */
  heats = new Map();
  /** By run: `{heat, player, course, commit, publicPart, t0UnixMs, graceMs, heads}`, `heads` by number of events. */
  runs = new Map();
  /** By run that is still in play: its heads by number of events, as far as the bundle tells them. */
  inPlay = new Map();
  /** By run that was prepared and never started: its promise. */
  unstarted = new Map();
  /** By heat: its digests by number. */
  live = new Map();

  /** @param {object} bundle of which the kind alone is looked at */
  constructor(bundle) {
    this.promises = bundle.commitments ?? null;
    /** The bundle is of a whole event: what it does not have does not exist. */
    this.isWhole = bundle.kind === "event";
  }

  addLive(heat, live) {
    this.live.set(heat, new Map(live.map(({ k, digest }) => [k, digest])));
  }
}

/**
 * Holds a checked bundle against anchors; `notices` says what could not be compared, `anchoredBy` what agreed: `{anchor, text, …}`
 * with the check's name without its `anchor_` and the words of the command line; of a held file also its `name` and `counts` by what
 * agreed of it (`rosters`, `receipts`, `digests`, `acts`).
 */
export class Agreement {
  anchoredBy = [];
  notices = [];
  #ground;
  #facts;

  constructor(ground, facts) {
    this.#ground = ground;
    this.#facts = facts;
  }

  /** @throws {Refuted} a bundle of another key; `digits` as `parseKey` gives them */
  checkKey(digits) {
    const own = this.#ground.key;
    if (digits !== hex(own) && digits !== fingerprint(own)) {
      throw new Refuted("anchor_key", "key", `the bundle is signed with key ${fingerprint(own)}, not with ${digits}`);
    }
    this.anchoredBy.push({ anchor: "key", text: "the key's fingerprint" });
  }

  /** @throws {Refuted} another list than the published one, `{text, signature}` as `parsePublished` gives it */
  checkCommitments({ text, signature }) {
    const where = "list of commitments";
    try {
      parseCommitments(this.#ground.event, text);
    } catch (wrong) {
      throw wrong instanceof Malformed ? new Refuted("anchor_commitments", where, wrong.what) : wrong;
    }
    if (signature !== null && !isSigned(this.#ground.key, utf8(text), signature)) {
      throw new Refuted("anchor_commitments", where, "was signed with another key than the bundle");
    }
    const { promises } = this.#facts;
    if (promises !== null && promises.text !== text) throw new Refuted("anchor_commitments", where, firstDifference(text, promises.text));
    if (promises !== null || signature !== null) this.anchoredBy.push({ anchor: "commitments", text: "the published list of commitments" });
  }

  /** @throws {Refuted} something that a device saw otherwise; `held` as `parseHeld` gives it */
  checkHeld(name, held) {
    const where = `held file ${name}`;
    const { event, key } = this.#ground;
    const { promises } = this.#facts;
    if (held.event !== event) throw new Refuted("anchor_held", where, `is of event ${held.event}, not of ${event}`);
    if (!equal(held.key, key)) throw new Refuted("anchor_held", where, `holds key ${fingerprint(held.key)}, the bundle ${fingerprint(key)}`);
    const hasList = held.commitments !== null && promises !== null;
    if (hasList) {
      if (held.commitments.text !== promises.text) {
        throw new Refuted("anchor_held", where, `list of commitments: ${firstDifference(held.commitments.text, promises.text)}`);
      }
    }
    const counts = {
      rosters: sum(held.heats, (heat) => this.#heat(where, heat)),
      receipts: sum(held.runs, (run) => this.#run(where, run)),
      digests: this.#digests(where, held.digests),
      acts: this.#acts(where, held.acts),
    };
    const agreed = Object.entries(counts).filter(([, count]) => count > 0);
    const words = ["the key", ...(hasList ? ["the list of commitments"] : []), ...agreed.map(([what, count]) => `${count} ${COUNTED[what]}`)];
    this.anchoredBy.push({ anchor: "held", text: `${where}: ${words.join(", ")}`, name, counts: Object.fromEntries(agreed) });
  }

  #heat(where, held) {
    const shown = this.#facts.heats.get(held.heat);
    if (shown === undefined) {
      if (this.#facts.isWhole && !this.#ground.decisions.isHeatVoided(held.heat)) {
        throw new Refuted("anchor_held", where, `heat ${held.heat} had a roster; the bundle says it was never played, and no act voids it`);
      }
      return 0;
    }
    if (!equal(held.roster_hash, shown.rosterHash)) throw new Refuted("anchor_held", where, `heat ${held.heat} had another roster`);
    if (held.public !== null && !equal(held.public, shown.publicPart)) {
      throw new Refuted("anchor_held", where, `heat ${held.heat} had another public part`);
    }
    return 1;
  }

  #run(where, held) {
    const shown = this.#facts.runs.get(held.run);
    if (shown === undefined) return this.#runWithoutLog(where, held);
    for (const [what, kept, found] of [
      ["heat", held.heat, shown.heat],
      ["player", held.player, shown.player],
      ["course", held.course, shown.course],
      ["commitment", held.commit, shown.commit],
      ["device's nonce", held.nonce === null ? null : join(utf8("client:"), held.nonce), shown.publicPart],
      ["T0", held.t0_unix_ms, shown.t0UnixMs],
      ["grace", held.grace_ms, shown.graceMs],
    ]) {
      const isSame = kept instanceof Uint8Array ? equal(kept, found) : kept === found;
      if (kept !== null && !isSame) throw new Refuted("anchor_held", where, `run ${held.run} had another ${what}`);
    }
    for (const { seq, head } of held.receipts) {
      const found = shown.heads[seq];
      if (found === undefined || !equal(found, head)) {
        throw new Refuted("anchor_held", where, `the receipt of event ${seq} of run ${held.run} is not on its chain`);
      }
    }
    return held.receipts.length;
  }

  /** Compares what a bundle tells of a run that is not among the finished ones. */
  #runWithoutLog(where, held) {
    const { inPlay, isWhole, unstarted } = this.#facts;
    const heads = inPlay.get(held.run);
    if (heads !== undefined) {
      const known = held.receipts.filter(({ seq }) => heads.has(seq));
      if (known.some(({ seq, head }) => !equal(heads.get(seq), head))) throw new Refuted("anchor_held", where, `run ${held.run} in play has another chain`);
      return known.length;
    }
    const isStarted = held.t0_unix_ms !== null || held.receipts.length > 0;
    if (!isStarted && isWhole && held.heat === OPEN_PLAY) {
      const opened = unstarted.get(held.run);
      if (opened === undefined || !equal(opened, held.commit)) throw new Refuted("anchor_held", where, `the promise for run ${held.run} was never opened`);
    } else if (isStarted && (isWhole || this.#isDue(held))) {
      throw new Refuted("anchor_held", where, `run ${held.run} was played and is missing`);
    }
    return 0;
  }

  /** Whether a part of the bundle should have this run: digests of open play carry Unix seconds. */
  #isDue(held) {
    const live = this.#facts.live.get(held.heat);
    if (live === undefined) return false;
    if (held.heat !== OPEN_PLAY) return true;
    return held.t0_unix_ms !== null && held.t0_unix_ms < 1000 * latest(live);
  }

  #digests(where, held) {
    let agreed = 0;
    let later = 0;
    for (const { heat, k, digest } of held) {
      const live = this.#facts.live.get(heat);
      if (live === undefined) {
        if (this.#facts.isWhole) {
          throw new Refuted("anchor_held", where, `live digests of heat ${heat} went out; the bundle says it was never played`);
        }
        continue;
      }
      const found = live.get(k);
      if (heat === OPEN_PLAY && !this.#facts.isWhole && k > latest(live)) later += 1;
      else if (found === undefined || !equal(found, digest)) {
        throw new Refuted("anchor_held", where, `live digest ${k} of ${heat === OPEN_PLAY ? "open play" : `heat ${heat}`} was another one`);
      } else agreed += 1;
    }
    if (later > 0) this.notices.push(notice("later", where, 0, `${later} live digests are later than the bundle`));
    return agreed;
  }

  #acts(where, held) {
    const { heads } = this.#ground.decisions;
    for (const { count, head } of held) {
      if (count >= heads.length) {
        const what = `has heard of ${count} acts, the bundle has ${heads.length - 1}: it was made earlier, or an act was taken out`;
        throw new Refuted("anchor_held", where, what);
      }
      if (!equal(heads[count], head)) throw new Refuted("anchor_held", where, `the first ${count} acts are not those that were made`);
    }
    return held.length;
  }
}

const COUNTED = Object.freeze({ rosters: "rosters", receipts: "receipts", digests: "live digests", acts: "heads of acts" });

const sum = (items, count) => items.reduce((total, item) => total + count(item), 0);

/** The number of the last digest; they rise. */
const latest = (live) => [...live.keys()].at(-1) ?? 0;

function firstDifference(held, shown) {
  const [kept, found] = [held.split("\n"), shown.split("\n")];
  for (let place = 0; place < Math.max(kept.length, found.length); place += 1) {
    const [one, other] = [kept[place] ?? "", found[place] ?? ""];
    if (one !== other) return `line ${place + 1} was '${one}', the bundle has '${other}'`;
  }
  return "differs";
}
