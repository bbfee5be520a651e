import assert from "node:assert/strict";
import test from "node:test";

import { HeatBook } from "../../client/web/js/state/heats.js";

const book = (...heats) => {
  const made = new HeatBook();
  for (const heat of heats) made.take({ place: 0, run: "", ...heat });
  return made;
};

test("an open heat is offered, the newest first, and one's own before all", () => {
  assert.equal(book().lobby, null);
  assert.equal(book({ heat: "h1", phase: 0 }, { heat: "h2", phase: 0 }).lobby.heat, "h2");
  assert.equal(book({ heat: "h1", phase: 0, place: 1 }, { heat: "h2", phase: 0 }).lobby.heat, "h1");
  assert.equal(book({ heat: "h1", phase: 1, place: 1 }, { heat: "h2", phase: 0 }).lobby.heat, "h1");
});

test("a heat whose roster is frozen is offered to nobody else", () => {
  assert.equal(book({ heat: "h1", phase: 1 }).lobby, null);
});

test("a hall looks at the heat under way", () => {
  for (const phase of [2, 3, 4]) assert.equal(book({ heat: "h1", phase }, { heat: "h2", phase: 0 }).underWay.heat, "h1");
  for (const phase of [0, 1, 5, 6]) assert.equal(book({ heat: "h1", phase }).underWay, null);
});

test("each course of a heat is named once, for its sum", () => {
  assert.deepEqual(book({ heat: "h1", course: "sprint" }, { heat: "h2", course: "climb" }, { heat: "h3", course: "sprint" }).courses, ["sprint", "climb"]);
});

test("a run leads to its heat, and in open play to none", () => {
  const heats = book({ heat: "h1", phase: 3, run: "run-1" }, { heat: "h2", phase: 0 });
  assert.deepEqual([heats.ofRun("run-1"), heats.ofRun("run-2")], ["h1", ""]);
});

test("the last word on a heat counts", () => {
  const heats = book({ heat: "h1", phase: 0 }, { heat: "h1", phase: 3 });
  assert.deepEqual([heats.get("h1").phase, heats.lobby, heats.get("h2")], [3, null, null]);
});

test("a lobby that was closed again is offered to nobody, and may open once more", () => {
  const heats = book({ heat: "h1", phase: 0, place: 1 }, { heat: "h1", phase: 7 });
  assert.deepEqual([heats.get("h1"), heats.lobby], [null, null]);
  heats.take({ heat: "h1", phase: 0, place: 0, run: "" });
  assert.equal(heats.lobby.heat, "h1");
});

test("a heat is published when it is over, or was voided after it had begun", () => {
  const heats = book({ heat: "h1", phase: 5, t0_unix_ms: 9 }, { heat: "h2", phase: 6, t0_unix_ms: 9 }, { heat: "h3", phase: 6, t0_unix_ms: 0 });
  for (const phase of [0, 1, 2, 3, 4]) heats.take({ heat: `p${phase}`, phase, t0_unix_ms: 9, place: 0, run: "" });
  const published = ["h1", "h2", "h3", "p0", "p1", "p2", "p3", "p4", "unknown"].filter((heat) => heats.isPublished(heat));
  assert.deepEqual(published, ["h1", "h2"]);
});
