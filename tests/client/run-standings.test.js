import assert from "node:assert/strict";
import test from "node:test";

import { excerpt } from "../../client/web/js/state/excerpt.js";
import { Chase, ownRow, targetOf } from "../../client/web/js/state/target.js";

const row = (rank, score, more = {}) => ({ run: `run-${rank}`, rank, player: `p-${rank}`, name: `N${rank}`, score, state: 0, ...more });
const ROWS = [1, 2, 3, 17, 18, 19, 20, 21, 22, 23].map((rank) => row(rank, 5000 - 100 * rank));
const ranks = (rows) => rows.map(({ rank }) => rank);

test("the highscore to crack is the best one of another run, even of the same player", () => {
  assert.equal(targetOf([row(2, 300), row(1, 900)], "run-2").score, 900);
  assert.equal(targetOf([row(1, 900), row(2, 300)], "run-1").score, 300);
  assert.equal(targetOf([row(0, 0)], null), null);
  assert.equal(targetOf([], null), null);
});

test("only a row with a rank is a standing of one's own", () => {
  assert.equal(ownRow(ROWS, "p-20").rank, 20);
  assert.equal(ownRow([row(0, 0)], "p-0"), null);
});

test("a chase counts down, is level at the same score, and cracked once with one point more", () => {
  const chase = new Chase();
  const target = row(1, 900);
  assert.deepEqual(chase.follow(target, 840), { target, missing: 60, cracked: false, justNow: false });
  assert.deepEqual(chase.follow(target, 900), { target, missing: 0, cracked: false, justNow: false });
  assert.deepEqual(chase.follow(target, 930), { target, missing: 0, cracked: true, justNow: true });
  assert.deepEqual(chase.follow(target, 960), { target, missing: 0, cracked: true, justNow: false });
});

test("a cracked highscore stays cracked when somebody else then passes", () => {
  const chase = new Chase();
  chase.follow(row(1, 900), 930);
  const { missing, cracked, justNow } = chase.follow(row(1, 1000), 960);
  assert.deepEqual([missing, cracked, justNow], [40, true, false]);
});

test("where there is room for all, all are shown", () => {
  assert.equal(excerpt(ROWS, "p-20", 10).length, 10);
});

test("with little room one sees oneself, whom to overtake, and the leader", () => {
  assert.deepEqual(ranks(excerpt(ROWS, "p-20", 1)), [20]);
  assert.deepEqual(ranks(excerpt(ROWS, "p-20", 3)), [1, 19, 20]);
  assert.deepEqual(ranks(excerpt(ROWS, "p-20", 5)), [1, 18, 19, 20, 21]);
});

test("who has no standing yet sees the top", () => {
  assert.deepEqual(ranks(excerpt(ROWS, null, 3)), [1, 2, 3]);
});
