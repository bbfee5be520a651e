/** Hashes over many runs: the roster before a heat, and once a second the live digest of all chains (RULES.md 5 and 7). */

import { lp, u32 } from "./bytes.js";
import { sha, tagged } from "./hashing.js";
import { byId } from "./merkle.js";

const ROSTER = tagged("roster");
const LIVE = tagged("live");

/** The hash of a frozen roster. */
export function rosterHash(players) {
  return sha(ROSTER, ...[...players].sort(byId).map(lp));
}

/**
 * Digest number `k` over the chains of all runs, `[{eventCount, head}]`: over the roster in its order, or in open play, with an
 * empty heat, over the runs in play in byte order of their ids.
 */
export function liveDigest({ event, heat, k, chains }) {
  const counted = chains.flatMap(({ eventCount, head }) => [u32(eventCount), head]);
  return sha(LIVE, lp(event), lp(heat), u32(k), u32(chains.length), ...counted);
}
