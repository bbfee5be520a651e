/** The watched run on the game's own board: every move when its time has come, then forth and back as one likes. */

import { clockTime, number, t } from "../../i18n/i18n.js";
import { indexAt } from "../../state/desk-replay.js";
import { SPEEDS } from "../../state/verify-checking.js";
import { shakeTiles, turnBoard } from "../board-motion.js";
import { BoardView } from "../board-view.js";
import { Turn } from "../turn.js";
import { cellWords, put, seconds, swapWords } from "./words.js";

/** A board turns in this time where a level begins, in ms. */
const TURN_MS = 400;

/** Faster than this, tiles would only flicker: boards are shown as they come. */
const ANIMATED_SPEED = 4;

/** The first 16 digits of a hash are enough to see that it changes. */
const HEAD_DIGITS = 16;

export class ReplayView {
  #parts = Object.fromEntries(
    ["show", "heading", "level", "score", "left", "word", "head", "result", "bar", "play", "speed", "skip"].map((name) => [
      name,
      document.getElementById(name === "show" ? "show" : `show-${name}`),
    ]),
  );
  #board = new BoardView(document.getElementById("board"), cellWords);
  #onSkip;
  #titleOf;
  #timeline = null;
  #playback = null;
  #isChecked = false;
  #result = null;
  #index = -1;
  #turn = null;
  #frame = null;

  /**
   * @param {() => void} onSkip called when somebody does not want to wait
   * @param {(about: object) => string} titleOf what the run of a timeline is called
   */
  constructor(onSkip, titleOf) {
    this.#onSkip = onSkip;
    this.#titleOf = titleOf;
    const { play, speed, skip, bar } = this.#parts;
    speed.append(...SPEEDS.map((value) => new Option("", String(value))));
    play.addEventListener("click", () => this.#toggle());
    skip.addEventListener("click", () => this.#onSkip());
    speed.addEventListener("change", () => this.#playback.setSpeed(Number(speed.value), performance.now()));
    bar.addEventListener("input", () => this.#seek(Number(bar.value)));
  }

  /** Shows a run that is being checked: what of it has passed, at the pace of the check. */
  follow(timeline, playback) {
    this.#finishTurn();
    this.#timeline = timeline;
    this.#playback = playback;
    this.#isChecked = false;
    this.#result = null;
    this.#index = -1;
    this.#parts.show.hidden = false;
    this.#parts.bar.max = String(playback.endMs);
    this.#parts.speed.value = String(playback.speed);
    this.relabel();
    this.#show();
  }

  /** The run has been checked, with this `{score, timeMs}`, or something was wrong (null): from now on it can be played at will. */
  release(result) {
    this.#isChecked = true;
    this.#result = result;
    if (result === null) this.#playback?.pause(performance.now());
    this.relabel();
  }

  /** Takes the board away: another check begins. */
  hide() {
    this.#finishTurn();
    cancelAnimationFrame(this.#frame);
    this.#timeline = null;
    this.#parts.show.hidden = true;
  }

  relabel() {
    if (this.#timeline === null) return;
    const { heading, speed, skip, bar, result } = this.#parts;
    put(heading, this.#titleOf(this.#timeline.about));
    result.hidden = this.#result === null;
    if (this.#result !== null) put(result, t("verify.score-holds", { score: this.#result.score, time: seconds(this.#result.timeMs) }));
    for (const option of speed.options) option.textContent = t("verify.speed-at", { speed: Number(option.value) });
    skip.hidden = this.#isChecked;
    bar.disabled = !this.#isChecked;
    this.#board.describe();
    this.#label(this.#playback.at(performance.now()));
  }

  #toggle() {
    const nowMs = performance.now();
    if (this.#playback.playing) this.#playback.pause(nowMs);
    else this.#playback.play(nowMs);
    this.#show();
  }

  #seek(ms) {
    this.#playback.seek(ms, performance.now());
    this.#show();
  }

  #show() {
    cancelAnimationFrame(this.#frame);
    if (this.#timeline === null) return;
    const atMs = this.#playback.at(performance.now());
    const { moments } = this.#timeline;
    const index = indexAt(moments, atMs);
    if (index !== this.#index) {
      const isNext = index === this.#index + 1;
      this.#index = index;
      this.#finishTurn();
      if (isNext && this.#playback.playing && this.#playback.speed <= ANIMATED_SPEED) this.#animate(moments[index]);
      else this.#board.show(moments[index].after);
    }
    this.#label(atMs);
    if (this.#playback.playing || !this.#isChecked) this.#frame = requestAnimationFrame(() => this.#show());
  }

  #animate({ kind, before, after, swap, steps, shuffle, lockMs }) {
    const { speed } = this.#playback;
    if (kind === "level") turnBoard(this.#board, after, TURN_MS / speed);
    else if (kind === "illegal") shakeTiles(this.#board, swap, lockMs / speed);
    else if (kind === "ok") {
      this.#board.show(before);
      this.#turn = new Turn(this.#board, swap);
      this.#turn.resolve({ steps, shuffle, endsAtMs: performance.now() + lockMs / speed });
    }
  }

  #finishTurn() {
    this.#turn?.finish();
    this.#turn = null;
  }

  #label(atMs) {
    const { play, bar, word, head, level, score, left } = this.#parts;
    const moment = this.#timeline.moments[this.#index];
    if (moment === undefined) return;
    bar.value = String(Math.round(atMs));
    bar.setAttribute("aria-valuetext", t("verify.position-at", { time: seconds(Math.round(atMs)), end: seconds(this.#playback.endMs) }));
    put(play, t(this.#playback.playing ? "verify.pause" : "verify.play-on"));
    put(word, momentWords(moment));
    put(head, moment.headDigits.slice(0, HEAD_DIGITS));
    put(level, number(moment.level + 1));
    put(score, number(moment.score));
    put(left, clockTime(moment.deadlineMs - atMs));
  }
}

const WORDS = Object.freeze({
  level: ({ level }) => t("verify.moment-level", { level: level + 1 }),
  ok: ({ swap, points, steps }) => t(steps.length === 1 ? "verify.moment-ok-one" : "verify.moment-ok", { swap: swapWords(swap), points, count: steps.length }),
  illegal: ({ swap }) => t("verify.moment-illegal", { swap: swapWords(swap) }),
  connection: ({ connection }) => t(`verify.moment-connection-${connection}`),
  end: ({ reason }) => t(`verify.moment-end-${reason}`),
});

const momentWords = (moment) => WORDS[moment.kind](moment);
