import assert from "node:assert/strict";
import test from "node:test";

import { TURN_MS, stage } from "../../client/web/js/state/screen-stage.js";

const hall = { courses: ["sprint", "climb"], chosen: "", standing: new Set(["sprint", "climb"]), roomy: false, sinceMs: 0 };

test("the course in the address is shown and nothing else", () => {
  assert.deepEqual(stage({ ...hall, chosen: "climb", roomy: true }), { shown: ["climb"], dueMs: null });
});

test("an unknown course in the address is no course", () => {
  assert.deepEqual(stage({ ...hall, chosen: "marathon", roomy: true }).shown, ["sprint", "climb"]);
});

test("a heat under way has the whole screen, unless the address names a course", () => {
  assert.deepEqual(stage({ ...hall, heat: "h1", roomy: true }), { shown: ["h1"], dueMs: null });
  assert.deepEqual(stage({ ...hall, heat: "h1", chosen: "h1" }).shown, ["h1"]);
  assert.deepEqual(stage({ ...hall, heat: "h1", chosen: "climb" }).shown, ["climb"]);
});

test("a roomy screen shows every course that has standings", () => {
  assert.deepEqual(stage({ ...hall, roomy: true }).shown, ["sprint", "climb"]);
  assert.deepEqual(stage({ ...hall, roomy: true, standing: new Set(["climb"]) }).shown, ["climb"]);
});

test("a small screen gives each course its turn", () => {
  assert.deepEqual(stage(hall), { shown: ["sprint"], dueMs: TURN_MS });
  assert.deepEqual(stage({ ...hall, sinceMs: TURN_MS }), { shown: ["climb"], dueMs: 2 * TURN_MS });
  assert.deepEqual(stage({ ...hall, sinceMs: 2 * TURN_MS }), { shown: ["sprint"], dueMs: 3 * TURN_MS });
});

test("a course without standings has no turn", () => {
  assert.deepEqual(stage({ ...hall, standing: new Set(["climb"]), sinceMs: TURN_MS }), { shown: ["climb"], dueMs: null });
});

test("before the first score the first course stands there, empty", () => {
  assert.deepEqual(stage({ ...hall, standing: new Set() }).shown, ["sprint"]);
});
