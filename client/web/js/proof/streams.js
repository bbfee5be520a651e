/** Where tiles come from: byte streams keyed by a seed, and all the chance of a run made of them (RULES.md 3). */

import { CELLS, lines, SYMBOLS } from "../game/board.js";
import { join, lp, u32 } from "./bytes.js";
import { Mac, tagged } from "./hashing.js";
import { FIRST_BOARD_SWAPS_MIN, SHUFFLE_ATTEMPTS } from "./numbers.js";
import { hasLegalSwap, legalSwaps } from "./swaps.js";

const labelled = (label) => join(tagged("stream"), lp(label));
const INIT = labelled("init");
const COL = labelled("col");
const SHUF = labelled("shuf");
const RESCUE = labelled("rescue");

/** The endless bytes that belong to a key, a label and two numbers. */
export class Stream {
  #mac;
  #start;
  #count = 0;
  #block = new Uint8Array(0);
  #place = 0;

  /**
   * @param {Mac} mac under the stream's key
   * @param {Uint8Array} label with all that stands before it
   * @param {number} a u32
   * @param {number} b u32
   */
  constructor(mac, label, a, b) {
    this.#mac = mac;
    this.#start = join(label, u32(a), u32(b));
  }

  #byte() {
    if (this.#place === this.#block.length) {
      this.#block = this.#mac.of(this.#start, u32(this.#count));
      this.#count += 1;
      this.#place = 0;
    }
    this.#place += 1;
    return this.#block[this.#place - 1];
  }

  /** A number below `n` (1..256), each as likely as the others: bytes that would favour small ones are skipped. */
  below(n) {
    const limit = 256 - (256 % n);
    let byte = this.#byte();
    while (byte >= limit) byte = this.#byte();
    return byte % n;
  }

  /** The next symbol. */
  symbol() {
    return this.below(SYMBOLS);
  }
}

/** The tiles of a seed, as everybody can compute them again once it is revealed. */
export class SeededTiles {
  #seed;
  #heat;
  #own;
  #firstBoards;

  /**
   * @param {Uint8Array} seed 32 bytes: the heat's, or a solo run's
   * @param {Uint8Array | null} playerSeed in scope `player` the player's own, which keys all but the first boards
   * @param {Map<number, object>} firstBoards of this seed by level, as far as they were drawn
   */
  constructor(seed, playerSeed = null, firstBoards = new Map()) {
    this.#seed = seed;
    this.#heat = new Mac(seed);
    this.#own = playerSeed === null ? this.#heat : new Mac(playerSeed);
    this.#firstBoards = firstBoards;
  }

  /** The tiles of a player of the same heat: first boards are drawn once for everybody. */
  ofPlayer(playerSeed) {
    return new SeededTiles(this.#seed, playerSeed, this.#firstBoards);
  }

  /** The board that a level (from 0) starts with, and the attempt that drew it: no match, at least five legal swaps. */
  firstBoard(level) {
    if (!this.#firstBoards.has(level)) this.#firstBoards.set(level, firstFit((attempt) => new Stream(this.#heat, INIT, attempt, level)));
    return this.#firstBoards.get(level);
  }

  /** What falls into a column (0..7) in a level, one stream for the whole level. */
  column(level, column) {
    return new Stream(this.#own, COL, column, level);
  }

  /** What a run's z-th shuffle (from 0) makes of a dead board: the attempt and the board; a rescue board after 1,000 attempts. */
  shuffle(board, z) {
    for (let attempt = 0; attempt < SHUFFLE_ATTEMPTS; attempt += 1) {
      const shuffled = exchanged(board, new Stream(this.#own, SHUF, z, attempt));
      if (lines(shuffled).length === 0 && hasLegalSwap(shuffled)) return { attempt, board: shuffled };
    }
    const rescue = this.rescue(z);
    return { attempt: SHUFFLE_ATTEMPTS + rescue.attempt, board: rescue.board };
  }

  /** The board for tiles that no shuffle could revive, and the attempt (from 0) that drew it. */
  rescue(z) {
    return firstFit((attempt) => new Stream(this.#own, RESCUE, z, attempt));
  }
}

function firstFit(streamOf) {
  for (let attempt = 0; ; attempt += 1) {
    const stream = streamOf(attempt);
    const board = Uint8Array.from({ length: CELLS }, () => stream.symbol());
    if (lines(board).length === 0 && legalSwaps(board).length >= FIRST_BOARD_SWAPS_MIN) return { attempt, board };
  }
}

/** The exchanges of Fisher and Yates, from the last cell to the second. */
function exchanged(board, stream) {
  const tiles = board.slice();
  for (let i = CELLS - 1; i > 0; i -= 1) {
    const j = stream.below(i + 1);
    [tiles[i], tiles[j]] = [tiles[j], tiles[i]];
  }
  return tiles;
}
