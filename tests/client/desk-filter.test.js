import assert from "node:assert/strict";
import test from "node:test";

import { byRank, byStart, fold, select } from "../../client/web/js/state/desk-filter.js";

const row = (more) => ({
  run: "run-1", player: "p1", name: "Jörg", shownName: "Jörg", rank: 1, playing: false, voided: false, renamed: false,
  startedMs: 0, ...more,
});

test("a name is found without its accents, in any case", () => {
  const rows = [row({}), row({ run: "run-2", name: "Straße", shownName: "Straße" })];
  assert.deepEqual(select(rows, { filter: "all", search: "jorg" }).map((found) => found.run), ["run-1"]);
  assert.deepEqual(select(rows, { filter: "all", search: " STRASSE " }).map((found) => found.run), ["run-2"]);
});

test("a hidden name is found by what it really is and by what the public sees", () => {
  const rows = [row({ name: "Rude", shownName: "Nice", renamed: true })];
  assert.equal(select(rows, { filter: "all", search: "rude" }).length, 1);
  assert.equal(select(rows, { filter: "all", search: "nice" }).length, 1);
});

test("each filter lets through what it says", () => {
  const rows = [
    row({ run: "run-best" }),
    row({ run: "run-playing", rank: 0, playing: true }),
    row({ run: "run-voided", rank: 0, voided: true }),
    row({ run: "run-renamed", rank: 0, renamed: true }),
  ];
  const found = (filter) => select(rows, { filter, search: "" }).map((one) => one.run);
  assert.equal(found("all").length, 4);
  assert.deepEqual(found("best"), ["run-best"]);
  assert.deepEqual(found("playing"), ["run-playing"]);
  assert.deepEqual(found("voided"), ["run-voided"]);
  assert.deepEqual(found("renamed"), ["run-renamed"]);
  assert.equal(found("no such filter").length, 4);
});

test("standings come first by rank, then the rest by start", () => {
  const rows = [row({ run: "b", rank: 0, startedMs: 5 }), row({ run: "a", rank: 0, startedMs: 9 }), row({ run: "c", rank: 2 }), row({ run: "d", rank: 1 })];
  assert.equal(rows.toSorted(byRank).map((one) => one.run).join(""), "dcab");
  assert.equal(rows.toSorted(byStart).map((one) => one.run).join(""), "abcd");
});

test("folding leaves other scripts alone", () => {
  assert.equal(fold("Ольга"), "ольга");
});
