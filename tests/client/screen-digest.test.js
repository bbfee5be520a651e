import assert from "node:assert/strict";
import test from "node:test";

import { LiveDigest, STALE_AFTER_MS } from "../../client/web/js/state/screen-digest.js";

const message = (first) => ({ type: "LIVE", digest: Uint8Array.of(first, 2, 3, 255, 7, 7) });

test("the first 8 digits of the newest digest stand there", () => {
  const digest = new LiveDigest();
  assert.equal(digest.at(0, false).digits, "");
  digest.hear(message(0xa1), 0);
  assert.equal(digest.at(0, true).digits, "a10203ff");
  digest.hear(message(0x0b), 1000);
  assert.equal(digest.at(1000, true).digits, "0b0203ff");
});

test("they are stale when none came for 5 s while somebody plays, and fresh again with the next", () => {
  const digest = new LiveDigest();
  digest.hear(message(1), 0);
  digest.at(0, true);
  assert.deepEqual(digest.at(STALE_AFTER_MS - 1, true), { digits: "010203ff", stale: false, dueMs: STALE_AFTER_MS });
  assert.deepEqual(digest.at(STALE_AFTER_MS, true), { digits: "010203ff", stale: true, dueMs: null });
  digest.hear(message(2), STALE_AFTER_MS + 10);
  assert.equal(digest.at(STALE_AFTER_MS + 10, true).stale, false);
});

test("while nobody plays none has to come, however long", () => {
  const digest = new LiveDigest();
  digest.hear(message(1), 0);
  assert.deepEqual(digest.at(1e9, false), { digits: "010203ff", stale: false, dueMs: null });
});

test("a run that begins after a pause has 5 s to bring its first", () => {
  const digest = new LiveDigest();
  digest.hear(message(1), 0);
  digest.at(60_000, false);
  assert.equal(digest.at(60_001, true).stale, false);
  assert.equal(digest.at(60_001 + STALE_AFTER_MS, true).stale, true);
});

test("a screen that opens on a run and hears nothing says so", () => {
  const digest = new LiveDigest();
  digest.at(0, true);
  assert.deepEqual(digest.at(STALE_AFTER_MS, true), { digits: "", stale: true, dueMs: null });
});
