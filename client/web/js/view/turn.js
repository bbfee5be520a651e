/**
 * One legal swap on the board view, from the player's gesture to the board at rest.
 *
 * What the page can know it shows at once: the swap, the first step's burst and fall. The tiles that enter come with the
 * reply; until then the empty cells shimmer. From then on everything that is left is fitted into the time up to the end of
 * the lock. `finish` jumps there, `undo` takes the swap back. Times are ms of `performance.now()`.
 */

import { CELLS, EMPTY, firstStep, replay } from "../game/board.js";
import { lengthOf, lockMs, phases } from "../game/phases.js";
import { burstTiles, enterTiles, fallTiles, swapTiles, turnBoard } from "./board-motion.js";

/** How long a refused swap takes to come back, in ms. */
const UNDO_MS = 220;

export class Turn {
  #view;
  #before;
  #swap;
  #first;
  #played = null;
  #shuffled = null;
  #endsAtMs;
  #onStep;
  #over = false;
  #wake = () => {};
  #replied;
  #reply = new Promise((resolve) => (this.#replied = resolve));

  /**
   * Starts to play the swap on the view's board.
   *
   * @param {(step: {number: number, lines: object[], points: number}) => void} onStep is called when a step bursts
   */
  constructor(view, swap, onStep = () => {}) {
    this.#view = view;
    this.#before = view.board;
    this.#swap = swap;
    this.#first = firstStep(view.board, swap);
    this.#endsAtMs = performance.now() + lockMs(1);
    this.#onStep = onStep;
    /** Resolves when the board is at rest: played, finished or undone. */
    this.done = this.#run();
  }

  /**
   * The reply has come: `{steps, shuffle, endsAtMs}`, fills per step and the shuffled board or null.
   *
   * @returns {Uint8Array} the board that this move leads to
   * @throws {ReplayMismatch} when the tiles do not fit
   */
  resolve({ steps, shuffle, endsAtMs }) {
    this.#played = replay(this.#before, this.#swap, steps);
    this.#shuffled = shuffle;
    this.#endsAtMs = endsAtMs;
    this.#replied();
    return this.#target();
  }

  /** Whether the reply has come. */
  get answered() {
    return this.#played !== null;
  }

  /** Shows the end at once; only after the reply. */
  finish() {
    if (this.#over) return;
    this.#stop();
    this.#view.show(this.#target());
  }

  /** Takes the swap back: the board from before. */
  async undo() {
    if (this.#over) return;
    this.#stop();
    this.#view.show(this.#before);
    await turnBack(this.#view, UNDO_MS);
  }

  /** Stops where it is: whoever calls this puts another board there. */
  abandon() {
    if (!this.#over) this.#stop();
  }

  #target() {
    return this.#shuffled ?? this.#played.at(-1).after;
  }

  #stop() {
    this.#over = true;
    this.#wake();
    this.#replied();
  }

  async #run() {
    await this.#phase([{ kind: "swap" }, { kind: "burst" }, { kind: "drop" }, { kind: "rest" }], (ms) =>
      swapTiles(this.#view, this.#swap, ms),
    );
    await this.#burst(this.#first, 1, [{ kind: "burst" }, { kind: "drop" }, { kind: "rest" }]);
    if (this.#over) return;
    if (this.#played === null) await this.#bridge();
    if (this.#over) return;
    await this.#cascade();
  }

  /** The reply is late: what is on the board falls, and the empty cells wait. */
  async #bridge() {
    fallTiles(this.#view, this.#first.falls, 160);
    this.#first = { ...this.#first, falls: [] };
    this.#view.wait(emptyCells(this.#first.dropped));
    await this.#reply;
    this.#view.wait([]);
  }

  async #cascade() {
    const all = phases(this.#played.length, { shuffle: this.#shuffled !== null });
    for (let index = 2; index < all.length && !this.#over; index += 1) {
      const rest = all.slice(index);
      const { kind, step } = rest[0];
      if (kind === "burst") await this.#burst(this.#played[step - 1], step, rest);
      else await this.#phase(rest, (ms) => this.#show(kind, step, ms));
    }
    if (this.#over) return;
    this.#over = true;
    this.#view.settle(this.#target());
  }

  #show(kind, step, ms) {
    if (kind === "shuffle") turnBoard(this.#view, this.#shuffled, ms);
    if (kind !== "drop") return;
    const falls = step === 1 ? this.#first.falls : this.#played[step - 1].falls;
    fallTiles(this.#view, falls, ms);
    enterTiles(this.#view, this.#played[step - 1].entries, ms);
  }

  async #burst({ lines, points }, number, rest) {
    if (this.#over) return;
    this.#onStep({ number, lines, points });
    await this.#phase(rest, (ms) => burstTiles(this.#view, lines, ms));
  }

  async #phase(rest, play) {
    if (this.#over) return;
    const ms = lengthOf(rest, this.#endsAtMs - performance.now());
    play(ms);
    await new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, ms);
    });
  }
}

async function turnBack(view, ms) {
  const frames = [{ opacity: 0.35 }, { opacity: 1 }];
  await view.root.animate(frames, { duration: ms }).finished.catch(() => {});
}

function emptyCells(board) {
  return Array.from({ length: CELLS }, (_, cell) => cell).filter((cell) => board[cell] === EMPTY);
}
