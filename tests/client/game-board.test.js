import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import {
  boardDigits, cleared, CELLS, dropped, EMPTY, filled, firstStep, isLegal, linePoints, lines, multiplier, otherCell,
  parseBoard, replay, ReplayMismatch, stepPoints, swapBetween,
} from "../../client/web/js/game/board.js";

const VECTORS = new URL("../../protocol/vectors/rules/", import.meta.url);
const QUIET = ["01230123", "23012301", "01230123", "23012301", "01230123", "23012301", "01230123", "23012301"];

const picture = (rows) => parseBoard(rows.join("").replaceAll(".", "9")).map((symbol) => (symbol === 9 ? EMPTY : symbol));
const withRows = (changes) => picture(QUIET.map((row, index) => changes[index] ?? row));

test("a line is maximal, and a cell in two lines stands in both", () => {
  const board = withRows({ 0: "44440123", 1: "40012301", 2: "41230123" });
  const found = lines(board).map(({ symbol, cells }) => [symbol, cells]);
  assert.deepEqual(found, [[4, [0, 1, 2, 3]], [4, [0, 8, 16]]]);
  assert.equal(stepPoints(lines(board), 1), 60 + 30);
});

test("empty cells are no line", () => {
  assert.deepEqual(lines(new Uint8Array(CELLS).fill(EMPTY)), []);
});

test("lines of three to eight pay as the rules' table says", () => {
  assert.deepEqual([3, 4, 5, 6, 7, 8].map(linePoints), [30, 60, 100, 150, 210, 280]);
  assert.deepEqual([1, 2, 3, 4, 9].map(multiplier), [1, 1.5, 2, 2, 2]);
});

test("a swap needs two neighbours", () => {
  assert.deepEqual(swapBetween(8, 9), { cell: 8, direction: 0 });
  assert.deepEqual(swapBetween(17, 9), { cell: 9, direction: 1 });
  for (const [first, second] of [[7, 8], [0, 2], [0, 9], [5, 5], [0, 16]]) assert.equal(swapBetween(first, second), null);
  assert.equal(otherCell({ cell: 7, direction: 0 }), null);
  assert.equal(otherCell({ cell: 56, direction: 1 }), null);
});

test("a swap of equal symbols is not legal even where a match would stand", () => {
  const board = withRows({ 0: "44400123" });
  assert.equal(isLegal(board, { cell: 0, direction: 0 }), false);
});

test("tiles fall in order and the rest is filled from the lowest empty row upward", () => {
  const board = picture(["5.......", "........", "4.......", "........", "3.......", "........", "2.......", "1......."]);
  const fallen = dropped(board);
  assert.equal(boardDigits(fallen.board).slice(24), "5.......4.......3.......2.......1.......");
  assert.deepEqual(fallen.falls[0], { from: 32, to: 40 });
  const fills = [[0, 1, 2], ...Array.from({ length: 7 }, () => [0, 1, 2, 3, 4, 5, 0, 1])];
  const { board: full, entries } = filled(fallen.board, fills);
  assert.equal([0, 8, 16, 24].map((cell) => full[cell]).join(""), "2105");
  assert.deepEqual(entries[0], { cell: 16, symbol: 0, rows: 3 });
});

test("tiles that do not fit the empty cells are a mismatch and no tile is invented", () => {
  const board = cleared(withRows({ 0: "44440123" }), lines(withRows({ 0: "44440123" })));
  assert.throws(() => filled(board, [[1], [1], [1], [], [], [], [], []]), ReplayMismatch);
  assert.throws(() => filled(board, [[1], [1], [1], [1, 2], [], [], [], []]), ReplayMismatch);
});

test("a reply that leaves a match behind is a mismatch", () => {
  const board = parseBoard("3112212153224155324435005044115251211413145145202423513155151200");
  const steps = [[[], [], [], [5], [1], [0], [5], []]];
  assert.throws(() => replay(board, { cell: 29, direction: 1 }, steps), ReplayMismatch);
});

for (const name of readdirSync(VECTORS).filter((file) => file.endsWith(".json"))) {
  const vector = JSON.parse(readFileSync(new URL(name, VECTORS), "utf-8"));
  test(`vector ${vector.name}: every legal move replays to its board and points`, () => {
    let board = parseBoard(vector.expect.boards[0]);
    let moves = 0;
    vector.expect.replies.forEach((reply, index) => {
      const { i: cell, d: direction } = vector.inputs[index];
      if (!["ok", "illegal"].includes(reply.verdict)) return;
      assert.equal(isLegal(board, { cell, direction }), reply.verdict === "ok", `move ${index}`);
      if (reply.verdict === "illegal") return;
      const played = replay(board, { cell, direction }, reply.fills);
      assert.equal(played.length, reply.steps);
      assert.equal(played.reduce((sum, step) => sum + step.points, 0), reply.points);
      assert.deepEqual(firstStep(board, { cell, direction }).dropped, played[0].dropped);
      const settled = played.at(-1).after;
      // After a shuffle or a level's end the reply carries another board: it comes from the server, never from here.
      const replaced = boardDigits(settled) !== reply.board;
      if (replaced) assert.ok(sameTiles(settled, reply.board) || vector.expect.boards.includes(reply.board), `move ${index}`);
      board = parseBoard(reply.board);
      moves += 1;
    });
    assert.ok(moves > 0 || vector.expect.score === 0);
  });
}

function sameTiles(board, digits) {
  return boardDigits(board).split("").sort().join("") === digits.split("").sort().join("");
}
