/**
 * What this device saw with its own eyes, kept to hold published bundles against: the *held* file (PROOF.md, section 5).
 *
 * It lives in `localStorage["knack.held.<event>"]`: the organiser's key as it was heard first, the own runs with their
 * promises, nonces and receipts, the live digests and the heads of the moderators' acts. Nothing heard is ever replaced:
 * two heads for one event of a run, or two digests with one number, are the very contradiction that the file is for. It
 * names nobody and opens nothing. Two windows share one place, so every write first takes in what the other one wrote.
 */

import { Phase } from "../protocol/table.js";

const FORMAT = "knackpunkt held 1";
const OPEN_PLAY = "";

/** The newest so many are kept: with long runs about 700 kB, of the 5 MB that browsers give. */
export const RUNS_MAX = 20;
export const DIGESTS_MAX = 2000;
const ACTS_MAX = 500;

/** Digests come every second; writing them all down costs a phone some ms, so it is done this often. In ms. */
export const SAVE_EVERY_MS = 5000;

/** Bytes as lower-case hex digits. */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Where a browser keeps what it holds of an event. */
export const placeOf = (event) => `knack.held.${event}`;

const utf8 = new TextEncoder();

const digestKey = ({ heat, k, digest }) => `${heat} ${k} ${digest}`;
const headKey = ({ count, head }) => `${count} ${head}`;
const receiptKey = ({ seq, head }) => `${seq} ${head}`;

const HEARD = Object.freeze({
  STARTED: (held, { run, t0_unix_ms }) => held.amend(run, { t0_unix_ms }),
  BEGIN: (held, { run, t0_unix_ms, grace_ms, head }) => {
    held.amend(run, { t0_unix_ms, grace_ms });
    held.receive(run, 0, head);
  },
  RESUMED: (held, { run, phase, t0_unix_ms, grace_ms, seq, head, last }) => {
    if (phase !== Phase.PLAYING) return; // before T0 there is neither a grace nor a chain
    held.amend(run, { t0_unix_ms, grace_ms });
    if (last !== null) held.receive(run, last.seq, last.head);
    held.receive(run, seq, head);
  },
  MOVED: (held, { run, seq, head }) => held.receive(run, seq, head),
  ENDED: (held, { run, seq, head }) => {
    held.receive(run, seq, head);
    held.save();
  },
  HEAT: (held, { heat, course, commit, run, player, roster_hash, public: typed }) => {
    if (roster_hash.length > 0) held.heat({ heat, roster_hash: hex(roster_hash), public: typed === "" ? null : hex(utf8.encode(typed)) });
    if (run !== "" && player !== undefined) held.prepared({ run, player, course, commit, heat });
  },
  LIVE: (held, { heat, k, digest, acts, acts_head }) => held.witness({ heat, k, digest: hex(digest) }, { count: acts, head: hex(acts_head) }),
});

export class Held {
  #event;
  #storage;
  #place;
  #later;
  #key = null;
  #runs = new Map(); // by id, oldest first; receipts by their own key
  #digests = new Map();
  #acts = new Map();
  #heats = new Map();
  #commitments = null;
  #written = null;
  #timer = null;

  /**
   * @param {Storage | null} storage null where the browser forbids it; everything then lasts as long as the page
   * @param {(act: () => void, ms: number) => unknown} later as setTimeout
   * @param {string} place where in the storage it lives
   */
  constructor(event, storage, later = (act, ms) => setTimeout(act, ms), place = placeOf(event)) {
    this.#event = event;
    this.#storage = storage;
    this.#place = place;
    this.#later = later;
    this.#takeIn();
  }

  /** The organiser's public key as 64 hex digits, or null before it was heard. */
  get key() {
    return this.#key;
  }

  /** The key that signs everything; the one heard first stays. */
  set key(key) {
    this.#key ??= key;
    this.#saveSoon();
  }

  /** The list of the heats' commitments, `{text, signature}`; the one heard first stays. */
  set commitments(list) {
    this.#commitments ??= list;
    this.#saveSoon();
  }

  get commitments() {
    return this.#commitments;
  }

  /** What was said of a heat before its T0: hash of the roster and the public part; what was heard first stays. */
  heat({ heat, roster_hash, public: typed }) {
    const known = this.#heats.get(heat) ?? { heat, roster_hash, public: null };
    known.public ??= typed;
    this.#heats.set(heat, known);
    this.#saveSoon();
  }

  /** A run was promised to a player. Kept at once: a promise that is lost cannot be held against anybody. */
  prepared({ run, player, course, commit, heat = OPEN_PLAY }) {
    if (!this.#runs.has(run)) {
      const fresh = { run, heat, player, course, commit: hex(commit), nonce: null, t0_unix_ms: null, grace_ms: null };
      this.#runs.set(run, { ...fresh, receipts: new Map() });
    }
    this.save();
  }

  /** The device's part of the seed, kept before it is sent; a START that failed is tried again with another one. */
  nonce(run, nonce) {
    const known = this.#runs.get(run);
    if (known?.t0_unix_ms === null) known.nonce = hex(nonce);
    this.save();
  }

