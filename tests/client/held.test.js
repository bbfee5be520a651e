import assert from "node:assert/strict";
import test from "node:test";

import { parseHeld } from "../../client/web/js/proof/held.js";
import { DIGESTS_MAX, Held, RUNS_MAX, SAVE_EVERY_MS } from "../../client/web/js/state/held.js";

const KEY = "ab".repeat(32);
const bytes = (fill, count = 32) => new Uint8Array(count).fill(fill);
const live = (k, digest = k % 256, acts = 0) => ({ type: "LIVE", heat: "", k, digest: bytes(digest), acts, acts_head: bytes(acts) });

class Storage {
  kept = new Map();
  getItem = (key) => this.kept.get(key) ?? null;
  setItem = (key, value) => this.kept.set(key, value);
}

/** Timers that a test lets go off. */
class Later {
  due = [];
  set = (act, ms) => this.due.push({ act, ms });
  pass = () => this.due.splice(0).forEach(({ act }) => act());
}

function device(storage = new Storage()) {
  const later = new Later();
  const held = new Held("demo", storage, later.set);
  return { storage, later, held };
}

function play(held, run = "run-1", t0 = 1_767_225_600_000) {
  held.prepared({ run, player: "p-1", course: "sprint", commit: bytes(1) });
  held.nonce(run, bytes(2, 16));
  held.hear({ type: "STARTED", run, t0_unix_ms: t0 });
  held.hear({ type: "BEGIN", run, t0_unix_ms: t0, grace_ms: 12, head: bytes(3) });
  held.hear({ type: "MOVED", run, seq: 1, head: bytes(4) });
  held.hear({ type: "ENDED", run, seq: 2, head: bytes(5) });
}

const fileOf = (held) => JSON.parse(held.file());

test("a run is held from its promise to its end, in the form that checkers read", () => {
  const { held } = device();
  held.key = KEY;
  play(held);
  held.hear(live(7));
  const [run] = fileOf(held).runs;
  assert.deepEqual(run, {
    run: "run-1", heat: "", player: "p-1", course: "sprint", commit: "01".repeat(32), nonce: "02".repeat(16),
    t0_unix_ms: 1_767_225_600_000, grace_ms: 12,
    receipts: [3, 4, 5].map((fill, seq) => ({ seq, head: `0${fill}`.repeat(32) })),
  });
  assert.equal(parseHeld(new TextEncoder().encode(held.file())).runs.length, 1);
});

test("without the organiser's key there is no file yet", () => {
  const { held } = device();
  play(held);
  assert.equal(held.file(), null);
});

test("the key heard first stays, over reloads as well", () => {
  const { held, storage, later } = device();
  held.key = KEY;
  held.key = "cd".repeat(32);
  later.pass();
  const again = device(storage).held;
  again.key = "cd".repeat(32);
  assert.equal(again.key, KEY);
});

