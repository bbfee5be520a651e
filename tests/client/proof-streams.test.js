import assert from "node:assert/strict";
import test from "node:test";

import { boardDigits, parseBoard } from "../../client/web/js/game/board.js";
import { hex, unhex } from "../../client/web/js/proof/bytes.js";
import { playerSeed } from "../../client/web/js/proof/seeds.js";
import { SeededTiles } from "../../client/web/js/proof/streams.js";
import { CANONICAL_ORDER, hasLegalSwap, isSwap, legalSwaps } from "../../client/web/js/proof/swaps.js";
import { CHANCE } from "./proof-vectors.js";

const seed = unhex(CHANCE.seed);
const tiles = { heat: new SeededTiles(seed), player: new SeededTiles(seed, unhex(CHANCE.player_seed)) };

test("a player's seed is the golden one", () => {
  assert.equal(hex(playerSeed(seed, CHANCE.player)), CHANCE.player_seed);
});

test("first boards, their attempts and their legal swaps are the golden ones", () => {
  for (const { level, attempt, legal_swaps: swaps, board } of CHANCE.first_boards) {
    const drawn = tiles.heat.firstBoard(level);
    assert.deepEqual([drawn.attempt, boardDigits(drawn.board), legalSwaps(drawn.board).length], [attempt, board, swaps]);
  }
});

test("first boards are the heat's in scope player, too", () => {
  assert.deepEqual(tiles.player.firstBoard(0), tiles.heat.firstBoard(0));
});

test("columns of both scopes fall as the golden ones", () => {
  assert.deepEqual(new Set(CHANCE.columns.map(({ scope }) => scope)), new Set(["heat", "player"]));
  for (const { scope, level, column, symbols } of CHANCE.columns) {
    const stream = tiles[scope].column(level, column);
    assert.equal(Array.from(symbols, () => stream.symbol()).join(""), symbols);
  }
});

test("shuffles are the golden ones, and so is the rescue when a thousand fail", () => {
  assert.ok(CHANCE.shuffles.some(({ attempt }) => attempt >= 1000));
  for (const { board, z, attempt, shuffled } of CHANCE.shuffles) {
    const drawn = tiles.heat.shuffle(parseBoard(board), z);
    assert.deepEqual([drawn.attempt, boardDigits(drawn.board)], [attempt, shuffled]);
  }
});

test("there are 112 swaps, and none leads off the board", () => {
  assert.equal(CANONICAL_ORDER.length, 112);
  assert.ok(CANONICAL_ORDER.every(isSwap));
  const strange = [[7, 0], [56, 1], [63, 0], [64, 0], [-1, 0], [0, 2], [0, -1], [1.5, 0], ["3", 0], [undefined, 0]];
  assert.ok(!strange.some(([cell, direction]) => isSwap({ cell, direction })));
});

test("diagonals of six symbols have no legal swap", () => {
  const dead = parseBoard(CHANCE.shuffles[0].board);
  assert.ok(!hasLegalSwap(dead));
  assert.deepEqual(legalSwaps(dead), []);
});
