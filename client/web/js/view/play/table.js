/**
 * The standings around a run: which course is watched, the player's rank, the highscore and the chase after it.
 *
 * One feed serves all: the podium, the player's own standing and its neighbours, of the course that is chosen or played.
 */

import { View } from "../../protocol/table.js";
import { Standings, around } from "../../state/standings.js";
import { Chase, ownRow, targetOf } from "../../state/target.js";

export class Table extends EventTarget {
  #connection;
  #standings = null;
  #chase = new Chase();
  #run = null;
  #score = 0;
  #player = null;

  /** Events: `change`, after new rows; `cracked`, once a run, when its score passes the highscore. */
  constructor(connection) {
    super();
    this.#connection = connection;
    /** Where the chase stands: `{target, missing, lead, cracked, own}`. */
    this.chase = this.#follow();
  }

  /** Watches a course's standings in place of what was watched before. */
  watch(course) {
    if (this.#standings?.course === course) return;
    if (this.#standings !== null) this.#connection.unwatch(this.#standings);
    const standings = new Standings({ course, view: View.OWN });
    this.#standings = standings;
    standings.addEventListener("change", () => this.#changed());
    this.#connection.watch(standings).catch(() => {}); // an unknown course has no standings to show
    this.#changed();
  }

  /** Whose row is the own one: a player's id, or null. */
  seenBy(player) {
    this.#player = player;
    this.#changed();
  }

  /** Begins a new chase for a run; one that comes back goes on with its own. */
  begin(run) {
    if (run === this.#run) return;
    this.#run = run;
    this.#chase = new Chase();
    this.score(0);
  }

  /** The run's score as it stands. */
  score(score) {
    this.#score = score;
    this.#changed();
  }

  /** The podium, and the player's row with its neighbours. */
  get rows() {
    return around(this.#standings?.rows ?? [], this.#player);
  }

  /** The best row of all, or null. */
  get best() {
    return targetOf(this.rows, null);
  }

  /** The player's row, or null. */
  get own() {
    return this.#player === null ? null : ownRow(this.rows, this.#player);
  }

  #changed() {
    this.chase = this.#follow();
    this.dispatchEvent(new Event("change"));
    if (this.chase.justNow) this.dispatchEvent(new Event("cracked"));
  }

  #follow() {
    const target = targetOf(this.rows, this.#run);
    const followed = this.#chase.follow(target, this.#score);
    const own = target !== null && target.player === this.#player;
    return { ...followed, own, lead: target === null ? 0 : Math.max(0, this.#score - target.score) };
  }
}
