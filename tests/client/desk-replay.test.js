import assert from "node:assert/strict";
import test from "node:test";

import { Playback, indexAt, moments } from "../../client/web/js/state/desk-replay.js";

// The first board and the first swap of RULES.md, section 9: cell 7 down makes three fives, tiles 4, 1 and 0 enter.
const FIRST = "0434024525243550131002043342445305325201431053413220205355344541";
const AFTER_MOVE = "0434041025243240131002043342445305325201431053413220205355344541";
const SECOND = "2".repeat(64);
const STEPS = [[[], [], [], [], [], [4], [1], [0]]];
const move = (more) => ({ seq: 1, t_arr: 0, t_eff: 900, i: 7, d: 1, verdict: "ok", steps: STEPS, points: 30, score: 30, lock_end: 1_400, shuffle: null, level: null, board: AFTER_MOVE, ...more });
const replay = {
  levels: [
    { level: 0, start_ms: 0, goal: 30, time_ms: 60_000, bonus: 0, board: FIRST },
    { level: 1, start_ms: 3_000, goal: 1_275, time_ms: 60_000, bonus: 590, board: SECOND },
  ],
  moves: [
    move({ seq: 1, t_eff: 400, i: 0, d: 0, verdict: "illegal", steps: [], points: 0, score: 0, board: FIRST }),
    move({ seq: 2, points: 30, score: 620, level: 1, board: SECOND }),
    move({ seq: 4, t_eff: 4_000, points: 60, score: 680, board: FIRST }),
  ],
};

test("levels and moves come in the order of the run's clock", () => {
  assert.deepEqual(moments(replay).map(({ atMs, kind, level }) => [atMs, kind, level]), [
    [0, "level", 0], [400, "illegal", 0], [900, "ok", 0], [3_000, "level", 1], [4_000, "ok", 1],
  ]);
});

test("an illegal move changes neither board nor score", () => {
  const [, illegal] = moments(replay);
  assert.deepEqual([illegal.before, illegal.after, illegal.score, illegal.lockMs], [FIRST, FIRST, 0, 300]);
});

test("the next level's board does not show before its level starts", () => {
  const [, , last, next] = moments(replay);
  assert.deepEqual([last.before, last.after, last.score, last.lockMs], [FIRST, AFTER_MOVE, 620, 500]);
  assert.deepEqual([next.before, next.after, next.score], [null, SECOND, 620]);
});

test("the time left is counted to the level's own deadline", () => {
  assert.deepEqual(moments(replay).map(({ deadlineMs }) => deadlineMs), [60_000, 60_000, 60_000, 63_000, 63_000]);
});

test("a moment is found by time", () => {
  const found = moments(replay);
  assert.deepEqual([-5, 0, 399, 400, 2_999, 3_000, 99_999].map((ms) => indexAt(found, ms)), [0, 0, 0, 1, 2, 3, 4]);
  assert.equal(indexAt([], 5), 0);
});

test("a replay runs at its speed, stops at the end and starts again from the front", () => {
  const playback = new Playback(10_000);
  playback.play(0);
  assert.equal(playback.at(1_000), 1_000);
  playback.setSpeed(4, 1_000);
  assert.equal(playback.at(2_000), 5_000);
  playback.pause(2_000);
  assert.equal(playback.at(9_000), 5_000);
  playback.play(9_000);
  assert.equal(playback.at(60_000), 10_000);
  assert.equal(playback.playing, false);
  playback.play(70_000);
  assert.equal(playback.at(70_000), 0);
});

test("a replay can be scrubbed while it plays, and never leaves the run", () => {
  const playback = new Playback(10_000);
  playback.play(0);
  playback.seek(3_000, 500);
  assert.equal(playback.at(1_500), 4_000);
  playback.seek(-5, 2_000);
  assert.equal(playback.at(2_000), 0);
  playback.seek(99_999, 3_000);
  assert.equal(playback.at(3_000), 10_000);
});
