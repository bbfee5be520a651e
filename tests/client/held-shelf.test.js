import assert from "node:assert/strict";
import test from "node:test";

import { HeldShelf, OTHERS_MAX } from "../../client/web/js/state/held-shelf.js";

const KEYS = Array.from({ length: OTHERS_MAX + 3 }, (_, number) => `${number}a`.repeat(32));
const [FIRST, SECOND, THIRD] = KEYS;
const digest = (k) => ({ type: "LIVE", heat: "", k, digest: new Uint8Array(32).fill(k), acts: 0, acts_head: new Uint8Array(32) });

class Storage {
  #kept = new Map();
  getItem = (place) => this.#kept.get(place) ?? null;
  setItem = (place, value) => this.#kept.set(place, value);
  key = (number) => [...this.#kept.keys()][number] ?? null;
  get length() {
    return this.#kept.size;
  }
}

const shelf = (storage = new Storage(), event = "demo") => new HeldShelf(event, storage, () => {});

/** A device that hears one digest under each of these keys, and is closed. */
function heard(storage, ...keys) {
  const device = shelf(storage);
  keys.forEach((key, k) => {
    device.key = key;
    device.hear(digest(k + 1));
    device.save();
  });
  return device;
}

const said = ({ text }) => {
  const { key, digests } = JSON.parse(text);
  return [key, ...digests.map(({ k }) => k)];
};

test("an event with one key is one file", () => {
  const device = heard(new Storage(), FIRST, FIRST);
  assert.equal(device.isAnotherKey, false);
  assert.deepEqual(said(device.files.present), [FIRST, 1, 2]);
  assert.deepEqual([device.files.present.name, device.files.others], ["knackpunkt-demo-held.json", []]);
});

test("before the key is heard there is no file, and what was heard before belongs to it", () => {
  const device = shelf();
  device.hear(digest(7));
  assert.deepEqual(device.files, { present: null, others: [] });
  device.key = FIRST;
  assert.deepEqual(said(device.files.present), [FIRST, 7]);
});

test("under another key nothing of the first is changed, mixed or lost, over reloads as well", () => {
  const storage = new Storage();
  heard(storage, FIRST, SECOND);
  const again = shelf(storage);
  again.key = SECOND;
  again.hear(digest(9));
  assert.deepEqual([again.isAnotherKey, again.hasOthers], [true, true]);
  assert.deepEqual(said(again.files.present), [SECOND, 2, 9]);
  assert.deepEqual(again.files.others.map(said), [[FIRST, 1]]);
  assert.equal(again.files.present.name, `knackpunkt-demo-held-${SECOND.slice(0, 8)}.json`);
});

test("where the first key comes back nothing is strange, and the other one is not forgotten", () => {
  const storage = new Storage();
  heard(storage, FIRST, SECOND, THIRD);
  const again = shelf(storage);
  again.key = FIRST;
  assert.equal(again.isAnotherKey, false);
  assert.deepEqual(said(again.files.present), [FIRST, 1]);
  assert.deepEqual(again.files.others.map(said), [[SECOND, 2], [THIRD, 3]]);
});

test("a server with ever new keys fills no device", () => {
  const storage = new Storage();
  const device = heard(storage, ...KEYS);
  assert.equal(storage.length, 1 + OTHERS_MAX);
  assert.equal(device.files.others.length, KEYS.length - 1);
});

test("events know nothing of each other's keys", () => {
  const storage = new Storage();
  heard(storage, FIRST, SECOND);
  const other = shelf(storage, "dem");
  other.key = SECOND;
  assert.deepEqual([other.isAnotherKey, other.hasOthers, other.files.others], [false, false, []]);
});

test("a browser that forbids storage keeps both as long as the page", () => {
  const device = heard(null, FIRST, SECOND);
  assert.deepEqual(device.files.others.map(said), [[FIRST, 1]]);
});
