import assert from "node:assert/strict";
import test from "node:test";

import { lengthOf, lockMs, phases } from "../../client/web/js/game/phases.js";

/** Plays the phases on a clock without drift and gives their lengths. */
function lengths(rest, leftMs) {
  if (rest.length === 0) return [];
  const ms = lengthOf(rest, leftMs);
  return [ms, ...lengths(rest.slice(1), leftMs - ms)];
}

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);

test("the lock is 200 ms and 300 a step, and never over two seconds", () => {
  assert.deepEqual([1, 2, 6, 7, 30].map(lockMs), [500, 800, 2000, 2000, 2000]);
});

test("the phases of a move fill its lock to the millisecond, however many steps it has", () => {
  for (const steps of [1, 2, 3, 6, 10]) {
    for (const shuffle of [false, true]) {
      assert.ok(Math.abs(sum(lengths(phases(steps, { shuffle }), lockMs(steps))) - lockMs(steps)) < 0.001, `${steps} ${shuffle}`);
    }
  }
});

test("a reply that comes when the lock is over still shows every phase, shortly", () => {
  const late = lengths(phases(2).slice(2), -400);
  assert.ok(late.slice(0, -1).every((ms) => ms >= 60), String(late));
  assert.ok(sum(late) < 500);
});

test("every step bursts before it drops, and the shuffle comes after the last one", () => {
  const order = phases(2, { shuffle: true }).map(({ kind, step }) => `${kind}${step || ""}`);
  assert.deepEqual(order, ["swap", "burst1", "drop1", "burst2", "drop2", "shuffle", "rest"]);
});
