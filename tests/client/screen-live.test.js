import assert from "node:assert/strict";
import test from "node:test";

import { Liveness, PATIENCE_MS } from "../../client/web/js/state/screen-live.js";

test("a short break goes unnoticed, a longer one is told with the time of the standings", () => {
  const liveness = new Liveness(0);
  liveness.heard(10_000);
  liveness.doubt(10_500);
  assert.deepEqual(liveness.at(10_600), { live: true, asOfMs: 10_000, dueMs: 10_500 + PATIENCE_MS });
  assert.deepEqual(liveness.at(10_500 + PATIENCE_MS), { live: false, asOfMs: 10_000, dueMs: null });
});

test("failed attempts to reconnect do not start the patience anew", () => {
  const liveness = new Liveness(0);
  liveness.heard(0);
  liveness.doubt(100);
  liveness.doubt(2_050);
  assert.equal(liveness.at(100 + PATIENCE_MS).live, false);
});

test("a screen that never hears anything is not live and shows no time", () => {
  assert.deepEqual(new Liveness(0).at(PATIENCE_MS), { live: false, asOfMs: null, dueMs: null });
});

test("it is live again with the first word from the server", () => {
  const liveness = new Liveness(0);
  liveness.heard(1);
  liveness.doubt(2);
  liveness.heard(9_000);
  assert.deepEqual(liveness.at(60_000), { live: true, asOfMs: 9_000, dueMs: null });
});
