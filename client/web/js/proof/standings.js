/** The order of results, as a plain sort (RULES.md 8). */

import { byId } from "./merkle.js";

/**
 * The standings over results that may stand, `[{player, run, score, timeMs}]`: the best run of every player, none with a score of 0.
 *
 * @returns {{rank: number, player: string, run: string, score: number, time_ms: number}[]} rows as a bundle has them
 */
export function standingsOf(results) {
  const best = new Map();
  for (const result of [...results].sort((a, b) => byResult(a, b) || byId(a.run, b.run))) {
    if (result.score > 0 && !best.has(result.player)) best.set(result.player, result);
  }
  return rankedRows([...best.values()], ({ player, run, score, timeMs }) => ({ player, run, score, time_ms: timeMs }));
}

/**
 * The standings over several heats of a course, each given by its results that may stand; a heat without a scoring move
 * counts the course's full time.
 *
 * @param {{player: string, score: number, timeMs: number}[][]} heats
 */
export function sumsOf(heats, fullTimeMs) {
  const scored = heats.map((results) => new Map(results.filter(({ score }) => score > 0).map((result) => [result.player, result])));
  const players = new Set(scored.flatMap((heat) => [...heat.keys()]));
  const sums = [...players].map((player) => {
    const own = scored.map((heat) => heat.get(player) ?? { score: 0, timeMs: fullTimeMs });
    const total = (name) => own.reduce((sum, result) => sum + result[name], 0);
    return { player, score: total("score"), timeMs: total("timeMs") };
  });
  return rankedRows(sums, ({ player, score, timeMs }) => ({ player, score, time_ms: timeMs }));
}

/** More points first, then the smaller time; who has both equal shares the rank (1, 2, 2, 4) and is listed by player. */
function rankedRows(results, rowOf) {
  let rank = 0;
  return [...results].sort((a, b) => byResult(a, b) || byId(a.player, b.player)).map((result, place, order) => {
    if (place === 0 || byResult(order[place - 1], result) !== 0) rank = place + 1;
    return { rank, ...rowOf(result) };
  });
}

const byResult = (a, b) => b.score - a.score || a.timeMs - b.timeMs;