  /** Takes in whatever the server says; what is not evidence is passed over. */
  hear(message) {
    HEARD[message.type]?.(this, message);
  }

  /** More about an own run; what was heard before stays. A run that this device did not prepare cannot be held. */
  amend(run, heard) {
    const known = this.#runs.get(run);
    if (known === undefined) return;
    for (const [name, value] of Object.entries(heard)) known[name] ??= value;
    this.#saveSoon();
  }

  /** The chain's hash after event `seq` of an own run. */
  receive(run, seq, head) {
    const known = this.#runs.get(run);
    if (known === undefined) return;
    const receipt = { seq, head: hex(head) };
    known.receipts.set(receiptKey(receipt), receipt);
    this.#saveSoon();
  }

  /** A live digest, and the acts that came with it. */
  witness(digest, acts) {
    this.#digests.set(digestKey(digest), digest);
    this.#acts.set(headKey(acts), acts);
    this.#saveSoon();
  }

  /** Writes everything down now. */
  save() {
    this.#timer = null;
    this.#takeIn();
    this.#forgetOldest();
    const text = JSON.stringify(this.#plain());
    try {
      this.#storage?.setItem(this.#place, text);
      this.#written = text;
    } catch {
      // No room, or forbidden: this page still has it all, and says so in the file that it gives.
    }
  }

  /**
   * The held file.
   *
   * @returns {string | null} null as long as the organiser's key is not known
   */
  file() {
    if (this.#key === null) return null;
    this.#takeIn();
    const { key, runs, digests, acts, heats, commitments } = this.#plain();
    const byId = (a, b) => (a.run < b.run ? -1 : 1);
    const byHeat = (a, b) => (a.heat === b.heat ? a.k - b.k : a.heat < b.heat ? -1 : 1);
    const file = {
      format: FORMAT,
      event: this.#event,
      key,
      commitments, // of heats; open play's promises come one by one, with each run
      heats: heats.sort((a, b) => (a.heat < b.heat ? -1 : 1)),
      runs: runs.sort(byId).map((run) => ({ ...run, receipts: run.receipts.sort((a, b) => a.seq - b.seq) })),
      digests: digests.sort(byHeat),
      acts: acts.sort((a, b) => a.count - b.count),
    };
    return `${JSON.stringify(file, null, 1)}\n`;
  }

  #saveSoon() {
    this.#timer ??= this.#later(() => this.save(), SAVE_EVERY_MS);
  }

  #plain() {
    const runs = [...this.#runs.values()].map((run) => ({ ...run, receipts: [...run.receipts.values()] }));
    const [digests, acts, heats] = [this.#digests, this.#acts, this.#heats].map((kept) => [...kept.values()]);
    return { key: this.#key, commitments: this.#commitments, heats, runs, digests, acts };
  }

  /** Joins what stands in the storage, ours or another window's, with what this one has heard. */
  #takeIn() {
    const text = this.#storage?.getItem(this.#place) ?? null;
    if (text === null || text === this.#written) return;
    const theirs = parsed(text);
    if (theirs === null) return;
    this.#key = theirs.key ?? this.#key;
    this.#commitments = theirs.commitments ?? this.#commitments;
    for (const heat of theirs.heats ?? []) this.#heats.set(heat.heat, { ...heat, public: heat.public ?? this.#heats.get(heat.heat)?.public ?? null });
    this.#digests = joined(theirs.digests, this.#digests, digestKey);
    this.#acts = joined(theirs.acts, this.#acts, headKey);
    const ours = this.#runs;
    this.#runs = new Map(theirs.runs.map((run) => [run.run, { ...run, receipts: joined(run.receipts, new Map(), receiptKey) }]));
    for (const [id, { receipts, ...fields }] of ours) {
      const known = this.#runs.get(id);
      if (known === undefined) {
        this.#runs.set(id, { ...fields, receipts });
        continue;
      }
      const isStarted = known.t0_unix_ms !== null; // before that, a nonce may only have been tried
      for (const [name, value] of Object.entries(fields)) known[name] = isStarted ? (known[name] ?? value) : (value ?? known[name]);
      for (const [key, receipt] of receipts) known.receipts.set(key, receipt);
    }
  }

  #forgetOldest() {
    for (const [kept, max] of [[this.#runs, RUNS_MAX], [this.#digests, DIGESTS_MAX], [this.#acts, ACTS_MAX]]) {
      for (const key of [...kept.keys()].slice(0, Math.max(0, kept.size - max))) kept.delete(key);
    }
  }
}

function joined(theirs, ours, keyOf) {
  return new Map([...theirs.map((entry) => [keyOf(entry), entry]), ...ours]);
}

/** What an earlier page wrote; null where that is not ours or broken. */
function parsed(text) {
  try {
    const found = JSON.parse(text);
    return [found.runs, found.digests, found.acts].every(Array.isArray) ? found : null;
  } catch {
    return null;
  }
}
