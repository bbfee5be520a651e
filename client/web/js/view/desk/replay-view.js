/** The replay of a run: the game's own board and cascade, moved by play, pause, step, speed and a bar. */

import { clockTime, number, t } from "../../i18n/i18n.js";
import { parseBoard } from "../../game/board.js";
import { Playback, SPEEDS, indexAt, moments } from "../../state/desk-replay.js";
import { shakeTiles, turnBoard } from "../board-motion.js";
import { BoardView } from "../board-view.js";
import { Turn } from "../turn.js";
import { seconds, swapWords } from "./words.js";

/** A board turns in this time where a level begins, in ms. */
const TURN_MS = 400;

/** Faster than this, tiles would only flicker: boards are shown as they come. */
const ANIMATED_SPEED = 2;

/** How far a replay goes on after the last moment, so that it can be seen, in ms. */
const TAIL_MS = 1_000;

export class ReplayView {
  #parts;
  #board;
  #onMoment;
  #found = [];
  #playback = new Playback(0);
  #index = -1;
  #turn = null;
  #frame = null;

  /**
   * @param {Record<string, HTMLElement>} parts of the template `run-detail`
   * @param {(seq: number | null) => void} onMoment called with the log's number of the move that is shown, or null
   */
  constructor(parts, onMoment) {
    this.#parts = parts;
    this.#onMoment = onMoment;
    this.#board = new BoardView(parts.board, describe);
    parts.speed.append(...SPEEDS.map((speed) => new Option("", String(speed), speed === 1, speed === 1)));
    parts.play.addEventListener("click", () => this.#toggle());
    parts.first.addEventListener("click", () => this.#seek(0));
    parts.previous.addEventListener("click", () => this.#step(-1));
    parts.next.addEventListener("click", () => this.#step(1));
    parts.speed.addEventListener("change", () => this.#playback.setSpeed(Number(parts.speed.value), performance.now()));
    parts.bar.addEventListener("input", () => this.#seek(Number(parts.bar.value)));
  }

  /**
   * Show a run; one that goes on while it is watched stays where the replay is, or at the end when it was there.
   *
   * @param {{levels: object[], moves: object[]}} replay
   * @param {number | null} endMs the run's last moment, null while it is in play
   * @param {boolean} isHidden whether its heat hides all boards as yet
   */
  load(replay, endMs, isHidden = false) {
    const nowMs = performance.now();
    const [atMs, wasAtEnd] = [this.#playback.at(nowMs), this.#found.length > 0 && this.#index === this.#found.length - 1];
    const { playing, speed } = this.#playback;
    this.#found = moments(replay);
    this.#parts.replay.dataset.empty = String(this.#found.length === 0);
    if (this.#found.length === 0) {
      this.#parts.word.textContent = t(isHidden ? "desk.hidden-replay" : "desk.no-replay");
      return;
    }
    this.#playback = new Playback(endMs ?? this.#found.at(-1).atMs + TAIL_MS);
    this.#playback.setSpeed(speed, nowMs);
    this.#parts.bar.max = String(this.#playback.endMs);
    this.#playback.seek(wasAtEnd && endMs === null && !playing ? this.#playback.endMs : atMs, nowMs);
    if (playing) this.#playback.play(nowMs);
    this.#show();
  }

  /** Go to the move with this number in the log. */
  goTo(seq) {
    const moment = this.#found.find(({ move }) => move?.seq === seq);
    if (moment !== undefined) this.#seek(moment.atMs);
  }

  /** Stop for good: the page shows something else. */
  stop() {
    this.#playback.pause(performance.now());
    cancelAnimationFrame(this.#frame);
    this.#finishTurn();
  }

  /** Write everything in the language in use. */
  relabel() {
    for (const option of this.#parts.speed.options) option.textContent = t("desk.speed-at", { speed: Number(option.value) });
    this.#board.describe();
    this.#label();
  }

  #toggle() {
    const nowMs = performance.now();
    if (this.#playback.playing) this.#playback.pause(nowMs);
    else this.#playback.play(nowMs);
    this.#show();
  }

  #seek(ms) {
    const nowMs = performance.now();
    this.#playback.seek(ms, nowMs);
    this.#show();
  }

  /** One moment on, and its move is played; one back, and its board stands there. */
  #step(direction) {
    const nowMs = performance.now();
    this.#playback.pause(nowMs);
    const target = this.#found[this.#index + direction];
    if (target === undefined) return;
    this.#playback.seek(target.atMs, nowMs);
    this.#show({ animate: direction > 0, speed: 1 });
  }

  #show({ animate = this.#playback.playing, speed = this.#playback.speed } = {}) {
    cancelAnimationFrame(this.#frame);
    if (this.#found.length === 0) return;
    const nowMs = performance.now();
    const atMs = this.#playback.at(nowMs);
    const index = indexAt(this.#found, atMs);
    const goesOn = index === this.#index + 1;
    if (index !== this.#index) {
      this.#index = index;
      this.#finishTurn();
      const moment = this.#found[index];
      if (animate && goesOn && speed <= ANIMATED_SPEED) this.#animate(moment, speed);
      else this.#board.show(parseBoard(moment.after));
      this.#onMoment(moment.move?.seq ?? null);
    }
    this.#label(atMs);
    if (this.#playback.playing) this.#frame = requestAnimationFrame(() => this.#show());
  }

  #animate({ kind, before, after, move, lockMs }, speed) {
    if (kind === "level") {
      turnBoard(this.#board, parseBoard(after), TURN_MS / speed);
      return;
    }
    this.#board.show(parseBoard(before));
    const swap = { cell: move.i, direction: move.d };
    if (kind === "illegal") {
      shakeTiles(this.#board, swap, lockMs / speed);
      return;
    }
    this.#turn = new Turn(this.#board, swap);
    const shuffle = move.shuffle === null ? null : parseBoard(move.shuffle);
    this.#turn.resolve({ steps: move.steps, shuffle, endsAtMs: performance.now() + lockMs / speed });
  }

  #finishTurn() {
    this.#turn?.finish();
    this.#turn = null;
  }

  #label(atMs = this.#playback.at(performance.now())) {
    const { play, bar, word, level, shownScore, left } = this.#parts;
    const moment = this.#found[this.#index];
    if (moment === undefined) return;
    bar.value = String(Math.round(atMs));
    bar.setAttribute("aria-valuetext", t("desk.position-at", { time: seconds(Math.round(atMs)), end: seconds(this.#playback.endMs) }));
    put(play, t(this.#playback.playing ? "desk.pause" : "desk.play-on"));
    put(word, momentWords(moment));
    put(level, number(moment.level + 1));
    put(shownScore, number(moment.score));
    put(left, clockTime(moment.deadlineMs - atMs));
  }
}

function momentWords({ kind, level, move }) {
  if (kind === "level") return t("desk.moment-level", { level: level + 1 });
  const swap = swapWords(move.i, move.d);
  if (kind === "illegal") return t("desk.moment-illegal", { swap });
  const count = move.steps.length;
  return t(count === 1 ? "desk.moment-ok-one" : "desk.moment-ok", { swap, points: move.points, count });
}

function describe({ row, column, symbol }) {
  return t("desk.board-cell", { row, column, symbol: symbol === null ? "" : t(`desk.symbol-${symbol}`) });
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
