/** The highscore of one course, and the moment in which somebody cracks it. */

export class Highscore {
  /** Who holds it; with an equal score an earlier move may lead the standings, but cracks nothing. */
  #holder = null;
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
    const best = standings[0] ?? null;
    const cracked = best !== null && this.#cracks(best) ? best : null;
    if (cracked !== null) this.#celebrated.add(cracked.run);
    if (!this.#isLevel(best, standings)) this.#holder = best;
    this.#known = true;
    this.#playing = new Set(standings.filter((row) => row.running).map((row) => row.run));
    return { best, cracked };
  }

  #cracks(best) {
    const holder = this.#holder;
    const played = best.running || this.#playing.has(best.run);
    const beaten = this.#known && holder !== null && holder.run !== best.run && best.score > holder.score;
    return played && beaten && !this.#celebrated.has(best.run);
  }

  /** Whether another run leads with the holder's very score, which still stands. */
  #isLevel(best, standings) {
    const holder = standings.find((row) => row.run === this.#holder?.run);
    return holder !== undefined && holder.run !== best.run && holder.score === best.score;
  }
}
