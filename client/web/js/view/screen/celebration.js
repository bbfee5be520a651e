/** The moment in which a highscore is cracked: a banner over everything, and confetti. */

import { number } from "../../i18n/i18n.js";
import { confetti } from "../shared/confetti.js";
import { HIDDEN_NAME } from "./row.js";

/** Long enough to read it, find the row and clap, in ms. */
const LASTS_MS = 5_000;

export class Celebration {
  #banner = document.getElementById("celebration");
  #name = document.getElementById("celebration-name");
  #score = document.getElementById("celebration-score");
  #canvas = document.getElementById("confetti");
  #player = null;
  #timer = null;

  /** @param {{player: string, name: string, score: number}} row the run that cracked it */
  start(row) {
    clearTimeout(this.#timer);
    this.#player = row.player;
    this.follow(row);
    this.#banner.hidden = false;
    confetti(this.#canvas);
    this.#timer = setTimeout(() => {
      this.#banner.hidden = true;
      this.#player = null;
    }, LASTS_MS);
  }

  /** The score goes on while we celebrate, and a name may be hidden in this very moment. */
  follow(row) {
    if (row === null || row.player !== this.#player) return;
    this.#name.textContent = row.name || HIDDEN_NAME;
    this.#score.textContent = number(row.score);
  }
}
