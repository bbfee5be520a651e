/** The tree over the results: one root that no score can leave, enter or change (RULES.md 7, RFC 6962). */

import { compare, lp, u32, u8, utf8 } from "./bytes.js";
import { sha } from "./hashing.js";

const LEAF = u8(0);
const NODE = u8(1);

/** The leaf hash of a result; `id` is the player in a heat, the run in open play. */
export function leafOf({ id, score, eventCount, head }) {
  return sha(LEAF, lp(id), u32(score), u32(eventCount), head);
}

/** Orders ids as leaves stand: by their bytes. */
export const byId = (first, second) => compare(utf8(first), utf8(second));

/** The root of the tree over these leaf hashes, in their order; of none, the SHA-256 of nothing. */
export function rootOf(leaves) {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return leaves[0];
  const left = 2 ** Math.ceil(Math.log2(leaves.length) - 1); // the largest power of two below the number of leaves
  return sha(NODE, rootOf(leaves.slice(0, left)), rootOf(leaves.slice(left)));
}

/** The root to which a path leads, lowest hash first, or null when a tree of this size has no such path (RFC 9162, 2.1.3.2). */
export function rootOfPath(leaf, index, size, hashes) {
  if (index >= size) return null;
  const rest = [...hashes];
  let found = leaf;
  for (let last = size - 1; last > 0; last = Math.floor(last / 2), index = Math.floor(index / 2)) {
    if (index % 2 === 0 && index === last) continue;
    const beside = rest.shift();
    if (beside === undefined) return null;
    found = index % 2 === 1 ? sha(NODE, beside, found) : sha(NODE, found, beside);
  }
  return rest.length === 0 ? found : null;
}
