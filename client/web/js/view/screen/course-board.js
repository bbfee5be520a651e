/** One course on the screen: its two feeds, what they come to, and its panel. */

import { View } from "../../protocol/table.js";
import { Highscore } from "../../state/screen-highscore.js";
import { HeldOrder } from "../../state/screen-order.js";
import { screenRow } from "../../state/screen-row.js";
import { Standings } from "../../state/standings.js";
import { Panel } from "./panel.js";

export class CourseBoard {
  #order = new HeldOrder();
  #highscore = new Highscore();
  #known = false;

  /**
   * @param {string} course name of the course, a heat or a sum over heats
   * @param {(listing: string, row: object) => string | null} checkOf where a row's score is checked, null where it cannot be yet
   */
  constructor(course, checkOf) {
    this.course = course;
    this.top = new Standings({ course, view: View.TOP });
    this.latest = new Standings({ course, view: View.LATEST });
    this.panel = new Panel(course, (row) => checkOf(course, row));
    this.top.addEventListener("change", () => (this.#known = true));
  }

  /** Whether anybody has a standing. */
  get standing() {
    return this.top.rows.length > 0;
  }

  /** Whether anybody with a standing plays right now. */
  get inPlay() {
    return this.top.rows.some((row) => screenRow(row).running);
  }

  /** The latest results, newest first. */
  get results() {
    return this.latest.rows.map(screenRow);
  }

  /**
   * Show the newest standings.
   *
   * @param {number} nowMs a steady clock
   * @returns {{best: object | null, cracked: object | null, dueMs: number | null}} `dueMs`: when to show again, because a
   *   row has to stay put until then
   */
  show(nowMs) {
    const standings = this.top.rows.map(screenRow);
    const { best, cracked } = this.#known ? this.#highscore.offer(standings) : { best: null, cracked: null };
    const { rows, dueMs } = this.#order.offer(standings, nowMs);
    this.panel.show({ best, rows });
    return { best, cracked, dueMs };
  }
}
