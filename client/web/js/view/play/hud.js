/** What a player glances at while playing: time, points, rank, level and goal, and the highscore to crack. */

import { clockTime, number, onLanguage, t } from "../../i18n/i18n.js";
import { EndReason } from "../../protocol/table.js";
import { deadlineMs } from "../../state/run.js";
import { CountingNumber } from "../shared/motion.js";

/** From here on the time is shown as running out, in ms. */
export const HURRY_MS = 10_000;

export class Hud {
  #clock;
  #part;
  #score;
  #bar = null;
  #timer = null;
  #state = null;
  #levelPoints = 0;
  #chase = null;
  #onSecond;

  /**
   * @param {import("../../state/clock.js").RunClock} clock the run's clock
   * @param {(secondsLeft: number) => void} onSecond is called when another second has passed
   */
  constructor(clock, onSecond) {
    this.#clock = clock;
    this.#onSecond = onSecond;
    const names = ["time", "time-bar", "score", "rank", "level-part", "level", "goal", "goal-bar", "chase-line", "chase-line-text", "chase-bar", "stage"];
    this.#part = Object.fromEntries(names.map((name) => [name, document.getElementById(name)]));
    this.#score = new CountingNumber(this.#part.score, number);
    onLanguage(() => this.#words());
  }

  /** The course's first level before anything is known of the run: the clock stands full. */
  wait({ timeMs, goal }) {
    this.#state = { level: 0, goal, timeMs, startMs: 0, score: 0 };
    this.points(0, 0);
    this.#stopClock();
    this.#part.time.textContent = timeMs > 0 ? clockTime(timeMs) : "–";
    this.#part["time-bar"].style.transform = "";
    this.#words();
  }

  /** A run's state, as it is when the board is at rest. */
  show(state) {
    this.#state = state;
    this.points(state.score, state.levelPoints);
    this.#words();
    if (state.phase === "playing") this.#startClock();
    else if (state.phase === "ended") this.#stand(state.end);
  }

  /** Points as they come, step by step. */
  points(score, levelPoints) {
    this.#levelPoints = levelPoints;
    this.#score.show(score);
    this.#goal();
  }

  /** The player's rank, or null without one. */
  rank(rank) {
    this.#part.rank.textContent = rank === null ? "–" : number(rank);
  }

  /** Where the chase stands (state/target.js), and whether the highscore is the player's own. */
  chase(chase) {
    this.#chase = chase;
    const { target, missing, cracked } = chase;
    const score = target === null ? 0 : target.score;
    this.#part["chase-bar"].style.transform = `scaleX(${target === null ? 0 : Math.min(1, (score - missing) / score)})`;
    this.#part["chase-line"].classList.toggle("hud-chase--cracked", cracked && missing === 0);
    this.#words();
  }

  #words() {
    if (this.#state === null) return;
    this.#goal();
    this.#part.level.textContent = t("play.level", { level: this.#state.level + 1 });
    if (this.#chase !== null) this.#part["chase-line-text"].textContent = chaseWords(this.#chase);
  }

  #goal() {
    const goal = this.#state?.goal ?? 0;
    this.#part["level-part"].hidden = goal === 0;
    if (goal === 0) return;
    this.#part.goal.textContent = t("play.goal", { points: Math.min(this.#levelPoints, goal), goal });
    this.#part["goal-bar"].style.transform = `scaleX(${Math.min(1, this.#levelPoints / goal)})`;
  }

  // --- time ---

  #left() {
    const { timeMs } = this.#state;
    return Math.min(timeMs, Math.max(0, deadlineMs(this.#state) - this.#clock.ms()));
  }

  #startClock() {
    this.#stopClock();
    const { timeMs, startMs } = this.#state;
    const left = this.#left();
    this.#bar = this.#part["time-bar"].animate(
      [{ transform: `scaleX(${left / timeMs})` }, { transform: "scaleX(0)" }],
      { duration: left, delay: this.#clock.until_ms(startMs), fill: "both" },
    );
    this.#tick();
  }

  /** At the end the clock shows what was left when it stopped: nothing, unless the run ended before its time. */
  #stand({ reason, t: endMs }) {
    this.#stopClock();
    this.#part.time.textContent = clockTime(reason === EndReason.TIME ? 0 : deadlineMs(this.#state) - endMs);
  }

  #stopClock() {
    clearTimeout(this.#timer);
    this.#part.stage.classList.remove("stage--hurry");
    this.#bar?.cancel();
    this.#bar = null;
    this.#part["time-bar"].style.transform = "scaleX(0)";
  }

  #tick() {
    const left = this.#left();
    this.#part.time.textContent = clockTime(left);
    this.#part.stage.classList.toggle("stage--hurry", left <= HURRY_MS);
    this.#onSecond(Math.ceil(left / 1000));
    if (left > 0) this.#timer = setTimeout(() => this.#tick(), this.#clock.until_ms(this.#state.startMs) + (left % 1000 || 1000));
  }
}

function chaseWords({ target, missing, cracked, own, lead }) {
  if (target === null) return t("play.first");
  const name = target.name || t("play.hidden-name");
  if (cracked && missing === 0) return t("play.ahead", { count: lead });
  if (missing === 0) return t("play.level-with", { name });
  return own ? t("play.missing-own", { count: missing }) : t("play.missing", { count: missing, name });
}
