/**
 * The order a screen shows: it follows the standings, but a row that has moved stays put long enough to be read.
 *
 * Rows are told apart by player, because a player who beats himself changes the run and not the person.
 */

/** How long a row stays where it is, in ms: a glance takes about 600, and drawing may begin a few frames late. */
export const HOLD_MS = 650;

/** How many rows a screen shows. */
export const PLACES = 10;

export class HeldOrder {
  #shown = [];
  #movedAt = -Infinity;

  /**
   * Take the newest standings and say what to show now.
   *
   * @param {{player: string, rank: number}[]} standings in order of rank, any length
   * @param {number} nowMs any steady clock
   * @returns {{rows: object[], dueMs: number | null}} `dueMs`: when to ask again, because a move is being held back
   */
  offer(standings, nowMs) {
    const wanted = standings.slice(0, PLACES);
    const moves = !sameOrder(wanted, this.#shown);
    const holdUntil = this.#movedAt + HOLD_MS;
    if (moves && nowMs < holdUntil) {
      this.#shown = this.#shown.map((row) => keepPlace(row, standings));
      return { rows: this.#shown, dueMs: holdUntil };
    }
    if (moves) this.#movedAt = nowMs;
    this.#shown = wanted;
    return { rows: wanted, dueMs: null };
  }
}

/** The newest score and name on the old place: a hidden name must not wait for the row to move. */
function keepPlace(row, standings) {
  const newest = standings.find((other) => other.player === row.player);
  return newest ? { ...newest, rank: row.rank } : row;
}

function sameOrder(a, b) {
  return a.length === b.length && a.every((row, index) => row.player === b[index].player);
}
