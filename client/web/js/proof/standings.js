/** The order of the standings (RULES.md 8). */

import { byId } from "./merkle.js";

/**
 * Ranks results `[{player, score, timeMs, …}]`: more points first, then the smaller time; both equal share a rank (1, 2, 2, 4) and
 * are listed by player. A score of 0 has no standing.
 *
 * @returns {object[]} the results with their `rank`, in order
 */
export function ranked(results) {
  const order = results
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.timeMs - b.timeMs || byId(a.player, b.player));
  let rank = 0;
  return order.map((result, place) => {
    const before = order[place - 1];
    if (before?.score !== result.score || before?.timeMs !== result.timeMs) rank = place + 1;
    return { ...result, rank };
  });
}
