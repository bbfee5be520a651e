/** Golden runs: what any engine for these rules must answer, held against this one (RULES.md 9). */

import { boardDigits } from "../game/board.js";
import { hex, unhex } from "./bytes.js";
import { levelsOf } from "./course.js";
import { chainStart } from "./log.js";
import { Run } from "./run.js";
import { commitment, playerSeed, Scope, seedOf } from "./seeds.js";
import { SeededTiles } from "./streams.js";
import { isSwap } from "./swaps.js";

/**
 * Plays a vector and lists every difference from what it expects, in words; none: it passed.
 *
 * What is no vector has one difference: that it is none.
 */
export function checkVector(vector) {
  try {
    return [...differences(vector)];
  } catch (broken) {
    if (broken instanceof TypeError || broken instanceof RangeError) return [`not a vector: ${broken.message}`];
    throw broken;
  }
}

function runOf(vector) {
  const { event, heat, player, course_name: course } = vector;
  const scope = Scope[vector.scope];
  if (scope === undefined) throw new RangeError(`no scope ${vector.scope}`);
  const [serverSeed, publicPart, rulesHash] = [vector.server_seed, vector.public, vector.rules_hash].map(unhex);
  const commit = commitment({ event, heat, course, scope, rulesHash, serverSeed });
  const seed = seedOf({ serverSeed, event, heat, publicPart });
  const graceMs = vector.grace_ms;
  const levels = levelsOf(vector.course);
  const tiles = new SeededTiles(seed, scope === Scope.player ? playerSeed(seed, player) : null);
  const start = chainStart({ event, heat, player, commit, rulesHash, t0UnixMs: vector.t0_unix_ms, graceMs });
  return { run: new Run({ levels, tiles, start, graceMs }), commit, seed };
}

function* differences(vector) {
  const { inputs, expect } = vector;
  const { run, commit, seed } = runOf(vector);
  yield* compared("commit", expect.commit, hex(commit));
  yield* compared("seed", expect.seed, hex(seed));
  yield* compared("number of replies", expect.replies.length, inputs.length);
  for (const [place, { t_arr: tArr, i: cell, d: direction }] of inputs.entries()) {
    if (!isSwap({ cell, direction })) throw new RangeError(`input ${place + 1}: no swap ${cell}, ${direction}`);
    const reply = replyOf(run.move(tArr, { cell, direction }), run);
    const expected = expect.replies[place] ?? {};
    for (const field of [...new Set([...Object.keys(reply), ...Object.keys(expected)])].sort()) {
      yield* compared(`reply ${place + 1} ${field}`, expected[field], reply[field]);
    }
  }
  run.expire();
  yield* compared("boards", expect.boards, run.boards.map(boardDigits));
  yield* compared("events", expect.events, run.seq);
  yield* compared("score", expect.score, run.score);
  yield* compared("last_hash", expect.last_hash, hex(run.head));
}

/** What a vector says about a move; `board` is the one after level change or shuffle. */
function replyOf({ verdict, steps, points }, run) {
  if (verdict !== "ok") return { verdict };
  return { verdict, steps: steps.length, points, score: run.score, fills: steps, board: boardDigits(run.board) };
}

function* compared(what, expected, found) {
  const [before, after] = [JSON.stringify(expected), JSON.stringify(found)];
  if (before !== after) yield `${what}: expected ${before}, found ${after}`;
}
