/** Seeds: promised by a commitment, completed by what nobody could know then, revealed afterwards (RULES.md 5). */

import { lp, u8 } from "./bytes.js";
import { Mac, sha, tagged } from "./hashing.js";

const COMMIT = tagged("commit");
const HEAT = tagged("heat");
const PLAYER = tagged("player");

/** Who shares tiles: everybody in the heat (also every solo run), or nobody but the first boards. */
export const Scope = Object.freeze({ heat: 0, player: 1 });

/** The promise: 32 bytes that fix the server's seed without telling it; `scope` is 0 (heat) or 1 (player). */
export function commitment({ event, heat, course, scope, rulesHash, serverSeed }) {
  return sha(COMMIT, lp(event), lp(heat), lp(course), u8(scope), rulesHash, serverSeed);
}

/** The seed of a heat or solo run; `publicPart` are the bytes that came after the promise. */
export function seedOf({ serverSeed, event, heat, publicPart }) {
  return new Mac(serverSeed).of(HEAT, lp(event), lp(heat), lp(publicPart));
}

/** The key of a player's own tiles in a heat of scope `player`. */
export function playerSeed(seed, player) {
  return new Mac(seed).of(PLAYER, lp(player));
}
