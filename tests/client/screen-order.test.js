import assert from "node:assert/strict";
import test from "node:test";

import { HOLD_MS, HeldOrder, PLACES } from "../../client/web/js/state/screen-order.js";

const row = (player, rank, score = 100 - rank, name = player) => ({ player, rank, score, name });
const players = ({ rows }) => rows.map((shown) => shown.player).join("");

test("the first standings are shown at once", () => {
  assert.equal(players(new HeldOrder().offer([row("a", 1), row("b", 2)], 0)), "ab");
});

test("a row that has moved stays put, and moves again when its time is over", () => {
  const order = new HeldOrder();
  order.offer([row("a", 1), row("b", 2)], 0);
  const held = order.offer([row("b", 1), row("a", 2)], HOLD_MS - 1);
  assert.equal(players(held), "ab");
  assert.equal(held.dueMs, HOLD_MS);
  const moved = order.offer([row("b", 1), row("a", 2)], HOLD_MS);
  assert.equal(players(moved), "ba");
  assert.equal(moved.dueMs, null);
});

test("while a move is held back, scores and names are the newest and places keep their numbers", () => {
  const order = new HeldOrder();
  order.offer([row("a", 1, 50), row("b", 2, 40)], 0);
  const held = order.offer([row("b", 1, 60, ""), row("a", 2, 50)], 10);
  assert.deepEqual(held.rows, [row("a", 1, 50), { ...row("b", 2, 60, ""), rank: 2 }]);
});

test("after a quiet time the next move is shown at once", () => {
  const order = new HeldOrder();
  order.offer([row("a", 1), row("b", 2)], 0);
  assert.equal(players(order.offer([row("b", 1), row("a", 2)], 5_000)), "ba");
});

test("a new run of the same player is the same row", () => {
  const order = new HeldOrder();
  order.offer([row("a", 1), row("b", 2)], 0);
  const again = order.offer([{ ...row("a", 1), run: "run-2" }, row("b", 2)], 1);
  assert.equal(again.dueMs, null);
  assert.equal(again.rows[0].run, "run-2");
});

test("only the first places are shown", () => {
  const many = Array.from({ length: 30 }, (_, index) => row(`p${index}`, index + 1));
  assert.equal(new HeldOrder().offer(many, 0).rows.length, PLACES);
});
