import assert from "node:assert/strict";
import test from "node:test";

import { after, deadlineMs, NO_RUN, RunState } from "../../client/web/js/state/run.js";

const BOARD = new Uint8Array(64);
const NEXT = new Uint8Array(64).fill(1);
const head = (byte) => new Uint8Array(32).fill(byte);

const started = { type: "started", message: { run: "run-1" } };
const begin = {
  type: "begin",
  message: { run: "run-1", course: "climb", grace_ms: 20, head: head(0), board: BOARD, level: 0, goal: 1000, time_ms: 60_000 },
};
const moved = (more) => ({
  type: "moved",
  board: NEXT,
  message: {
    run: "run-1", verdict: 0, seq: 1, head: head(1), lock_end: 700, points: 60, score: 60, level: null, epoch: 3, version: 9, ...more,
  },
});
const resumed = (more) => ({
  type: "resumed",
  message: {
    run: "run-1", course: "climb", phase: 1, goal: 1275, time_ms: 60_000, seq: 4, head: head(4), board: NEXT, level: 1, start_ms: 9000,
    level_points: 90, score: 1190, moves: 12, lock_end: 9000, grace_ms: 20, ...more,
  },
});
const ended = (more) => ({
  type: "ended", message: { run: "run-1", course: "climb", reason: 0, t: 60_000, score: 60, moves: 1, rank: 4, ...more },
});

const through = (...events) => events.reduce(after, NO_RUN);
const playing = () => through({ type: "ask", course: "climb" }, started, begin);

test("a run goes from the question through the countdown into play", () => {
  const state = playing();
  assert.deepEqual([state.phase, state.course, state.seq, state.graceMs, state.board], ["playing", "climb", 0, 20, BOARD]);
  assert.equal(deadlineMs(state), 60_000);
});

test("a move carries over the chain, the score and the board that its tiles led to", () => {
  const swap = { cell: 3, direction: 1 };
  const sent = after(playing(), { type: "send", swap });
  assert.deepEqual(sent.underWay, swap);
  const state = after(sent, moved());
  assert.equal(state.underWay, null);
  assert.deepEqual([state.seq, state.head, state.score, state.levelPoints, state.moves, state.lockEndMs], [1, head(1), 60, 60, 1, 700]);
  assert.equal(state.board, NEXT);
  assert.deepEqual(state.shownBy, { epoch: 3, version: 9 });
});

test("one swap is under way at a time", () => {
  const first = after(playing(), { type: "send", swap: { cell: 1, direction: 0 } });
  assert.equal(after(first, { type: "send", swap: { cell: 2, direction: 0 } }), first);
});

test("a move that reaches the goal opens the next level with its own board and no points", () => {
  const level = { level: 1, start_ms: 8000, goal: 1275, time_ms: 60_000, bonus: 520, board: BOARD };
  const state = after(playing(), moved({ points: 1000, score: 1520, level, lock_end: 8000 }));
  assert.deepEqual([state.level, state.startMs, state.goal, state.levelPoints, state.score], [1, 8000, 1275, 0, 1520]);
  assert.equal(state.board, BOARD);
  assert.equal(deadlineMs(state), 68_000);
});

test("a refused move changes nothing but that it is no longer under way", () => {
  const before = playing();
  const state = after(after(before, { type: "send", swap: { cell: 1, direction: 0 } }), { type: "refused" });
  assert.deepEqual(state, before);
});

test("an illegal verdict moves the chain and the lock, and neither board nor count", () => {
  const state = after(playing(), moved({ verdict: 1, points: 0, score: 0, lock_end: 400 }));
  assert.deepEqual([state.board, state.moves, state.seq, state.lockEndMs], [BOARD, 0, 1, 400]);
});

test("a lost connection keeps the run on show and forgets the swap under way", () => {
  const state = after(after(playing(), { type: "send", swap: { cell: 1, direction: 0 } }), { type: "lost" });
  assert.deepEqual([state.phase, state.board, state.underWay], ["lost", BOARD, null]);
  assert.equal(after(state, moved()), state);
});

test("a resume brings back everything, from anywhere", () => {
  for (const from of [NO_RUN, playing(), after(playing(), { type: "lost" })]) {
    const state = after(from, resumed());
    assert.deepEqual(
      [state.phase, state.seq, state.level, state.startMs, state.levelPoints, state.score, state.moves, state.board],
      ["playing", 4, 1, 9000, 90, 1190, 12, NEXT],
    );
  }
});

test("a resume before T0 counts down", () => {
  assert.equal(after(NO_RUN, resumed({ phase: 0, board: new Uint8Array() })).phase, "countdown");
});

test("after a restart a heat's run waits, with or without a board, until it is resumed as playing", () => {
  for (const board of [new Uint8Array(), new Uint8Array(64)]) {
    const waiting = after(NO_RUN, { ...resumed({ phase: 2, board }), heat: "h1" });
    assert.deepEqual([waiting.phase, waiting.heat, waiting.board], ["waiting", "h1", null]);
    assert.equal(after(waiting, { type: "send", swap: { cell: 0, direction: 0 } }), waiting);
    assert.equal(after(waiting, resumed({ phase: 1 })).phase, "playing");
  }
});

test("a heat calls its members from wherever they are", () => {
  const message = { type: "HEAT", run: "run-7", course: "sprint", heat: "h1" };
  for (const state of [NO_RUN, after(NO_RUN, { type: "ask", course: "climb" }), playing(), after(playing(), ended())]) {
    const called = after(state, { type: "called", message });
    assert.deepEqual([called.phase, called.run, called.course, called.heat, called.score], ["countdown", "run-7", "sprint", "h1", 0]);
  }
});

test("the end is only this run's", () => {
  const state = playing();
  assert.equal(after(state, ended({ run: "run-2" })), state);
  const over = after(state, ended());
  assert.deepEqual([over.phase, over.score, over.end.rank], ["ended", 60, 4]);
});

test("a run that ended while the page was away shows its end and nothing it does not know", () => {
  const state = after(NO_RUN, { type: "endedAway", message: ended().message });
  assert.deepEqual([state.phase, state.score, state.board, state.goal], ["ended", 60, null, 0]);
});

test("a question that the server refuses, or that is cut off, leads back to the title", () => {
  const asking = through({ type: "ask", course: "climb" });
  assert.equal(after(asking, { type: "refused" }).phase, "idle");
  assert.equal(after(asking, { type: "lost" }).phase, "idle");
});

test("what is not in the table does not happen and is not told", () => {
  const run = new RunState();
  let told = 0;
  run.addEventListener("change", () => (told += 1));
  for (const type of ["begin", "moved", "ended", "lost", "refused", "send"]) assert.equal(run.take({ type, message: { run: "run-1" } }), false);
  assert.equal(told, 0);
  assert.equal(run.take({ type: "ask", course: "sprint" }), true);
  assert.equal(told, 1);
});
