import assert from "node:assert/strict";
import test from "node:test";

import { Backoff } from "../../client/web/js/net/backoff.js";

test("waits lie anywhere below a span that doubles up to 20 s", () => {
  const backoff = new Backoff(() => 0.5);
  assert.deepEqual(Array.from({ length: 8 }, () => backoff.next_ms()), [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test("after a reset the next wait is a short one again", () => {
  const backoff = new Backoff(() => 1);
  for (let round = 0; round < 40; round += 1) backoff.next_ms();
  backoff.reset();
  assert.equal(backoff.next_ms(), 500);
});
