import assert from "node:assert/strict";
import test from "node:test";

import { runOf, sourcesOf } from "../../client/web/js/state/verify-sources.js";

const heat = (id, phase, bundle = false) => ({ heat: id, course: "sprint", phase, voided: false, interrupted: false, bundle });

test("an event without heats that goes on has open play and runs alone", () => {
  assert.deepEqual(sourcesOf({ ended_at_ms: null, heats: [] }), { all: false, heats: [], underWay: [], hasHeats: false });
});

test("heats that are over can be had, in their order, and those being played are named", () => {
  const heats = [heat("h1", "over", true), heat("h1-r1", "prepared"), heat("h2", "running"), heat("h3", "prepared"), heat("h4", "over", true), heat("h5", "open")];
  assert.deepEqual(sourcesOf({ ended_at_ms: null, heats }), { all: false, heats: ["h1", "h4"], underWay: ["h2", "h5"], hasHeats: true });
});

test("the whole is there from the end on", () => {
  assert.equal(sourcesOf({ ended_at_ms: 1, heats: [] }).all, true);
});

test("a run is meant by its id or by its receipt, with its heat where that says so", () => {
  assert.deepEqual(runOf(" run-1 "), { heat: "", run: "run-1" });
  assert.deepEqual(runOf("knack-receipt-1.demo..run-1.p-1.30.4.AAAA.BBBB.CCCC"), { heat: "", run: "run-1" });
  assert.deepEqual(runOf("knack-receipt-1.demo.h1.run-1.p-1.30.4.AAAA.BBBB.CCCC"), { heat: "h1", run: "run-1" });
  for (const text of ["", "Run 1", "knack-receipt-1.demo", "https://example.org/", "x".repeat(33)]) assert.equal(runOf(text), null);
});
