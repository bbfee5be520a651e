/**
 * The stage: the board while a run is played. It turns the run's changes into what moves, and the player's swaps into turns.
 *
 * A swap takes this way: gesture → is the lock open (or nearly) → does it make a match → `Turn` plays what is known →
 * `send` gives it to the server → the reply's tiles end the turn exactly when the lock ends. Whatever the server says
 * otherwise wins: the turn is undone, or the board of a resume takes its place.
 */

import { boardDigits, CELLS, EMPTY, isLegal } from "../../game/board.js";
import { LEVEL_PAUSE_MS } from "../../game/phases.js";
import { onLanguage, t, translate } from "../../i18n/i18n.js";
import { deadlineMs } from "../../state/run.js";
import { BoardInput } from "../board-input.js";
import { dealBoard, shakeTiles, turnBoard } from "../board-motion.js";
import { BoardView } from "../board-view.js";
import { Turn } from "../turn.js";
import { floatPoints } from "./floaters.js";
import { Sparks } from "./sparks.js";

/** A swap made so shortly before the lock's end waits for it: thumbs do not hit a moment to the frame. */
const AHEAD_MS = 250;
const SHAKE_MS = 300;
const DEAL_MS = 420;
const NEW_BOARD_MS = 450;

export class Stage {
  #root;
  #clock;
  #run;
  #send;
  #hud;
  #overlays;
  #onPoints;
  #say;
  #view;
  #input;
  #sparks;
  #turn = null;
  #waiting = null;
  #restTimer = null;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.root carries `data-board` while the board is at rest and open for a swap, or ended
   * @param {(swap: object, replayed: (message: object) => Uint8Array) => Promise<boolean>} parts.send
   *   gives a swap to the server and says whether it was taken
   * @param {(score: number) => void} parts.onPoints is called with the score shown after every step
   * @param {(text: string) => void} parts.say tells who listens instead of looking
   */
  constructor({ root, clock, run, send, hud, overlays, onPoints, say }) {
    this.#root = root;
    this.#clock = clock;
    this.#run = run;
    this.#send = send;
    this.#hud = hud;
    this.#overlays = overlays;
    this.#onPoints = onPoints;
    this.#say = say;
    this.#view = new BoardView(document.getElementById("board"), describe);
    this.#view.grid.setAttribute("data-i18n-aria-label", "play.board");
    translate(this.#view.root);
    this.#sparks = new Sparks(this.#view.effects);
    this.#input = new BoardInput(this.#view, (swap) => this.#swap(swap));
    onLanguage(() => this.#view.describe());
  }

  /** Empties the board for a countdown. */
  clear() {
    this.#drop();
    this.#view.show(new Uint8Array(CELLS).fill(EMPTY));
  }

  /** Deals a run's first board: it is open at once, so the tiles come quickly. */
  deal() {
    this.#drop();
    this.#view.show(this.#run.now.board);
    dealBoard(this.#view, DEAL_MS);
    this.#open();
    this.#view.moveCursor(this.#view.cursor);
  }

  /** Puts the server's board in place of whatever was there. */
  replace() {
    this.#drop();
    turnBoard(this.#view, this.#run.now.board, NEW_BOARD_MS);
    this.#open();
  }

  /** Takes no more swaps; a turn under way stays as it is. */
  close() {
    clearTimeout(this.#waiting);
    clearTimeout(this.#restTimer);
    this.#view.root.classList.remove("board--live");
    this.#input.clear();
    delete this.#root.dataset.board;
  }

  /** Lets the last move play out and shows the board at its end; a swap that has no reply by now was not taken. */
  async end() {
    this.close();
    if (this.#turn?.answered === false) await this.#undo(this.#turn);
    else await this.#turn?.done;
    if (this.#run.now.phase === "ended" && this.#view.board[0] !== EMPTY) this.#root.dataset.board = boardDigits(this.#view.board);
  }

  #open() {
    this.#view.root.classList.add("board--live");
    this.#rest();
  }

  #drop() {
    this.close();
    this.#turn?.abandon();
    this.#turn = null;
  }

  // --- swaps ---

  #swap(swap) {
    clearTimeout(this.#waiting);
    const { phase, underWay, lockEndMs, graceMs } = this.#run.now;
    if (phase !== "playing" || underWay !== null || this.#clock.ms() >= deadlineMs(this.#run.now)) return;
    const waitMs = this.#clock.until_open_ms(lockEndMs, graceMs);
    if (waitMs > AHEAD_MS) return;
    if (waitMs > 0) {
      this.#waiting = setTimeout(() => this.#swap(swap), Math.ceil(waitMs));
      return;
    }
    this.#turn?.finish();
    if (isLegal(this.#run.now.board, swap)) {
      this.#play(swap);
      return;
    }
    delete this.#root.dataset.board;
    shakeTiles(this.#view, swap, SHAKE_MS);
    this.#say(t("play.say-no-match"));
    this.#rest();
  }

  async #play(swap) {
    const { score, levelPoints } = this.#run.now;
    let gained = 0;
    clearTimeout(this.#restTimer);
    delete this.#root.dataset.board;
    this.#input.clear();
    const turn = new Turn(this.#view, swap, (step) => {
      gained += step.points;
      floatPoints(this.#view.effects, step);
      this.#sparks.fly(step.lines);
      this.#hud.points(score + gained, levelPoints + gained);
      this.#onPoints(score + gained);
    });
    this.#turn = turn;
    let reply = null;
    const isTaken = await this.#send(swap, (message) => {
      reply = message;
      return turn.resolve({ steps: message.steps, shuffle: message.shuffle, endsAtMs: this.#endsAtMs(message) });
    });
    if (!isTaken) {
      // Refused: the board goes back to what the server has. A lost connection leaves the turn to the resume.
      if (this.#turn === turn && this.#run.now.phase === "playing") await this.#undo(turn);
      return;
    }
    await turn.done;
    if (this.#turn !== turn) return;
    this.#turn = null;
    this.#settled(reply);
  }

  #settled({ level, shuffle }) {
    const state = this.#run.now;
    this.#onPoints(state.score);
    if (state.phase !== "playing") {
      this.#hud.points(state.score, state.levelPoints);
      return;
    }
    if (shuffle !== null) {
      this.#overlays.word(t("play.shuffled"));
      this.#say(t("play.shuffled"));
    }
    if (level !== null) {
      turnBoard(this.#view, level.board, NEW_BOARD_MS);
      this.#overlays.level(level);
    }
    this.#hud.show(state);
    this.#rest();
  }

  async #undo(turn) {
    await turn.undo();
    if (this.#turn !== turn) return;
    this.#turn = null;
    this.#hud.show(this.#run.now);
    this.#rest();
  }

  /** When the reply's animation ends, in ms of `performance.now()`: with the lock, before a new level's pause. */
  #endsAtMs({ lock_end: lockEnd, level }) {
    const end = level === null ? lockEnd : level.start_ms - LEVEL_PAUSE_MS;
    return performance.now() + this.#clock.until_open_ms(end, this.#run.now.graceMs);
  }

  /** Notes the board at rest as soon as the next swap may come. */
  #rest() {
    clearTimeout(this.#restTimer);
    const { phase, board, lockEndMs, graceMs } = this.#run.now;
    if (phase !== "playing" || this.#turn !== null) return;
    const waitMs = this.#clock.until_open_ms(lockEndMs, graceMs);
    const moving = this.#view.moving;
    if (waitMs > 0 || moving) this.#restTimer = setTimeout(() => this.#rest(), Math.max(15, Math.ceil(waitMs)));
    else this.#root.dataset.board = boardDigits(board);
  }
}

function describe({ row, column, symbol }) {
  if (symbol === null) return t("play.cell-empty", { row, column });
  return t("play.cell", { row, column, symbol: t(`play.symbol-${symbol}`) });
}
