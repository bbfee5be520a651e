import assert from "node:assert/strict";
import test from "node:test";

import { Highscore } from "../../client/web/js/state/screen-highscore.js";

const row = (run, score, running = false) => ({ run, rank: 1, score, running });

test("nothing is celebrated when a screen opens, whatever it finds", () => {
  assert.equal(new Highscore().offer([row("run-1", 900, true)]).cracked, null);
});

test("a run in play that overtakes the best one cracks the highscore, once", () => {
  const highscore = new Highscore();
  highscore.offer([row("run-1", 900)]);
  assert.equal(highscore.offer([row("run-2", 930, true), row("run-1", 900)]).cracked.run, "run-2");
  assert.equal(highscore.offer([row("run-2", 990, true), row("run-1", 900)]).cracked, null);
});

test("a run that was in play and ended with its best move cracks it too", () => {
  const highscore = new Highscore();
  highscore.offer([row("run-1", 900), row("run-2", 880, true)]);
  assert.equal(highscore.offer([row("run-2", 930), row("run-1", 900)]).cracked.run, "run-2");
});

test("a restored run takes its place without a celebration", () => {
  const highscore = new Highscore();
  highscore.offer([row("run-1", 900)]);
  const { best, cracked } = highscore.offer([row("run-2", 930), row("run-1", 900)]);
  assert.equal(best.run, "run-2");
  assert.equal(cracked, null);
});

test("a void lowers the highscore in silence, and the next to pass it is celebrated", () => {
  const highscore = new Highscore();
  highscore.offer([row("run-1", 900), row("run-2", 500, true)]);
  assert.equal(highscore.offer([row("run-2", 500, true)]).cracked, null);
  assert.equal(highscore.offer([row("run-3", 510, true), row("run-2", 500, true)]).cracked.run, "run-3");
});

test("the first score of an empty course cracks nothing", () => {
  const highscore = new Highscore();
  highscore.offer([]);
  assert.equal(highscore.offer([row("run-1", 30, true)]).cracked, null);
});

test("an equal score that came later cracks nothing", () => {
  const highscore = new Highscore();
  highscore.offer([row("run-1", 900)]);
  assert.equal(highscore.offer([row("run-1", 900), row("run-2", 900, true)]).cracked, null);
});

test("who draws level cracks nothing, even when an earlier move puts him first, and who goes on from there does", () => {
  const highscore = new Highscore();
  highscore.offer([row("run-1", 60)]);
  assert.equal(highscore.offer([row("run-2", 60, true), row("run-1", 60)]).cracked, null);
  assert.equal(highscore.offer([row("run-2", 90, true), row("run-1", 60)]).cracked.run, "run-2");
});

test("two runs that overtake each other with every move crack it once each", () => {
  const highscore = new Highscore();
  highscore.offer([row("run-0", 100)]);
  const leaders = [["run-1", 110], ["run-2", 120], ["run-1", 130], ["run-2", 140]];
  const cracked = leaders.map(([run, score]) => highscore.offer([row(run, score, true)]).cracked?.run);
  assert.deepEqual(cracked, ["run-1", "run-2", undefined, undefined]);
});
