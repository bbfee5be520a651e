import assert from "node:assert/strict";
import test from "node:test";

import { canVoid, heatState, nextStep, stageLength } from "../../client/web/js/state/desk-heats.js";

const heat = (more) => ({ phase: "prepared", voided: false, may_open: true, public: "", ...more });

test("each phase has one next step, and the last ones none", () => {
  assert.equal(nextStep(heat({})), "open");
  assert.equal(nextStep(heat({ phase: "open" })), "freeze");
  assert.equal(nextStep(heat({ phase: "frozen" })), "type");
  assert.equal(nextStep(heat({ phase: "frozen", public: "stage:…" })), "start");
  for (const phase of ["countdown", "running", "waiting", "over"]) assert.equal(nextStep(heat({ phase })), null);
});

test("a rerun waits for the void of its heat, and a voided heat for nothing", () => {
  assert.equal(nextStep(heat({ may_open: false })), null);
  assert.equal(nextStep(heat({ phase: "open", voided: true })), null);
});

test("a heat that nobody could gather for cannot be voided, nor one that is", () => {
  assert.equal(canVoid(heat({})), false);
  assert.equal(canVoid(heat({ phase: "open" })), true);
  assert.equal(canVoid(heat({ phase: "over", voided: true })), false);
});

test("a void says more than the phase it came in", () => {
  assert.deepEqual(heatState(heat({ phase: "over", voided: true })), { words: "voided", tone: "voided" });
  assert.deepEqual(heatState(heat({ phase: "running" })), { words: "running", tone: "playing" });
});

test("the text on stage is counted in code points after trimming", () => {
  assert.equal(stageLength(`  ${"x".repeat(39)}  `).isLongEnough, false);
  assert.deepEqual(stageLength("😀".repeat(40)), { length: 40, isLongEnough: true, max: 40 });
  assert.equal(stageLength("e\u0301".repeat(40)).length, 40);
  assert.equal(stageLength("x".repeat(1001)).isLongEnough, false);
});
