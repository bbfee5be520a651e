/** The highscore of one course, and the moment in which somebody cracks it. */

export class Highscore {
  #best = null;
  #known = false;
  #playing = new Set();
  #celebrated = new Set();

  /**
   * Take the newest standings.
   *
   * Only a run that was seen in play cracks a highscore: a run that a moderator restores, or a run that a voided one
   * uncovers, takes its place without a celebration. The first standings seen, and the first score of an empty course,
   * crack nothing, and two runs that overtake each other with every move crack it once each.
   *
   * @param {{run: string, rank: number, score: number, running: boolean}[]} standings in order of rank
   * @returns {{best: object | null, cracked: object | null}} the row that holds the highscore; the same row when it
   *   has just been cracked
   */
  offer(standings) {
    const before = this.#best;
    const best = standings[0] ?? null;
    const played = best !== null && (best.running || this.#playing.has(best.run));
    const overtook = this.#known && before !== null && played && best.run !== before.run && best.score > before.score;
    const cracked = overtook && !this.#celebrated.has(best.run) ? best : null;
    if (cracked !== null) this.#celebrated.add(cracked.run);
    this.#best = best;
    this.#known = true;
    this.#playing = new Set(standings.filter((row) => row.running).map((row) => row.run));
    return { best, cracked };
  }
}
