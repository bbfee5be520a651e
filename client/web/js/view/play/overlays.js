/** What lies over the board for a moment: the countdown, a level's card, the cheer, a lost connection. */

import { number, t } from "../../i18n/i18n.js";
import { confetti } from "../shared/confetti.js";
import { calm } from "../board-motion.js";

const GO_MS = 700;
const LEVEL_CARD_MS = 1200;
const CHEER_MS = 2200;

export class Overlays {
  #countdown = document.getElementById("countdown");
  #card = document.getElementById("level-card");
  #cheer = document.getElementById("cheer");
  #lost = document.getElementById("lost-card");
  #timer = null;

  /** Counts down to 0 of the run's clock. */
  countDown(clock) {
    clearTimeout(this.#timer);
    const leftMs = clock.until_ms(0);
    if (!Number.isFinite(leftMs)) return;
    const seconds = Math.ceil(leftMs / 1000);
    this.#countdown.hidden = seconds === 0;
    if (seconds === 0) return;
    this.#countdown.textContent = number(seconds);
    pop(this.#countdown, 1000);
    this.#timer = setTimeout(() => this.countDown(clock), leftMs % 1000 || 1000);
  }

  /** Ends the countdown; with `go` the board is there and it says so for a moment. */
  stopCountdown({ go }) {
    clearTimeout(this.#timer);
    this.#countdown.hidden = true;
    if (!go) return;
    this.#countdown.textContent = t("play.say-go");
    this.#countdown.hidden = false;
    this.#fade(this.#countdown, GO_MS);
  }

  /** Shows which level begins, its goal, and the bonus of the one before. */
  level({ level, goal, bonus }) {
    document.getElementById("level-card-name").textContent = t("play.level-next", { level: level + 1 });
    document.getElementById("level-card-goal").textContent = goal > 0 ? t("play.level-goal", { count: goal }) : "";
    const words = document.getElementById("level-card-bonus");
    words.textContent = t("play.level-bonus", { bonus });
    words.hidden = bonus === 0;
    this.#card.hidden = false;
    this.#fade(this.#card, LEVEL_CARD_MS);
  }

  /** A word in the same place as the level's card. */
  word(text) {
    document.getElementById("level-card-name").textContent = text;
    document.getElementById("level-card-goal").textContent = "";
    document.getElementById("level-card-bonus").hidden = true;
    this.#card.hidden = false;
    this.#fade(this.#card, LEVEL_CARD_MS);
  }

  /** The highscore is cracked: the board keeps playing below. */
  celebrate() {
    confetti(document.getElementById("confetti"));
    this.#cheer.hidden = false;
    this.#fade(this.#cheer, CHEER_MS);
  }

  /** The connection is lost, or back. */
  lost(isLost) {
    this.#lost.hidden = !isLost;
  }

  /** Nothing lies over the board any more. */
  clear() {
    this.stopCountdown({ go: false });
    for (const overlay of [this.#card, this.#cheer, this.#lost]) overlay.hidden = true;
  }

  #fade(overlay, ms) {
    for (const motion of overlay.getAnimations()) motion.cancel();
    const frames = calm()
      ? [{ opacity: 0 }, { opacity: 1, offset: 0.15 }, { opacity: 1, offset: 0.8 }, { opacity: 0 }]
      : [
          { opacity: 0, transform: "scale(0.6)", easing: "cubic-bezier(0.2, 1.6, 0.4, 1)" },
          { opacity: 1, transform: "scale(1)", offset: 0.22 },
          { opacity: 1, transform: "scale(1)", offset: 0.8 },
          { opacity: 0, transform: "scale(1.06)" },
        ];
    overlay.animate(frames, { duration: ms, fill: "both" }).onfinish = () => (overlay.hidden = true);
  }
}

function pop(element, ms) {
  for (const motion of element.getAnimations()) motion.cancel();
  const frames = calm()
    ? [{ opacity: 0 }, { opacity: 1, offset: 0.2 }, { opacity: 1 }]
    : [
        { opacity: 0, transform: "scale(1.9)", easing: "cubic-bezier(0.2, 0.8, 0.3, 1)" },
        { opacity: 1, transform: "scale(1)", offset: 0.3 },
        { opacity: 0.25, transform: "scale(0.85)" },
      ];
  element.animate(frames, { duration: ms, fill: "both" });
}
