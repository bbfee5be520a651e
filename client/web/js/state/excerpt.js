/** Which standings to show where there is not room for all. */

/**
 * The most telling rows that fit, in order of rank: the player, whom to overtake next, the leader, who follows, the rest.
 *
 * @param {{player: string, rank: number}[]} rows in order of rank
 * @param {string | null} player whose row is the own one
 * @param {number} room how many rows fit
 */
export function excerpt(rows, player, room) {
  if (rows.length <= room) return rows;
  const own = rows.findIndex((row) => row.player === player);
  const wanted = own < 0 ? [] : [own, own - 1, 0, own + 1, own - 2, own + 2];
  const order = new Set([...wanted.filter((index) => index >= 0 && index < rows.length), ...rows.keys()]);
  const chosen = new Set([...order].slice(0, room));
  return rows.filter((_, index) => chosen.has(index));
}
