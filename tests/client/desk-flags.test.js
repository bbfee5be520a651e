import assert from "node:assert/strict";
import test from "node:test";

import { byChance, rightOf100, sorted } from "../../client/web/js/state/desk-flags.js";

const flag = (kind, is_raised) => ({ kind, is_raised });

test("flags that are up come first, and what they ask for is said in one word", () => {
  const flags = [flag("leak", false), flag("cadence", true), flag("twin", false)];
  assert.deepEqual(sorted({ needs_review: false, flags }), { verdict: "some", raised: [flags[1]], rest: [flags[0], flags[2]] });
  assert.equal(sorted({ needs_review: true, flags }).verdict, "review");
  assert.equal(sorted({ needs_review: false, flags: [flag("leak", false)] }).verdict, "none");
});

test("flags by chance grow with the number of runs", () => {
  const any_by_chance = { flagged: 3, of: 3000, least: 0, most: 0.003 };
  assert.deepEqual(byChance({ others: 299, any_by_chance }), { runs: 300, expected: 0.3, most: 0.9 });
});

test("a flag with 80 % power and 1 % false alarms is right in 45 of 100 cases, with 0.1 % in 89", () => {
  const power = { cheat: "knowing", flagged: 80, of: 100 };
  assert.equal(Math.round(rightOf100({ honest: { most: 0.01 }, power })), 45);
  assert.equal(Math.round(rightOf100({ honest: { most: 0.001 }, power })), 89);
  assert.equal(rightOf100({ honest: { most: 0.001 }, power: null }), null);
});