test("promise and nonce are on the device before the run is asked for", () => {
  const { held, storage } = device();
  held.prepared({ run: "run-1", player: "p-1", course: "sprint", commit: bytes(1) });
  assert.match(storage.getItem("knack.held.demo"), /"commit":"0101/);
  held.nonce("run-1", bytes(2, 16));
  assert.match(storage.getItem("knack.held.demo"), /"nonce":"0202/);
});

test("the nonce that counts is the one that started the run", () => {
  const { held, storage } = device();
  held.key = KEY;
  held.prepared({ run: "run-1", player: "p-1", course: "sprint", commit: bytes(1) });
  held.nonce("run-1", bytes(7, 16)); // and START was lost on its way
  const other = device(storage).held;
  play(other);
  held.save();
  other.nonce("run-1", bytes(8, 16));
  assert.equal(fileOf(other).runs[0].nonce, "02".repeat(16));
  assert.equal(fileOf(device(storage).held).runs[0].nonce, "02".repeat(16));
});

test("a promise that comes again leaves the run as it is", () => {
  const { held } = device();
  held.key = KEY;
  play(held);
  held.prepared({ run: "run-1", player: "p-1", course: "sprint", commit: bytes(9) });
  const [run] = fileOf(held).runs;
  assert.deepEqual([run.commit, run.receipts.length], ["01".repeat(32), 3]);
});

test("digests are written down together, every five seconds", () => {
  const { held, storage, later } = device();
  for (let k = 1; k <= 4; k += 1) held.hear(live(k));
  assert.deepEqual(later.due.map(({ ms }) => ms), [SAVE_EVERY_MS]);
  assert.equal(storage.getItem("knack.held.demo"), null);
  later.pass();
  assert.equal(JSON.parse(storage.getItem("knack.held.demo")).digests.length, 4);
  held.hear(live(5));
  assert.equal(later.due.length, 1);
});

test("only the newest runs and digests are kept", () => {
  const { held, storage } = device();
  held.key = KEY;
  for (let number = 0; number < RUNS_MAX + 3; number += 1) play(held, `run-${100 + number}`);
  for (let k = 1; k <= DIGESTS_MAX + 5; k += 1) held.hear(live(k));
  held.save();
  const { runs, digests } = fileOf(device(storage).held);
  assert.deepEqual([runs.length, runs[0].run, digests.length, digests[0].k], [RUNS_MAX, "run-103", DIGESTS_MAX, 6]);
});

test("two windows of one device do not overwrite each other", () => {
  const storage = new Storage();
  const [one, two] = [device(storage), device(storage)];
  one.held.key = KEY;
  play(one.held);
  two.held.hear(live(1));
  two.later.pass();
  one.held.hear(live(2));
  one.later.pass();
  const { runs, digests } = fileOf(device(storage).held);
  assert.deepEqual([runs[0].receipts.length, digests.map(({ k }) => k)], [3, [1, 2]]);
});

test("contradictions are kept side by side", () => {
  const { held } = device();
  held.key = KEY;
  play(held);
  held.hear({ type: "MOVED", run: "run-1", seq: 1, head: bytes(9) });
  held.hear(live(1, 1));
  held.hear(live(1, 2));
  const { runs, digests } = fileOf(held);
  assert.deepEqual([runs[0].receipts.length, digests.length], [4, 2]);
});

test("what is repeated is kept once", () => {
  const { held } = device();
  held.key = KEY;
  play(held);
  held.hear({ type: "ENDED", run: "run-1", seq: 2, head: bytes(5) });
  held.hear(live(1));
  held.hear(live(2));
  const { runs, acts } = fileOf(held);
  assert.deepEqual([runs[0].receipts.length, acts.length], [3, 1]);
});

test("a resume brings its last reply and the chain's end, but nothing before T0", () => {
  const { held } = device();
  held.key = KEY;
  held.prepared({ run: "run-1", player: "p-1", course: "sprint", commit: bytes(1) });
  const resumed = { type: "RESUMED", run: "run-1", t0_unix_ms: 5, grace_ms: 0, seq: 0, head: bytes(0), last: null };
  held.hear({ ...resumed, phase: 0 });
  assert.deepEqual([fileOf(held).runs[0].receipts, fileOf(held).runs[0].grace_ms], [[], null]);
  held.hear({ ...resumed, phase: 1, grace_ms: 8, seq: 4, head: bytes(4), last: { seq: 3, head: bytes(3) } });
  const [run] = fileOf(held).runs;
  assert.deepEqual([run.receipts.map(({ seq }) => seq), run.grace_ms], [[3, 4], 8]);
});

test("a run that another device prepared is not held, because its promise was not seen", () => {
  const { held } = device();
  held.key = KEY;
  held.hear({ type: "MOVED", run: "run-7", seq: 1, head: bytes(4) });
  assert.deepEqual(fileOf(held).runs, []);
});

test("a storage that is full, forbidden or full of something else does no harm", () => {
  const full = new Storage();
  full.setItem = () => { throw new Error("QuotaExceededError"); };
  for (const storage of [null, full]) {
    const { held } = device(storage);
    held.key = KEY;
    play(held);
    assert.equal(fileOf(held).runs[0].receipts.length, 3);
  }
  const strange = new Storage();
  strange.setItem("knack.held.demo", "{\"runs\": 1");
  const { held } = device(strange);
  held.key = KEY;
  play(held);
  assert.equal(fileOf(device(strange).held).runs.length, 1);
});

test("of a heat the page keeps roster and text as they were heard first, its own run, and the published list", () => {
  const held = new Held("demo", null, () => {});
  const hash = new Uint8Array(32).fill(7);
  const heat = { type: "HEAT", heat: "h1", course: "sprint", commit: hash, roster_hash: hash, public: "", run: "run-1", player: "p-1" };
  held.key = "00".repeat(32);
  held.hear({ ...heat, roster_hash: new Uint8Array(), run: "" });
  held.hear(heat);
  held.hear({ ...heat, public: "stage:ä" });
  held.hear({ ...heat, public: "stage:other" });
  held.commitments = { text: "the list", signature: "aa" };
  held.commitments = { text: "another", signature: "bb" };

  const file = JSON.parse(held.file());
  assert.deepEqual(file.heats, [{ heat: "h1", roster_hash: "07".repeat(32), public: "73746167653ac3a4" }]);
  assert.deepEqual(file.commitments, { text: "the list", signature: "aa" });
  assert.deepEqual(file.runs.map(({ run, heat, nonce }) => [run, heat, nonce]), [["run-1", "h1", null]]);
});
